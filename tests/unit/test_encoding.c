/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The modifiers that change what is looked for: windash, UTF-16, base64, base64offset.
 * From the rule's text to whether an event fits, after Sigma's appendix of modifiers;
 * the encoded texts were made by another program.
 */
#include "rules/encoding.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rule_builder.h"
#include "rule_text.h"
#include "rules/form.h"
#include "unit.h"

#define LINE FIELD_fact_command_line
#define EN_DASH "\xe2\x80\x93"
#define EM_DASH "\xe2\x80\x94"
#define BAR "\xe2\x80\x95" /* horizontal bar */

/* A rule of process_creation with one search. Line 5 is the search's. */
static char *rule_of(const char *search)
{
	char *text;

	if (asprintf(&text,
		     "title: t\n"
		     "logsource: {product: linux, category: process_creation}\n"
		     "detection:\n"
		     "  s:\n"
		     "    %s\n"
		     "  condition: s\n",
		     search) < 0)
		abort();
	return text;
}

/* A rule and the policy that it becomes. */
struct scene {
	struct rule_read read;
	struct compiled *compiled;
	struct evaluator *evaluator;
};

static void scene_done(struct scene *scene)
{
	evaluator_freep(&scene->evaluator);
	compiled_freep(&scene->compiled);
	rule_read_done(&scene->read);
}

/* Whether the rule could be read and compiled; if not, the test fails. */
static bool scene_open(struct scene *scene, const char *search)
{
	_cleanup_free_ char *text = rule_of(search), *told = NULL;

	rule_read_text(&scene->read, text);
	told = rule_diagnostics_text(&scene->read.diagnostics);
	if (*told || !scene->read.ruleset || scene->read.ruleset->count != 1) {
		CU_FAIL("a rule is not read");
		unit_note("%s: %s", search, told);
		return false;
	}
	scene->compiled = build_compiled(scene->read.ruleset);
	return scene->compiled && !evaluator_new(&scene->evaluator, scene->compiled->policy);
}

static bool scene_fits(struct scene *scene, const void *line, size_t length)
{
	struct built_event event;
	struct verdict verdict;

	event_start(&event, EVENT_process_creation);
	event_bytes(&event, LINE, line, length);
	return evaluate(scene->evaluator, &event.view, SIDE_ALL, &verdict) == 1;
}

struct example {
	const char *search, *line;
	bool fits;
};

static void expect_examples(const struct example *examples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct example *example = &examples[i];
		_cleanup_(scene_done) struct scene scene = { 0 };

		if (!scene_open(&scene, example->search) ||
		    scene_fits(&scene, example->line, strlen(example->line)) == example->fits)
			continue;
		CU_FAIL("an event is judged wrongly");
		unit_note("%s on '%s'", example->search, example->line);
	}
}

