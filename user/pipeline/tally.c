/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/tally.h"

#include <string.h>

void tally_add(struct tally *tally, const char *name, size_t length)
{
	size_t cut = length < TALLY_NAME_SIZE ? length : TALLY_NAME_SIZE - 1;

	for (size_t i = 0; i < tally->count; i++)
		if (!strncmp(tally->row[i].name, name, cut) && !tally->row[i].name[cut]) {
			tally->row[i].count++;
			return;
		}
	if (tally->count == TALLY_MAX) {
		tally->others++;
		return;
	}
	memcpy(tally->row[tally->count].name, name, cut);
	tally->row[tally->count].name[cut] = '\0';
	tally->row[tally->count++].count = 1;
}
