/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/flat_names.h"

#include <string.h>

static size_t hash_of(const char *name, size_t length)
{
	const unsigned char *byte = (const unsigned char *)name;

	if (!length)
		return 0;
	return length * 59 + byte[0] * 7u + byte[length / 2] * 31u + byte[length - 1] * 101u;
}

/* The row of the name, or the free one where it would be. Some rows are always free. */
static size_t row_of(const struct flat_names *names, const char *name, size_t length)
{
	size_t at = hash_of(name, length) % FLAT_NAMES_SIZE;

	while (names->row[at].name &&
	       (names->row[at].length != length || memcmp(names->row[at].name, name, length) != 0))
		at = (at + 1) % FLAT_NAMES_SIZE;
	return at;
}

static struct flat_known *name_add(struct flat_names *names, const char *name, enum flat_name id)
{
	struct flat_known *known = &names->row[row_of(names, name, strlen(name))];

	if (known->name)
		return known;
	*known = (struct flat_known) { name, strlen(name), id, { 0 } };
	for (size_t event = 0; event < EVENT_MAX; event++)
		known->field[event] = FLAT_NO_FIELD;
	return known;
}

void flat_names_init(struct flat_names *names)
{
	static const char *const members[FLAT_NAME_MAX] = {
#define M(name, text) [FLAT_NAME_##name] = (text),
		FLAT_MEMBERS(M)
#undef M
	};

	_Static_assert(FIELD_MAX + FLAT_NAME_MAX < FLAT_NAMES_SIZE / 2, "rows are free");
	memset(names, 0, sizeof(*names));
	for (int id = FLAT_NAME_field + 1; id < FLAT_NAME_MAX; id++)
		(void)name_add(names, members[id], (enum flat_name)id);
	for (int i = 0; i < FIELD_MAX; i++) {
		const struct field_info *field = &field_table[i];
		struct flat_known *known = name_add(names, field->name, FLAT_NAME_field);

		for (int event = 0; event < EVENT_MAX; event++)
			if (field->event < 0 || field->event == event)
				known->field[event] = (short)i;
	}
}

const struct flat_known *flat_names_find(const struct flat_names *names, struct bytes name)
{
	const struct flat_known *known = &names->row[row_of(names, name.data, name.length)];

	return known->name ? known : NULL;
}
