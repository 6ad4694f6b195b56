/* SPDX-License-Identifier: Apache-2.0 */
/* Texts: case, wildcards and escapes, where a value is looked for, lists, null, absence. */
#include "case_table.h"
#include "unit.h"

#define PC "process_creation"

UNIT_TEST(cases, text_case)
{
	static const struct case_row rows[] = {
		{ "CommandLine: foo", "CommandLine=foo", true },
		{ "CommandLine: foo", "CommandLine=FOO", true },
		{ "CommandLine: FoO", "CommandLine=fOo", true },
		{ "CommandLine: foo", "CommandLine=foo ", false },
		{ "CommandLine: foo", "CommandLine= foo", false },
		{ "CommandLine: foo", "CommandLine=fo", false },
		{ "CommandLine: foo", "CommandLine=fooo", false },
		{ "CommandLine: foo", "CommandLine=", false },
		{ "CommandLine: foo", "", false },
		/* only ASCII has two cases */
		{ "CommandLine: \"\\u00c9\"", "CommandLine=\xc3\x89", true },
		{ "CommandLine: \"\\u00c9\"", "CommandLine=\xc3\xa9", false },
		{ "CommandLine: 'a[b'", "CommandLine=A[B", true },
		{ "CommandLine: 'a[b'", "CommandLine=a{b", false },
		{ "CommandLine: 'a@b'", "CommandLine=a`b", false },
		{ "CommandLine|cased: Foo", "CommandLine=Foo", true },
		{ "CommandLine|cased: Foo", "CommandLine=foo", false },
		{ "CommandLine|cased: Foo", "CommandLine=FOO", false },
		{ "CommandLine|cased: '12/3'", "CommandLine=12/3", true },
		{ "CommandLine|contains|cased: Foo", "CommandLine=a Foo b", true },
		{ "CommandLine|contains|cased: Foo", "CommandLine=a foo b", false },
		{ "CommandLine|cased|startswith: Foo", "CommandLine=Foobar", true },
		{ "CommandLine|cased|startswith: Foo", "CommandLine=foobar", false },
		{ "CommandLine|cased|endswith: Foo", "CommandLine=barFoo", true },
		{ "CommandLine|cased|endswith: Foo", "CommandLine=barfoo", false },
		{ "CommandLine|cased: [Foo, bAr]", "CommandLine=bAr", true },
		{ "CommandLine|cased: [Foo, bAr]", "CommandLine=bar", false },
		{ "CommandLine|cased: 'F*o'", "CommandLine=Fxo", true },
		{ "CommandLine|cased: 'F*o'", "CommandLine=fxo", false },
		{ "CommandLine|neq|cased: Foo", "CommandLine=foo", true },
		{ "CommandLine|neq|cased: Foo", "CommandLine=Foo", false },
	};

	CASES(PC, rows);
}

