/* SPDX-License-Identifier: Apache-2.0 */
/* The values of a test are sorted, so the place is found by what stands there. */
#include "rules/weak_value.h"

#include <string.h>

#include "rules/literal.h"

/* The byte of a value that nearly every text has: all paths begin with '/', and a space
 * is in all commands with an argument. 0: it is no such value. */
static char weak_byte(const union test_value *value)
{
	struct literal literal;
	int form = literal_find(value->pattern.bytes, value->pattern.length, &literal);

	if (form != FORM_LITERAL || literal.length != 1)
		return 0;
	if (*literal.bytes == '/' && !(literal.anchors & ANCHOR_END))
		return '/';
	return *literal.bytes == ' ' && !literal.anchors ? ' ' : 0;
}

static const struct node *node_of(char byte, struct node *const *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *text = values[i]->text + strspn(values[i]->text, "*");

		if (*text == byte && !text[1 + strspn(text + 1, "*")])
			return values[i];
	}
	return values[0];
}

void weak_values_warn(const struct test *test, struct node *const *values, size_t count,
		      struct diagnostics *diagnostics)
{
	if (test->op != TEST_TEXT && test->op != TEST_TEXT_CASED)
		return;
	for (size_t i = 0; i < test->count; i++) {
		char byte = weak_byte(&test->values[i]);

		if (byte)
			diagnose(diagnostics, SEVERITY_WARNING,
				 &node_of(byte, values, count)->place,
				 "'%c' is so short that nearly every value of '%s' has it", byte,
				 field_table[test->field].name);
	}
}
