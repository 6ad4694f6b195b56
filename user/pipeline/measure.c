/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/measure.h"

#include <errno.h>
#include <inttypes.h>

#include "pipeline/buckets.h"
#include "pipeline/recent.h"
#include "pipeline/samples.h"

#define MILLION 1000000

/* A value that was seen, by when that was last. */
struct seen {
	struct recent_row row;
	__u64 time;
};

struct measure {
	const struct policy_correlation *correlation;
	const struct policy_detail *detail;
	union {
		struct recent seen; /* value_count */
		struct buckets buckets; /* value_sum, value_avg */
		struct samples samples; /* value_percentile */
	};
};

static bool threshold_holds(const struct reached *reached, const struct policy_threshold *with)
{
	__int128 left = reached->sum * MILLION;
	__int128 right = ((__int128)with->whole * MILLION + with->millionths) * reached->count;

	switch (with->op) {
	case THRESHOLD_gt:
		return left > right;
	case THRESHOLD_gte:
		return left >= right;
	case THRESHOLD_lt:
		return left < right;
	case THRESHOLD_lte:
		return left <= right;
	case THRESHOLD_eq:
		return left == right;
	default:
		return left != right;
	}
}

bool reached_satisfies(const struct reached *reached, const struct policy_detail *detail)
{
	for (__u32 i = 0; i < detail->threshold_count; i++)
		if (!threshold_holds(reached, &detail->threshold[i]))
			return false;
	return true;
}

int reached_print(struct buffer *out, const struct reached *reached)
{
	bool negative = reached->sum < 0;
	unsigned __int128 sum =
		negative ? -(unsigned __int128)reached->sum : (unsigned __int128)reached->sum;
	unsigned __int128 thousandths = (sum * 1000 + reached->count / 2) / reached->count;
	char decimals[8] = "";
	uint64_t whole =
		thousandths / 1000 > UINT64_MAX ? UINT64_MAX : (uint64_t)(thousandths / 1000);
	size_t length;

	length = (size_t)snprintf(decimals, sizeof(decimals), ".%03u",
				  (unsigned int)(thousandths % 1000));
	while (length && (decimals[length - 1] == '0' || decimals[length - 1] == '.'))
		decimals[--length] = '\0';
	return buffer_print(out, "%s%" PRIu64 "%s", negative ? "-" : "", whole, decimals);
}

static void seen_release(struct recent_row *row)
{
	free((struct seen *)row);
}

int measure_new(struct measure **ret_measure, const struct policy_correlation *correlation,
		const struct policy_detail *detail)
{
	struct measure *measure = calloc(1, sizeof(*measure));

	if (!measure)
		return -ENOMEM;
	measure->correlation = correlation;
	measure->detail = detail;
	if (correlation->type == CORRELATION_value_count)
		recent_init(&measure->seen, VALUE_COUNT_MAX + 1, SIZE_MAX, seen_release);
	*ret_measure = measure;
	return 0;
}

void measure_free(struct measure *measure)
{
	if (measure->correlation->type == CORRELATION_value_count)
		recent_done(&measure->seen);
	else if (measure->correlation->type == CORRELATION_value_percentile)
		samples_done(&measure->samples);
	free(measure);
}

static bool seen_recently(const struct measure *measure, const struct recent_row *row, __u64 now)
{
	__u64 time = ((const struct seen *)row)->time;

	return time > now || now - time <= measure->correlation->timespan;
}

static int seen_take(struct measure *measure, __u64 now, const struct fingerprint *id,
		     struct reached *ret_reached)
{
	struct recent *recent = &measure->seen;
	struct seen *seen = (struct seen *)recent_find(recent, 0, id);

	if (!seen) {
		seen = calloc(1, sizeof(*seen));
		if (!seen)
			return -ENOMEM;
		seen->row.key = *id;
		seen->row.bytes = sizeof(*seen);
		if (recent_add(recent, &seen->row) < 0) {
			free(seen);
			return -ENOMEM;
		}
	}
	seen->time = now;
	while (!seen_recently(measure, recent->oldest, now))
		recent_remove(recent, recent->oldest);
	*ret_reached = (struct reached) { recent->count, 1, recent->count == recent->count_max };
	return 0;
}

static int samples_take(struct measure *measure, __u64 now, __s64 number,
			const struct fingerprint *id, struct reached *ret_reached)
{
	struct samples *samples = &measure->samples;
	const struct sample sample = { now, number, *id };
	int r = samples_add(samples, measure->correlation->timespan, &sample);

	if (r < 0)
		return r;
	if (measure->detail->percentile == PERCENTILE_SHARE)
		*ret_reached =
			(struct reached) { 100 * samples_same(samples, id), samples->count, false };
	else
		*ret_reached =
			(struct reached) { samples_percentile(samples, measure->detail->percentile),
					   1, false };
	return r;
}

int measure_take(struct measure *measure, __u64 now, __s64 number, const struct fingerprint *id,
		 struct reached *ret_reached)
{
	__u64 span = measure->correlation->timespan;

	switch (measure->correlation->type) {
	case CORRELATION_value_count:
		return seen_take(measure, now, id, ret_reached);
	case CORRELATION_value_percentile:
		return samples_take(measure, now, number, id, ret_reached);
	default:
		buckets_add(&measure->buckets, span, now, number);
		*ret_reached = (struct reached) { 0 };
		buckets_total(&measure->buckets, span, now, &ret_reached->sum, &ret_reached->count);
		if (measure->correlation->type == CORRELATION_value_sum)
			ret_reached->count = 1;
		return 0;
	}
}

size_t measure_bytes(const struct measure *measure)
{
	size_t bytes = sizeof(*measure);

	if (measure->correlation->type == CORRELATION_value_count)
		bytes += measure->seen.bytes + measure->seen.bucket_count * sizeof(void *);
	else if (measure->correlation->type == CORRELATION_value_percentile)
		bytes += measure->samples.capacity * (sizeof(struct sample) + sizeof(__s64));
	return bytes;
}
