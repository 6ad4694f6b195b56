/* SPDX-License-Identifier: Apache-2.0 */
/* Searches, modifiers and values: what they become, and every mistake with its place. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "rule_text.h"
#include "rules/detection.h"
#include "rules/value.h"
#include "unit.h"

/* A rule of that category with one search. Line 5 is the first of the search's. */
static char *rule_of(const char *category, const char *search)
{
	char *text;

	if (asprintf(&text,
		     "title: t\n"
		     "logsource: {product: linux, category: %s}\n"
		     "detection:\n"
		     "  s:\n"
		     "%s\n"
		     "  condition: s\n",
		     category, search) < 0)
		abort();
	return text;
}

struct good {
	const char *category, *search, *expected;
};

static void expect_good(const struct good *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		_cleanup_free_ char *text = rule_of(cases[i].category, cases[i].search);

		rule_expect_condition(text, cases[i].expected);
	}
}

struct bad {
	const char *category, *search, *expected;
};

/* The mistake is told, and the rule is left out. */
static void expect_bad(const struct bad *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		_cleanup_free_ char *text = rule_of(cases[i].category, cases[i].search);
		struct rule_read read;

		rule_read_text(&read, text);
		rule_expect_diagnostic(&read.diagnostics, cases[i].expected);
		if (!read.ruleset || read.ruleset->count) {
			CU_FAIL("a rule with an error is not left out");
			unit_note("%s", cases[i].search);
		}
		rule_read_done(&read);
	}
}

/* Only a warning: the rule stays. */
static void expect_warning(const char *category, const char *search, const char *expected)
{
	_cleanup_free_ char *text = rule_of(category, search);
	struct rule_read read;

	rule_read_text(&read, text);
	rule_expect_diagnostic(&read.diagnostics, expected);
	CU_ASSERT_EQUAL(read.diagnostics.total[SEVERITY_ERROR], 0);
	CU_ASSERT_EQUAL(read.ruleset->count, 1);
	rule_read_done(&read);
}

#define PC "process_creation"
#define FO "file_open"
#define NC "network_connection"
#define V4(hex) "00000000000000000000ffff" hex

UNIT_TEST(detection, structure)
{
	static const struct good cases[] = {
		{ PC, "    Image: /bin/sh", "Image~'/bin/sh'" },
		{ PC, "    Image: /bin/sh\n    User: root", "and(Image~'/bin/sh' User~'root')" },
		{ PC, "    Image: [/bin/sh, /bin/ash]", "Image~'/bin/ash','/bin/sh'" },
		{ PC, "    - Image: /bin/sh\n    - User: root", "or(Image~'/bin/sh' User~'root')" },
		{ PC, "    - Image: /bin/sh\n      UserId: 0\n    - User: root",
		  "or(and(Image~'/bin/sh' UserId=0..0) User~'root')" },
		{ PC, "    - Image: /bin/sh", "Image~'/bin/sh'" },
	};

	expect_good(cases, ARRAY_SIZE(cases));
}