UNIT_TEST(encoding, base64)
{
	static const struct example examples[] = {
		{ "CommandLine|base64: foo", "Zm9v", true },
		{ "CommandLine|base64: foo", "foo", false },
		{ "CommandLine|base64: foo", "x Zm9v", false },
		{ "CommandLine|base64: foob", "Zm9vYg==", true }, /* padding is part of it */
		{ "CommandLine|base64: foob", "Zm9vYg", false },
		{ "CommandLine|base64: fooba", "Zm9vYmE=", true },
		{ "CommandLine|base64: ''", "", true },
		{ "CommandLine|base64: ''", "x", false },
		{ "CommandLine|base64|contains: /bin/sh", "echo L2Jpbi9zaA== | base64 -d", true },
		{ "CommandLine|base64|contains: /bin/sh", "echo L2Jpbi9za | base64 -d", false },
		{ "CommandLine|base64|startswith: foo", "Zm9vYmFy", true },
		{ "CommandLine|base64|startswith: foo", " Zm9v", false },
		{ "CommandLine|base64|endswith: foo", "echo Zm9v", true },
		{ "CommandLine|base64|endswith: foo", "echo Zm9v ", false },
		/* compared without case, as all of Sigma, unless the rule says so */
		{ "CommandLine|base64: foo", "zM9V", true },
		{ "CommandLine|base64|cased: foo", "zM9V", false },
		{ "CommandLine|base64|cased: foo", "Zm9v", true },
		{ "CommandLine|cased|base64|contains: foo", "x Zm9v x", true },
		{ "CommandLine|cased|base64|contains: foo", "x zm9v x", false },
		/* what is encoded keeps its case */
		{ "CommandLine|base64|cased: FOO", "Zm9v", false },
		{ "CommandLine|base64|cased: FOO", "Rk9P", true },
		/* escapes are resolved before: the bytes are a*b?\ */
		{ "CommandLine|base64: 'a\\*b\\?\\\\'", "YSpiP1w=", true },
		{ "CommandLine|base64: 'a\\*b\\?\\'", "YSpiP1w=", true },
		{ "CommandLine|base64: 4444", "NDQ0NA==", true },
		{ "CommandLine|base64: \"\\u00e9\"", "w6k=", true }, /* as UTF-8 */
		{ "CommandLine|base64: [foo, foob]", "Zm9vYg==", true },
		{ "CommandLine|base64: [foo, foob]", "Zm9vYmE=", false },
		{ "CommandLine|base64|neq: foo", "Zm9v", false },
		{ "CommandLine|base64|neq: foo", "foo", true },
		{ "CommandLine|base64|contains|all: [foo, bar]", "Zm9v YmFy", true },
		{ "CommandLine|base64|contains|all: [foo, bar]", "Zm9v", false },
	};

	expect_examples(examples, ARRAY_SIZE(examples));
}

UNIT_TEST(encoding, base64offset)
{
#define CURL "CommandLine|base64offset|contains: 'curl http'"
	static const struct example examples[] = {
		/* "curl http://e" after 0 to 3 bytes, and alone */
		{ CURL, "echo Y3VybCBodHRwOi8vZQ==", true },
		{ CURL, "echo eGN1cmwgaHR0cDovL2U=", true },
		{ CURL, "echo eHljdXJsIGh0dHA6Ly9l", true },
		{ CURL, "echo eHl6Y3VybCBodHRwOi8vZQ==", true },
		{ CURL, "Y3VybCBodHRw", true },
		{ CURL, "curl http://e", false },
		{ CURL, "echo Y3VybCBodHR3", false }, /* "curl httw" */
		{ CURL, "echo d2dldCBodHRwOi8vZQ==", false }, /* "wget http://e" */
		/* the three pieces of foob: nothing of what stands before or after is in them */
		{ "CommandLine|base64offset|contains: foob", "Zm9vY", true },
		{ "CommandLine|base64offset|contains: foob", "Zm9v", false },
		{ "CommandLine|base64offset|contains: foob", "Zvb2", true },
		{ "CommandLine|base64offset|contains: foob", "Zvb", false },
		{ "CommandLine|base64offset|contains: foob", "mb29i", true },
		{ "CommandLine|base64offset|contains: foob", "mb29", false },
		/* of two bytes two characters are left */
		{ "CommandLine|base64offset|contains|cased: ab", "YW", true },
		{ "CommandLine|base64offset|contains|cased: ab", "Fi", true },
		{ "CommandLine|base64offset|contains|cased: ab", "hY", true },
		{ "CommandLine|base64offset|contains|cased: ab", "yw fI Hy", false },
		{ "CommandLine|base64offset|contains: ab", "yw", true },
		{ "CommandLine|base64offset|contains: [curl, wget]", "eHl3Z2V0", true },
		{ "CommandLine|base64offset|contains|all: [curl, wget]",
		  "Y3VybCAmIHdnZXQ=", true }, /* "curl & wget" */
		{ "CommandLine|base64offset|contains|all: [curl, wget]", "Y3VybA==", false },
		{ "CommandLine|base64offset|contains|neq: curl", "Y3VybA==", false },
		{ "CommandLine|base64offset|contains|neq: curl", "d2dldA==", true },
		/* encoded twice: "Zm9vYmFy" inside of base64 */
		{ "CommandLine|base64|base64offset|contains: foobar", "Wm05dlltRnk=", true },
		{ "CommandLine|base64|base64offset|contains: foobar", "eFptOXZZbUZ5", true },
		{ "CommandLine|base64|base64offset|contains: foobar", "Zm9vYmFy", false },
	};

	expect_examples(examples, ARRAY_SIZE(examples));
}

