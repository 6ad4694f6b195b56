/* SPDX-License-Identifier: Apache-2.0 */
/* Values that modifiers make of others: dashes, encodings, expressions, lists, fields. */
#include "case_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rule_text.h"
#include "rules/placeholder.h"
#include "unit.h"

#define PC "process_creation"
#define NC "network_connection"

UNIT_TEST(cases, windash)
{
	static const struct case_row rows[] = {
		{ "CommandLine|windash|contains: ' -x'", "CommandLine=a -x", true },
		{ "CommandLine|windash|contains: ' -x'", "CommandLine=a /x", true },
		{ "CommandLine|windash|contains: ' -x'", "CommandLine=a \xe2\x80\x93x", true },
		{ "CommandLine|windash|contains: ' -x'", "CommandLine=a \xe2\x80\x94x", true },
		{ "CommandLine|windash|contains: ' -x'", "CommandLine=a \xe2\x80\x95x", true },
		{ "CommandLine|windash|contains: ' -x'", "CommandLine=a +x", false },
		{ "CommandLine|windash|contains: ' /x'", "CommandLine=a -X", true },
		{ "CommandLine|windash: '-a /b'", "CommandLine=/a -b", true },
		{ "CommandLine|windash: '-a /b'", "CommandLine=-a -b", true },
		{ "CommandLine|windash: 'a-b'", "CommandLine=a/b", false },
		{ "CommandLine|windash|contains|all: [' -a', ' -b']", "CommandLine=x /b /a", true },
		{ "CommandLine|windash|contains|all: [' -a', ' -b']", "CommandLine=x /b", false },
		{ "CommandLine|windash|neq: '-a'", "CommandLine=/a", false },
	};

	CASES(PC, rows);
}

UNIT_TEST(cases, encodings)
{
	static const struct case_row rows[] = {
		{ "CommandLine|base64: foobar", "CommandLine=Zm9vYmFy", true },
		{ "CommandLine|base64: foobar", "CommandLine=x Zm9vYmFy", false },
		{ "CommandLine|base64|contains: foobar", "CommandLine=x Zm9vYmFy y", true },
		{ "CommandLine|base64|contains: foobar", "CommandLine=x Zm9vYmF y", false },
		{ "CommandLine|base64: [foo, foobar]", "CommandLine=Zm9v", true },
		/* /bin/bash at all three offsets: of "/bin/bash", "x/bin/bash", "xx/bin/bash" */
		{ "CommandLine|base64offset|contains: /bin/bash", "CommandLine=L2Jpbi9iYXNo",
		  true },
		{ "CommandLine|base64offset|contains: /bin/bash",
		  "CommandLine=eC9iaW4vYmFzaA==", true },
		{ "CommandLine|base64offset|contains: /bin/bash",
		  "CommandLine=eHgvYmluL2Jhc2g=", true },
		{ "CommandLine|base64offset|contains: /bin/bash", "CommandLine=L2Jpbi9kYXNo",
		  false },
		{ "CommandLine|utf16le|base64: foo", "CommandLine=ZgBvAG8A", true },
		{ "CommandLine|wide|base64: foo", "CommandLine=ZgBvAG8A", true },
		{ "CommandLine|utf16be|base64: foo", "CommandLine=AGYAbwBv", true },
		{ "CommandLine|utf16|base64: foo", "CommandLine=//5mAG8AbwA=", true },
		{ "CommandLine|utf16le|base64: foo", "CommandLine=AGYAbwBv", false },
		{ "CommandLine|wide|base64offset|contains: ping", "CommandLine=cABpAG4AZw", true },
		{ "CommandLine|wide|base64offset|contains: ping", "CommandLine=pong", false },
	};

	CASES(PC, rows);
}

