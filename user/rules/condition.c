/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recursive descent, one function per level of precedence: or, and, not, and what
 * stands between them. Every function leaves the parser at the token after its part.
 */
#include "rules/condition.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "rules/dnf.h"
#include "rules/expression.h"
#include "rules/nearest.h"
#include "rules/pattern.h"

struct token {
	const char *text;
	size_t length; /* 0 at the end */
};

struct parser {
	const struct node *node;
	const char *next; /* after the token */
	struct token token;
	struct searches *searches;
	struct diagnostics *diagnostics;
	unsigned int depth;
	size_t budget; /* see EXPRESSION_SIZE_MAX */
};

/* Words are anything between spaces, parentheses and pipes. */
static void advance(struct parser *parser)
{
	static const char single[] = "()|";
	const char *p = parser->next;

	while (isspace((unsigned char)*p))
		p++;
	parser->token = (struct token) { p, 0 };
	if (*p && strchr(single, *p))
		p++;
	else
		while (*p && !isspace((unsigned char)*p) && !strchr(single, *p))
			p++;
	parser->token.length = (size_t)(p - parser->token.text);
	parser->next = p;
}

static bool token_is(const struct parser *parser, const char *word)
{
	return parser->token.length == strlen(word) &&
	       !strncasecmp(parser->token.text, word, parser->token.length);
}

static struct place token_place(const struct parser *parser)
{
	return node_place_in(parser->node, (size_t)(parser->token.text - parser->node->text));
}

static int unexpected(const struct parser *parser, const char *expected)
{
	struct place place = token_place(parser);

	if (token_is(parser, "|"))
		return diagnose(parser->diagnostics, SEVERITY_ERROR, &place,
				"aggregations after '|' are not supported: Sigma has replaced them "
				"by correlations");
	if (!parser->token.length)
		return diagnose(parser->diagnostics, SEVERITY_ERROR, &place,
				"expected %s, but the condition ends", expected);
	return diagnose(parser->diagnostics, SEVERITY_ERROR, &place, "expected %s, found '%.*s'",
			expected, (int)parser->token.length, parser->token.text);
}

static int descend(struct parser *parser)
{
	struct place place = token_place(parser);

	if (++parser->depth <= CONDITION_DEPTH_MAX)
		return 0;
	return diagnose(parser->diagnostics, SEVERITY_ERROR, &place,
			"nested deeper than the limit of %d", CONDITION_DEPTH_MAX);
}

/* Appends a copy of the search to `parent`. */
static int search_use(struct parser *parser, struct search *search, struct expression *parent)
{
	_cleanup_(expression_freep) struct expression *copy = NULL;
	struct place place = token_place(parser);
	int r = expression_copy(&copy, search->expression, &parser->budget);

	search->used = true;
	if (r == -E2BIG)
		return diagnose(parser->diagnostics, SEVERITY_ERROR, &place,
				"with all its searches the condition has more than the limit of %d "
				"tests and values",
				EXPRESSION_SIZE_MAX);
	return r < 0 ? r : expression_add(parent, &copy);
}

/* The token is what follows `1 of` or `all of`. By convention an underscore hides a
 * search from `them`. */
static int quantified_read(struct parser *parser, struct expression *group)
{
	bool them = token_is(parser, "them");
	_cleanup_free_ char *text = strndup(parser->token.text, parser->token.length);
	_cleanup_free_ unsigned char *bytes = NULL;
	struct place place = token_place(parser);
	struct pattern pattern;
	struct nearest nearest;
	int r = text ? pattern_read(&pattern, text, false, false) : -ENOMEM;

	if (r < 0)
		return r;
	bytes = pattern.bytes;
	if (!*text || strpbrk(text, "()|"))
		return unexpected(parser, "'them' or names of searches");
	if (strchr(text, '?'))
		return diagnose(parser->diagnostics, SEVERITY_ERROR, &place,
				"'*' is the only wildcard in names of searches");
	nearest_start(&nearest, text);
	for (size_t i = 0; i < parser->searches->count && r >= 0; i++) {
		struct search *search = &parser->searches->list[i];
		const char *name = search->key->text;

		nearest_offer(&nearest, name);
		if (them ? *name != '_' : pattern_matches(&pattern, name, true))
			r = search_use(parser, search, group);
	}
	if (r < 0)
		return r;
	if (!group->count)
		return diagnose(parser->diagnostics, SEVERITY_ERROR, &place,
				"no search fits '%s'%s", text, nearest_hint(&nearest, "there are"));
	advance(parser);
	return 0;
}

