/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A state that the end of the text leads to is left by no step: it has no row, only
 * the word that holds its list. Its offset is chosen so that the word is where the
 * list column of a row would be.
 */
#include "rules/automaton.h"

#include <errno.h>
#include <string.h>

#include "base/fold.h"

#define SYMBOL_END 256
#define SYMBOL_START 257
/* Even with rows of three columns more do not fit. */
#define NODES_MAX (POLICY_SIZE_MAX / (3 * sizeof(__u32)))
#define NONE 0 /* node 0 is not used */

struct node {
	__u32 child, sibling; /* the first child; the next one of its parent */
	__u32 fallback; /* the longest other node that is a suffix of this one */
	__u32 list; /* place in the lists: the atoms that hold here */
	__u32 place; /* number of its row, or of its word */
	__u16 symbol;
};

/* An atom that ends at a node. */
struct ending {
	__u32 node;
	__u16 atom;
};

struct automaton {
	struct node *nodes;
	size_t node_count, node_capacity;
	struct ending *endings;
	size_t ending_count, ending_capacity;
	__u32 root[FIELD_MAX];
	__u32 *order; /* by depth: every node after its fallback and its parent */
	size_t rows, words;
	__u16 column[BYTES]; /* 0: the column of all bytes that no literal has */
	size_t columns; /* of bytes */
};

int automaton_new(struct automaton **ret_automaton)
{
	struct automaton *automaton = calloc(1, sizeof(*automaton));

	if (!automaton)
		return -ENOMEM;
	automaton->node_count = 1;
	automaton->columns = 1;
	*ret_automaton = automaton;
	return 0;
}

void automaton_free(struct automaton *automaton)
{
	free(automaton->nodes);
	free(automaton->endings);
	free(automaton->order);
	free(automaton);
}

/* Makes room for one more element of `size` bytes in an array. */
static int array_grow(void **array, size_t count, size_t *capacity, size_t size)
{
	size_t wanted = *capacity ? 2 * *capacity : 1024;
	void *grown;

	if (count < *capacity)
		return 0;
	grown = reallocarray(*array, wanted, size);
	if (!grown)
		return -ENOMEM;
	*array = grown;
	*capacity = wanted;
	return 0;
}

static int node_new(struct automaton *a, __u16 symbol, __u32 *ret_node)
{
	int r;

	if (a->node_count >= NODES_MAX)
		return -E2BIG;
	r = array_grow((void **)&a->nodes, a->node_count, &a->node_capacity, sizeof(*a->nodes));
	if (r < 0)
		return r;
	a->nodes[a->node_count] = (struct node) { .symbol = symbol };
	*ret_node = a->node_count++;
	return 0;
}

static __u32 node_child(const struct automaton *a, __u32 node, __u16 symbol)
{
	__u32 child = a->nodes[node].child;

	while (child != NONE && a->nodes[child].symbol != symbol)
		child = a->nodes[child].sibling;
	return child;
}

/* Steps from *node to its child, which is made if it is not there. */
static int node_step(struct automaton *a, __u32 *node, __u16 symbol)
{
	__u32 child = node_child(a, *node, symbol);
	int r;

	if (child == NONE) {
		r = node_new(a, symbol, &child);
		if (r < 0)
			return r;
		a->nodes[child].sibling = a->nodes[*node].child;
		a->nodes[*node].child = child;
	}
	*node = child;
	return 0;
}

static void column_use(struct automaton *a, unsigned char byte)
{
	if (!a->column[byte])
		a->column[byte] = a->columns++;
}

int automaton_add(struct automaton *a, enum field field, const struct literal *literal, __u16 atom)
{
	__u32 node;
	int r = 0;

	if (a->root[field] == NONE)
		r = node_new(a, SYMBOL_START, &a->root[field]);
	if (r < 0)
		return r;
	node = a->root[field];
	if (literal->anchors & ANCHOR_START)
		r = node_step(a, &node, SYMBOL_START);
	for (size_t i = 0; i < literal->length && r >= 0; i++) {
		unsigned char byte = byte_fold(literal->bytes[i], false);

		column_use(a, byte);
		r = node_step(a, &node, byte);
	}
	if (r >= 0 && literal->anchors & ANCHOR_END)
		r = node_step(a, &node, SYMBOL_END);
	if (r < 0)
		return r;
	r = array_grow((void **)&a->endings, a->ending_count, &a->ending_capacity,
		       sizeof(*a->endings));
	if (r < 0)
		return r;
	a->endings[a->ending_count++] = (struct ending) { node, atom };
	return 0;
}

static int ending_compare(const void *a, const void *b)
{
	const struct ending *left = a, *right = b;

	if (left->node != right->node)
		return left->node < right->node ? -1 : 1;
	return left->atom < right->atom ? -1 : left->atom > right->atom;
}