UNIT_TEST(encoding, utf16)
{
	static const struct example examples[] = {
		{ "CommandLine|utf16le|base64: cmd", "YwBtAGQA", true },
		{ "CommandLine|wide|base64: cmd", "YwBtAGQA", true },
		{ "CommandLine|utf16be|base64: cmd", "AGMAbQBk", true },
		{ "CommandLine|utf16|base64: cmd", "//5jAG0AZAA=", true },
		{ "CommandLine|utf16le|base64: cmd", "AGMAbQBk", false },
		{ "CommandLine|utf16be|base64: cmd", "YwBtAGQA", false },
		{ "CommandLine|utf16|base64: cmd", "YwBtAGQA", false },
		{ "CommandLine|utf16le|base64: cmd", "//5jAG0AZAA=", false },
		{ "CommandLine|wide|base64: cmd", "Y21k", false },
		{ "CommandLine|utf16be|base64: ab", "AGEAYg==", true },
		/* beyond ASCII, and beyond 16 bits */
		{ "CommandLine|wide|base64: \"\\u00e9\"", "6QA=", true },
		{ "CommandLine|utf16be|base64: \"\\u00e9\"", "AOk=", true },
		{ "CommandLine|utf16|base64: \"\\u00e9\"", "//7pAA==", true },
		{ "CommandLine|wide|base64: \"\\U0001f600\"", "PdgA3g==", true },
		{ "CommandLine|utf16be|base64: \"\\U0001f600\"", "2D3eAA==", true },
		{ "CommandLine|wide|base64: 'a\\*'", "YQAqAA==", true },
		/* "IEX(1)" after 0 and 1 characters, and after 1 and 2 bytes more */
		{ "CommandLine|wide|base64offset|contains: IEX", "SQBFAFgAKAAxACkA", true },
		{ "CommandLine|wide|base64offset|contains: IEX", "eABJAEUAWAAoADEAKQA=", true },
		{ "CommandLine|wide|base64offset|contains: IEX", "I0kARQBYACgAMQApAA==", true },
		{ "CommandLine|wide|base64offset|contains: IEX", "IyNJAEUAWAAoADEAKQA=", true },
		{ "CommandLine|utf16le|base64offset|contains: IEX", "x JAEUAWA", true },
		{ "CommandLine|wide|base64offset|contains: IEX", "SUVYKDEp", false },
		{ "CommandLine|utf16be|base64offset|contains: IEX", "BJAEUAW", true },
		{ "CommandLine|utf16be|base64offset|contains: IEX", "kARQBYA", false },
		{ "CommandLine|utf16|base64offset|contains: IEX", "/+SQBFAFgA", true },
		{ "CommandLine|utf16|base64offset|contains: IEX", "SQBFAFgA", false },
		{ "CommandLine|wide|base64|base64offset|contains: cmd", "WXdCdEFHUUE=", true },
		{ "CommandLine|wide|base64offset|contains|all: [IEX, cmd]",
		  "SQBFAFgAIABjAG0AZAA=", true },
		/* one character is two bytes, which is enough */
		{ "CommandLine|wide|base64offset|contains|cased: a", "YQ", true },
	};

	expect_examples(examples, ARRAY_SIZE(examples));
}