UNIT_TEST(detection, text)
{
	static const struct good cases[] = {
		{ PC, "    CommandLine|contains: x", "CommandLine~'<*>x<*>'" },
		{ PC, "    CommandLine|startswith: x", "CommandLine~'x<*>'" },
		{ PC, "    CommandLine|endswith: x", "CommandLine~'<*>x'" },
		{ PC, "    CommandLine|cased: X", "CommandLine~~'X'" },
		{ PC, "    CommandLine|contains|cased: X", "CommandLine~~'<*>X<*>'" },
		{ PC, "    CommandLine|cased|endswith: X", "CommandLine~~'<*>X'" },
		{ PC, "    CommandLine|contains|all: [b, a]",
		  "and(CommandLine~'<*>b<*>' CommandLine~'<*>a<*>')" },
		{ PC, "    CommandLine|all|startswith: [a, ab]",
		  "and(CommandLine~'a<*>' CommandLine~'ab<*>')" },
		{ PC, "    CommandLine|neq: x", "not(CommandLine~'x')" },
		{ PC, "    CommandLine|contains|neq: [x, y]",
		  "not(CommandLine~'<*>x<*>','<*>y<*>')" },
		{ PC, "    CommandLine: 'a*b?c\\*'", "CommandLine~'a<*>b<?>c*'" },
		{ PC, "    CommandLine|contains: '*a*'", "CommandLine~'<*>a<*>'" },
		{ PC, "    CommandLine: ''", "CommandLine~''" },
		{ PC, "    CommandLine: null", "not(CommandLine?)" },
		{ PC, "    CommandLine: ~", "not(CommandLine?)" },
		{ PC, "    CommandLine:", "not(CommandLine?)" },
		{ PC, "    CommandLine|neq: null", "CommandLine?" },
		{ PC, "    CommandLine: 'null'", "CommandLine~'null'" },
		{ PC, "    CommandLine|exists: true", "CommandLine?" },
		{ PC, "    CommandLine|exists: false", "not(CommandLine?)" },
		{ PC, "    CommandLine|exists: 'True'", "CommandLine?" },
		/* '*' fits every value */
		{ PC, "    CommandLine: '*'", "CommandLine?" },
		{ PC, "    CommandLine: [x, '**']", "CommandLine?" },
		{ PC, "    CommandLine: '?*'", "CommandLine~'<?><*>'" },
		/* numbers and booleans are texts here */
		{ PC, "    CommandLine|contains: 4444", "CommandLine~'<*>4444<*>'" },
		{ PC, "    CommandLine: 0x1F", "CommandLine~'0x1F'" },
		{ PC, "    CommandLine: true", "CommandLine~'true'" },
		/* what means the same is there once */
		{ PC, "    CommandLine: [Ab, aB, 'a\\b', 'a\\\\b', AB]",
		  "CommandLine~'a\\b','Ab'" },
		{ PC, "    CommandLine|cased: [Ab, aB, Ab]", "CommandLine~~'Ab','aB'" },
		{ PC, "    CommandLine|contains: \"\\u00e9\"", "CommandLine~'<*>\xc3\xa9<*>'" },
	};

	expect_good(cases, ARRAY_SIZE(cases));
	expect_warning(PC, "    Image|contains: /", "5:21: warning: '/' is so short that");
	expect_warning(PC, "    Image|startswith: [zz, '/', aa]",
		       "5:28: warning: '/' is so short that nearly every value of 'Image' has it");
	expect_warning(PC, "    CommandLine: ['* *', aa]",
		       "5:19: warning: ' ' is so short that nearly every value of 'CommandLine'");
	expect_warning(PC, "    CommandLine|contains: ''", "5:27: warning: always true");
	expect_warning(PC, "    CommandLine|startswith: ['']", "5:30: warning: always true");
	expect_warning(PC, "    CommandLine: [x, null]",
		       "5:22: warning: null as one of several values is not in the specification");
	expect_warning(PC, "    CommandLine|re: 'a*'", "5:21: warning: always true: it matches");
	expect_warning(PC, "    CommandLine|expand: 'a%'",
		       "5:25: warning: 'expand' finds no placeholder here");
}

UNIT_TEST(detection, numbers)
{
	static const struct good cases[] = {
		{ NC, "    DestinationPort: 443", "DestinationPort=443..443" },
		{ NC, "    DestinationPort: '443'", "DestinationPort=443..443" },
		{ NC, "    DestinationPort: [443, 80, 443]", "DestinationPort=80..80,443..443" },
		{ NC, "    DestinationPort: 0x1BB", "DestinationPort=443..443" },
		{ NC, "    DestinationPort: -1", "DestinationPort=-1..-1" },
		{ NC, "    DestinationPort: 0", "DestinationPort=0..0" },
		{ NC, "    DestinationPort|lt: 10", "DestinationPort=-9223372036854775808..9" },
		{ NC, "    DestinationPort|lte: 10", "DestinationPort=-9223372036854775808..10" },
		{ NC, "    DestinationPort|gt: 10", "DestinationPort=11..9223372036854775807" },
		{ NC, "    DestinationPort|gte: 10", "DestinationPort=10..9223372036854775807" },
		{ NC, "    DestinationPort|gte: -9223372036854775808",
		  "DestinationPort=-9223372036854775808..9223372036854775807" },
		{ NC, "    DestinationPort|gt|neq: 10",
		  "not(DestinationPort=11..9223372036854775807)" },
		{ NC, "    DestinationPort: null", "not(DestinationPort?)" },
		{ NC, "    DestinationPort|neq: [80, 443]",
		  "not(DestinationPort=80..80,443..443)" },
		{ NC, "    Initiated: true", "Initiated=1..1" },
		{ NC, "    Initiated: 'false'", "Initiated=0..0" },
		{ NC, "    Initiated: False", "Initiated=0..0" },
		{ NC, "    Initiated: 1", "Initiated=1..1" },
		{ NC, "    Initiated|neq: true", "not(Initiated=1..1)" },
	};

	expect_good(cases, ARRAY_SIZE(cases));
}

