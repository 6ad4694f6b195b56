/* SPDX-License-Identifier: Apache-2.0 */
/* Lists grow by one: they are short, and read once. */
#include "rules/strings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int strings_add(struct strings *strings, const char *string)
{
	char **list = reallocarray(strings->list, strings->count + 1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	strings->list = list;
	list[strings->count] = strdup(string);
	if (!list[strings->count])
		return -ENOMEM;
	strings->count++;
	return 0;
}

bool strings_have(const struct strings *strings, const char *string)
{
	for (size_t i = 0; i < strings->count; i++)
		if (!strcmp(strings->list[i], string))
			return true;
	return false;
}

void strings_done(struct strings *strings)
{
	for (size_t i = 0; i < strings->count; i++)
		free(strings->list[i]);
	free(strings->list);
	*strings = (struct strings) { 0 };
}
