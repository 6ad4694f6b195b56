/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A text as the condition over six searches. What is read must mean the same as a tree
 * and as clauses, whichever of the searches hold.
 */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "rules/condition.h"
#include "rules/dnf.h"
#include "rules/expression.h"

#define SEARCHES 6

static const char *const names[SEARCHES] = { "a", "b", "sel_1", "sel_2", "filter_x", "_h" };

/* Search n is the test whether UserId is n. */
static struct expression *search_make(size_t n)
{
	struct expression *test = expression_new(EXPRESSION_TEST);

	MUST(test);
	test->test.field = FIELD_common_user_id;
	test->test.op = TEST_RANGE;
	test->test.values = calloc(1, sizeof(*test->test.values));
	MUST(test->test.values);
	test->test.count = 1;
	test->test.values->range.low = test->test.values->range.high = (__s64)n;
	return test;
}

/* Made once: reading copies them. */
static struct searches *searches_make(void)
{
	static struct search list[SEARCHES];
	static struct node keys[SEARCHES];
	static struct searches searches = { list, SEARCHES };

	for (size_t i = 0; !list[SEARCHES - 1].key; i++) {
		keys[i].kind = NODE_TEXT;
		keys[i].text = strdup(names[i]);
		list[i].expression = search_make(i);
		list[i].key = &keys[i];
	}
	return &searches;
}

static bool tree_holds(const struct expression *e, unsigned int holding)
{
	bool all = e->op == EXPRESSION_AND;

	if (e->op == EXPRESSION_TEST)
		return holding >> e->test.values->range.low & 1;
	if (e->op == EXPRESSION_NOT)
		return !tree_holds(e->child[0], holding);
	for (size_t i = 0; i < e->count; i++)
		if (tree_holds(e->child[i], holding) != all)
			return !all;
	return all;
}

/* The atoms are numbers of searches in the order in which they are met. */
static bool literal_holds(dnf_literal literal, const struct atoms *atoms, unsigned int holding)
{
	const struct atom *atom = atoms_get(atoms, DNF_ATOM(literal));
	struct key low = atom->ranges[0].first;
	size_t search = 0;

	while (key_compare(key_of_number((__s64)search), low))
		search++;
	return (holding >> search & 1) != DNF_NEGATED(literal);
}

static bool clauses_hold(const struct dnf *dnf, const struct atoms *atoms, unsigned int holding)
{
	for (size_t i = 0; i < dnf->count; i++) {
		size_t k = 0;

		while (k < dnf->list[i].count &&
		       literal_holds(dnf->list[i].literal[k], atoms, holding))
			k++;
		if (k == dnf->list[i].count)
			return true;
	}
	return false;
}

static void clauses_check(const struct expression *condition)
{
	_cleanup_(atoms_freep) struct atoms *atoms = NULL;
	_cleanup_(dnf_done) struct dnf dnf = { 0 };

	if (dnf_is_too_deep(condition, 0))
		return;
	MUST(!atoms_new(&atoms));
	if (dnf_make(&dnf, condition, false, atoms) < 0)
		return;
	for (unsigned int holding = 0; holding < 1u << SEARCHES; holding++)
		MUST(tree_holds(condition, holding) == clauses_hold(&dnf, atoms, holding));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(diagnostics_done) struct diagnostics diagnostics = { 0 };
	_cleanup_(expression_freep) struct expression *condition = NULL;
	_cleanup_free_ char *text = strndup((const char *)data, size);
	const struct node node = { .kind = NODE_TEXT, .text = text, .text_column = 1 };
	struct searches *searches = searches_make();
	bool of_nothing;
	int r;

	MUST(text);
	r = condition_read(&condition, &node, searches, &diagnostics);
	MUST(!r == !diagnostics.total[SEVERITY_ERROR]);
	if (r)
		return 0;
	clauses_check(condition);
	MUST(!condition_of_nothing(&of_nothing, &node, searches));
	MUST(of_nothing == tree_holds(condition, 0));
	return 0;
}
