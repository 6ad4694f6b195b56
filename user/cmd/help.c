/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cmd/command.h"

int cmd_help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("fermata: watches AI-agent processes from inside the Linux kernel, decides there\n"
	       "whether what they do breaks a rule, and stops them before the act completes.\n\n");
	for (const struct command *row = command_table; row->name; row++)
		printf("  fermata %s %s\n      %s.\n", row->name, row->usage, row->summary);
	printf("\n'fermata COMMAND -h' lists the options of a command.\n"
	       "Exit status: 0 done; 1 the answer is no; 2 bad usage, configuration or rules;\n"
	       "3 cannot be done here. 'run' has the status of its command, 128+signal when a\n"
	       "signal ended that, 126 or 127 when it could not be executed or found.\n");
	return STATUS_DONE;
}

int cmd_version(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("fermata %s\n", FERMATA_VERSION);
	return STATUS_DONE;
}
