/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands of the program: one file each, in one table in main.c.
 */
#ifndef FERMATA_COMMAND_H
#define FERMATA_COMMAND_H

struct command {
	const char *name;
	int (*run)(int argc, char **argv); /* argv[0] is the command's name; an exit status */
	const char *usage; /* what comes after the name */
	const char *summary;
	const struct command *subcommands; /* ended by a NULL name; NULL: it has none */
};

/* In main.c, ended by a NULL name. */
extern const struct command command_table[];

enum exit_status {
	STATUS_DONE = 0,
	STATUS_NO = 1, /* the answer is no: errors were found, a blocker is there */
	STATUS_USAGE = 2, /* bad usage or configuration */
	STATUS_CANNOT = 3, /* not possible here: no privilege, the kernel lacks it, no memory */
	/* of `run`, as a shell would: */
	STATUS_NOT_EXECUTABLE = 126,
	STATUS_NOT_FOUND = 127,
	STATUS_SIGNAL = 128, /* plus the signal that ended the command */
};

int cmd_run(int argc, char **argv);

/* cmd_run() adopts the kernel side that is pinned in that directory (sensor/pin.h) instead
 * of loading one. The string is borrowed. */
void run_adopt(const char *directory);

int cmd_rules(int argc, char **argv);
int cmd_replay(int argc, char **argv);

extern const struct command rules_command_table[]; /* its subcommands */

int cmd_doctor(int argc, char **argv);
int cmd_selftest(int argc, char **argv);
int cmd_version(int argc, char **argv);
int cmd_help(int argc, char **argv);

#endif
