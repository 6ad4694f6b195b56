/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cmd/command.h"

#define OPTIONS_MAX 32 /* of one command */

/* The row of a command or subcommand, or NULL. */
static const struct command *command_find(const struct command *row, const char *name)
{
	size_t length = strcspn(name, " ");

	while (row && row->name && (strncmp(row->name, name, length) || row->name[length]))
		row++;
	if (!row || !row->name)
		return NULL;
	return name[length] ? command_find(row->subcommands, name + length + 1) : row;
}

static void option_print(const struct option_row *row)
{
	char left[64], letter[] = { '-', row->letter, ',', ' ', '\0' };

	snprintf(left, sizeof(left), "%s--%s%s%s", row->letter ? letter : "", row->name,
		 row->value ? " " : "", row->value ? row->value : "");
	printf("  %-32s %s\n", left, row->help);
}

static void help_print(const struct option_row *rows, const char *command)
{
	const struct command *row = command_find(command_table, command);

	printf("fermata %s %s\n", command, row ? row->usage : "");
	printf("%s.\n\n", row ? row->summary : "");
	for (; rows->name; rows++)
		option_print(rows);
	printf("  %-32s %s\n", "-h, --help", "this text");
}

/* Adds the short form, if there is one, to what getopt(3) takes; returns the new end. */
static char *letters_add(char *end, const struct option_row *row)
{
	if (!row->letter)
		return end;
	*end++ = row->letter;
	if (row->value)
		*end++ = ':';
	return end;
}

/* The row of a short form; `key` itself when it is a row's number already. */
static int row_of(const struct option_row *rows, int key)
{
	for (int i = 0; rows[i].name; i++)
		if (rows[i].letter && rows[i].letter == key)
			return i;
	return key;
}

int options_read(int argc, char **argv, const struct option_row *rows, void *target,
		 const char *command)
{
	struct option options[OPTIONS_MAX + 2] = { 0 };
	char letters[2 * OPTIONS_MAX + 4] = "+:h", *end = letters + strlen(letters);
	int index, key, count = 0;

	for (; rows[count].name && count < OPTIONS_MAX; count++) {
		options[count] = (struct option) { rows[count].name, rows[count].value != NULL,
						   NULL, count };
		end = letters_add(end, &rows[count]);
	}
	options[count] = (struct option) { "help", 0, NULL, 'h' + OPTIONS_MAX };
	optind = 1;
	opterr = 0;
	while ((key = getopt_long(argc, argv, letters, options, &index)) != -1) {
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
		if (rows[row_of(rows, key)].store(target, optarg))
			return -2;
	}
	return optind;
}