UNIT_TEST(cases, regular_expressions)
{
	static const struct case_row rows[] = {
		/* anywhere, unless anchored; case matters, unless `i` */
		{ "CommandLine|re: foo", "CommandLine=xfooy", true },
		{ "CommandLine|re: foo", "CommandLine=xFooy", false },
		{ "CommandLine|re: fo+b", "CommandLine=foooob", true },
		{ "CommandLine|re: fo+b", "CommandLine=fb", false },
		{ "CommandLine|re: '^foo'", "CommandLine=foobar", true },
		{ "CommandLine|re: '^foo'", "CommandLine=barfoo", false },
		{ "CommandLine|re: 'foo$'", "CommandLine=barfoo", true },
		{ "CommandLine|re: 'foo$'", "CommandLine=foobar", false },
		{ "CommandLine|re: 'foo$'", "CommandLine=foo\n", true },
		{ "CommandLine|re: '^$'", "CommandLine=", true },
		{ "CommandLine|re: '^$'", "CommandLine=x", false },
		{ "CommandLine|re: '.*'", "CommandLine=", true },
		{ "CommandLine|re: '.*'", "", false },
		{ "CommandLine|re: 'a.c'", "CommandLine=abc", true },
		{ "CommandLine|re: 'a.c'", "CommandLine=a\nc", false },
		{ "CommandLine|re: 'a\\.c'", "CommandLine=a.c", true },
		{ "CommandLine|re: 'a\\.c'", "CommandLine=abc", false },
		{ "CommandLine|re: 'a\\*c'", "CommandLine=a*c", true },
		{ "CommandLine|re: 'a*c'", "CommandLine=c", true },
		{ "CommandLine|re: 'a?c'", "CommandLine=xc", true },
		{ "CommandLine|re: '[a-c]{2,3}x'", "CommandLine=abx", true },
		{ "CommandLine|re: '[a-c]{2,3}x'", "CommandLine=ax", false },
		{ "CommandLine|re: '^[^a-c]+$'", "CommandLine=xyz", true },
		{ "CommandLine|re: '^[^a-c]+$'", "CommandLine=xbz", false },
		{ "CommandLine|re: '(foo|bar)baz'", "CommandLine=barbaz", true },
		{ "CommandLine|re: '(foo|bar)baz'", "CommandLine=bazbaz", false },
		{ "CommandLine|re: '\\s-O\\s'", "CommandLine=wget -O x", true },
		{ "CommandLine|re: '\\s-O\\s'", "CommandLine=wget -o x", false },
		{ "CommandLine|re: '(.){5,}'", "CommandLine=12345", true },
		{ "CommandLine|re: '(.){5,}'", "CommandLine=1234", false },
		{ "CommandLine|re: '12/34'", "CommandLine=x12/34", true },
		{ "CommandLine|re: '(?i)foo'", "CommandLine=xFOOy", true },
		{ "CommandLine|re: '(?i:f)oo'", "CommandLine=Foo", true },
		{ "CommandLine|re: '(?i:f)oo'", "CommandLine=FOo", false },
		/* a list is any, or all */
		{ "CommandLine|re: ['fo+', 'ba+r']", "CommandLine=baaar", true },
		{ "CommandLine|re: ['fo+', 'ba+r']", "CommandLine=br", false },
		{ "CommandLine|re|all: ['fo+', 'ba+r']", "CommandLine=bar foo", true },
		{ "CommandLine|re|all: ['fo+', 'ba+r']", "CommandLine=bar", false },
		{ "CommandLine|re|neq: 'fo+'", "CommandLine=bar", true },
		{ "CommandLine|re|neq: 'fo+'", "CommandLine=foo", false },
		{ "CommandLine|re|neq: 'fo+'", "", true },
		/* i, m, s */
		{ "CommandLine|re|i: FOO", "CommandLine=xfooy", true },
		{ "CommandLine|re|i: 'f[a-c]o'", "CommandLine=FBO", true },
		{ "CommandLine|re|i: 'f[a-c]o'", "CommandLine=FDO", false },
		{ "CommandLine|re|i: '^(cat|dog)$'", "CommandLine=Dog", true },
		{ "CommandLine|re|i: '^(cat|dog)$'", "CommandLine=Dogs", false },
		{ "CommandLine|re|i: \"\\u00c9\"", "CommandLine=\xc3\xa9", false },
		{ "CommandLine|re: '^b'", "CommandLine=a\nb", false },
		{ "CommandLine|re|m: '^b'", "CommandLine=a\nb", true },
		{ "CommandLine|re|m: 'a$'", "CommandLine=a\nb", true },
		{ "CommandLine|re|m: '^b'", "CommandLine=ab", false },
		{ "CommandLine|re|s: 'a.c'", "CommandLine=a\nc", true },
		{ "CommandLine|re|s: '^a.*c$'", "CommandLine=a\nb\nc", true },
		{ "CommandLine|re|i|m|s: '^B.C'", "CommandLine=a\nb\nc", true },
		{ "CommandLine|re|i|m: '^B.C'", "CommandLine=a\nb\nc", false },
		/* arguments are joined by single spaces */
		{ "CommandLine|re: '^sh -c \\S+$'", "CommandLine=sh -c id", true },
		{ "Image|re: '/(ba|da|z)?sh$'", "Image=/usr/bin/zsh", true },
		{ "Image|re: '/(ba|da|z)?sh$'", "Image=/usr/bin/fish", false },
	};

	CASES(PC, rows);
}

