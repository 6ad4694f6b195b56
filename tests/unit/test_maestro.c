/* SPDX-License-Identifier: Apache-2.0 */
/* The shipped maestro.yml, and `maestro` blocks checked against it. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "rule_text.h"
#include "rules/document.h"
#include "rules/maestro.h"
#include "unit.h"

#define REST                                                                                       \
	"logsource: {product: linux, category: file_open}\n"                                       \
	"detection:\n"                                                                             \
	"  s: {Access: read}\n"                                                                    \
	"  condition: s\n"

UNIT_TEST(maestro, shipped_file)
{
	static const size_t threats_expected[] = { 4, 6, 7, 7, 6, 8, 7, 5, 6, 6 };
	struct diagnostics diagnostics = { 0 };
	struct documents documents = { 0 };
	struct maestro *maestro = NULL;
	const struct node *layers;
	size_t threats = 0;

	CU_ASSERT_EQUAL(maestro_read(&maestro, "rules/maestro.yml", &diagnostics), 0);
	CU_ASSERT_EQUAL(diagnostics.count, 0);
	maestro_free(maestro);

	CU_ASSERT_EQUAL(documents_read(&documents, "rules/maestro.yml", &diagnostics), 0);
	CU_ASSERT_EQUAL_FATAL(documents.count, 1);
	layers = node_find(node_find(documents.list[0], "frameworks"), "v2");
	CU_ASSERT_STRING_EQUAL(node_find(layers, "version")->text, "2.0-draft-0.91");
	layers = node_find(layers, "layers");
	CU_ASSERT_EQUAL_FATAL(layers->count, 11); /* ten and cross-layer */
	for (size_t i = 0; i < ARRAY_SIZE(threats_expected); i++) {
		const struct node *list = node_find(layers->child[i], "threats");

		CU_ASSERT_EQUAL(list->count, threats_expected[i]);
		threats += list->count;
		for (size_t j = 0; j < list->count; j++) {
			char id[64];

			snprintf(id, sizeof(id), "L%zu-T%02zu", i + 1, j + 1);
			CU_ASSERT_STRING_EQUAL(list->key[j]->text, id);
		}
	}
	CU_ASSERT_EQUAL(threats, 62);
	layers = node_find(node_find(documents.list[0], "frameworks"), "v1");
	CU_ASSERT_EQUAL(node_find(layers, "layers")->count, 8); /* seven and cross-layer */
	documents_done(&documents);
	diagnostics_done(&diagnostics);
}

UNIT_TEST(maestro, block)
{
	struct rule_read read;
	const struct rule *rule;

	rule_read_text(&read, "title: t\n"
			      "maestro:\n"
			      "  framework: v2\n"
			      "  layer: tools-ecosystem\n"
			      "  also: [identity-autonomy]\n"
			      "  threats: [L6-T06, L7-T02]\n"
			      "  category: exfiltration\n" REST);
	CU_ASSERT_EQUAL(read.diagnostics.count, 0);
	CU_ASSERT_EQUAL_FATAL(read.ruleset->count, 1);
	rule = read.ruleset->rules[0];
	CU_ASSERT_STRING_EQUAL(rule->maestro.framework, "v2");
	CU_ASSERT_STRING_EQUAL(rule->maestro.layer, "tools-ecosystem");
	CU_ASSERT_STRING_EQUAL(rule->maestro.category, "exfiltration");
	CU_ASSERT_EQUAL(rule->maestro.also.count, 1);
	CU_ASSERT_EQUAL_FATAL(rule->maestro.threats.count, 2);
	CU_ASSERT_STRING_EQUAL(rule->maestro.threats.list[1], "L7-T02");
	rule_read_done(&read);
}

