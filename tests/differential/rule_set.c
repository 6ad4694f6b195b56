/* SPDX-License-Identifier: Apache-2.0 */
#include "rule_set.h"

#include <errno.h>

#include "base/cleanup.h"

int rule_set_read(struct rule_set *set, const char *const *paths, size_t count, __u64 generation)
{
	struct diagnostics diagnostics = { 0 };
	int r = ruleset_read(&set->rules, paths, count, NULL, &diagnostics);

	if (!r)
		r = compile(&set->compiled, set->rules, generation, &diagnostics);
	if (r)
		diagnostics_print(&diagnostics, stdout);
	diagnostics_done(&diagnostics);
	return r;
}

void rule_set_done(struct rule_set *set)
{
	compiled_free(set->compiled);
	ruleset_free(set->rules);
	*set = (struct rule_set) { 0 };
}

int rule_set_write(const char *path, const struct buffer *text)
{
	_cleanup_fclose_ FILE *file = fopen(path, "we");

	if (!file || fwrite(text->data, 1, text->length, file) != text->length)
		return -EIO;
	return 0;
}