UNIT_TEST(encoding, windash)
{
#define ALL_FORMS(value, head, tail)                                                               \
	{ value, head "-" tail, true }, { value, head "/" tail, true },                            \
		{ value, head EN_DASH tail, true }, { value, head EM_DASH tail, true },            \
	{                                                                                          \
		value, head BAR tail, true                                                         \
	}
	static const struct example examples[] = {
		ALL_FORMS("CommandLine|windash: 'x -p y'", "x ", "p y"),
		ALL_FORMS("CommandLine|windash: 'x /p y'", "x ", "p y"),
		ALL_FORMS("CommandLine|windash: 'x " EN_DASH "p y'", "x ", "p y"),
		ALL_FORMS("CommandLine|windash: 'x " BAR "p y'", "x ", "p y"),
		ALL_FORMS("CommandLine|windash|contains: ' -p'", "x ", "p y"),
		ALL_FORMS("CommandLine|contains|windash: ' -p'", "x ", "p y"),
		ALL_FORMS("CommandLine|windash|startswith: -p", "", "p y"),
		ALL_FORMS("CommandLine|windash: '*-p*'", "x ", "p y"),
		ALL_FORMS("CommandLine|windash|endswith: '-_1'", "x", "_1"),
		ALL_FORMS("CommandLine|windash|cased: -P", "", "P"),
		ALL_FORMS("CommandLine|windash: \"-\\u00e9\"", "", "\xc3\xa9"),
		ALL_FORMS("CommandLine|windash: '--p'", "-", "p"), /* only the second */
		{ "CommandLine|windash: '--p'", "//p", false },
		{ "CommandLine|windash: '" EN_DASH EN_DASH "p'", EN_DASH "/p", true },
		{ "CommandLine|windash: '" EN_DASH EN_DASH "p'", "//p", false },
		{ "CommandLine|windash|cased: -P", "/p", false },
		{ "CommandLine|windash: -P", "/p", true },
		{ "CommandLine|windash: -p", "+p", false },
		{ "CommandLine|windash: -p", "p", false },
		{ "CommandLine: -p", "/p", false },
		/* every form with every other */
		{ "CommandLine|windash: '-a /b'", "-a -b", true },
		{ "CommandLine|windash: '-a /b'", "/a -b", true },
		{ "CommandLine|windash: '-a /b'", "/a /b", true },
		{ "CommandLine|windash: '-a /b'", EM_DASH "a " BAR "b", true },
		{ "CommandLine|windash: '-a /b'", "-a +b", false },
		/* a dash inside of a word, or after no word, is none of a flag */
		{ "CommandLine|windash: -a-b", "/a-b", true },
		{ "CommandLine|windash: -a-b", "-a/b", false },
		{ "CommandLine|windash: /usr/bin", "-usr/bin", true },
		{ "CommandLine|windash: /usr/bin", "/usr-bin", false },
		{ "CommandLine|windash: 'a -'", "a /", false },
		{ "CommandLine|windash: 'a - b'", "a / b", false },
		{ "CommandLine|windash: '-*'", "/x", false },
		{ "CommandLine|windash: \"\\u00e9-a\"", "\xc3\xa9/a", false },
		{ "CommandLine|windash: plain", "plain", true },
		{ "CommandLine|windash: plain", "-plain", false },
		/* escapes and wildcards stay what they are */
		{ "CommandLine|windash: 'a\\*-b?'", "a*/bx", true },
		{ "CommandLine|windash: 'a\\*-b?'", "ax/bx", false },
		{ "CommandLine|windash: [-a, -b]", "/b", true },
		{ "CommandLine|windash|neq: [-a, -b]", "/b", false },
		{ "CommandLine|windash|neq: [-a, -b]", "/c", true },
		{ "CommandLine|windash|contains|all: [-a, -b]", "/b /a", true },
		{ "CommandLine|windash|contains|all: [-a, -b]", "/b", false },
		/* each form is encoded: "/p", and an en dash */
		{ "CommandLine|windash|base64: -p", "LXA=", true },
		{ "CommandLine|windash|base64: -p", "L3A=", true },
		{ "CommandLine|windash|base64: -p", "4oCTcA==", true },
		{ "CommandLine|windash|base64: -p", "K3A=", false },
		{ "CommandLine|windash|base64offset|contains: ' -enc'", "eCAvZW5j", true },
		{ "CommandLine|windash|wide|base64: -p", "LwBwAA==", true },
		{ "CommandLine|windash|wide|base64: -p", "EyBwAA==", true },
	};

	expect_examples(examples, ARRAY_SIZE(examples));
}

