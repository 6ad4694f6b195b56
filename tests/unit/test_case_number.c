/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers, names, addresses and moments. */
#include "case_table.h"
#include "unit.h"

#define PC "process_creation"
#define NC "network_connection"
#define FO "file_open"

UNIT_TEST(cases, numbers)
{
	static const struct case_row rows[] = {
		{ "DestinationPort: 443", "DestinationPort=443", true },
		{ "DestinationPort: 443", "DestinationPort=44", false },
		{ "DestinationPort: '443'", "DestinationPort=443", true },
		{ "DestinationPort: 0x1bb", "DestinationPort=443", true },
		{ "DestinationPort: [80, 443]", "DestinationPort=80", true },
		{ "DestinationPort: [80, 443]", "DestinationPort=81", false },
		{ "DestinationPort: 443", "", false },
		{ "DestinationPort: 0", "DestinationPort=0", true },
		{ "DestinationPort: 0", "", false },
		{ "DestinationPort: '*'", "DestinationPort=5", true },
		{ "DestinationPort: '*'", "", false },
		{ "DestinationPort: null", "", true },
		{ "DestinationPort: null", "DestinationPort=0", false },
		{ "DestinationPort: [80, null]", "", true },
		{ "DestinationPort|neq: 443", "DestinationPort=80", true },
		{ "DestinationPort|neq: 443", "DestinationPort=443", false },
		{ "DestinationPort|neq: 443", "", true },
		{ "DestinationPort|neq: [80, 443]", "DestinationPort=80", false },
		{ "DestinationPort|neq: [80, 443]", "DestinationPort=81", true },
		{ "DestinationPort|lt: 1024", "DestinationPort=1023", true },
		{ "DestinationPort|lt: 1024", "DestinationPort=1024", false },
		{ "DestinationPort|lte: 1024", "DestinationPort=1024", true },
		{ "DestinationPort|lte: 1024", "DestinationPort=1025", false },
		{ "DestinationPort|gt: 1024", "DestinationPort=1025", true },
		{ "DestinationPort|gt: 1024", "DestinationPort=1024", false },
		{ "DestinationPort|gte: 1024", "DestinationPort=1024", true },
		{ "DestinationPort|gte: 1024", "DestinationPort=1023", false },
		{ "DestinationPort|lt: 1024", "", false },
		{ "DestinationPort|gt|neq: 1024", "DestinationPort=5", true },
		{ "DestinationPort|gt|neq: 1024", "", true },
		{ "DestinationPort|gte: 10\nDestinationPort|lt: 20", "DestinationPort=10", true },
		{ "DestinationPort|gte: 10\nDestinationPort|lt: 20", "DestinationPort=20", false },
		/* 64 bits, signed */
		{ "UserId: -1", "UserId=-1", true },
		{ "UserId|lt: 0", "UserId=-5", true },
		{ "UserId|gt: -2", "UserId=-1", true },
		{ "UserId|gt: -2", "UserId=-3", false },
		{ "UserId: 9223372036854775807", "UserId=0x7fffffffffffffff", true },
		{ "UserId|exists: true", "UserId=0", true },
		{ "UserId|exists: false", "UserId=0", false },
	};

	CASES(NC, rows);
}

UNIT_TEST(cases, booleans_and_names)
{
	static const struct case_row rows[] = {
		{ "Initiated: true", "Initiated=true", true },
		{ "Initiated: true", "Initiated=false", false },
		{ "Initiated: 'true'", "Initiated=true", true },
		{ "Initiated: False", "Initiated=false", true },
		{ "Initiated: 1", "Initiated=true", true },
		{ "Initiated: 0", "Initiated=true", false },
		{ "Initiated: false", "", false },
		{ "Initiated|neq: true", "Initiated=false", true },
		{ "Initiated|neq: true", "", true },
		{ "Initiated: '*'", "Initiated=false", true },
		{ "Initiated: [true, false]", "Initiated=false", true },
		{ "Protocol: tcp", "Protocol=tcp", true },
		{ "Protocol: TCP", "Protocol=tcp", true },
		{ "Protocol: tcp", "Protocol=udp", false },
		{ "Protocol: 6", "Protocol=tcp", true },
		{ "Protocol|startswith: udp", "Protocol=udplite", true },
		{ "Protocol|endswith: cp", "Protocol=sctp", false },
		{ "Protocol|endswith: tp", "Protocol=sctp", true },
		{ "Protocol|neq: [tcp, udp]", "Protocol=icmp", true },
		{ "Protocol|neq: [tcp, udp]", "Protocol=udp", false },
	};
	static const struct case_row sets[] = {
		{ "Access: read", "Access=read", true },
		{ "Access: read", "Access=read,write", true },
		{ "Access: read", "Access=write", false },
		{ "Access: [write, append]", "Access=append", true },
		{ "Access: [write, append]", "Access=read", false },
		{ "Access|all: [read, write]", "Access=read,write,append", true },
		{ "Access|all: [read, write]", "Access=read", false },
		{ "Access|contains: pp", "Access=append", true },
		{ "Access|neq: read", "Access=write", true },
		{ "Access|neq: read", "Access=read,write", false },
		{ "Access: '*'", "Access=exec", true },
		{ "Access: null", "", true },
	};

	CASES(NC, rows);
	CASES(FO, sets);
}

