/* SPDX-License-Identifier: Apache-2.0 */
/* Values of texts: patterns in all their forms, regular expressions, names of fields. */
#include <errno.h>
#include <string.h>

#include "base/regex.h"
#include "rules/comparison.h"
#include "rules/form.h"
#include "rules/regex_literals.h"
#include "rules/value_reading.h"

static int form_add(struct value_reading *reading, const struct node *node, const char *text)
{
	_cleanup_free_ unsigned char *bytes = NULL;
	union test_value value = { 0 };
	struct pattern pattern;
	size_t wildcards = 0;
	int r = value_pattern(&pattern, reading, node, text);

	if (r < 0)
		return r;
	bytes = pattern.bytes;
	if (pattern_is_any(&pattern)) {
		reading->any = true;
		return 0;
	}
	for (size_t i = 0; i < pattern.length; i++)
		wildcards += pattern.bytes[i] == WILDCARD;
	if (pattern.length - 2 * wildcards > TEXT_MAX)
		return diagnose(reading->diagnostics, SEVERITY_ERROR, &node->place,
				"never true: longer than the %d bytes that are captured of a text",
				TEXT_MAX);
	value.pattern.bytes = pattern.bytes;
	value.pattern.length = pattern.length;
	r = value_add(reading, &value);
	if (r >= 0)
		bytes = NULL;
	return r;
}

int text_add(struct value_reading *reading, const struct node *node)
{
	unsigned int modifiers = reading->key->modifiers;
	size_t count;
	int r;

	if (!(modifiers & FORM_MODIFIERS))
		return form_add(reading, node, node->text);
	r = forms_count(&count, modifiers, node, reading->diagnostics);
	if (r < 0)
		return r;
	if (count > VALUES_MAX - reading->test.count)
		return diagnose(reading->diagnostics, SEVERITY_ERROR, &node->place,
				"with its forms more than the limit of %d values in one list",
				VALUES_MAX);
	for (size_t i = 0; i < count && r >= 0; i++) {
		_cleanup_buffer_ struct buffer text = BUFFER(FORM_MAX);

		r = form_write(&text, modifiers, node, i, reading->diagnostics);
		if (r >= 0)
			r = form_add(reading, node, buffer_string(&text));
	}
	return r;
}

/* What is wrong with it is told at its place in the pattern. */
static int regex_check(const struct value_reading *reading, const struct node *node)
{
	_cleanup_(regex_freep) struct regex *regex = NULL;
	_cleanup_(regex_literals_done) struct regex_literals literals = { 0 };
	size_t length = strlen(node->text);
	struct regex_error error;
	int r = regex_new(&regex, node->text, length, reading->test.flags, &error);

	if (r == -EINVAL) {
		struct place place = node_place_in(node, error.offset);

		return diagnose(reading->diagnostics, SEVERITY_ERROR, &place,
				"in the regular expression: %s", error.message);
	}
	if (r >= 0)
		r = regex_literals_find(&literals, (const unsigned char *)node->text, length,
					reading->test.flags);
	if (r >= 0 && literals.form == FORM_ANY)
		diagnose(reading->diagnostics, SEVERITY_WARNING, &node->place,
			 "always true: it matches in every '%s'", reading->key->field->name);
	return r;
}

int regex_add(struct value_reading *reading, const struct node *node)
{
	union test_value value = { .pattern.length = strlen(node->text) };
	int r = regex_check(reading, node);

	if (r < 0)
		return r;
	value.pattern.bytes = (unsigned char *)strdup(node->text);
	r = value.pattern.bytes ? value_add(reading, &value) : -ENOMEM;
	if (r < 0)
		free(value.pattern.bytes);
	return r;
}

/* The value is the name of another field. */
int other_add(struct value_reading *reading, const struct node *node)
{
	const struct field_info *field = reading->key->field;
	const struct field_info *other =
		field_require(reading->key->event, node->text, &node->place, reading->diagnostics);

	if (!other)
		return -EINVAL;
	if (other == field)
		return diagnose(reading->diagnostics, SEVERITY_ERROR, &node->place,
				"'%s' is compared with itself", field->name);
	if (!comparison_suits(reading->test.flags, field, other))
		return diagnose(reading->diagnostics, SEVERITY_ERROR, &node->place,
				"'%s' and '%s' cannot be compared like that: both must be of one "
				"kind, texts with contains, startswith or endswith, numbers with "
				"lt, lte, gt or gte, all but sets without",
				field->name, other->name);
	return value_add(reading, &(const union test_value) { .other = other->id });
}