/* A NUL ends each argument as it is captured, and counts as the space between them. */
UNIT_TEST(encoding, arguments)
{
	static const char line[] = "x\0-p\0y", encoded[] = "echo\0Zm9v";
	_cleanup_(scene_done) struct scene dash = { 0 }, base64 = { 0 };

	if (!scene_open(&dash, "CommandLine|windash: 'x /p y'") ||
	    !scene_open(&base64, "CommandLine|base64|endswith: foo"))
		return;
	CU_ASSERT(scene_fits(&dash, line, sizeof(line) - 1));
	CU_ASSERT(scene_fits(&base64, encoded, sizeof(encoded) - 1));
	CU_ASSERT(!scene_fits(&base64, line, sizeof(line) - 1));
}

/* Forms are plain texts to the kernel side; `cased` is confirmed by the user side. */
UNIT_TEST(encoding, sides)
{
	static const struct {
		const char *search;
		bool confirm;
	} examples[] = {
		{ "CommandLine|base64offset|contains: foo", false },
		{ "CommandLine|wide|base64|contains: foo", false },
		{ "CommandLine|windash|contains: ' -p'", false },
		{ "CommandLine|base64|cased: foo", true },
		{ "CommandLine|windash: '-a*b'", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(examples); i++) {
		_cleanup_(scene_done) struct scene scene = { 0 };

		if (scene_open(&scene, examples[i].search))
			CU_ASSERT_EQUAL(scene.compiled->rules[0].confirm, examples[i].confirm);
	}
}

/* A list is one test, with each text once. */
UNIT_TEST(encoding, expressions)
{
	static const struct {
		const char *search, *expected;
	} examples[] = {
		{ "CommandLine|base64offset|contains: foo",
		  "CommandLine~'<*>mb2<*>','<*>Zm9v<*>','<*>Zvb<*>'" },
		{ "CommandLine|windash: [-a, /a]",
		  "CommandLine~'-a','/a','" EN_DASH "a','" EM_DASH "a','" BAR "a'" },
		{ "CommandLine|windash|contains|all: [-a, b]",
		  "and(CommandLine~'<*>-a<*>','<*>/a<*>','<*>" EN_DASH "a<*>','<*>" EM_DASH
		  "a<*>','<*>" BAR "a<*>' CommandLine~'<*>b<*>')" },
		{ "CommandLine|windash: ['-a', '*']", "CommandLine?" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(examples); i++) {
		_cleanup_free_ char *text = rule_of(examples[i].search);

		rule_expect_condition(text, examples[i].expected);
	}
}

/* Whatever stands around some bytes, their piece is in the base64 of the whole. */
UNIT_TEST(encoding, random_pieces)
{
	uint64_t state = unit_seed();

	for (int i = 0; i < 5000; i++) {
		_cleanup_buffer_ struct buffer bytes = BUFFER(64), whole = BUFFER(64);
		_cleanup_buffer_ struct buffer encoded = BUFFER(128), piece = BUFFER(128);
		size_t length = BASE64_PIECE_MIN + unit_below(&state, 20);
		size_t before = unit_below(&state, 10), after = unit_below(&state, 10);

		while (bytes.length < length)
			buffer_add_byte(&bytes, (char)unit_random(&state));
		while (whole.length < before)
			buffer_add_byte(&whole, (char)unit_random(&state));
		buffer_add(&whole, bytes.data, bytes.length);
		while (whole.length < before + length + after)
			buffer_add_byte(&whole, (char)unit_random(&state));
		CU_ASSERT_EQUAL(base64_write(&encoded, &whole), 0);
		CU_ASSERT_EQUAL(base64_piece(&piece, &bytes, before % 3), 0);
		/* no more is left out than the characters that are shared, at both ends */
		CU_ASSERT(piece.length && piece.length >= length * 4 / 3 - 1);
		if (!strstr(buffer_string(&encoded), buffer_string(&piece))) {
			CU_FAIL("a piece is not in the whole");
			unit_note("%s in %s", piece.data, encoded.data);
		}
	}
}

UNIT_TEST(encoding, utf16_of_no_utf8)
{
	_cleanup_buffer_ struct buffer bytes = BUFFER(64), out = BUFFER(64);

	buffer_add_string(&bytes, "a\xc3");
	CU_ASSERT_EQUAL(utf16_write(&out, &bytes, false), -EILSEQ);
}

UNIT_TEST(encoding, mistakes)
{
#define UTF16_ALONE "needs 'base64' or 'base64offset' after it: no text of an event is UTF-16"
	static const struct {
		const char *search, *expected;
	} examples[] = {
		/* order */
		{ "CommandLine|contains|base64: x",
		  "5:26: error: modifier 'base64' must stand before 'contains'" },
		{ "CommandLine|startswith|base64: x",
		  "5:28: error: modifier 'base64' must stand before 'startswith'" },
		{ "CommandLine|endswith|base64: x",
		  "5:26: error: modifier 'base64' must stand before 'endswith'" },
		{ "CommandLine|contains|base64offset: x",
		  "5:26: error: modifier 'base64offset' must stand before 'contains'" },
		{ "CommandLine|base64|windash: x",
		  "5:24: error: modifier 'windash' must stand before 'base64'" },
		{ "CommandLine|base64offset|windash|contains: x",
		  "5:30: error: modifier 'windash' must stand before 'base64offset'" },
		{ "CommandLine|wide|windash|base64: x",
		  "5:22: error: modifier 'windash' must stand before 'wide'" },
		{ "CommandLine|base64|wide: x",
		  "5:24: error: modifier 'wide' must stand before 'base64'" },
		{ "CommandLine|base64offset|utf16|contains: x",
		  "5:30: error: modifier 'utf16' must stand before 'base64offset'" },
		{ "CommandLine|contains|utf16le|base64: x",
		  "5:26: error: modifier 'utf16le' must stand before 'contains'" },
		{ "CommandLine|base64offset|base64|contains: x",
		  "5:30: error: modifier 'base64' must stand before 'base64offset'" },
		/* what goes with what */
		{ "CommandLine|base64|base64: x", "5:24: error: modifier 'base64' is here twice" },
		{ "CommandLine|utf16|wide|base64: x",
		  "5:23: error: modifier 'wide' cannot be combined with those before it" },
		{ "CommandLine|utf16le|utf16be|base64: x",
		  "5:25: error: modifier 'utf16be' cannot be combined" },
		{ "CommandLine|exists|base64: true",
		  "5:24: error: modifier 'base64' cannot be combined" },
		{ "CommandLine|windash|exists: true",
		  "5:25: error: modifier 'exists' cannot be combined" },
		{ "CommandLine|wide: x", "5:17: error: modifier 'wide' " UTF16_ALONE },
		{ "CommandLine|utf16: x", "5:17: error: modifier 'utf16' " UTF16_ALONE },
		{ "CommandLine|utf16le|contains: x",
		  "5:17: error: modifier 'utf16le' " UTF16_ALONE },
		{ "CommandLine|windash|utf16be: x",
		  "5:25: error: modifier 'utf16be' " UTF16_ALONE },
		{ "CommandLine|base64offset: xy",
		  "5:17: error: modifier 'base64offset' needs 'contains' after it" },
		{ "CommandLine|wide|base64offset|endswith: xy",
		  "5:22: error: modifier 'base64offset' needs 'contains' after it" },
		{ "UserId|base64: 4",
		  "5:12: error: modifier 'base64' does not go with 'UserId', which is a number" },
		{ "ImageMemfd|windash: true",
		  "5:16: error: modifier 'windash' does not go with 'ImageMemfd', which is true "
		  "or false" },
		{ "CommandLine|base64: null", "5:25: error: null takes no modifier" },
		/* values */
		{ "CommandLine|base64: 'a*'",
		  "5:25: error: 'a*' has wildcards, which have no base64: write \\* or \\? for "
		  "the characters" },
		{ "CommandLine|base64: [ok, '?']", "5:30: error: '?' has wildcards" },
		{ "CommandLine|base64offset|contains: '*foo*'",
		  "5:40: error: '*foo*' has wildcards" },
		{ "CommandLine|wide|base64: 'a\\\\*'", "5:30: error: 'a\\\\*' has wildcards" },
		{ "CommandLine|windash|base64: '-a?'", "5:33: error: '-a?' has wildcards" },
		{ "CommandLine|base64offset|contains: x",
		  "5:40: error: 'x' is too short for 'base64offset', which takes 2 bytes or more" },
		{ "CommandLine|base64offset|contains: ''",
		  "5:40: error: '' is too short for 'base64offset'" },
		{ "CommandLine|windash: '-a -b -c -d -e -f'",
		  "5:26: error: 6 dashes for 'windash' are more than the limit of 5 in one text" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(examples); i++) {
		_cleanup_free_ char *text = rule_of(examples[i].search);
		struct rule_read read;

		rule_read_text(&read, text);
		rule_expect_diagnostic(&read.diagnostics, examples[i].expected);
		if (read.diagnostics.count != 1 || !read.ruleset || read.ruleset->count) {
			CU_FAIL("a rule with an error is not left out, or it is told twice");
			unit_note("%s", examples[i].search);
		}
		rule_read_done(&read);
	}
}

/* One error and no rule. */
static void expect_limit(const char *search, const char *expected)
{
	_cleanup_free_ char *text = rule_of(search);
	struct rule_read read;

	rule_read_text(&read, text);
	rule_expect_diagnostic(&read.diagnostics, expected);
	CU_ASSERT_EQUAL(read.diagnostics.count, 1);
	CU_ASSERT(read.ruleset && !read.ruleset->count);
	rule_read_done(&read);
}

/* Searches of `count` values, and of one value of `count` digits. The caller frees them. */
static char *list_of(const char *key, const char *value, size_t count)
{
	_cleanup_buffer_ struct buffer text = BUFFER(1 << 16);

	buffer_print(&text, "%s: [", key);
	for (size_t i = 0; i < count; i++)
		buffer_print(&text, "%s, ", value);
	buffer_add_string(&text, "]");
	CU_ASSERT_EQUAL(text.error, 0);
	return take_ptr(text.data);
}

static char *digits_of(const char *key, size_t count)
{
	char *text;

	if (asprintf(&text, "%s: %0*d", key, (int)count, 1) < 0)
		abort();
	return text;
}

UNIT_TEST(encoding, limits)
{
	/* 3125 forms each: two fit into a list, three do not */
	_cleanup_free_ char *two = list_of("CommandLine|windash", "-a -b -c -d -e", 2);
	_cleanup_free_ char *three = list_of("CommandLine|windash", "-a -b -c -d -e", 3);
	/* 3 bytes are 4: 4096 are captured */
	_cleanup_free_ char *fits = digits_of("CommandLine|base64", 3072);
	_cleanup_free_ char *never = digits_of("CommandLine|base64", 3073);
	_cleanup_free_ char *longest =
		digits_of("CommandLine|wide|base64|base64offset|contains", FORM_SOURCE_MAX);
	_cleanup_free_ char *too_long = digits_of("CommandLine|windash", FORM_SOURCE_MAX + 1);
	_cleanup_(scene_done) struct scene dashes = { 0 }, line = { 0 };

	if (!scene_open(&dashes, two) || !scene_open(&line, fits))
		return;
	CU_ASSERT_EQUAL(dashes.read.ruleset->rules[0]->condition->test.count, 3125);
	expect_limit(three, "5:59: error: with its forms more than the limit of 8192 values");
	expect_limit(never, "5:25: error: never true: longer than the 4096 bytes");
	expect_limit(longest, "5:52: error: never true: longer than the 4096 bytes");
	expect_limit(too_long, "5:26: error: longer than the limit of 4096 bytes for a text that "
			       "is encoded or has 'windash'");
}
