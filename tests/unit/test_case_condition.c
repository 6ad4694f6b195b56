/* SPDX-License-Identifier: Apache-2.0 */
/* Searches and conditions: maps, lists, `of`, and, or, not. */
#include "case_table.h"
#include "unit.h"

#define PC "process_creation"

/* Searches a, b and c of one word each, and two with a name in common. */
#define ABC                                                                                        \
	"a:\n  CommandLine|contains: alpha\n"                                                      \
	"b:\n  CommandLine|contains: beta\n"                                                       \
	"c:\n  CommandLine|contains: gamma\n"
#define SEL                                                                                        \
	"sel_a:\n  CommandLine|contains: alpha\n"                                                  \
	"sel_b:\n  CommandLine|contains: beta\n"                                                   \
	"other:\n  CommandLine|contains: gamma\n"

UNIT_TEST(cases, searches)
{
	static const struct case_row rows[] = {
		{ "Image: /bin/sh\nUserId: 0", "Image=/bin/sh" AND "UserId=0", true },
		{ "Image: /bin/sh\nUserId: 0", "Image=/bin/sh" AND "UserId=1", false },
		{ "- Image: /bin/sh\n- UserId: 0", "UserId=0", true },
		{ "- Image: /bin/sh\n- UserId: 0", "Image=/bin/sh" AND "UserId=1", true },
		{ "- Image: /bin/sh\n- UserId: 0", "Image=/bin/ash" AND "UserId=1", false },
		{ "- Image: /bin/sh\n  UserId: 0\n- UserId: 5", "Image=/bin/sh" AND "UserId=5",
		  true },
		{ "- Image: /bin/sh\n  UserId: 0\n- UserId: 5", "Image=/bin/sh" AND "UserId=1",
		  false },
		{ "- Image: /bin/sh\n  UserId: 0\n- UserId: 5", "Image=/bin/sh" AND "UserId=0",
		  true },
		{ "- Image|endswith: [/a, /b]\n- CommandLine|re: 'x+y'", "CommandLine=axxy", true },
		{ "- Image|endswith: [/a, /b]\n- CommandLine|re: 'x+y'", "Image=/z/b", true },
		{ "- Image|endswith: [/a, /b]\n- CommandLine|re: 'x+y'", "Image=/z/c", false },
	};

	CASES(PC, rows);
}

UNIT_TEST(cases, conditions)
{
	static const struct case_row rows[] = {
		{ ABC "condition: a", "CommandLine=alpha", true },
		{ ABC "condition: a", "CommandLine=beta", false },
		{ ABC "condition: a and b", "CommandLine=alpha beta", true },
		{ ABC "condition: a and b", "CommandLine=alpha", false },
		{ ABC "condition: a or b", "CommandLine=beta", true },
		{ ABC "condition: a or b", "CommandLine=gamma", false },
		{ ABC "condition: not a", "CommandLine=beta", true },
		{ ABC "condition: not a", "CommandLine=alpha", false },
		{ ABC "condition: not a", "", true },
		{ ABC "condition: a and not b", "CommandLine=alpha", true },
		{ ABC "condition: a and not b", "CommandLine=alpha beta", false },
		/* not before and before or */
		{ ABC "condition: a or b and c", "CommandLine=alpha", true },
		{ ABC "condition: a or b and c", "CommandLine=beta", false },
		{ ABC "condition: a or b and c", "CommandLine=beta gamma", true },
		{ ABC "condition: (a or b) and c", "CommandLine=alpha", false },
		{ ABC "condition: (a or b) and c", "CommandLine=alpha gamma", true },
		{ ABC "condition: not a or b", "CommandLine=alpha", false },
		{ ABC "condition: not a or b", "CommandLine=alpha beta", true },
		{ ABC "condition: not (a or b)", "CommandLine=gamma", true },
		{ ABC "condition: not (a or b)", "CommandLine=beta", false },
		{ ABC "condition: not a and b", "CommandLine=beta", true },
		{ ABC "condition: not a and b", "CommandLine=gamma", false },
		{ ABC "condition: not not a", "CommandLine=alpha", true },
		{ ABC "condition: not (not a and not b)", "CommandLine=beta", true },
		{ ABC "condition: not (a and b)", "CommandLine=alpha", true },
		/* a list of conditions is any of them */
		{ ABC "condition: [a, b]", "CommandLine=beta", true },
		{ ABC "condition: [a, b]", "CommandLine=gamma", false },
		{ ABC "condition: [a and b, c]", "CommandLine=alpha", false },
		{ ABC "condition: [a and b, c]", "CommandLine=gamma", true },
	};

	CASES(PC, rows);
}