UNIT_TEST(detection, names)
{
	static const struct good cases[] = {
		{ FO, "    Access: read", "Access&1" },
		{ FO, "    Access: [write, Append]", "Access&6" },
		{ FO, "    Access|contains: r", "Access&3" }, /* read and write */
		{ FO, "    Access: '*e*'", "Access&f" },
		{ FO, "    Access: '*'", "Access?" },
		{ FO, "    Access|startswith: a", "Access&4" },
		{ FO, "    Access|all: [read, write]", "and(Access&1 Access&2)" },
		{ FO, "    Access|neq: read", "not(Access&1)" },
		{ FO, "    Access|cased: read", "Access&1" },
		{ NC, "    Protocol: tcp", "Protocol=6..6" },
		{ NC, "    Protocol: TCP", "Protocol=6..6" },
		{ NC, "    Protocol: [tcp, udp]", "Protocol=6..6,17..17" },
		{ NC, "    Protocol|startswith: udp", "Protocol=17..17,136..136" },
		{ NC, "    Protocol|endswith: cp", "Protocol=6..6,33..33,262..262" },
		{ NC, "    Protocol: 47", "Protocol=47..47" }, /* one without a name here */
		{ NC, "    Protocol: '6'", "Protocol=6..6" },
	};

	expect_good(cases, ARRAY_SIZE(cases));
}

UNIT_TEST(detection, addresses)
{
	static const struct good cases[] = {
		{ NC, "    DestinationIp: 10.1.2.3",
		  "DestinationIp@" V4("0a010203") ".." V4("0a010203") },
		{ NC, "    DestinationIp: '::ffff:10.1.2.3'",
		  "DestinationIp@" V4("0a010203") ".." V4("0a010203") },
		{ NC, "    DestinationIp: [10.1.2.3, '::ffff:10.1.2.3']",
		  "DestinationIp@" V4("0a010203") ".." V4("0a010203") },
		{ NC, "    DestinationIp: '2001:DB8::1'",
		  "DestinationIp@20010db8000000000000000000000001"
		  "..20010db8000000000000000000000001" },
		{ NC, "    DestinationIp|cidr: 10.0.0.0/8",
		  "DestinationIp@" V4("0a000000") ".." V4("0affffff") },
		{ NC, "    DestinationIp|cidr: 192.168.1.128/25",
		  "DestinationIp@" V4("c0a80180") ".." V4("c0a801ff") },
		{ NC, "    DestinationIp|cidr: 0.0.0.0/0",
		  "DestinationIp@" V4("00000000") ".." V4("ffffffff") },
		{ NC, "    DestinationIp|cidr: 1.2.3.4/32",
		  "DestinationIp@" V4("01020304") ".." V4("01020304") },
		{ NC, "    DestinationIp|cidr: 'fe80::/10'",
		  "DestinationIp@fe800000000000000000000000000000"
		  "..febfffffffffffffffffffffffffffff" },
		{ NC, "    DestinationIp|cidr: '::/0'",
		  "DestinationIp@00000000000000000000000000000000"
		  "..ffffffffffffffffffffffffffffffff" },
		{ NC, "    DestinationIp|cidr: '::ffff:0:0/96'",
		  "DestinationIp@" V4("00000000") ".." V4("ffffffff") },
		{ NC, "    DestinationIp|startswith: '10.'",
		  "DestinationIp@" V4("0a000000") ".." V4("0affffff") },
		{ NC, "    DestinationIp|startswith: '192.168.'",
		  "DestinationIp@" V4("c0a80000") ".." V4("c0a8ffff") },
		{ NC, "    DestinationIp: '172.16.5.*'",
		  "DestinationIp@" V4("ac100500") ".." V4("ac1005ff") },
		{ NC, "    DestinationIp: '*'", "DestinationIp?" },
		{ NC, "    DestinationIp: null", "not(DestinationIp?)" },
		{ NC, "    DestinationIp|neq|cidr: 10.0.0.0/8",
		  "not(DestinationIp@" V4("0a000000") ".." V4("0affffff") ")" },
	};

	expect_good(cases, ARRAY_SIZE(cases));
	expect_warning(NC, "    DestinationIp|cidr: 10.1.2.3/8",
		       "5:25: warning: '10.1.2.3/8' has bits set after its prefix");
}