UNIT_TEST(cases, fieldref)
{
	static const struct case_row rows[] = {
		{ "Image|fieldref: ParentImage", "Image=/bin/sh" AND "ParentImage=/BIN/sh", true },
		{ "Image|fieldref: ParentImage", "Image=/bin/sh" AND "ParentImage=/bin/s", false },
		{ "Image|fieldref: ParentImage", "Image=/bin/sh", false },
		{ "Image|fieldref: ParentImage", "ParentImage=/bin/sh", false },
		{ "Image|fieldref: ParentImage", "", false },
		{ "Image|fieldref|cased: ParentImage", "Image=/bin/sh" AND "ParentImage=/bin/sh",
		  true },
		{ "Image|fieldref|cased: ParentImage", "Image=/bin/sh" AND "ParentImage=/bin/SH",
		  false },
		{ "CommandLine|fieldref|startswith: Image",
		  "CommandLine=/bin/sh -c" AND "Image=/bin/sh", true },
		{ "CommandLine|fieldref|startswith: Image",
		  "CommandLine=x /bin/sh" AND "Image=/bin/sh", false },
		{ "CommandLine|fieldref|endswith: Image",
		  "CommandLine=x /bin/sh" AND "Image=/bin/sh", true },
		{ "CommandLine|fieldref|endswith: Image",
		  "CommandLine=/bin/sh -c" AND "Image=/bin/sh", false },
		{ "CommandLine|fieldref|contains: Image",
		  "CommandLine=x /bin/SH y" AND "Image=/bin/sh", true },
		{ "CommandLine|fieldref|contains: Image", "CommandLine=x" AND "Image=/bin/sh",
		  false },
		{ "CommandLine|fieldref|contains: Image", "CommandLine=x" AND "Image=", true },
		{ "Image|fieldref|neq: ParentImage", "Image=/a" AND "ParentImage=/b", true },
		{ "Image|fieldref|neq: ParentImage", "Image=/a" AND "ParentImage=/a", false },
		{ "Image|fieldref: [ParentImage, CurrentDirectory]",
		  "Image=/a" AND "ParentImage=/b" AND "CurrentDirectory=/a", true },
		{ "Image|fieldref: [ParentImage, CurrentDirectory]",
		  "Image=/a" AND "ParentImage=/b" AND "CurrentDirectory=/c", false },
		{ "Image|fieldref: [ParentImage, CurrentDirectory]",
		  "Image=/a" AND "CurrentDirectory=/a", true },
		{ "Image|fieldref|all: [ParentImage, CurrentDirectory]",
		  "Image=/a" AND "ParentImage=/a" AND "CurrentDirectory=/a", true },
		{ "Image|fieldref|all: [ParentImage, CurrentDirectory]",
		  "Image=/a" AND "ParentImage=/a", false },
		{ "UserId|fieldref: EffectiveUserId", "UserId=5" AND "EffectiveUserId=5", true },
		{ "UserId|fieldref: EffectiveUserId", "UserId=5" AND "EffectiveUserId=0", false },
		{ "UserId|fieldref|gt: EffectiveUserId", "UserId=5" AND "EffectiveUserId=0", true },
		{ "UserId|fieldref|gt: EffectiveUserId", "UserId=5" AND "EffectiveUserId=5",
		  false },
		{ "UserId|fieldref|gte: EffectiveUserId", "UserId=5" AND "EffectiveUserId=5",
		  true },
		{ "UserId|fieldref|lt: EffectiveUserId", "UserId=-1" AND "EffectiveUserId=0",
		  true },
		{ "UserId|fieldref|lte: EffectiveUserId", "UserId=1" AND "EffectiveUserId=0",
		  false },
		{ "ImageMemfd|fieldref: ImageDeleted", "ImageMemfd=true" AND "ImageDeleted=true",
		  true },
		{ "ImageMemfd|fieldref: ImageDeleted", "ImageMemfd=true" AND "ImageDeleted=false",
		  false },
		{ "User|fieldref: CgroupPath", "User=a" AND "CgroupPath=A", true },
		{ "User|fieldref: Image", "User=a" AND "Image=b", false },
	};
	static const struct case_row addresses[] = {
		{ "DestinationIp|fieldref: SourceIp",
		  "DestinationIp=10.0.0.1" AND "SourceIp=10.0.0.1", true },
		{ "DestinationIp|fieldref: SourceIp",
		  "DestinationIp=10.0.0.1" AND "SourceIp=::ffff:10.0.0.1", true },
		{ "DestinationIp|fieldref: SourceIp", "DestinationIp=::1" AND "SourceIp=::2",
		  false },
		{ "DestinationIp|fieldref: SourceIp", "DestinationIp=::1", false },
	};

	CASES(PC, rows);
	CASES(NC, addresses);
}