UNIT_TEST(cases, condition_of)
{
	static const struct case_row rows[] = {
		{ SEL "condition: 1 of sel_*", "CommandLine=beta", true },
		{ SEL "condition: 1 of sel_*", "CommandLine=gamma", false },
		{ SEL "condition: all of sel_*", "CommandLine=alpha beta", true },
		{ SEL "condition: all of sel_*", "CommandLine=alpha gamma", false },
		{ SEL "condition: 1 of them", "CommandLine=gamma", true },
		{ SEL "condition: 1 of them", "CommandLine=delta", false },
		{ SEL "condition: all of them", "CommandLine=alpha beta gamma", true },
		{ SEL "condition: all of them", "CommandLine=alpha beta", false },
		{ SEL "condition: other and 1 of sel_*", "CommandLine=gamma alpha", true },
		{ SEL "condition: other and 1 of sel_*", "CommandLine=gamma", false },
		{ SEL "condition: other and not 1 of sel_*", "CommandLine=gamma", true },
		{ SEL "condition: other and not 1 of sel_*", "CommandLine=gamma beta", false },
		{ SEL "condition: not all of sel_*", "CommandLine=alpha", true },
		{ SEL "condition: not all of sel_*", "CommandLine=alpha beta", false },
		{ SEL "condition: 1 of *_b", "CommandLine=beta", true },
		{ SEL "condition: 1 of *_b", "CommandLine=alpha", false },
		{ SEL "condition: 1 of s*_b or other", "CommandLine=gamma", true },
		/* what begins with '_' is not one of them */
		{ "_a:\n  CommandLine: x\nb:\n  CommandLine: y\ncondition: 1 of them or (_a and b)",
		  "CommandLine=x", false },
		{ "_a:\n  CommandLine: x\nb:\n  CommandLine: y\ncondition: 1 of them or (_a and b)",
		  "CommandLine=y", true },
	};

	CASES(PC, rows);
}

/* What only the user side can say, under not, or, and beside what the kernel sees. */
UNIT_TEST(cases, confirmed_parts)
{
	static const struct case_row rows[] = {
		{ "a:\n  Image|endswith: /sh\nb:\n  CommandLine|re: 'x+y'\ncondition: a and not b",
		  "Image=/sh" AND "CommandLine=y", true },
		{ "a:\n  Image|endswith: /sh\nb:\n  CommandLine|re: 'x+y'\ncondition: a and not b",
		  "Image=/sh" AND "CommandLine=xxy", false },
		{ "a:\n  Image|endswith: /sh\nb:\n  CommandLine|re: 'x+y'\ncondition: a or b",
		  "CommandLine=xxy", true },
		{ "a:\n  Image|endswith: /sh\nb:\n  CommandLine|re: 'x+y'\ncondition: not (a or b)",
		  "Image=/x" AND "CommandLine=xx", true },
		{ "a:\n  Image|endswith: /sh\nb:\n  CommandLine|re: 'x+y'\ncondition: not (a or b)",
		  "Image=/x" AND "CommandLine=xy", false },
		{ "a:\n  CommandLine: 'x*y'\nb:\n  CommandLine|cased: XZY\ncondition: a and not b",
		  "CommandLine=xzy", true },
		{ "a:\n  CommandLine: 'x*y'\nb:\n  CommandLine|cased: XZY\ncondition: a and not b",
		  "CommandLine=XZY", false },
		{ "a:\n  CommandLine|re: '^x'\nb:\n  CommandLine|re: 'y$'\ncondition: all of them",
		  "CommandLine=xy", true },
		{ "a:\n  CommandLine|re: '^x'\nb:\n  CommandLine|re: 'y$'\ncondition: all of them",
		  "CommandLine=xyz", false },
		{ "a:\n  CommandLine|re: '.{3}'\n  Image|fieldref|neq: ParentImage\ncondition: a",
		  "CommandLine=abc" AND "Image=/a" AND "ParentImage=/b", true },
		{ "a:\n  CommandLine|re: '.{3}'\n  Image|fieldref|neq: ParentImage\ncondition: a",
		  "CommandLine=abc" AND "Image=/a" AND "ParentImage=/a", false },
	};

	CASES(PC, rows);
}