UNIT_TEST(maestro, mistakes)
{
	static const struct {
		const char *block, *expected;
	} cases[] = {
		{ "x", "2:10: error: 'maestro' must be a map" },
		{ "{layer: infrastructure}", "2:10: error: 'framework' is missing" },
		{ "{framework: v2}", "2:10: error: 'layer' is missing" },
		{ "{framework: v3, layer: infrastructure}",
		  "2:22: error: unknown framework 'v3'; did you mean 'v2'?" },
		{ "{framework: v2, layer: infrastruture}",
		  "2:33: error: unknown layer 'infrastruture'; did you mean 'infrastructure'?" },
		{ "{framework: v2, layer: L1}", "2:33: error: unknown layer 'L1'; known are" },
		{ "{framework: v1, layer: tools-ecosystem}",
		  "2:33: error: unknown layer 'tools-ecosystem'" },
		{ "{framework: v2, layer: infrastructure, also: [nowhere]}",
		  "2:56: error: unknown layer 'nowhere'" },
		{ "{framework: v2, layer: infrastructure, also: nowhere}",
		  "2:55: error: 'also' must be a list" },
		{ "{framework: v2, layer: infrastructure, threats: [L6-T09]}",
		  "2:59: error: unknown threat 'L6-T09'; did you mean 'L6-T0" },
		{ "{framework: v2, layer: infrastructure, threats: [L1-T01, Exfil]}",
		  "2:67: error: unknown threat 'Exfil'; known are L1-T01" },
		{ "{framework: v1, layer: agent-ecosystem, threats: [L7-T01]}",
		  "2:60: error: unknown threat 'L7-T01'; this framework names none" },
		{ "{framework: v2, layer: infrastructure, category: exfil}",
		  "2:59: error: unknown category 'exfil'; known are tool-misuse" },
		{ "{framework: v2, layer: infrastructure, category: exfiltation}",
		  "2:59: error: unknown category 'exfiltation'; did you mean 'exfiltration'?" },
		{ "{framework: v2, layer: infrastructure, treats: [L1-T01]}",
		  "2:49: error: 'maestro' has no 'treats'; did you mean 'threats'?" },
		{ "{framework: v2, layer: cross-layer, also: [infrastructure]}",
		  "2:33: error: with 'cross-layer', 'also' must name the two or more layers" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rule_read read;
		char text[512];

		snprintf(text, sizeof(text), "title: t\nmaestro: %s\n" REST, cases[i].block);
		rule_read_text(&read, text);
		rule_expect_diagnostic(&read.diagnostics, cases[i].expected);
		CU_ASSERT_EQUAL(read.ruleset->count, 0);
		rule_read_done(&read);
	}
}

UNIT_TEST(maestro, cross_layer)
{
	struct rule_read read;

	rule_read_text(&read, "title: t\n"
			      "maestro: {framework: v2, layer: cross-layer,\n"
			      "  also: [identity-autonomy, tools-ecosystem]}\n" REST);
	CU_ASSERT_EQUAL(read.diagnostics.count, 0);
	CU_ASSERT_EQUAL(read.ruleset->count, 1);
	rule_read_done(&read);
}

#define LAYER "    layers: {one: {number: L1, name: One, domain: d"
#define HEAD "frameworks:\n  v:\n    name: V\n    version: '1'\n    domains: {d: D}\n"

UNIT_TEST(maestro, data_mistakes)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "", "0:0: error: it must hold one document" },
		{ "a: 1\n---\nb: 2\n", "0:0: error: it must hold one document" },
		{ "- a\n", "1:1: error: this must be a map" },
		{ "categories: {}\n", "1:1: error: 'frameworks' is missing" },
		{ "frameworks: {}\n", "1:1: error: 'categories' is missing" },
		{ "frameworks: {v: {name: x}}\ncategories: {}\n",
		  "1:17: error: 'layers' is missing" },
		{ HEAD "    layers: {one: {name: x}}\ncategories: {}\n",
		  "6:19: error: 'number' is missing" },
		{ HEAD "    layers: {one: {number: L1, name: x, domain: e}}\ncategories: {}\n",
		  "6:49: error: the framework has no such domain" },
		{ HEAD LAYER ", threats: {L2-T01: x}}}\ncategories: {}\n",
		  "6:64: error: the id of a threat to this layer begins with 'L1-T'" },
		{ HEAD LAYER ", threats: {L1-X01: x}}}\ncategories: {}\n",
		  "6:64: error: the id of a threat to this layer begins with 'L1-T'" },
		{ HEAD LAYER ", threats: [L1-T01]}}\ncategories: {}\n",
		  "6:63: error: threats must be a map" },
		{ HEAD LAYER "}}\ncategories: {a: [b]}\n", "7:17: error: a must be a text" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct diagnostics diagnostics = { 0 };
		struct maestro *maestro = NULL;
		struct rule_folder folder;
		char path[96];

		rule_folder_make(&folder);
		rule_folder_write(&folder, "maestro.yml", cases[i].text, strlen(cases[i].text));
		snprintf(path, sizeof(path), "%s/maestro.yml", folder.path);
		CU_ASSERT(maestro_read(&maestro, path, &diagnostics) < 0);
		CU_ASSERT_PTR_NULL(maestro);
		rule_expect_diagnostic(&diagnostics, cases[i].expected);
		diagnostics_done(&diagnostics);
		rule_folder_remove(&folder);
	}
}

#define DATA HEAD LAYER "}}\ncategories: {c: C}\n"
#define RULE "title: t\nmaestro: {framework: v, layer: one, category: c}\n" REST

static void read_one(struct rule_read *read, const struct rule_folder *folder, const char *name,
		     const char *maestro)
{
	char path[96];
	const char *paths[] = { path };

	*read = (struct rule_read) { 0 };
	snprintf(path, sizeof(path), "%s%s%s", folder->path, *name ? "/" : "", name);
	read->result = ruleset_read(&read->ruleset, paths, 1,
				    &(const struct rule_inputs) { .maestro = maestro },
				    &read->diagnostics);
}

/* It is found beside the path or above it. */
UNIT_TEST(maestro, found)
{
	static const char *const names[] = { "", "deep", "deep/er", "deep/er/rule.yml" };
	struct rule_folder folder;

	rule_folder_make(&folder);
	rule_folder_write(&folder, "maestro.yml", DATA, strlen(DATA));
	rule_folder_write(&folder, "deep/er/rule.yml", RULE, strlen(RULE));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct rule_read read;

		read_one(&read, &folder, names[i], NULL);
		CU_ASSERT_EQUAL(read.diagnostics.count, 0);
		CU_ASSERT_EQUAL(read.ruleset->count, 1);
		rule_read_done(&read);
	}
	rule_folder_remove(&folder);
}

UNIT_TEST(maestro, not_usable)
{
	struct rule_folder folder;
	struct rule_read read;

	rule_folder_make(&folder);
	rule_folder_write(&folder, "rule.yml", RULE, strlen(RULE));
	read_one(&read, &folder, "", "/nonexistent/maestro.yml");
	rule_expect_diagnostic(&read.diagnostics, "0:0: error: cannot open: No such file");
	rule_expect_diagnostic(&read.diagnostics, "2:10: error: 'maestro' cannot be checked: "
						  "'/nonexistent/maestro.yml' cannot be used");
	CU_ASSERT_EQUAL(read.ruleset->count, 0);
	rule_read_done(&read);

	rule_folder_write(&folder, "maestro.yml", "a: [", 4);
	read_one(&read, &folder, "rule.yml", NULL);
	rule_expect_diagnostic(&read.diagnostics, "2:1: error: YAML: ");
	rule_expect_diagnostic(&read.diagnostics, "2:10: error: 'maestro' cannot be checked: ");
	rule_read_done(&read);
	rule_folder_remove(&folder);
}
