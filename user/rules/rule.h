/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A rule, read and checked but not compiled: what sigma.c makes of a YAML document
 * and compile.c turns into the policy image. Modifiers are gone: what is left are
 * tests of one field each, joined by and, or, not.
 */
#ifndef FERMATA_RULE_H
#define FERMATA_RULE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fields.h"
#include "base/glob.h"
#include "policy.h"
#include "rules/diagnostic.h"

enum test_op {
	TEST_TEXT, /* pattern, both cases alike (ASCII) */
	TEST_TEXT_CASED, /* pattern, byte for byte */
	TEST_RANGE, /* num, bool, one: low <= value <= high */
	TEST_ADDRESS, /* ip: low <= address <= high, compared as big-endian numbers */
	TEST_BITS, /* set: any bit of `bits` */
	TEST_EXISTS, /* the field has a value */
	TEST_REGEX, /* text: matches; flags: enum regex_flag */
	TEST_FIELD, /* compared with another field's value; flags: enum comparison */
	TEST_TIME, /* a part of a moment is in `range`; flags: enum time_part */
};

union test_value {
	struct {
		unsigned char *bytes; /* owned; `*foo*` is contains, `*foo` endswith, … */
		size_t length;
	} pattern; /* or, of TEST_REGEX, the regular expression */
	struct {
		__s64 low, high;
	} range;
	struct {
		unsigned char low[16], high[16]; /* network byte order, IPv4 v4-mapped */
	} address;
	__u64 bits;
	enum field other;
};

/* Holds if the field has a value and any of `values` is true of it (TEST_EXISTS has
 * none). A list of values in a rule is one test, so that it costs one atom. */
struct test {
	enum field field;
	enum test_op op;
	unsigned int flags; /* as the operator has it, else 0 */
	union test_value *values;
	size_t count;
};

enum expression_op { EXPRESSION_TEST, EXPRESSION_AND, EXPRESSION_OR, EXPRESSION_NOT };

/* AND of no children is true, OR of none is false. */
struct expression {
	enum expression_op op;
	struct test test; /* EXPRESSION_TEST */
	struct expression **child; /* else; one for NOT */
	size_t count;
};

/* Frees the whole tree. NULL is allowed. */
void expression_free(struct expression *expression);

struct strings {
	char **list;
	size_t count;
};

enum level { LEVEL_informational, LEVEL_low, LEVEL_medium, LEVEL_high, LEVEL_critical, LEVEL_MAX };
extern const char *const level_table[LEVEL_MAX];

/* The least that must be had for an act that the rule matches; else nothing is started. */
enum requirement { REQUIREMENT_none, REQUIREMENT_kill, REQUIREMENT_deny, REQUIREMENT_MAX };
extern const char *const requirement_table[REQUIREMENT_MAX];

/* By its word, "kill" or "deny"; -EINVAL. */
int requirement_find(const char *word);

/*
 * A Sigma filter: what a site leaves out of the rules that it names. It is part of their
 * conditions when they are in the ruleset, so nothing that comes after has to know of it.
 */
struct rule_filter {
	struct place place;
	struct place replaces; /* of the filter with the same id before it; file NULL: none */
	char *title, *id, *description; /* NULL where the file has none */
	size_t rule_count; /* it applies to; at least 1, but for one that names `any` */
};

struct examples;

struct rule {
	struct place place;
	struct place replaces; /* of the rule with the same id before it; file NULL: none */
	struct strings former_names; /* of the rules that it replaces: they mean this one */
	char *title, *id, *name, *status, *description; /* NULL where the file has none */
	enum level level; /* medium where the file has none */
	struct strings tags, references, falsepositives;

	enum response response;
	enum requirement requirement;
	struct {
		char *framework, *layer, *category; /* NULL without a maestro block */
		struct strings threats, also;
	} maestro;

	struct examples *examples; /* owned: its `tests` (examples.h); NULL: it has none */

	/* a detection */
	enum event_type event;
	struct expression *condition; /* with its filters; NULL for a correlation */
	const struct rule_filter **filters; /* owned list; of the ruleset */
	size_t filter_count;

	/* a correlation; always within one session */
	enum correlation_type type;
	size_t *steps; /* indices in the ruleset */
	size_t step_count;
	__u64 timespan; /* ns */
	struct policy_threshold threshold[THRESHOLD_MAX];
	size_t threshold_count; /* 0: all steps, one event */
	unsigned char percentile; /* of value_percentile: 0 to 100, or PERCENTILE_SHARE */
	struct strings group_by, fields; /* as the file has them, but for AgentSession */
	struct policy_key *keys; /* of each: group_by, then fields */
	bool generate; /* its steps alert on their own as well */

	/* EVENT_BIT of the events that can match it */
	__u32 events;
	/* referred to by a correlation, and none of those says `generate: true` */
	bool silent;
};

/* Rules in the order they were read; the index of a rule is its number in the policy
 * and in records. */
struct ruleset {
	struct rule **rules;
	size_t count;
	struct rule_filter **filters; /* in the order they were read; they are no rules */
	size_t filter_count;
	struct strings files; /* every file read; places borrow from it */
	size_t skipped; /* documents for other products or categories */
};

/* Frees the ruleset and all it holds. NULL is allowed. */
void ruleset_free(struct ruleset *ruleset);

struct placeholders;

/* What rules refer to that is not among them. Borrowed. */
struct rule_inputs {
	/* The file that lists layers, threats and categories; NULL: `maestro.yml` beside a
	 * path or above it, else that of the default rules. It is only looked for when a
	 * rule needs it. */
	const char *maestro;
	const struct placeholders *placeholders; /* lists for `expand`; NULL: there are none */
};

/*
 * Reads files and directories (recursively, `*.yml` and `*.yaml`, in byte order of
 * their paths) and links correlations and filters to their rules. A document with an error is
 * left out and diagnosed; the others are read. Of documents with the same id the last
 * one stays, where it stands; what refers to the id means that one. `inputs` may be NULL.
 * Returns 0 when every path could be examined, though there may be errors in
 * *diagnostics; -errno when a path does not exist or cannot be read (diagnosed too).
 */
int ruleset_read(struct ruleset **ret_ruleset, const char *const *paths, size_t path_count,
		 const struct rule_inputs *inputs, struct diagnostics *diagnostics);

#endif
