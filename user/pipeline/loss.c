/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel takes a number for each record it tries to send, so on each CPU and ring
 * what is missing is the highest number plus one, less the records that came. That
 * holds in any order of arrival.
 */
#include "pipeline/loss.h"

#include <errno.h>

#include "pipeline/decode.h"

struct flow {
	__u64 received;
	__u64 end; /* highest number plus one */
};

struct losses {
	struct flow *flow[RING_MAX]; /* by CPU */
	__u32 cpus[RING_MAX]; /* as far as memory goes */
	__u64 counted[LOSS_CAUSES]; /* running totals */
	__u64 taken[LOSS_CAUSES];
	__u64 unexplained[RING_MAX]; /* at the last update */
	__u64 gaps[RING_MAX]; /* counted as sequence_gap */
};

const struct loss_cause loss_table[LOSS_CAUSES] = {
#define L(name_, meaning_) [LOSS_##name_] = { .name = #name_, .meaning = (meaning_) },
	LOSSES(L)
#undef L
#define L(name_, meaning_) [USER_LOSS_##name_] = { .name = #name_, .meaning = (meaning_) },
		USER_LOSSES(L)
#undef L
};

int losses_new(struct losses **ret_losses)
{
	struct losses *losses = calloc(1, sizeof(*losses));

	if (!losses)
		return -ENOMEM;
	*ret_losses = losses;
	return 0;
}

void losses_free(struct losses *losses)
{
	for (size_t ring = 0; ring < RING_MAX; ring++)
		free(losses->flow[ring]);
	free(losses);
}

/* Makes room for the CPU. */
static int flow_get(struct losses *losses, enum ring_kind ring, __u32 cpu, struct flow **ret_flow)
{
	struct flow *flow;

	if (cpu >= losses->cpus[ring]) {
		__u32 cpus = cpu + 1;

		if (cpu >= RECORD_CPUS_MAX)
			return -EINVAL;
		flow = reallocarray(losses->flow[ring], cpus, sizeof(*flow));
		if (!flow)
			return -ENOMEM;
		for (__u32 i = losses->cpus[ring]; i < cpus; i++)
			flow[i] = (struct flow) { 0 };
		losses->flow[ring] = flow;
		losses->cpus[ring] = cpus;
	}
	*ret_flow = &losses->flow[ring][cpu];
	return 0;
}

int losses_expect(struct losses *losses, enum ring_kind ring, __u32 cpu, __u64 first)
{
	struct flow *flow;
	int r = flow_get(losses, ring, cpu, &flow);

	if (!r)
		*flow = (struct flow) { .received = first, .end = first };
	return r;
}

int losses_sequence(struct losses *losses, enum ring_kind ring, __u32 cpu, __u64 sequence)
{
	struct flow *flow;
	int r = flow_get(losses, ring, cpu, &flow);

	if (r)
		return r;
	flow->received++;
	if (sequence >= flow->end)
		flow->end = sequence + 1;
	return 0;
}

void losses_count(struct losses *losses, enum user_loss cause, __u64 count)
{
	losses->counted[cause] += count;
}

static __u64 missing(const struct losses *losses, enum ring_kind ring)
{
	__u64 sum = 0;

	for (__u32 cpu = 0; cpu < losses->cpus[ring]; cpu++) {
		const struct flow *flow = &losses->flow[ring][cpu];

		if (flow->end > flow->received)
			sum += flow->end - flow->received;
	}
	return sum;
}

void losses_update(struct losses *losses, const __u64 counters[LOSS_MAX])
{
	static const enum loss full[RING_MAX] = {
		[RING_verdict] = LOSS_verdict_ring, [RING_telemetry] = LOSS_telemetry_ring
	};

	for (size_t cause = 0; cause < LOSS_MAX; cause++)
		losses->counted[cause] = counters[cause];
	for (size_t ring = 0; ring < RING_MAX; ring++) {
		__u64 gap = missing(losses, ring), settled;
		__u64 known = counters[full[ring]] + losses->gaps[ring];

		gap = gap > known ? gap - known : 0;
		settled = gap < losses->unexplained[ring] ? gap : losses->unexplained[ring];
		losses->gaps[ring] += settled;
		losses->counted[USER_LOSS_sequence_gap] += settled;
		losses->unexplained[ring] = gap - settled;
	}
}

__u64 losses_take(struct losses *losses, unsigned int cause)
{
	__u64 count = losses->counted[cause] - losses->taken[cause];

	losses->taken[cause] = losses->counted[cause];
	return count;
}