static int search_read(struct parser *parser, struct expression *group)
{
	_cleanup_free_ char *name = strndup(parser->token.text, parser->token.length);
	struct place place = token_place(parser);
	struct nearest nearest;

	if (!name)
		return -ENOMEM;
	if (strchr(name, '*'))
		return unexpected(parser, "'1 of' or 'all of' before names with '*'");
	nearest_start(&nearest, name);
	for (size_t i = 0; i < parser->searches->count; i++) {
		nearest_offer(&nearest, parser->searches->list[i].key->text);
		if (!strcmp(parser->searches->list[i].key->text, name)) {
			int r = search_use(parser, &parser->searches->list[i], group);

			advance(parser);
			return r;
		}
	}
	return diagnose(parser->diagnostics, SEVERITY_ERROR, &place, "no search is named '%s'%s",
			name, nearest_hint(&nearest, "there are"));
}

/* Whether the token is followed by the word `of`. */
static bool is_quantifier(const struct parser *parser)
{
	struct parser ahead = *parser;

	advance(&ahead);
	return token_is(&ahead, "of");
}

static int name_read(struct parser *parser, struct expression **ret_expression)
{
	bool all = token_is(parser, "all");
	_cleanup_(expression_freep) struct expression *group =
		expression_new(all ? EXPRESSION_AND : EXPRESSION_OR);
	int r;

	if (!group)
		return -ENOMEM;
	if (!is_quantifier(parser)) {
		r = search_read(parser, group);
	} else if (!all && !token_is(parser, "1") && !token_is(parser, "any")) {
		r = unexpected(parser, "'1', 'any' or 'all' before 'of'");
	} else {
		advance(parser);
		advance(parser);
		r = quantified_read(parser, group);
	}
	if (r < 0)
		return r;
	expression_unwrap(&group);
	*ret_expression = take_ptr(group);
	return 0;
}

static int or_read(struct parser *parser, struct expression **ret_expression);

static int primary_read(struct parser *parser, struct expression **ret_expression)
{
	_cleanup_(expression_freep) struct expression *inner = NULL;
	int r;

	if (!parser->token.length || token_is(parser, ")") || token_is(parser, "|") ||
	    token_is(parser, "and") || token_is(parser, "or"))
		return unexpected(parser, "a search, 'not' or '('");
	if (!token_is(parser, "("))
		return name_read(parser, ret_expression);
	r = descend(parser);
	if (r < 0)
		return r;
	advance(parser);
	r = or_read(parser, &inner);
	if (r < 0)
		return r;
	if (!token_is(parser, ")"))
		return unexpected(parser, "'and', 'or' or ')'");
	advance(parser);
	parser->depth--;
	*ret_expression = take_ptr(inner);
	return 0;
}

static int not_read(struct parser *parser, struct expression **ret_expression)
{
	_cleanup_(expression_freep) struct expression *inner = NULL;
	int r;

	if (!token_is(parser, "not"))
		return primary_read(parser, ret_expression);
	r = descend(parser);
	if (r < 0)
		return r;
	advance(parser);
	r = not_read(parser, &inner);
	if (r >= 0)
		r = expression_negate(&inner);
	if (r < 0)
		return r;
	parser->depth--;
	*ret_expression = take_ptr(inner);
	return 0;
}