UNIT_TEST(cases, text_wildcards)
{
	static const struct case_row rows[] = {
		{ "CommandLine: 'a*c'", "CommandLine=abc", true },
		{ "CommandLine: 'a*c'", "CommandLine=ac", true },
		{ "CommandLine: 'a*c'", "CommandLine=aBBBC", true },
		{ "CommandLine: 'a*c'", "CommandLine=abcd", false },
		{ "CommandLine: 'a*c'", "CommandLine=xabc", false },
		{ "CommandLine: 'a?c'", "CommandLine=abc", true },
		{ "CommandLine: 'a?c'", "CommandLine=ac", false },
		{ "CommandLine: 'a?c'", "CommandLine=abbc", false },
		{ "CommandLine: 'a?c'",
		  "CommandLine=a\xc3\xa9"
		  "c",
		  true },
		{ "CommandLine: 'a??c'",
		  "CommandLine=a\xc3\xa9"
		  "c",
		  false },
		{ "CommandLine: '*foo'", "CommandLine=barfoo", true },
		{ "CommandLine: '*foo'", "CommandLine=foobar", false },
		{ "CommandLine: 'foo*'", "CommandLine=foobar", true },
		{ "CommandLine: 'foo*'", "CommandLine=barfoo", false },
		{ "CommandLine: '*foo*'", "CommandLine=a foo b", true },
		{ "CommandLine: '*'", "CommandLine=anything", true },
		{ "CommandLine: '*'", "CommandLine=", true },
		{ "CommandLine: '*'", "", false },
		{ "CommandLine: '?*'", "CommandLine=x", true },
		{ "CommandLine: '?*'", "CommandLine=", false },
		{ "CommandLine: '*a*b*c*'", "CommandLine=xaybzc", true },
		{ "CommandLine: '*a*b*c*'", "CommandLine=xbyazc", false },
		{ "Image: '/home/*/.ssh/?'", "Image=/home/u/.ssh/x", true },
		{ "Image: '/home/*/.ssh/?'", "Image=/home/u/.ssh/xy", false },
		{ "Image|contains: 'a*b'", "Image=/xa/by", true },
		{ "Image|contains: 'a*b'", "Image=/xb/ay", false },
		{ "Image|startswith: '/?in/'", "Image=/bin/sh", true },
		{ "Image|startswith: '/?in/'", "Image=/sbin/sh", false },
		{ "Image|endswith: '/b*h'", "Image=/bin/bash", true },
		{ "Image|endswith: '/b*h'", "Image=/bin/bashx", false },
	};

	CASES(PC, rows);
}

/* A backslash stands for itself unless '*', '?' or a backslash follows. */
UNIT_TEST(cases, text_escapes)
{
	static const struct case_row rows[] = {
		{ "CommandLine: 'a\\*c'", "CommandLine=a*c", true },
		{ "CommandLine: 'a\\*c'", "CommandLine=abc", false },
		{ "CommandLine: 'a\\*c'", "CommandLine=a\\*c", false },
		{ "CommandLine: 'a\\?c'", "CommandLine=a?c", true },
		{ "CommandLine: 'a\\?c'", "CommandLine=abc", false },
		{ "CommandLine: 'a\\\\*'", "CommandLine=a\\", true },
		{ "CommandLine: 'a\\\\*'", "CommandLine=a\\bcd", true },
		{ "CommandLine: 'a\\\\*'", "CommandLine=a*", false },
		{ "CommandLine: 'a\\\\\\*'", "CommandLine=a\\*", true },
		{ "CommandLine: 'a\\\\\\*'", "CommandLine=a\\b", false },
		{ "CommandLine: 'a\\\\\\?'", "CommandLine=a\\?", true },
		{ "CommandLine: 'a\\\\?'", "CommandLine=a\\x", true },
		{ "CommandLine: 'a\\\\?'", "CommandLine=a\\", false },
		{ "CommandLine: 'a\\b'", "CommandLine=a\\b", true },
		{ "CommandLine: 'a\\\\b'", "CommandLine=a\\b", true },
		{ "CommandLine: 'a\\\\\\\\b'", "CommandLine=a\\\\b", true },
		{ "CommandLine: 'a\\\\\\\\b'", "CommandLine=a\\b", false },
		{ "CommandLine: 'a\\'", "CommandLine=a\\", true },
		{ "CommandLine|contains: '\\*'", "CommandLine=2*3", true },
		{ "CommandLine|contains: '\\*'", "CommandLine=23", false },
		{ "CommandLine|endswith: '\\\\*'", "CommandLine=a\\", true },
		{ "CommandLine|startswith: '\\?'", "CommandLine=?x", true },
		{ "CommandLine|startswith: '\\?'", "CommandLine=xx", false },
		{ "CommandLine: '%name%'", "CommandLine=%name%", true },
	};

	CASES(PC, rows);
}

