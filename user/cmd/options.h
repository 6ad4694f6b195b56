/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Long options from one table, which is also what `-h` prints.
 */
#ifndef FERMATA_OPTIONS_H
#define FERMATA_OPTIONS_H

struct option_row {
	const char *name; /* ended by a NULL name */
	const char *value; /* what the value is called in help; NULL: it takes none */
	const char *help;
	/* Stores it. 0, or a negative number after a message was printed. */
	int (*store)(void *target, const char *value);
	char letter; /* its short form: -o; 0: it has none */
};

/*
 * Reads options up to the first word that is none, or "--". Returns the index of what
 * follows; a negative number when the command is to end: -1 for help, which was printed,
 * -2 for bad usage, which was reported. `command` is the row's name, of a subcommand with
 * that of its command in front: "rules check".
 */
int options_read(int argc, char **argv, const struct option_row *rows, void *target,
		 const char *command);

#endif