UNIT_TEST(detection, bad_keys)
{
	static const struct bad cases[] = {
		{ PC, "    Imag: x",
		  "5:5: error: process_creation has no field 'Imag'; did you mean 'Image'?" },
		{ PC, "    commandline: x",
		  "5:5: error: process_creation has no field 'commandline'; did you mean "
		  "'CommandLine'?" },
		{ PC, "    TargetFilename: x",
		  "5:5: error: process_creation has no field 'TargetFilename'" },
		{ FO, "    Hashes: x",
		  "5:5: error: file_open has no field 'Hashes'; it has TargetFilename, Access, "
		  "Created" },
		{ PC, "    Image|hour: 3",
		  "5:11: error: modifier 'hour' does not go with 'Image', which is a text" },
		{ PC, "    Image|i: x", "5:11: error: modifier 'i' must stand after 're'" },
		{ PC, "    Image|i|re: x", "5:11: error: modifier 'i' must stand after 're'" },
		{ PC, "    Image|re|contains: x",
		  "5:14: error: modifier 'contains' cannot be combined with those before it" },
		{ PC, "    Image|cased|re: x", "5:17: error: modifier 're' cannot be combined" },
		{ PC, "    Image|re|windash: x",
		  "5:14: error: modifier 'windash' cannot be combined" },
		{ PC, "    Image|expand|re: x", "5:18: error: modifier 're' cannot be combined" },
		{ PC, "    Image|contains|fieldref: x",
		  "5:20: error: modifier 'fieldref' must stand before 'contains'" },
		{ PC, "    Image|fieldref|re: x", "5:20: error: modifier 're' cannot be" },
		{ PC, "    UtcTime|hour|day: 3",
		  "5:18: error: modifier 'day' cannot be combined with those before it" },
		{ PC, "    UtcTime|gte|hour: 3",
		  "5:17: error: modifier 'hour' must stand before 'gte'" },
		{ PC, "    UtcTime|contains: 3",
		  "5:13: error: modifier 'contains' does not go with 'UtcTime', which is a date" },
		{ FO, "    Access|fieldref: Image",
		  "5:12: error: modifier 'fieldref' does not go with 'Access', which is a set" },
		{ PC, "    Image|containz: x",
		  "5:11: error: unknown modifier 'containz'; did you mean 'contains'?" },
		{ PC, "    Image|frobnicate: x",
		  "5:11: error: unknown modifier 'frobnicate'; known are contains, startswith, "
		  "endswith, cased, cidr, lt, lte, gt, gte, all, neq, exists, windash, utf16, "
		  "utf16le, utf16be, wide, base64, base64offset, re, i, m, s, fieldref, expand, "
		  "minute, hour, day, week, month, year" },
		{ PC, "    Image|: x", "5:11: error: unknown modifier ''" },
		{ PC, "    'Image|endswith|all|bogus': [x, y]",
		  "5:25: error: unknown modifier 'bogus'" },
		{ PC, "    Image|lt: 4",
		  "5:11: error: modifier 'lt' does not go with 'Image', which is a text" },
		{ PC, "    Image|cidr: 10.0.0.0/8",
		  "5:11: error: modifier 'cidr' does not go with 'Image', which is a text" },
		{ NC, "    DestinationPort|contains: 4",
		  "5:21: error: modifier 'contains' does not go with 'DestinationPort', which is "
		  "a number" },
		{ NC, "    DestinationPort|cased: 4",
		  "5:21: error: modifier 'cased' does not go with" },
		{ NC, "    Initiated|gte: 1",
		  "5:15: error: modifier 'gte' does not go with 'Initiated', which is true or "
		  "false" },
		{ NC, "    DestinationIp|contains: 4",
		  "5:19: error: modifier 'contains' does not go with 'DestinationIp', which is an "
		  "address" },
		{ PC, "    Image|contains|startswith: x",
		  "5:20: error: modifier 'startswith' cannot be combined with those before it" },
		{ NC, "    DestinationPort|lt|gt: 1",
		  "5:24: error: modifier 'gt' cannot be combined" },
		{ PC, "    Image|contains|exists: true",
		  "5:20: error: modifier 'exists' cannot be combined" },
		{ PC, "    Image|exists|neq: true",
		  "5:18: error: modifier 'neq' cannot be combined" },
		{ PC, "    Image|contains|contains: x",
		  "5:20: error: modifier 'contains' is here twice" },
		{ PC, "    Image|all|neq: [x, y]",
		  "5:15: error: 'all' and 'neq' cannot be combined" },
		{ PC, "    '|all': [x, y]", "5:5: skipped: a search for keywords in whole log" },
		{ PC, "    '|contains': x", "5:5: skipped: a search for keywords in whole log" },
	};

	expect_bad(cases, ARRAY_SIZE(cases));
}

