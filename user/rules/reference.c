/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/reference.h"

#include <errno.h>
#include <string.h>

int reference_read(struct reference *ret_reference, const struct node *node, const char *what,
		   struct diagnostics *diagnostics)
{
	int r = node_expect(node, NODE_TEXT, what, diagnostics);
	char *text;

	if (r < 0)
		return r;
	text = strdup(node->text);
	if (!text)
		return -ENOMEM;
	*ret_reference = (struct reference) { text, node->place };
	return 0;
}

int reference_list_read(struct reference_list *list, const struct node *node, size_t most,
			const char *what, const char *item, struct diagnostics *diagnostics)
{
	struct node *const single[] = { (struct node *)node };
	struct node *const *items = single;
	size_t count = 1;
	int r = 0;

	if (node->kind == NODE_LIST) {
		items = node->child;
		count = node->count;
	}
	if (count > most)
		return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
				"%s has %zu entries; at most %zu are possible", what, count, most);
	list->list = calloc(count + 1, sizeof(*list->list));
	if (!list->list)
		return -ENOMEM;
	for (size_t i = 0; i < count && r >= 0; i++) {
		r = reference_read(&list->list[list->count], items[i], item, diagnostics);
		if (r >= 0)
			list->count++;
	}
	return r;
}

void reference_list_done(struct reference_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->list[i].text);
	free(list->list);
	*list = (struct reference_list) { 0 };
}
