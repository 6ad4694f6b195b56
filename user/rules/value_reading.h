/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the files of value.c: a test while its values are read. One function for each
 * kind of value adds to the test what it means.
 */
#ifndef FERMATA_VALUE_READING_H
#define FERMATA_VALUE_READING_H

#include "rules/pattern.h"
#include "rules/value.h"

struct value_reading {
	struct test test;
	const struct field_key *key;
	struct diagnostics *diagnostics;
	size_t capacity;
	bool any; /* a value fits everything */
};

/* Whether the key has any of the modifiers. */
bool value_modified(const struct value_reading *reading, unsigned int modifiers);

/* "'Field' takes …, not …". -EINVAL. */
int value_complain(const struct value_reading *reading, const struct node *node, const char *takes);

/* Adds a value, which is taken over when that works. 0 or -ENOMEM. */
int value_add(struct value_reading *reading, const union test_value *value);
int value_add_range(struct value_reading *reading, __s64 low, __s64 high);

/* The pattern that a text, the node's or a form of it, and the modifiers make. */
int value_pattern(struct pattern *ret_pattern, const struct value_reading *reading,
		  const struct node *node, const char *text);

/* Each adds one value. 0, -EINVAL (diagnosed) or -ENOMEM. */
int text_add(struct value_reading *reading, const struct node *node);
int regex_add(struct value_reading *reading, const struct node *node);
int other_add(struct value_reading *reading, const struct node *node);
int number_add(struct value_reading *reading, const struct node *node);
int moment_add(struct value_reading *reading, const struct node *node);
int bool_add(struct value_reading *reading, const struct node *node);
int names_add(struct value_reading *reading, const struct node *node);
int address_add(struct value_reading *reading, const struct node *node);

#endif