UNIT_TEST(detection, bad_values)
{
	static const struct bad cases[] = {
		{ PC, "    Image: {a: b}",
		  "5:12: error: 'Image' takes a value or a list of values, not a map" },
		{ PC, "    Image: []", "5:12: error: 'Image' has an empty list of values" },
		{ PC, "    Image: [x, [y]]", "5:16: error: 'Image' takes single values" },
		{ PC, "    Image|contains: [x, null]", "5:25: error: null takes no modifier" },
		{ PC, "    Image|all: [x, null]", "5:20: error: null takes no modifier" },
		{ PC, "    CommandLine|contains|all: x",
		  "5:5: error: 'all' needs a list of two values or more" },
		{ PC, "    CommandLine|contains|all: [x]",
		  "5:5: error: 'all' needs a list of two values or more" },
		{ PC, "    Image|contains: null", "5:21: error: null takes no modifier" },
		{ PC, "    Image|exists: maybe",
		  "5:19: error: 'exists' takes true or false, not 'maybe'" },
		{ PC, "    Image|exists: [true]", "5:19: error: 'exists' takes true or false" },
		{ PC, "    Image|re: 'a(b'",
		  "5:19: error: in the regular expression: missing closing parenthesis" },
		{ PC, "    Image|re: '[z-a]'",
		  "5:19: error: in the regular expression: range out" },
		{ PC, "    Image|re: [ok, 'a**']",
		  "5:23: error: in the regular expression: quantifier does not" },
		{ PC, "    Image|re: 'x[\xc3\xa9]'",
		  "5:18: error: in the regular expression: it is matched byte by byte" },
		{ PC, "    Image|re: 'x\xc3\xa9+'",
		  "5:17: error: in the regular expression: it is" },
		{ PC, "    Image|fieldref: Nothing",
		  "5:21: error: process_creation has no field 'Nothing'" },
		{ PC, "    Image|fieldref: Image", "5:21: error: 'Image' is compared with itself" },
		{ PC, "    Image|fieldref: UserId",
		  "5:21: error: 'Image' and 'UserId' cannot be compared like that" },
		{ PC, "    Image|fieldref: TargetFilename",
		  "5:21: error: process_creation has no field 'TargetFilename'" },
		{ NC, "    DestinationIp|fieldref|startswith: SourceIp",
		  "5:40: error: 'DestinationIp' and 'SourceIp' cannot be compared like that" },
		{ PC, "    UtcTime|hour: 24", "5:19: error: 'hour' takes a number from 0 to 23" },
		{ PC, "    UtcTime|week: 0", "5:19: error: 'week' takes a number from 1 to 53" },
		{ PC, "    UtcTime|month|gte: 13", "5:24: error: 'month' takes a number from 1" },
		{ PC, "    UtcTime|day: x", "5:18: error: 'day' takes a number from 1 to 31" },
		{ PC, "    UtcTime: 2026-02-30", "5:14: error: 'UtcTime' takes a date and time" },
		{ PC, "    UtcTime|lt: '2026-01-01 25:00'", "5:17: error: 'UtcTime' takes" },
		{ PC, "    Image|expand: 'a%list%'",
		  "5:21: error: there is no list 'list': add 'list: [value, …]' to 'expand:' in "
		  "/etc/fermata/fermata.yml, or name a file that has it with --config" },
		{ PC, "    UtcTime: ''", "5:14: error: 'UtcTime' takes a date and time" },
		{ NC, "    DestinationPort: http",
		  "5:22: error: 'DestinationPort' takes a whole number of 64 bits, without leading "
		  "zeros, not 'http'" },
		{ NC, "    DestinationPort: 4.5", "5:22: error: 'DestinationPort' takes a whole" },
		{ NC, "    DestinationPort: 010", "5:22: error: 'DestinationPort' takes a whole" },
		{ NC, "    DestinationPort: 0x", "5:22: error: 'DestinationPort' takes a whole" },
		{ NC, "    DestinationPort: '4*'", "5:22: error: 'DestinationPort' takes a" },
		{ NC, "    DestinationPort: ''", "5:22: error: 'DestinationPort' takes a whole" },
		{ NC, "    DestinationPort: true", "5:22: error: 'DestinationPort' takes a" },
		{ NC, "    DestinationPort: ' 4'", "5:22: error: 'DestinationPort' takes a" },
		{ NC, "    DestinationPort: 9223372036854775808",
		  "5:22: error: 'DestinationPort' takes a whole number of 64 bits" },
		{ NC, "    DestinationPort|lt: -9223372036854775808",
		  "5:25: error: never true: no number is beyond" },
		{ NC, "    DestinationPort|gt: 9223372036854775807",
		  "5:25: error: never true: no number is beyond" },
		{ NC, "    Initiated: yes",
		  "5:16: error: Initiated takes true or false, not 'yes'" },
		{ NC, "    Initiated: 2", "5:16: error: Initiated takes true or false" },
		{ FO, "    Access: reed",
		  "5:13: error: never true: 'reed' fits no 'Access'; did you mean 'read'?" },
		{ FO, "    Access|contains: zz",
		  "5:22: error: never true: 'zz' fits no 'Access'; there are read, write, append, "
		  "exec" },
		{ FO, "    Access|cased: READ", "5:19: error: never true: 'READ' fits no" },
		{ FO, "    Access: 1", "5:13: error: never true: '1' fits no 'Access'" },
		{ FO, "    Access: ''", "5:13: error: never true: '' fits no 'Access'" },
		{ NC, "    Protocol: quic", "5:15: error: never true: 'quic' fits no 'Protocol'" },
		{ NC, "    Protocol: -1", "5:15: error: never true: '-1' fits no 'Protocol'" },
		{ NC, "    DestinationIp: example.com",
		  "5:20: error: 'DestinationIp' takes an IPv4 or IPv6 address, not 'example.com'" },
		{ NC, "    DestinationIp: 10.0.0", "5:20: error: 'DestinationIp' takes an IPv4" },
		{ NC, "    DestinationIp: 10.0.0.256", "5:20: error: 'DestinationIp' takes an" },
		{ NC, "    DestinationIp: 010.0.0.1", "5:20: error: 'DestinationIp' takes an" },
		{ NC, "    DestinationIp: 'fe80::1%eth0'", "5:20: error: 'DestinationIp' takes" },
		{ NC, "    DestinationIp: ''", "5:20: error: 'DestinationIp' takes an IPv4" },
		{ NC, "    DestinationIp: 10.0.0.0/8", "5:20: error: 'DestinationIp' takes an" },
		{ NC, "    DestinationIp|cidr: 10.0.0.0",
		  "5:25: error: 'DestinationIp' takes ADDRESS/LENGTH with 'cidr', not '10.0.0.0'" },
		{ NC, "    DestinationIp|cidr: 10.0.0.0/33", "5:25: error: 'DestinationIp' takes" },
		{ NC, "    DestinationIp|cidr: '::/129'", "5:25: error: 'DestinationIp' takes" },
		{ NC, "    DestinationIp|cidr: 10.0.0.0/", "5:25: error: 'DestinationIp' takes" },
		{ NC, "    DestinationIp|cidr: 10.0.0.0/-1", "5:25: error: 'DestinationIp' takes" },
		{ NC, "    DestinationIp|cidr: '*'", "5:25: error: 'DestinationIp' takes" },
		{ NC, "    DestinationIp|startswith: '10'",
		  "5:31: error: 'DestinationIp' takes whole octets like '10.' at its start; for "
		  "other networks use 'cidr', not '10'" },
		{ NC, "    DestinationIp|startswith: '10..'",
		  "5:31: error: 'DestinationIp' takes" },
		{ NC, "    DestinationIp|startswith: '1.2.3.4'", "5:31: error: 'DestinationIp'" },
		{ NC, "    DestinationIp|startswith: '1.2.3.4.'", "5:31: error: 'DestinationIp'" },
		{ NC, "    DestinationIp|startswith: '300.'", "5:31: error: 'DestinationIp'" },
		{ NC, "    DestinationIp|startswith: 'fe80:'", "5:31: error: 'DestinationIp'" },
		{ NC, "    DestinationIp: '10.*.1'", "5:20: error: 'DestinationIp' takes whole" },
		{ NC, "    DestinationIp: '*.1'", "5:20: error: 'DestinationIp' takes whole" },
	};

	expect_bad(cases, ARRAY_SIZE(cases));
}