/* %names% are taken from the configuration. */
UNIT_TEST(cases, expand)
{
	static const char configuration[] = "expand:\n"
					    "  shells: [/bin/sh, /usr/bin/*sh]\n"
					    "  words: [foo, bar]\n"
					    "  one: [foo]\n"
					    "  networks: [10.0.0.0/8, 'fd00::/8']\n"
					    "  ports: [80, 443]\n"
					    "  none: []\n";
	static const struct case_row rows[] = {
		{ "Image|expand: '%shells%'", "Image=/bin/sh", true },
		{ "Image|expand: '%shells%'", "Image=/usr/bin/zsh", true },
		{ "Image|expand: '%shells%'", "Image=/usr/bin/awk", false },
		{ "Image: '%shells%'", "Image=/bin/sh", false },
		{ "Image: '%shells%'", "Image=%shells%", true },
		{ "CommandLine|expand|contains: '%words%'", "CommandLine=a BAR b", true },
		{ "CommandLine|contains|expand: '%words%'", "CommandLine=a BAR b", true },
		{ "CommandLine|contains|expand: '%words%'", "CommandLine=a baz b", false },
		{ "CommandLine|expand|startswith: '-%words%='", "CommandLine=-bar=1", true },
		{ "CommandLine|expand|startswith: '-%words%='", "CommandLine=bar=1", false },
		{ "CommandLine|expand|endswith: ['%one%', x]", "CommandLine=a x", true },
		{ "CommandLine|expand|contains|all: '%words%'", "CommandLine=bar foo", true },
		{ "CommandLine|expand|contains|all: '%words%'", "CommandLine=bar", false },
		{ "CommandLine|expand|contains|all: '%one%'", "CommandLine=foo", true },
		{ "CommandLine|expand|cased: '%words%'", "CommandLine=Foo", false },
		{ "CommandLine|expand|neq: '%words%'", "CommandLine=bar", false },
		{ "CommandLine|expand|neq: '%words%'", "CommandLine=baz", true },
		{ "CommandLine|expand: '\\%words%'", "CommandLine=%words%", true },
		{ "CommandLine|expand: '\\%words%'", "CommandLine=foo", false },
		{ "CommandLine|expand|base64: '%words%'", "CommandLine=Zm9v", true },
		{ "CommandLine|expand: '%none%'", "CommandLine=", false },
		{ "CommandLine|expand: '%none%'", "CommandLine=x", false },
		{ "CommandLine|expand|neq: '%none%'", "CommandLine=x", true },
		{ "CommandLine|expand: ['%none%', foo]", "CommandLine=foo", true },
	};
	static const struct case_row networks[] = {
		{ "DestinationIp|expand|cidr: '%networks%'", "DestinationIp=10.1.2.3", true },
		{ "DestinationIp|cidr|expand: '%networks%'", "DestinationIp=fd00::1", true },
		{ "DestinationIp|expand|cidr: '%networks%'", "DestinationIp=192.0.2.1", false },
		{ "DestinationIp|expand|cidr|neq: '%networks%'", "DestinationIp=192.0.2.1", true },
		{ "DestinationPort|expand: '%ports%'", "DestinationPort=443", true },
		{ "DestinationPort|expand: '%ports%'", "DestinationPort=22", false },
		{ "DestinationHostname|expand|endswith: '.%words%'", "DestinationHostname=a.foo",
		  true },
	};
	_cleanup_(placeholders_freep) struct placeholders *placeholders = NULL;
	struct diagnostics diagnostics = { 0 };
	struct rule_folder folder;
	char file[128];

	rule_folder_make(&folder);
	rule_folder_write(&folder, "c.yml", configuration, strlen(configuration));
	snprintf(file, sizeof(file), "%s/c.yml", folder.path);
	CU_ASSERT_EQUAL(placeholders_read(&placeholders, file, &diagnostics), 0);
	rule_read_with(placeholders);
	CASES(PC, rows);
	CASES(NC, networks);
	rule_read_with(NULL);
	diagnostics_done(&diagnostics);
	rule_folder_remove(&folder);
}
