/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/atom_text.h"

#include <arpa/inet.h>
#include <endian.h>

static const char *const anchor_words[] = {
	[0] = " contains",
	[ANCHOR_START] = " starts with",
	[ANCHOR_END] = " ends with",
	[ANCHOR_START | ANCHOR_END] = " is",
};

static const char *const comparison_words[COMPARE_MAX] = {
	[COMPARE_equal] = " is the same as ",
	[COMPARE_startswith] = " starts with that of ",
	[COMPARE_endswith] = " ends with that of ",
	[COMPARE_contains] = " contains that of ",
	[COMPARE_lt] = " is less than ",
	[COMPARE_lte] = " is at most ",
	[COMPARE_gt] = " is more than ",
	[COMPARE_gte] = " is at least ",
};

static const char *const part_words[TIME_PART_MAX] = { [TIME_moment] = "",
#define P(name, ...) [TIME_##name] = #name " of ",
						       TIME_PARTS(P)
#undef P
};

static void add_field(struct buffer *out, const struct atom *atom)
{
	buffer_add_string(out, field_table[atom->field].name);
}

/* A pattern as a rule has it: the wildcards of rule.h are characters again. */
static void add_pattern(struct buffer *out, const struct atom_text *text)
{
	buffer_add_string(out, " '");
	for (size_t i = 0; i < text->length; i++)
		if (text->bytes[i] != WILDCARD)
			buffer_add_byte(out, (char)text->bytes[i]);
	buffer_add_byte(out, '\'');
}

static void add_more(struct buffer *out, const struct atom *atom, size_t most)
{
	if (atom->count > most)
		buffer_print(out, " or any of %zu more", atom->count - most);
}

static void add_texts(struct buffer *out, const struct atom *atom, size_t most)
{
	const char *before = NULL;

	add_field(out, atom);
	for (size_t i = 0; i < atom->count && i < most; i++) {
		const char *words = anchor_words[atom->texts[i].anchors];

		buffer_add_string(out, i ? " or" : "");
		if (words != before)
			buffer_add_string(out, words);
		before = words;
		add_pattern(out, &atom->texts[i]);
	}
	add_more(out, atom, most);
}

static void add_key(struct buffer *out, const struct field_info *field, struct key key)
{
	__u64 number = key.low ^ 1ULL << 63, halves[2] = { htobe64(key.high), htobe64(key.low) };
	char address[INET6_ADDRSTRLEN] = "";
	const char *name = field_number_name(field, number);

	if (field->kind == KIND_ip && !key.high && key.low >> 32 == 0xffff)
		inet_ntop(AF_INET, (char *)halves + 12, address, sizeof(address));
	else if (field->kind == KIND_ip)
		inet_ntop(AF_INET6, halves, address, sizeof(address));
	if (field->kind == KIND_ip)
		buffer_add_string(out, address);
	else if (field->kind == KIND_bool)
		buffer_add_string(out, number ? "true" : "false");
	else if (name)
		buffer_add_string(out, name);
	else
		buffer_print(out, "%lld", (long long)number);
}

static void add_range(struct buffer *out, const struct field_info *field, const struct range *range)
{
	struct key most = field->kind == KIND_ip ? key_address_max : key_number_max;

	if (!key_compare(range->first, range->last)) {
		add_key(out, field, range->first);
	} else if (!range->first.high && !range->first.low) {
		buffer_add_string(out, "at most ");
		add_key(out, field, range->last);
	} else if (!key_compare(range->last, most)) {
		buffer_add_string(out, "at least ");
		add_key(out, field, range->first);
	} else {
		add_key(out, field, range->first);
		buffer_add_string(out, " to ");
		add_key(out, field, range->last);
	}
}

static void add_ranges(struct buffer *out, const struct atom *atom, size_t most)
{
	add_field(out, atom);
	for (size_t i = 0; i < atom->count && i < most; i++) {
		buffer_add_string(out, i ? " or " : " is ");
		add_range(out, &field_table[atom->field], &atom->ranges[i]);
	}
	add_more(out, atom, most);
}

static void add_bits(struct buffer *out, const struct atom *atom)
{
	const char *between = " has ";

	add_field(out, atom);
	for (__u64 bits = atom->bits; bits; bits &= bits - 1) {
		__u64 bit = (__u64)__builtin_ctzll(bits);
		const char *name = field_number_name(&field_table[atom->field], bit);

		buffer_add_string(out, between);
		if (name)
			buffer_add_string(out, name);
		else
			buffer_print(out, "%llu", (unsigned long long)bit);
		between = " or ";
	}
}

static void add_others(struct buffer *out, const struct atom *atom)
{
	add_field(out, atom);
	for (size_t i = 0; i < atom->count; i++)
		buffer_print(out, "%s%s%s", i ? " or" : "",
			     comparison_words[atom->flags & (COMPARE_CASED - 1)],
			     field_table[atom->others[i]].name);
}

static void add_patterns(struct buffer *out, const struct atom *atom, size_t most)
{
	static const char *const words[CONFIRM_MAX] = {
		[CONFIRM_GLOB] = " fits",
		[CONFIRM_GLOB_CASED] = " fits, with case,",
		[CONFIRM_REGEX] = " matches the expression",
	};

	add_field(out, atom);
	for (size_t i = 0; i < atom->count && i < most; i++) {
		buffer_add_string(out, i ? " or" : words[atom->op]);
		add_pattern(out, &atom->texts[i]);
	}
	add_more(out, atom, most);
}

static void add_user(struct buffer *out, const struct atom *atom, size_t most)
{
	if (atom->op == CONFIRM_FIELD) {
		add_others(out, atom);
	} else if (atom->op == CONFIRM_TIME) {
		buffer_add_string(out, part_words[atom->flags]);
		add_ranges(out, atom, most);
	} else {
		add_patterns(out, atom, most);
	}
}

void atom_describe(struct buffer *out, const struct atom *atom, size_t most)
{
	switch (atom->kind) {
	case ATOM_ALWAYS:
		buffer_print(out, "any %s", event_table[atom->event].name);
		break;
	case ATOM_EXISTS:
		add_field(out, atom);
		buffer_add_string(out, " has a value");
		break;
	case ATOM_TEXT:
		add_texts(out, atom, most);
		break;
	case ATOM_RANGES:
		add_ranges(out, atom, most);
		break;
	case ATOM_BITS:
		add_bits(out, atom);
		break;
	case ATOM_USER:
		add_user(out, atom, most);
		break;
	}
}