/* `part` joined by `word`, as often as it stands there. */
static int joined_read(struct parser *parser, struct expression **ret_expression, const char *word,
		       enum expression_op op,
		       int (*part)(struct parser *parser, struct expression **ret_expression))
{
	_cleanup_(expression_freep) struct expression *group = expression_new(op);

	if (!group)
		return -ENOMEM;
	for (;;) {
		_cleanup_(expression_freep) struct expression *child = NULL;
		int r = part(parser, &child);

		if (r >= 0)
			r = expression_add(group, &child);
		if (r < 0)
			return r;
		if (!token_is(parser, word))
			break;
		advance(parser);
	}
	expression_unwrap(&group);
	*ret_expression = take_ptr(group);
	return 0;
}

static int and_read(struct parser *parser, struct expression **ret_expression)
{
	return joined_read(parser, ret_expression, "and", EXPRESSION_AND, not_read);
}

static int or_read(struct parser *parser, struct expression **ret_expression)
{
	return joined_read(parser, ret_expression, "or", EXPRESSION_OR, and_read);
}

/* Appends what one condition says to `any`. */
static int one_read(struct parser *parser, const struct node *node, struct expression *any)
{
	_cleanup_(expression_freep) struct expression *whole = NULL;
	int r = node_expect(node, NODE_TEXT, "a condition", parser->diagnostics);

	if (r < 0)
		return r;
	if (strlen(node->text) > CONDITION_LENGTH_MAX)
		return diagnose(parser->diagnostics, SEVERITY_ERROR, &node->place,
				"longer than the limit of %d bytes", CONDITION_LENGTH_MAX);
	parser->node = node;
	parser->next = node->text;
	parser->depth = 0;
	advance(parser);
	r = or_read(parser, &whole);
	if (r < 0)
		return r;
	if (parser->token.length)
		return unexpected(parser, "'and' or 'or'");
	return expression_add(any, &whole);
}

int condition_read(struct expression **ret_expression, const struct node *node,
		   struct searches *searches, struct diagnostics *diagnostics)
{
	_cleanup_(expression_freep) struct expression *any = expression_new(EXPRESSION_OR);
	struct parser parser = {
		.searches = searches,
		.diagnostics = diagnostics,
		.budget = EXPRESSION_SIZE_MAX,
	};
	int r = 0;

	if (!any)
		return -ENOMEM;
	if (node->kind == NODE_LIST && (!node->count || node->count > CONDITIONS_MAX))
		return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
				"a list of conditions has 1 to %d of them", CONDITIONS_MAX);
	if (node->kind != NODE_LIST)
		r = one_read(&parser, node, any);
	for (size_t i = 0; node->kind == NODE_LIST && i < node->count && r != -ENOMEM; i++) {
		int q = one_read(&parser, node->child[i], any);

		r = q < 0 ? q : r;
	}
	if (r < 0)
		return r;
	expression_unwrap(&any);
	*ret_expression = take_ptr(any);
	return 0;
}

int condition_of_nothing(bool *ret_true, const struct node *node, const struct searches *searches)
{
	_cleanup_(expression_freep) struct expression *whole = NULL, *none = NULL;
	_cleanup_(diagnostics_done) struct diagnostics diagnostics = { 0 };
	_cleanup_free_ struct search *list = calloc(searches->count + 1, sizeof(*list));
	struct searches all = { list, searches->count };
	int r;

	none = expression_new(EXPRESSION_OR);
	if (!list || !none)
		return -ENOMEM;
	for (size_t i = 0; i < searches->count; i++)
		list[i] = (struct search) { .key = searches->list[i].key, .expression = none };
	r = condition_read(&whole, node, &all, &diagnostics);
	if (r < 0)
		return r;
	*ret_true = dnf_holds_of_nothing(whole);
	return 0;
}
