/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cmd/command.h"

#define OPTIONS_MAX 32 /* of one command */

static void help_print(const struct option_row *rows, const char *command)
{
	const struct command *row = command_table;

	while (row->name && strcmp(row->name, command))
		row++;
	printf("fermata %s %s\n%s.\n\n", command, row->name ? row->usage : "",
	       row->name ? row->summary : "");
	for (; rows->name; rows++) {
		char left[64];

		snprintf(left, sizeof(left), "--%s%s%s", rows->name, rows->value ? " " : "",
			 rows->value ? rows->value : "");
		printf("  %-32s %s\n", left, rows->help);
	}
	printf("  %-32s %s\n", "-h, --help", "this text");
}

int options_read(int argc, char **argv, const struct option_row *rows, void *target,
		 const char *command)
{
	struct option options[OPTIONS_MAX + 2] = { 0 };
	int index, key, count = 0;

	for (; rows[count].name && count < OPTIONS_MAX; count++)
		options[count] = (struct option) { rows[count].name, rows[count].value != NULL,
						   NULL, count };
	options[count] = (struct option) { "help", 0, NULL, 'h' + OPTIONS_MAX };
	optind = 1;
	opterr = 0;
	while ((key = getopt_long(argc, argv, "+:h", options, &index)) != -1) {
		if (key == 'h' || key == 'h' + OPTIONS_MAX) {
			help_print(rows, command);
			return -1;
		}
		if (key == ':') {
			log_error(0, "option '%s' needs a value; see 'fermata %s -h'",
				  argv[optind - 1], command);
			return -2;
		}
		if (key == '?') {
			log_error(0, "unknown option '%s'; see 'fermata %s -h'", argv[optind - 1],
				  command);
			return -2;
		}
		if (rows[key].store(target, optarg))
			return -2;
	}
	return optind;
}
