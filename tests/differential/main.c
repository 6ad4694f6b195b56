/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's verdicts against the user side's, for public rules and for rules made up by
 * chance. Prints TAP; exits 1 when they disagree.
 *
 *	differential handed EVENTS SEED CORPUS
 *	differential acting EVENTS SEED CORPUS TIER PROGRAM
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "differential.h"

static const struct {
	const char *name;
	int (*run)(const struct differential *differential);
} way_table[] = { { "handed", handed }, { "acting", acting }, { "act", act } };

int main(int argc, char **argv)
{
	struct differential differential = { 0 };

	if (argc > 4)
		differential =
			(struct differential) { strtoull(argv[2], NULL, 0),
						strtoull(argv[3], NULL, 0), argv[4],
						argc > 5 ? argv[5] : "", argc > 6 ? argv[6] : "" };
	for (size_t i = 0; differential.events && i < ARRAY_SIZE(way_table); i++)
		if (!strcmp(argv[1], way_table[i].name))
			return way_table[i].run(&differential);
	fputs("usage: differential handed|acting EVENTS SEED CORPUS [TIER PROGRAM]\n", stderr);
	return 2;
}
