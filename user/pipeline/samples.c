/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/samples.h"

#include <errno.h>
#include <string.h>

#define SAMPLES_MIN 16

void samples_done(struct samples *samples)
{
	free(samples->list);
	free(samples->sorted);
	*samples = (struct samples) { 0 };
}

static struct sample *sample_at(const struct samples *samples, size_t i)
{
	return &samples->list[(samples->first + i) & (samples->capacity - 1)];
}

/* Where the number is, or would be. */
static size_t sorted_find(const struct samples *samples, __s64 number)
{
	size_t low = 0, high = samples->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (samples->sorted[middle] < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void oldest_drop(struct samples *samples)
{
	size_t at = sorted_find(samples, sample_at(samples, 0)->number);

	memmove(&samples->sorted[at], &samples->sorted[at + 1],
		(samples->count - at - 1) * sizeof(*samples->sorted));
	samples->first = (samples->first + 1) & (samples->capacity - 1);
	samples->count--;
}

/* Makes room for one more, unless there are SAMPLES_MAX. */
static int samples_grow(struct samples *samples)
{
	size_t capacity = samples->capacity ? 2 * samples->capacity : SAMPLES_MIN;
	struct sample *list;
	__s64 *sorted;

	if (samples->count < samples->capacity || samples->capacity == SAMPLES_MAX)
		return 0;
	sorted = reallocarray(samples->sorted, capacity, sizeof(*sorted));
	if (!sorted)
		return -ENOMEM;
	samples->sorted = sorted;
	list = calloc(capacity, sizeof(*list));
	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < samples->count; i++)
		list[i] = *sample_at(samples, i);
	free(samples->list);
	samples->list = list;
	samples->first = 0;
	samples->capacity = capacity;
	return 0;
}

int samples_add(struct samples *samples, __u64 span, const struct sample *sample)
{
	size_t at;
	int lost;

	while (samples->count && sample_at(samples, 0)->time < sample->time &&
	       sample->time - sample_at(samples, 0)->time > span)
		oldest_drop(samples);
	if (samples_grow(samples) < 0)
		return -ENOMEM;
	lost = samples->count == samples->capacity;
	if (lost)
		oldest_drop(samples);
	at = sorted_find(samples, sample->number);
	memmove(&samples->sorted[at + 1], &samples->sorted[at],
		(samples->count - at) * sizeof(*samples->sorted));
	samples->sorted[at] = sample->number;
	*sample_at(samples, samples->count) = *sample;
	samples->count++;
	return lost;
}

__s64 samples_percentile(const struct samples *samples, unsigned int percentile)
{
	size_t rank = (samples->count * percentile + 99) / 100;

	return samples->sorted[rank ? rank - 1 : 0];
}

size_t samples_same(const struct samples *samples, const struct fingerprint *id)
{
	size_t count = 0;

	for (size_t i = 0; i < samples->count; i++)
		count += fingerprint_equal(&sample_at(samples, i)->id, id);
	return count;
}
