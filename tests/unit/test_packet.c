/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is decided about packets: which programs see them, and what the user side does when
 * the kernel has dropped one.
 */
#include <errno.h>

#include "address.h"
#include "pipeline_fixture.h"
#include "record_builder.h"
#include "rule_builder.h"
#include "sensor/plan.h"
#include "unit.h"

#define SECOND 1000000000ULL

static bool wants(const struct plan *plan, const char *name, const struct policy *policy)
{
	return plan_wants(plan, program_find(name), policy);
}

UNIT_TEST(packet, programs_are_taken_by_need)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	struct plan lsm = { .tier = TIER_lsm }, portable = { .tier = TIER_portable };
	const struct policy *policy;

	build_rule(ruleset, EVENT_dns_query, build_text(FIELD_dns_query_query_name, "x.example"),
		   RESPONSE_deny);
	compiled = build_compiled(ruleset);
	CU_ASSERT_PTR_NOT_NULL_FATAL(compiled);
	policy = compiled->policy;
	CU_ASSERT_EQUAL(plan_packet_events(&lsm, policy), EVENT_BIT(dns_query));
	CU_ASSERT(wants(&lsm, "packet_egress", policy));
	CU_ASSERT(!wants(&lsm, "packet_ingress", policy));
	/* who sends is told by what would serve connections */
	CU_ASSERT(wants(&lsm, "lsm_socket_sendmsg", policy));
	CU_ASSERT(!wants(&lsm, "cgroup_sendmsg4", policy));
	CU_ASSERT(wants(&portable, "cgroup_sendmsg4", policy));
	CU_ASSERT(plan_knows_senders(&lsm));
	CU_ASSERT(!plan_knows_senders(&portable));
	plan_fail(&lsm, HOOK_egress, SHELL_packet, "load", EINVAL);
	CU_ASSERT_EQUAL(plan_event(&lsm, EVENT_dns_query), SHELL_none);
	CU_ASSERT_EQUAL(plan_packet_events(&lsm, policy), 0);
	CU_ASSERT(!wants(&lsm, "lsm_socket_sendmsg", policy));
}

UNIT_TEST(packet, names_are_learnt_by_need)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	struct plan plan = { .tier = TIER_fmod_ret };

	build_rule(ruleset, EVENT_network_connection,
		   build_text(FIELD_network_connection_destination_hostname, "x.example"),
		   RESPONSE_deny);
	compiled = build_compiled(ruleset);
	CU_ASSERT_PTR_NOT_NULL_FATAL(compiled);
	CU_ASSERT(plan_names(&plan, compiled->policy));
	CU_ASSERT(wants(&plan, "packet_ingress", compiled->policy));
	CU_ASSERT(!wants(&plan, "packet_egress", compiled->policy));
	plan_fail(&plan, HOOK_ingress, SHELL_packet, "load", EINVAL);
	CU_ASSERT(!plan_names(&plan, compiled->policy));
	CU_ASSERT_EQUAL(plan_event(&plan, EVENT_network_connection), SHELL_fmod_ret);
}

/* A network_send over that protocol, of which the kernel has dropped the packet. */
static void send_dropped(struct fixture *fixture, __u64 protocol, enum response asked,
			 unsigned int done)
{
	union built_record built;
	struct event_network_send *n = &built.record.network_send;
	struct verdict *verdict = &built.record.header.verdict;

	record_start(&built, EVENT_network_send, 10 * SECOND);
	n->source_ip = address_v4(__builtin_bswap32(0x0a000001));
	n->destination_ip = address_v4(__builtin_bswap32(0xcb007109));
	n->source_port = 40000;
	n->destination_port = 443;
	n->protocol = protocol;
	n->bytes = n->total_bytes = 65536;
	record_has(&built, SLOT_network_send_destination_ip);
	record_has(&built, SLOT_network_send_destination_port);
	record_has(&built, SLOT_network_send_bytes);
	record_has(&built, SLOT_network_send_total_bytes);
	record_match(&built, RULE_port, 0);
	verdict->asked = (__u8)asked;
	verdict->done = (__u8)done;
	verdict->shell = SHELL_packet;
	fixture_record(fixture, &built, 0);
}

UNIT_TEST(packet, what_was_dropped_is_not_sent_again)
{
	struct fixture fixture;

	fixture_open(&fixture, NULL, false);
	send_dropped(&fixture, 6, RESPONSE_deny, DONE_DENIED);
	CU_ASSERT_EQUAL(fixture.calls.abort_connection, 1);
	CU_ASSERT_EQUAL(fixture.calls.connection.source_port, 40000);
	CU_ASSERT_EQUAL(fixture.calls.connection.destination_port, 443);
	CU_ASSERT_EQUAL(fixture.calls.pid, 4711);
	CU_ASSERT_EQUAL(fixture.calls.kill_process, 0);
	/* a datagram is not */
	send_dropped(&fixture, 17, RESPONSE_deny, DONE_DENIED);
	CU_ASSERT_EQUAL(fixture.calls.abort_connection, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(fixture_readable(&fixture),
				      "send to 203.0.113.9:443, 65536 bytes, 65536 in all"));
	fixture_close(&fixture);
}

UNIT_TEST(packet, who_sent_it_is_killed_here)
{
	struct fixture fixture;

	fixture_open(&fixture, NULL, false);
	send_dropped(&fixture, 17, RESPONSE_kill, DONE_DENIED | DONE_KILLED);
	CU_ASSERT_EQUAL(fixture.calls.kill_process, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(fixture_readable(&fixture), "KILLED"));
	/* who has ended was refused, and not killed */
	fixture.calls.answer = -ESRCH;
	send_dropped(&fixture, 17, RESPONSE_kill, DONE_DENIED | DONE_KILLED);
	CU_ASSERT_EQUAL(fixture.calls.kill_process, 2);
	CU_ASSERT_PTR_NOT_NULL(strstr(fixture_readable(&fixture), "DENIED"));
	fixture.calls.answer = 0;
	send_dropped(&fixture, 6, RESPONSE_kill_agent, DONE_DENIED | DONE_KILLED | DONE_CONDEMNED);
	CU_ASSERT_EQUAL(fixture.calls.kill_agent, 1);
	CU_ASSERT_EQUAL(fixture.calls.kill_process, 2);
	CU_ASSERT_EQUAL(fixture.calls.abort_connection, 1);
	fixture_close(&fixture);
}

UNIT_TEST(packet, who_observes_does_nothing)
{
	struct fixture fixture;

	fixture_open(&fixture, NULL, true);
	send_dropped(&fixture, 6, RESPONSE_kill, DONE_DENIED | DONE_KILLED | DONE_SIMULATED);
	CU_ASSERT_EQUAL(fixture.calls.abort_connection, 0);
	CU_ASSERT_EQUAL(fixture.calls.kill_process, 0);
	fixture_close(&fixture);
}
