/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system call filter: run as the kernel runs it, on calls of every form.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "rule_builder.h"
#include "sensor/filter.h"
#include "unit.h"

#define X32 0x40000000

/* What the filter makes of a call; only what the filter uses is understood. */
static __u32 run(const struct filter *filter, const struct seccomp_data *data)
{
	__u32 a = 0;

	for (size_t at = 0; at < filter->count; at++) {
		const struct sock_filter *i = &filter->code[at];

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			CU_ASSERT(i->k % 4 == 0 && i->k <= sizeof(*data) - 4);
			memcpy(&a, (const char *)data + i->k, sizeof(a));
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			at += a == i->k ? i->jt : i->jf;
			break;
		case BPF_RET | BPF_K:
			return i->k;
		default:
			CU_FAIL("an instruction that is not known here");
			return 0;
		}
	}
	CU_FAIL("it ran off its end");
	return 0;
}

struct call {
	__u32 arch;
	int number;
	__u64 arguments[3];
	bool refused;
};

#define NATIVE AUDIT_ARCH_X86_64
#define COMPAT AUDIT_ARCH_I386

static void check(const struct filter *filter, const struct call *calls, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct seccomp_data data = { .nr = calls[i].number, .arch = calls[i].arch };
		__u32 wanted = calls[i].refused ? SECCOMP_RET_ERRNO | EPERM : SECCOMP_RET_ALLOW;

		memcpy(data.args, calls[i].arguments, sizeof(calls[i].arguments));
		CU_ASSERT_EQUAL(run(filter, &data), wanted);
	}
}

/* The filter of one rule on that event; the condition is taken over. */
static bool make(struct filter *ret_filter, enum event_type event, struct expression *condition,
		 enum response response)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;

	build_rule(ruleset, event, condition, response);
	compiled = build_compiled(ruleset);
	if (compiled)
		filter_make(ret_filter, compiled->policy);
	return compiled;
}

static struct expression *any_file(void)
{
	return build_text(FIELD_file_open_target_filename, "*/x");
}

UNIT_TEST(filter, of_rules_on_openings)
{
	static const struct call calls[] = {
		{ NATIVE, 425, { 0 }, true },
		{ NATIVE, 425 + X32, { 0 }, true },
		{ COMPAT, 425, { 0 }, true },
		{ NATIVE, 438, { 0 }, true },
		{ COMPAT, 438, { 0 }, true },
		{ NATIVE, 426, { 0 }, false },
		{ NATIVE, 0, { 0 }, false },
		{ COMPAT, 102, { 1 }, false },
		{ NATIVE, 41, { AF_INET, SOCK_RAW, IPPROTO_UDP }, false },
	};
	struct filter filter;

	if (!make(&filter, EVENT_file_open, any_file(), RESPONSE_kill))
		return;
	CU_ASSERT_STRING_EQUAL(filter.names, "io_uring, pidfd_getfd");
	check(&filter, calls, ARRAY_SIZE(calls));
}

UNIT_TEST(filter, of_rules_on_connections)
{
	static const struct call calls[] = {
		{ NATIVE, 41, { AF_INET, SOCK_DGRAM, IPPROTO_ICMP }, true },
		{ NATIVE, 41 + X32, { AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6 }, true },
		{ COMPAT, 359, { AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_UDP }, true },
		/* the kernel takes the lower half */
		{ NATIVE, 41, { AF_INET | 1ull << 32, SOCK_RAW, IPPROTO_UDP }, true },
		{ NATIVE, 41, { AF_INET, SOCK_STREAM, 0 }, false },
		{ NATIVE, 41, { AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, IPPROTO_UDP }, false },
		{ NATIVE, 41, { AF_UNIX, SOCK_STREAM, 0 }, false },
		{ NATIVE, 41, { AF_NETLINK, SOCK_RAW, 0 }, false },
		{ COMPAT, 102, { 1 }, true }, /* socket */
		{ COMPAT, 102, { 3 }, false }, /* connect */
		{ NATIVE, 102, { 1 }, false }, /* getuid */
		{ NATIVE, 359, { AF_INET, SOCK_RAW, 0 }, false },
		{ NATIVE, 425, { 0 }, false },
	};
	struct filter filter;

	if (!make(&filter, EVENT_network_connection,
		  build_range(FIELD_network_connection_destination_port, 1, 2), RESPONSE_deny))
		return;
	check(&filter, calls, ARRAY_SIZE(calls));
}

UNIT_TEST(filter, of_rules_on_other_acts_of_sockets)
{
	static const struct call calls[] = {
		{ NATIVE, 425, { 0 }, true },
		{ COMPAT, 425, { 0 }, true },
		{ NATIVE, 438, { 0 }, false },
		{ NATIVE, 41, { AF_INET, SOCK_RAW, IPPROTO_UDP }, false },
		{ COMPAT, 102, { 1 }, false },
	};
	struct filter filter;

	if (!make(&filter, EVENT_network_listen,
		  build_range(FIELD_network_listen_source_port, 1, 2), RESPONSE_deny))
		return;
	CU_ASSERT_STRING_EQUAL(filter.names, "io_uring");
	check(&filter, calls, ARRAY_SIZE(calls));
}

UNIT_TEST(filter, of_other_rules_is_empty)
{
	struct filter filter;

	if (make(&filter, EVENT_file_open, any_file(), RESPONSE_alert))
		CU_ASSERT_EQUAL(filter.count, 0);
	if (make(&filter, EVENT_process_creation, build_text(FIELD_fact_image, "/x"),
		 RESPONSE_kill))
		CU_ASSERT_EQUAL(filter.count, 0);
}