UNIT_TEST(detection, bad_searches)
{
	static const struct bad cases[] = {
		{ PC, "    - one\n    - two", "5:7: skipped: a search for keywords in whole log" },
		{ PC, "    - Image: x\n    - two", "6:7: skipped: a search for keywords" },
		{ PC, "    - [x]", "5:7: error: a search is a map of fields or a list of such" },
		{ PC, "    - {}", "5:7: error: a search is a map of fields" },
		{ PC, "    {}", "5:5: error: the search 's' is empty" },
		{ PC, "    []", "5:5: error: the search 's' is empty" },
		{ PC, "    word", "5:5: error: keyword searches" },
		{ PC, "", "4:5: error: the search 's' is empty" },
		{ PC, "    Image: x\n  timeframe: 5m",
		  "6:14: error: 'timeframe' is not supported" },
	};

	expect_bad(cases, ARRAY_SIZE(cases));
}

/* Every mistake of a rule is told, not only the first. */
UNIT_TEST(detection, all_mistakes)
{
	struct rule_read read;

	rule_read_text(&read, "title: t\n"
			      "logsource: {product: linux, category: file_open}\n"
			      "detection:\n"
			      "  s:\n"
			      "    Acess: read\n"
			      "    Access: [reed, wright]\n"
			      "    Image|re: x(\n"
			      "  condition: s and x\n");
	rule_expect_diagnostic(&read.diagnostics, "5:5: error: file_open has no field 'Acess'");
	rule_expect_diagnostic(&read.diagnostics, "6:14: error: never true: 'reed'");
	rule_expect_diagnostic(&read.diagnostics, "6:20: error: never true: 'wright'");
	rule_expect_diagnostic(&read.diagnostics, "7:17: error: in the regular expression");
	rule_expect_diagnostic(&read.diagnostics, "8:20: error: no search is named 'x'");
	CU_ASSERT_EQUAL(read.diagnostics.count, 5);
	rule_read_done(&read);
}

