/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command table. Usage, help and dispatch come from it.
 */
#include <string.h>

#include "base/log.h"
#include "cmd/command.h"

const struct command command_table[] = {
	{ "run", cmd_run, "[OPTION…] [--] CMD [ARG…]",
	  "Runs CMD as an agent: tags its process tree, watches it, and stops what breaks a rule",
	  NULL },
	{ "rules", cmd_rules, "SUBCOMMAND [OPTION…] [PATH…]",
	  "Checks, lists, explains, tests or builds rules; 'fermata rules -h' lists the "
	  "subcommands",
	  rules_command_table },
	{ "replay", cmd_replay, "[OPTION…] FILE|-",
	  "Evaluates recorded or flat Sigma events, and tells what rules would have done", NULL },
	{ "doctor", cmd_doctor, "[OPTION…]",
	  "Tells what this kernel can do, by event and by rule, and what is missing", NULL },
	{ "selftest", cmd_selftest, "[OPTION…]",
	  "Does what it is to see and to refuse, harmlessly, and tells what came of it", NULL },
	{ "version", cmd_version, "", "Prints the version", NULL },
	{ "help", cmd_help, "", "Prints this list", NULL },
	{ 0 },
};

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "help";

	if (!strcmp(name, "-h") || !strcmp(name, "--help"))
		name = "help";
	if (!strcmp(name, "--version"))
		name = "version";
	for (const struct command *row = command_table; row->name; row++)
		if (!strcmp(row->name, name)) {
			int status =
				row->run(argc > 1 ? argc - 1 : argc, argc > 1 ? argv + 1 : argv);

			return argc > 1 ? status : STATUS_USAGE;
		}
	log_error(0, "unknown command '%s'; 'fermata help' lists the commands", name);
	return STATUS_USAGE;
}