/* Gives each node the list of the atoms that end right there. */
static int endings_list(struct automaton *a, struct lists *lists)
{
	__u16 atoms[ATOMS_MAX];
	int r;

	if (a->ending_count)
		qsort(a->endings, a->ending_count, sizeof(*a->endings), ending_compare);
	for (size_t i = 0; i < a->ending_count;) {
		__u32 node = a->endings[i].node;
		size_t count = 0;

		for (; i < a->ending_count && a->endings[i].node == node; i++)
			if (!count || atoms[count - 1] != a->endings[i].atom)
				atoms[count++] = a->endings[i].atom;
		r = lists_add(lists, atoms, count, &a->nodes[node].list);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Where `symbol` leads from the nodes that `node` falls back to. */
static __u32 fallback_step(const struct automaton *a, __u32 node, __u16 symbol)
{
	for (;;) {
		__u32 next = a->nodes[node].fallback, child;

		if (next == NONE)
			return node;
		child = node_child(a, next, symbol);
		if (child != NONE)
			return child;
		node = next;
	}
}

/* Reaches the nodes of one field in order of depth, from a->order[at] on. */
static int field_link(struct automaton *a, __u32 root, size_t at, struct lists *lists)
{
	size_t end = at;
	int r;

	a->nodes[root].place = a->rows++;
	a->order[end++] = root;
	for (; at < end; at++) {
		__u32 node = a->order[at];

		for (__u32 i = a->nodes[node].child; i != NONE; i = a->nodes[i].sibling) {
			struct node *child = &a->nodes[i];

			child->fallback = fallback_step(a, node, child->symbol);
			child->place = child->symbol == SYMBOL_END ? a->words++ : a->rows++;
			r = lists_join(lists, child->list, a->nodes[child->fallback].list,
				       &child->list);
			if (r < 0)
				return r;
			a->order[end++] = i;
		}
	}
	return 0;
}

int automaton_link(struct automaton *a, struct lists *lists)
{
	int r = endings_list(a, lists);

	if (r < 0)
		return r;
	a->order = calloc(a->node_count, sizeof(*a->order));
	if (!a->order)
		return -ENOMEM;
	for (size_t i = 0; i < FIELD_MAX; i++) {
		if (a->root[i] == NONE)
			continue;
		r = field_link(a, a->root[i], a->rows + a->words, lists);
		if (r < 0)
			return r;
	}
	return 0;
}

size_t automaton_states(const struct automaton *a)
{
	return a->rows;
}

size_t automaton_row_size(const struct automaton *a)
{
	return (a->columns + 2) * sizeof(__u32); /* and of the end, and of the list */
}

size_t automaton_size(const struct automaton *a)
{
	return a->rows * automaton_row_size(a) + a->words * sizeof(__u32);
}

/* Where the parts are in the image while it is written. */
struct writing {
	const struct automaton *automaton;
	unsigned char *image;
	__u32 rows_at, words_at, lists_at;
	size_t row_size;
};

static __u32 *row_of(const struct writing *w, const struct node *node)
{
	return (__u32 *)(w->image + w->rows_at + node->place * w->row_size);
}

/* What leads to the node in a row. */
static __u32 entry_of(const struct writing *w, const struct node *node)
{
	size_t list_column = w->row_size - sizeof(__u32);
	__u32 offset = node->symbol == SYMBOL_END
			       ? w->words_at + node->place * sizeof(__u32) - list_column
			       : w->rows_at + node->place * w->row_size;

	return node->list ? offset | SCAN_STEP_BIT : offset;
}

static void row_write(const struct writing *w, const struct node *node, bool is_root)
{
	const struct automaton *a = w->automaton;
	const size_t end = a->columns, list = a->columns + 1;
	__u32 *row = row_of(w, node);

	if (is_root)
		for (size_t i = 0; i <= end; i++)
			row[i] = entry_of(w, node);
	else
		memcpy(row, row_of(w, &a->nodes[node->fallback]), w->row_size);
	for (__u32 i = node->child; i != NONE; i = a->nodes[i].sibling) {
		const struct node *child = &a->nodes[i];

		if (child->symbol != SYMBOL_START)
			row[child->symbol == SYMBOL_END ? end : a->column[child->symbol]] =
				entry_of(w, child);
	}
	row[list] = node->list ? w->lists_at + node->list : 0;
}

static void columns_write(const struct automaton *a, struct policy *policy)
{
	for (size_t i = 0; i < BYTES; i++)
		policy->column[i] = a->column[byte_fold(i, false)] * sizeof(__u32);
	policy->end_column = a->columns * sizeof(__u32);
	policy->list_column = policy->end_column + sizeof(__u32);
}

void automaton_write(const struct automaton *a, struct policy *policy, __u32 at, __u32 lists_at)
{
	size_t row_size = automaton_row_size(a);
	struct writing w = { .automaton = a,
			     .image = (unsigned char *)policy,
			     .rows_at = at,
			     .words_at = at + a->rows * row_size,
			     .lists_at = lists_at,
			     .row_size = row_size };

	columns_write(a, policy);
	for (size_t i = 0; i < a->rows + a->words; i++) {
		const struct node *node = &a->nodes[a->order[i]];

		if (node->symbol == SYMBOL_END)
			*(__u32 *)(w.image + w.words_at + node->place * sizeof(__u32)) =
				lists_at + node->list;
		else
			row_write(&w, node, node->fallback == NONE);
	}
	for (size_t i = 0; i < FIELD_MAX; i++) {
		__u32 start;

		if (a->root[i] == NONE)
			continue;
		start = node_child(a, a->root[i], SYMBOL_START);
		if (start == NONE)
			start = a->root[i];
		policy->field[i].start = w.rows_at + a->nodes[start].place * row_size;
	}
}