static void expect_limit(const char *search, const char *expected)
{
	const struct bad bad = { PC, search, expected };

	expect_bad(&bad, 1);
}

static void expect_fits(const char *search)
{
	_cleanup_free_ char *text = rule_of(PC, search);
	struct rule_read read;

	rule_read_text(&read, text);
	CU_ASSERT_EQUAL(read.diagnostics.count, 0);
	CU_ASSERT_EQUAL(read.ruleset->count, 1);
	rule_read_done(&read);
}

UNIT_TEST(detection, limits)
{
	size_t room = 200 + 8 * (VALUES_MAX + TEXT_MAX);
	_cleanup_free_ char *search = malloc(room);
	int length = sprintf(search, "    Image:\n");

	for (int i = 0; i <= VALUES_MAX; i++)
		length += sprintf(search + length, "    - x\n");
	expect_limit(search, "8198:7: error: more than the limit of 8192 values in one list");

	length = sprintf(search, "    Image:\n");
	for (int i = 0; i < VALUES_MAX; i++)
		length += sprintf(search + length, "    - x\n");
	expect_good(&(struct good) { PC, search, "Image~'x'" }, 1);

	length = sprintf(search, "    ContainerId|startswith: '");
	memset(search + length, 'x', TEXT_MAX);
	strcpy(search + length + TEXT_MAX, "*'");
	expect_fits(search);

	length = sprintf(search, "    Image|contains: '");
	memset(search + length, 'x', TEXT_MAX + 1);
	strcpy(search + length + TEXT_MAX + 1, "'");
	expect_limit(search, "5:21: error: never true: longer than the 4096 bytes");

	length = sprintf(search, "    Image: x\n  ");
	memset(search + length, 'x', SEARCH_NAME_MAX + 1);
	strcpy(search + length + SEARCH_NAME_MAX + 1, ": {Image: x}");
	expect_limit(search, "6:3: error: the name of a search is longer than the limit of 128");

	length = sprintf(search, "    Image: x");
	for (int i = 0; i < SEARCHES_MAX; i++)
		length += sprintf(search + length, "\n  s%d: {Image: x}", i);
	expect_limit(search, "4:3: error: more than the limit of 256 searches");
}
