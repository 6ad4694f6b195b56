/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics are bounded, cut and escaped; the nearest known word is offered. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "rules/diagnostic.h"
#include "rules/nearest.h"
#include "unit.h"

static char *printed(const struct diagnostics *diagnostics)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	diagnostics_print(diagnostics, out);
	fclose(out);
	return text;
}

UNIT_TEST(diagnostic, printed)
{
	const struct place place = { "a\n\x1b[31mb.yml", 3, 14 }, whole = { "c.yml", 0, 0 };
	struct diagnostics diagnostics = { 0 };
	_cleanup_free_ char *text = NULL;

	CU_ASSERT_EQUAL(diagnose(&diagnostics, SEVERITY_ERROR, &place, "bad %d", 7), -EINVAL);
	CU_ASSERT_EQUAL(diagnose(&diagnostics, SEVERITY_WARNING, &whole, "x\ry\xff\xc3\xa9"),
			-EINVAL);
	diagnose(&diagnostics, SEVERITY_SKIPPED, NULL, "no place");
	text = printed(&diagnostics);
	CU_ASSERT_STRING_EQUAL(text, "a\\n\\x1b[31mb.yml:3:14: error: bad 7\n"
				     "c.yml: warning: x\\x0dy\\xff\xc3\xa9\n"
				     "skipped: no place\n");
	CU_ASSERT_EQUAL(diagnostics.total[SEVERITY_ERROR], 1);
	CU_ASSERT_EQUAL(diagnostics.total[SEVERITY_WARNING], 1);
	CU_ASSERT_EQUAL(diagnostics.total[SEVERITY_SKIPPED], 1);
	diagnostics_done(&diagnostics);
	CU_ASSERT_EQUAL(diagnostics.count, 0);
}

UNIT_TEST(diagnostic, cut)
{
	struct diagnostics diagnostics = { 0 };
	char longer[4096];

	/* Two bytes a character, so that a cut in the middle would show. */
	for (size_t odd = 0; odd < 2; odd++) {
		const char *message;
		size_t length;

		memset(longer, 'x', sizeof(longer));
		for (size_t i = odd; i + 1 < sizeof(longer); i += 2)
			memcpy(longer + i, "\xc3\xa9", 2);
		longer[sizeof(longer) - 1] = 0;
		diagnose(&diagnostics, SEVERITY_ERROR, NULL, "%s", longer);
		message = diagnostics.list[odd].message;
		length = strlen(message);
		CU_ASSERT(length < 1024 && length > 1000);
		CU_ASSERT_STRING_EQUAL(message + length - 5, "\xc3\xa9\xe2\x80\xa6");
	}
	diagnostics_done(&diagnostics);
}

/* What is skipped leaves room for warnings, and those for errors. */
UNIT_TEST(diagnostic, bounded)
{
	struct diagnostics diagnostics = { 0 };
	_cleanup_free_ char *text = NULL;

	for (int i = 0; i < DIAGNOSTICS_MAX; i++)
		diagnose(&diagnostics, SEVERITY_SKIPPED, NULL, "s");
	CU_ASSERT_EQUAL(diagnostics.count, DIAGNOSTICS_MAX / 2);
	for (int i = 0; i < DIAGNOSTICS_MAX; i++)
		diagnose(&diagnostics, SEVERITY_WARNING, NULL, "w");
	CU_ASSERT_EQUAL(diagnostics.count, DIAGNOSTICS_MAX * 3 / 4);
	for (int i = 0; i < DIAGNOSTICS_MAX; i++)
		diagnose(&diagnostics, SEVERITY_ERROR, NULL, "e");
	CU_ASSERT_EQUAL(diagnostics.count, DIAGNOSTICS_MAX);
	CU_ASSERT_EQUAL(diagnostics.total[SEVERITY_ERROR], DIAGNOSTICS_MAX);
	text = printed(&diagnostics);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "and 2000 more that are not listed\n"));
	diagnostics_done(&diagnostics);
}

static void expect_hint(const char *word, const char *expected)
{
	static const char *const known[] = { "Image", "CommandLine", "User", "UserId", "re" };
	struct nearest nearest;

	nearest_start(&nearest, word);
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		nearest_offer(&nearest, known[i]);
	CU_ASSERT_STRING_EQUAL(nearest_hint(&nearest, "there are"), expected);
}

UNIT_TEST(nearest, hints)
{
	static const char all[] = "; there are Image, CommandLine, User, UserId, re";
	char longest[200];

	expect_hint("image", "; did you mean 'Image'?");
	expect_hint("Iamge", "; did you mean 'Image'?"); /* neighbours swapped */
	expect_hint("Comandline", "; did you mean 'CommandLine'?");
	expect_hint("ComandLin", "; did you mean 'CommandLine'?");
	expect_hint("UserIdd", "; did you mean 'UserId'?");
	expect_hint("Hashes", all);
	expect_hint("x", all); /* everything short is near to a letter */
	expect_hint("", all);
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = 0;
	expect_hint(longest, "");
}

/* A long list is cut, with an ellipsis. */
UNIT_TEST(nearest, many)
{
	struct nearest nearest;
	const char *hint;

	nearest_start(&nearest, "zzzzzzzzzzzz");
	for (int i = 0; i < 100; i++)
		nearest_offer(&nearest, "a_known_word");
	hint = nearest_hint(&nearest, "there are");
	CU_ASSERT(strlen(hint) < 600);
	CU_ASSERT_STRING_EQUAL(hint + strlen(hint) - 5, ", \xe2\x80\xa6");
	CU_ASSERT_STRING_EQUAL(nearest_hint(&nearest, NULL), "");
	nearest_start(&nearest, "x");
	CU_ASSERT_STRING_EQUAL(nearest_hint(&nearest, "there are"), "");
}