UNIT_TEST(cases, text_places)
{
	static const struct case_row rows[] = {
		{ "CommandLine|contains: foo", "CommandLine=xfooy", true },
		{ "CommandLine|contains: foo", "CommandLine=FOO", true },
		{ "CommandLine|contains: foo", "CommandLine=fo o", false },
		{ "CommandLine|contains: [foo, bar]", "CommandLine=xbary", true },
		{ "CommandLine|contains: [foo, bar]", "CommandLine=xbazy", false },
		{ "CommandLine|contains: ''", "CommandLine=x", true },
		{ "CommandLine|contains: ''", "", false },
		{ "CommandLine|contains: ' -i'", "CommandLine=sh -I", true },
		{ "CommandLine|startswith: foo", "CommandLine=Foobar", true },
		{ "CommandLine|startswith: foo", "CommandLine=foo", true },
		{ "CommandLine|startswith: foo", "CommandLine=xfoo", false },
		{ "CommandLine|startswith: [foo, bar]", "CommandLine=bar x", true },
		{ "CommandLine|startswith: [foo, bar]", "CommandLine=x bar", false },
		{ "CommandLine|endswith: foo", "CommandLine=barFOO", true },
		{ "CommandLine|endswith: foo", "CommandLine=foo", true },
		{ "CommandLine|endswith: foo", "CommandLine=foox", false },
		{ "CommandLine|endswith: [foo, bar]", "CommandLine=x bar", true },
		{ "CommandLine|contains|all: [foo, bar]", "CommandLine=bar foo", true },
		{ "CommandLine|contains|all: [foo, bar]", "CommandLine=foobar", true },
		{ "CommandLine|contains|all: [foo, bar]", "CommandLine=foo", false },
		{ "CommandLine|contains|all: [foo, bar]", "CommandLine=bar", false },
		{ "CommandLine|contains|all: [oo, foo]", "CommandLine=foo", true },
		{ "CommandLine|all|startswith: [f, foo]", "CommandLine=foobar", true },
		{ "CommandLine|all|startswith: [f, foo]", "CommandLine=fobar", false },
		{ "CommandLine|all: ['*a*', '*b', 'c*']", "CommandLine=cab", true },
		{ "CommandLine|all: ['*a*', '*b', 'c*']", "CommandLine=bac", false },
		{ "CommandLine|contains|all: ['a*b', cc]", "CommandLine=cc a b", true },
		{ "CommandLine|contains|all: ['a*b', cc]", "CommandLine=cc b a", false },
		{ "Image|endswith: /sh\nCommandLine|contains: -c",
		  "Image=/bin/sh" AND "CommandLine=sh -c x", true },
		{ "Image|endswith: /sh\nCommandLine|contains: -c",
		  "Image=/bin/sh" AND "CommandLine=sh", false },
	};

	CASES(PC, rows);
}

UNIT_TEST(cases, text_neq)
{
	static const struct case_row rows[] = {
		{ "CommandLine|neq: foo", "CommandLine=bar", true },
		{ "CommandLine|neq: foo", "CommandLine=FOO", false },
		{ "CommandLine|neq: foo", "CommandLine=", true },
		/* what has no value is different from the values, as with `not` */
		{ "CommandLine|neq: foo", "", true },
		{ "CommandLine|neq: [foo, bar]", "CommandLine=baz", true },
		{ "CommandLine|neq: [foo, bar]", "CommandLine=bar", false },
		{ "CommandLine|neq: [foo, bar]", "CommandLine=foo", false },
		{ "CommandLine|contains|neq: foo", "CommandLine=xfoox", false },
		{ "CommandLine|contains|neq: foo", "CommandLine=xfox", true },
		{ "CommandLine|startswith|neq: foo", "CommandLine=xfoo", true },
		{ "CommandLine|endswith|neq: foo", "CommandLine=xfoo", false },
		{ "CommandLine|neq: 'a*c'", "CommandLine=abc", false },
		{ "CommandLine|neq: 'a*c'", "CommandLine=abd", true },
		{ "CommandLine|neq: '*'", "", true },
		{ "CommandLine|neq: '*'", "CommandLine=x", false },
		{ "CommandLine|neq: ''", "CommandLine=", false },
		{ "CommandLine|neq: ''", "CommandLine=x", true },
		{ "CommandLine|neq: null", "CommandLine=x", true },
		{ "CommandLine|neq: null", "", false },
		{ "CommandLine|neq: foo\nCommandLine|exists: true", "", false },
		{ "CommandLine|neq: foo\nCommandLine|exists: true", "CommandLine=x", true },
	};

	CASES(PC, rows);
}

