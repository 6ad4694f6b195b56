// SPDX-License-Identifier: Apache-2.0
/*
 * Losses: what counters and sequence numbers say, in any order of arrival.
 */
#include <errno.h>

#include "pipeline/decode.h"
#include "pipeline/loss.h"
#include "unit.h"

static const __u64 none[LOSS_MAX];

static struct losses *losses_make(void)
{
	struct losses *losses = NULL;

	CU_ASSERT_EQUAL_FATAL(losses_new(&losses), 0);
	return losses;
}

UNIT_TEST(loss, counters_are_told_once)
{
	_cleanup_(losses_freep) struct losses *losses = losses_make();
	__u64 counters[LOSS_MAX] = { [LOSS_telemetry_ring] = 3, [LOSS_scratch] = 1 };

	losses_update(losses, counters);
	CU_ASSERT_EQUAL(losses_take(losses, LOSS_telemetry_ring), 3);
	CU_ASSERT_EQUAL(losses_take(losses, LOSS_scratch), 1);
	CU_ASSERT_EQUAL(losses_take(losses, LOSS_verdict_ring), 0);
	losses_update(losses, counters);
	CU_ASSERT_EQUAL(losses_take(losses, LOSS_telemetry_ring), 0);
	counters[LOSS_telemetry_ring] = 10;
	losses_update(losses, counters);
	CU_ASSERT_EQUAL(losses_take(losses, LOSS_telemetry_ring), 7);
	losses_count(losses, USER_LOSS_record, 2);
	CU_ASSERT_EQUAL(losses_take(losses, USER_LOSS_record), 2);
	CU_ASSERT_EQUAL(losses_take(losses, USER_LOSS_record), 0);
}

/* The numbers of each CPU and ring, shuffled, without gaps: no loss. */
UNIT_TEST(loss, order_does_not_matter)
{
	_cleanup_(losses_freep) struct losses *losses = losses_make();
	uint64_t seed = unit_seed();

	for (int ring = 0; ring < RING_MAX; ring++)
		for (__u32 cpu = 0; cpu < 5; cpu++) {
			__u64 number[100];

			for (__u64 i = 0; i < 100; i++)
				number[i] = i;
			for (size_t i = 99; i > 0; i--) {
				size_t j = unit_below(&seed, i + 1);
				__u64 other = number[i];

				number[i] = number[j];
				number[j] = other;
			}
			for (size_t i = 0; i < 100; i++)
				CU_ASSERT_EQUAL(losses_sequence(losses, (enum ring_kind)ring,
								cpu * 7, number[i]),
						0);
		}
	losses_update(losses, none);
	losses_update(losses, none);
	CU_ASSERT_EQUAL(losses_take(losses, USER_LOSS_sequence_gap), 0);
}

UNIT_TEST(loss, unexplained_gap_is_told_when_it_stays)
{
	_cleanup_(losses_freep) struct losses *losses = losses_make();

	losses_sequence(losses, RING_verdict, 0, 0);
	losses_sequence(losses, RING_verdict, 0, 4); /* 1, 2, 3 are missing */
	losses_update(losses, none);
	CU_ASSERT_EQUAL(losses_take(losses, USER_LOSS_sequence_gap), 0); /* may be on its way */
	losses_sequence(losses, RING_verdict, 0, 2); /* it was */
	losses_update(losses, none);
	CU_ASSERT_EQUAL(losses_take(losses, USER_LOSS_sequence_gap), 2);
	losses_update(losses, none);
	losses_update(losses, none);
	CU_ASSERT_EQUAL(losses_take(losses, USER_LOSS_sequence_gap), 0); /* once */
	losses_sequence(losses, RING_verdict, 0, 6);
	losses_update(losses, none);
	losses_update(losses, none);
	CU_ASSERT_EQUAL(losses_take(losses, USER_LOSS_sequence_gap), 1);
}

UNIT_TEST(loss, the_counters_explain_a_gap)
{
	_cleanup_(losses_freep) struct losses *losses = losses_make();
	__u64 counters[LOSS_MAX] = { [LOSS_verdict_ring] = 3, [LOSS_telemetry_ring] = 50 };

	losses_sequence(losses, RING_verdict, 2, 4);
	losses_update(losses, counters);
	losses_update(losses, counters);
	CU_ASSERT_EQUAL(losses_take(losses, LOSS_verdict_ring), 3);
	CU_ASSERT_EQUAL(losses_take(losses, USER_LOSS_sequence_gap), 1); /* of 4, 3 explained */
}

UNIT_TEST(loss, cpus_are_bounded)
{
	_cleanup_(losses_freep) struct losses *losses = losses_make();

	CU_ASSERT_EQUAL(losses_sequence(losses, RING_verdict, RECORD_CPUS_MAX - 1, 0), 0);
	CU_ASSERT_EQUAL(losses_sequence(losses, RING_verdict, RECORD_CPUS_MAX, 0), -EINVAL);
}

/* Numbers that begin elsewhere: what is below was another's, what is missing above is lost. */
UNIT_TEST(loss, numbers_begin_where_they_are_expected)
{
	_cleanup_(losses_freep) struct losses *losses = losses_make();

	CU_ASSERT_EQUAL(losses_expect(losses, RING_verdict, 1, 700), 0);
	CU_ASSERT_EQUAL(losses_expect(losses, RING_verdict, RECORD_CPUS_MAX, 700), -EINVAL);
	losses_sequence(losses, RING_verdict, 1, 701);
	losses_sequence(losses, RING_verdict, 1, 700);
	losses_sequence(losses, RING_verdict, 0, 0);
	losses_update(losses, none);
	losses_update(losses, none);
	CU_ASSERT_EQUAL(losses_take(losses, USER_LOSS_sequence_gap), 0);
	losses_sequence(losses, RING_verdict, 1, 704);
	losses_update(losses, none);
	losses_update(losses, none);
	CU_ASSERT_EQUAL(losses_take(losses, USER_LOSS_sequence_gap), 2);
}

UNIT_TEST(loss, every_cause_has_words)
{
	for (size_t i = 0; i < LOSS_CAUSES; i++) {
		CU_ASSERT_PTR_NOT_NULL(loss_table[i].name);
		CU_ASSERT_PTR_NOT_NULL(loss_table[i].meaning);
	}
}
