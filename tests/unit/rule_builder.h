/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rulesets put together by hand, for the tests of the compiler and the evaluator, which
 * need no YAML. No memory aborts the run.
 */
#ifndef FERMATA_RULE_BUILDER_H
#define FERMATA_RULE_BUILDER_H

#include "base/cleanup.h"
#include "pipeline/evaluate.h"
#include "rules/compile.h"
#include "rules/rule.h"

DEFINE_CLEANUP(struct ruleset *, ruleset_free)
DEFINE_CLEANUP(struct compiled *, compiled_free)
#define _cleanup_diagnostics_ _cleanup_(diagnostics_done)

/* A test without values, to which values are added. */
struct expression *build_test(enum field field, enum test_op op);
struct expression *build_value(struct expression *test, union test_value value);

/* Adds a text value: in `pattern`, '*' and '?' are wildcards. */
struct expression *build_pattern(struct expression *test, const char *pattern);
/* Adds bytes as they stand, with '*' before or after them. */
struct expression *build_bytes(struct expression *test, const void *bytes, size_t length,
			       bool before, bool after);

/* Tests of one value. */
struct expression *build_text(enum field field, const char *pattern);
struct expression *build_cased(enum field field, const char *pattern);
struct expression *build_range(enum field field, __s64 low, __s64 high);
struct expression *build_bits(enum field field, __u64 bits);
struct expression *build_exists(enum field field);

/* Takes over the children; NULL ends them. */
struct expression *build_node(enum expression_op op, ...);
#define build_and(...) build_node(EXPRESSION_AND, ##__VA_ARGS__, NULL)
#define build_or(...) build_node(EXPRESSION_OR, ##__VA_ARGS__, NULL)
#define build_not(child) build_node(EXPRESSION_NOT, child, NULL)
void build_child(struct expression *parent, struct expression *child);

struct ruleset *build_ruleset(void);

/* Adds a rule and returns it; its place is line index + 1 of "test.yml". */
struct rule *build_rule(struct ruleset *ruleset, enum event_type event,
			struct expression *condition, enum response response);
struct rule *build_correlation(struct ruleset *ruleset, const size_t *steps, size_t count,
			       __u64 timespan, enum response response);

/* Makes the field a key of a correlation, in events of all its steps: one that it groups by,
 * or whose value it looks at. All groups come before all values. */
void build_key(const struct ruleset *ruleset, struct rule *correlation, enum field field,
	       bool group);
/* Has it compare with a whole number. */
void build_threshold(struct rule *correlation, enum threshold_op op, __s64 number);

/* Compiles; fails the test when it does not succeed or the image does not pass
 * policy_check(), and tells why. NULL then. */
struct compiled *build_compiled(const struct ruleset *ruleset);

/* Compiles what must be refused; asserts that a diagnostic has that text. */
void build_refused(const struct ruleset *ruleset, const char *expected);

/* Whether a diagnostic of that severity has that text. */
bool build_diagnosed(const struct diagnostics *diagnostics, enum severity severity,
		     const char *text);

/* An event to evaluate: texts and numbers of any field. */
struct built_event {
	struct record record;
	struct event_view view;
};

void event_start(struct built_event *event, enum event_type type);
void event_bytes(struct built_event *event, enum field field, const void *data, size_t length);
void event_text(struct built_event *event, enum field field, const char *text);
void event_number(struct built_event *event, enum field field, __u64 number);
void event_address(struct built_event *event, enum field field, const unsigned char address[16]);
void event_absent(struct built_event *event, enum field field);

#endif