UNIT_TEST(cases, text_absence)
{
	static const struct case_row rows[] = {
		{ "CommandLine: null", "", true },
		{ "CommandLine: null", "CommandLine=x", false },
		{ "CommandLine: null", "CommandLine=", false },
		{ "CommandLine: ''", "CommandLine=", true },
		{ "CommandLine: ''", "CommandLine=x", false },
		{ "CommandLine: ''", "", false },
		{ "CommandLine: [null, '']", "", true },
		{ "CommandLine: [null, '']", "CommandLine=", true },
		{ "CommandLine: [null, '']", "CommandLine=x", false },
		{ "CommandLine: [x, null]", "CommandLine=x", true },
		{ "CommandLine: [x, null]", "CommandLine=y", false },
		{ "CommandLine: [null]", "", true },
		{ "CommandLine|neq: [x, null]", "CommandLine=y", true },
		{ "CommandLine|neq: [x, null]", "CommandLine=x", false },
		{ "CommandLine|neq: [x, null]", "", false },
		{ "CommandLine: 'null'", "CommandLine=null", true },
		{ "CommandLine: 'null'", "", false },
		{ "CommandLine|exists: true", "CommandLine=", true },
		{ "CommandLine|exists: true", "", false },
		{ "CommandLine|exists: false", "", true },
		{ "CommandLine|exists: false", "CommandLine=x", false },
		{ "User|exists: true", "User=root", true },
		{ "User|exists: true", "", false },
		{ "User: null", "", true },
		{ "User: null", "User=root", false },
		{ "LogonId|exists: false", "", true },
		{ "LogonId: null", "LogonId=0", false },
		{ "UtcTime|exists: true", "UtcTime=2026-01-01", true },
		{ "UtcTime: null", "UtcTime=2026-01-01", false },
	};

	CASES(PC, rows);
}

/* Numbers and booleans that are tested of a text are texts. */
UNIT_TEST(cases, text_of_other_types)
{
	static const struct case_row rows[] = {
		{ "CommandLine: 4444", "CommandLine=4444", true },
		{ "CommandLine: 4444", "CommandLine=444", false },
		{ "CommandLine|contains: 4444", "CommandLine=nc -l 4444 x", true },
		{ "CommandLine: 0x1F", "CommandLine=0x1f", true },
		{ "CommandLine: true", "CommandLine=TRUE", true },
		{ "CommandLine: 1.50", "CommandLine=1.50", true },
		{ "CommandLine: 1.50", "CommandLine=1.5", false },
		{ "CommandLine: [1, two]", "CommandLine=1", true },
		{ "CommandLine: [1, two]", "CommandLine=Two", true },
	};

	CASES(PC, rows);
}

/* Fields that only the user side knows. */
UNIT_TEST(cases, text_enriched)
{
	static const struct case_row rows[] = {
		{ "User: root", "User=ROOT", true },
		{ "User: root", "User=rooty", false },
		{ "User: root", "", false },
		{ "User: [root, admin]", "User=admin", true },
		{ "User|startswith: ro", "User=root", true },
		{ "User|startswith: ro", "User=uro", false },
		{ "User: 'r*t'", "User=root", true },
		{ "User: 'r*t'", "User=roots", false },
		{ "User|cased: Root", "User=root", false },
		{ "User|re: '^r.{2}t$'", "User=root", true },
		{ "User|re: '^r.{2}t$'", "User=rot", false },
		{ "User|neq: root", "User=u", true },
		{ "User|neq: root", "User=root", false },
		{ "User: root\nImage|endswith: /sh", "User=root" AND "Image=/bin/sh", true },
		{ "User: root\nImage|endswith: /sh", "User=u" AND "Image=/bin/sh", false },
		{ "a:\n  Image|endswith: /sh\nb:\n  User: root\ncondition: a and not b",
		  "Image=/bin/sh" AND "User=root", false },
		{ "a:\n  Image|endswith: /sh\nb:\n  User: root\ncondition: a and not b",
		  "Image=/bin/sh" AND "User=u", true },
	};

	CASES(PC, rows);
}