UNIT_TEST(cases, addresses)
{
	static const struct case_row rows[] = {
		{ "DestinationIp: 10.1.2.3", "DestinationIp=10.1.2.3", true },
		{ "DestinationIp: 10.1.2.3", "DestinationIp=10.1.2.4", false },
		{ "DestinationIp: 10.1.2.3", "DestinationIp=::ffff:10.1.2.3", true },
		{ "DestinationIp: '::ffff:10.1.2.3'", "DestinationIp=10.1.2.3", true },
		{ "DestinationIp: 10.1.2.3", "", false },
		{ "DestinationIp: '2001:DB8::1'", "DestinationIp=2001:db8:0:0::1", true },
		{ "DestinationIp: '2001:db8::1'", "DestinationIp=2001:db8::2", false },
		{ "DestinationIp: '*'", "DestinationIp=::1", true },
		{ "DestinationIp: '10.*'", "DestinationIp=10.255.0.1", true },
		{ "DestinationIp: '10.*'", "DestinationIp=100.1.1.1", false },
		{ "DestinationIp|startswith: '192.168.'", "DestinationIp=192.168.3.4", true },
		{ "DestinationIp|startswith: '192.168.'", "DestinationIp=192.169.3.4", false },
		{ "DestinationIp|startswith: ['10.', '172.16.']", "DestinationIp=172.16.0.9",
		  true },
		{ "DestinationIp|cidr: 10.0.0.0/8", "DestinationIp=10.255.255.255", true },
		{ "DestinationIp|cidr: 10.0.0.0/8", "DestinationIp=11.0.0.0", false },
		{ "DestinationIp|cidr: 10.0.0.0/8", "DestinationIp=9.255.255.255", false },
		{ "DestinationIp|cidr: 10.0.0.0/8", "DestinationIp=::ffff:10.0.0.1", true },
		{ "DestinationIp|cidr: 10.0.0.0/8", "DestinationIp=::10.0.0.1", false },
		{ "DestinationIp|cidr: 192.168.1.128/25", "DestinationIp=192.168.1.127", false },
		{ "DestinationIp|cidr: 192.168.1.128/25", "DestinationIp=192.168.1.128", true },
		{ "DestinationIp|cidr: 1.2.3.4/32", "DestinationIp=1.2.3.4", true },
		{ "DestinationIp|cidr: 1.2.3.4/32", "DestinationIp=1.2.3.5", false },
		{ "DestinationIp|cidr: 0.0.0.0/0", "DestinationIp=8.8.8.8", true },
		{ "DestinationIp|cidr: 0.0.0.0/0", "DestinationIp=2001:db8::1", false },
		{ "DestinationIp|cidr: '2001:db8::/32'", "DestinationIp=2001:db8:ffff::1", true },
		{ "DestinationIp|cidr: '2001:db8::/32'", "DestinationIp=2001:db9::1", false },
		{ "DestinationIp|cidr: '::ffff:10.0.0.0/104'", "DestinationIp=10.9.9.9", true },
		{ "DestinationIp|cidr: '::/0'", "DestinationIp=10.9.9.9", true },
		{ "DestinationIp|cidr: 'fe80::/10'", "DestinationIp=fec0::1", false },
		{ "DestinationIp|cidr: [10.0.0.0/8, 'fd00::/8']", "DestinationIp=fd12::1", true },
		{ "DestinationIp|cidr|neq: 10.0.0.0/8", "DestinationIp=8.8.8.8", true },
		{ "DestinationIp|cidr|neq: 10.0.0.0/8", "DestinationIp=10.8.8.8", false },
		{ "DestinationIp|cidr|neq: [10.0.0.0/8, 127.0.0.0/8]", "DestinationIp=127.0.0.1",
		  false },
		{ "DestinationHostname: example.org", "DestinationHostname=Example.ORG", true },
		{ "DestinationHostname: example.org", "", false },
		{ "DestinationHostname: null", "", true },
	};

	CASES(NC, rows);
}

