/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/drop_in.h"

#include <errno.h>
#include <string.h>

#include "rules/strings.h"

static const char *entry_id(const struct entry *entry)
{
	return entry->rule ? entry->rule->id : entry->filter ? entry->filter->id : NULL;
}

static const struct place *entry_place(const struct entry *entry)
{
	return entry->rule ? &entry->rule->place : &entry->filter->place;
}

/* By id, those of one id in the order of reading. */
static int entry_compare(const void *a, const void *b)
{
	const struct entry *left = *(struct entry *const *)a, *right = *(struct entry *const *)b;
	int order = strcmp(entry_id(left), entry_id(right));

	return order ? order : left < right ? -1 : 1;
}

/* What refers to the earlier rule by a name that the later one does not have finds it. */
static int former_names_take(struct rule *later, struct rule *earlier)
{
	int r = 0;

	later->replaces = earlier->place;
	for (size_t i = 0; i < earlier->former_names.count && r >= 0; i++)
		r = strings_add(&later->former_names, earlier->former_names.list[i]);
	if (r >= 0 && earlier->name)
		r = strings_add(&later->former_names, earlier->name);
	return r;
}

/* The one before is dropped, and the later one knows it; unless they are of two kinds,
 * which nobody means. */
static int entry_replace(struct reading *reading, struct entry *later, struct entry *earlier)
{
	const struct place was = *entry_place(earlier);

	if (!later->filter != !earlier->filter) {
		diagnose(reading->diagnostics, SEVERITY_ERROR, entry_place(later),
			 "its id is that of the %s at %s:%u; it needs one of its own",
			 earlier->filter ? "filter" : "rule", was.file, was.line);
		entry_drop(later);
		return 0;
	}
	diagnose(reading->diagnostics, SEVERITY_WARNING, entry_place(later),
		 "it replaces the %s with the same id at %s:%u", later->filter ? "filter" : "rule",
		 was.file, was.line);
	if (later->filter)
		later->filter->replaces = was;
	else if (former_names_take(later->rule, earlier->rule) < 0)
		return -ENOMEM;
	entry_drop(earlier);
	return 0;
}

int drop_ins_apply(struct reading *reading)
{
	_cleanup_free_ struct entry **list = calloc(reading->count + 1, sizeof(*list));
	struct entry *last = NULL;
	size_t count = 0;
	int r = 0;

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < reading->count; i++)
		if (entry_id(&reading->entries[i]))
			list[count++] = &reading->entries[i];
	qsort(list, count, sizeof(struct entry *), entry_compare);
	for (size_t i = 0; i < count && r >= 0; i++) {
		if (last && !strcmp(entry_id(last), entry_id(list[i])))
			r = entry_replace(reading, list[i], last);
		if (entry_id(list[i]))
			last = list[i];
	}
	return r;
}