/* Weeks are those of ISO 8601: it begins on Monday, and the first has a Thursday. */
UNIT_TEST(cases, moments)
{
	static const struct case_row rows[] = {
		{ "UtcTime|minute: 59", "UtcTime=2026-03-04T23:59:07Z", true },
		{ "UtcTime|minute: 59", "UtcTime=2026-03-04T23:58:59.999Z", false },
		{ "UtcTime|hour: 3", "UtcTime=2026-03-04T03:59:59Z", true },
		{ "UtcTime|hour: 3", "UtcTime=2026-03-04T04:00:00Z", false },
		{ "UtcTime|hour: [3, 22]", "UtcTime=2026-03-04T22:00:00Z", true },
		{ "UtcTime|hour|gte: 22", "UtcTime=2026-03-04T22:00:00Z", true },
		{ "UtcTime|hour|gte: 22", "UtcTime=2026-03-04T21:59:59Z", false },
		{ "UtcTime|hour|lt: 6", "UtcTime=2026-03-04T00:00:00Z", true },
		{ "UtcTime|hour|neq: 3", "UtcTime=2026-03-04T03:00:00Z", false },
		{ "UtcTime|hour|neq: 3", "UtcTime=2026-03-04T05:00:00Z", true },
		{ "UtcTime|hour|neq: 3", "", true },
		{ "UtcTime|hour: 3", "", false },
		{ "UtcTime|day: 29", "UtcTime=2024-02-29", true },
		{ "UtcTime|day: 29", "UtcTime=2024-03-01", false },
		{ "UtcTime|month: 2", "UtcTime=2024-02-29", true },
		{ "UtcTime|month|gt: 2", "UtcTime=2024-02-29", false },
		{ "UtcTime|year: 2026", "UtcTime=2026-12-31T23:59:59Z", true },
		{ "UtcTime|year: 2026", "UtcTime=2027-01-01", false },
		{ "UtcTime|year|lte: 1970", "UtcTime=1970-01-01T00:00:01Z", true },
		{ "UtcTime|week: 1", "UtcTime=2026-01-01", true }, /* a Thursday */
		{ "UtcTime|week: 53", "UtcTime=2027-01-03", true }, /* a Sunday */
		{ "UtcTime|week: 1", "UtcTime=2027-01-04", true },
		{ "UtcTime|week: 1", "UtcTime=2024-12-30", true }, /* the Monday before 2025 */
		{ "UtcTime|week: 52", "UtcTime=2023-01-01", true },
		{ "UtcTime|week: 53", "UtcTime=2021-01-01", true },
		{ "UtcTime|week: 10", "UtcTime=2026-03-04", true },
		{ "UtcTime|week: 10", "UtcTime=2026-03-09", false },
		/* dates themselves: what is not written may be anything */
		{ "UtcTime: 2026-03-04", "UtcTime=2026-03-04T12:00:00Z", true },
		{ "UtcTime: 2026-03-04", "UtcTime=2026-03-05", false },
		{ "UtcTime: 2026-03-04 12:00", "UtcTime=2026-03-04T12:00:59Z", true },
		{ "UtcTime: 2026-03-04 12:00", "UtcTime=2026-03-04T12:01:00Z", false },
		{ "UtcTime: '2026-03-04T12:00:05Z'", "UtcTime=2026-03-04T12:00:05.999Z", true },
		{ "UtcTime: '2026-03-04 12:00:05.008'", "UtcTime=2026-03-04T12:00:05.008Z", true },
		{ "UtcTime: '2026-03-04 12:00:05.008'", "UtcTime=2026-03-04T12:00:05.009Z", false },
		{ "UtcTime|lt: 2026-03-04", "UtcTime=2026-03-03T23:59:59.9Z", true },
		{ "UtcTime|lt: 2026-03-04", "UtcTime=2026-03-04", false },
		{ "UtcTime|lte: 2026-03-04", "UtcTime=2026-03-04T23:59:59.9Z", true },
		{ "UtcTime|gt: 2026-03-04", "UtcTime=2026-03-04T23:59:59.9Z", false },
		{ "UtcTime|gt: 2026-03-04", "UtcTime=2026-03-05", true },
		{ "UtcTime|gte: 2026-03-04", "UtcTime=2026-03-04", true },
		{ "UtcTime: '*'", "UtcTime=2026-03-04", true },
		{ "Image: /bin/sh\nUtcTime|hour|gte: 22",
		  "Image=/bin/sh" AND "UtcTime=2026-03-04T23:00:00Z", true },
		{ "Image: /bin/sh\nUtcTime|hour|gte: 22",
		  "Image=/bin/sh" AND "UtcTime=2026-03-04T03:00:00Z", false },
	};

	CASES(PC, rows);
}
