/* SPDX-License-Identifier: Apache-2.0 */
/* Rules come from a memory file, so that nothing is written to any disk. */
#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "pipeline/evaluate.h"
#include "rules/policy_image.h"

#define CORPUS "tests/fuzz/corpus/rules"

static const struct rule_inputs inputs = {
	.maestro = "rules/maestro.yml", /* targets run in the source tree */
};

DEFINE_CLEANUP(struct compiled *, compiled_free)

struct ruleset *fuzz_ruleset(const void *data, size_t size, struct diagnostics *diagnostics)
{
	static char path[32];
	static int fd = -1;
	const char *paths[] = { path };
	struct ruleset *ruleset = NULL;

	if (fd < 0) {
		fd = memfd_create("rules", MFD_CLOEXEC);
		MUST(fd >= 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	MUST(!ftruncate(fd, (off_t)size));
	MUST(pwrite(fd, data, size, 0) == (ssize_t)size);
	if (ruleset_read(&ruleset, paths, 1, &inputs, diagnostics) < 0)
		return NULL;
	return ruleset;
}

const struct compiled *fuzz_policy(struct ruleset **ret_ruleset)
{
	static struct compiled *compiled;
	static struct ruleset *ruleset;

	if (!compiled) {
		struct diagnostics diagnostics = { 0 };

		MUST(!ruleset_read(&ruleset, &(const char *) { CORPUS }, 1, &inputs, &diagnostics));
		MUST(!compile(&compiled, ruleset, 1, &diagnostics));
		MUST(!policy_check(compiled->policy, compiled->policy->size));
		diagnostics_done(&diagnostics);
	}
	if (ret_ruleset)
		*ret_ruleset = ruleset;
	return compiled;
}

#define TEXT(literal)                                                                              \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}
static const struct bytes texts[] = { TEXT("/home/u/.ssh/id_rsa"), TEXT("/usr/bin/curl"),
				      TEXT("sh"), TEXT(""), TEXT("\xff\0a*b?\\ \xc3\xa4 /tmp/x") };
static const uint64_t numbers[] = { 0, 1, 443, 1000, ~0ULL };

/* Every field that such an event can have gets the value. */
static void event_fill(struct event_view *view, struct record *record, size_t value)
{
	for (size_t i = 0; i < FIELD_MAX; i++) {
		const struct field_info *field = &field_table[i];

		if (field->event >= 0 && field->event != record->header.event)
			continue;
		record->header.present |= SLOT_BIT(field->slot);
		if (field->kind == KIND_text)
			view->text[i] = texts[value];
		else if (field->kind == KIND_time)
			view->wall = numbers[value];
		else if (field->kind == KIND_ip)
			memset((char *)record + field->offset, (int)numbers[value], 16);
		else
			memcpy((char *)record + field->offset, &numbers[value], 8);
	}
}

void fuzz_evaluate(const struct policy *policy)
{
	_cleanup_(evaluator_freep) struct evaluator *evaluator = NULL;
	struct verdict verdict;

	MUST(!evaluator_new(&evaluator, policy));
	for (size_t i = 0; i < EVENT_MAX * (ARRAY_SIZE(texts) + 1); i++) {
		struct record record = { 0 };
		struct event_view view = { .record = &record };

		record.header.event = i % EVENT_MAX;
		record.header.session = 1 + i % 3;
		record.header.time = i * 1000000000;
		/* the last ones have no field at all */
		if (i / EVENT_MAX < ARRAY_SIZE(texts))
			event_fill(&view, &record, i / EVENT_MAX);
		MUST(evaluate(evaluator, &view, SIDE_ALL, &verdict) >= 0);
		MUST(verdict.asked < RESPONSE_MAX);
	}
}

void fuzz_edit(void *buffer, size_t length, const uint8_t *data, size_t size)
{
	for (; size >= 8; data += 8, size -= 8) {
		size_t width = (size_t)1 << (data[0] & 3);
		uint64_t value = 0, offset = 0, was = 0;
		char *at;

		memcpy(&offset, data + 1, 3);
		memcpy(&value, data + 4, 4);
		if (length < width)
			return;
		at = (char *)buffer + offset % (length / width) * width;
		memcpy(&was, at, width);
		/* put there, added, or with the sign of 32 bits */
		if (data[0] & 4)
			value += was;
		if (data[0] & 8)
			value = (uint64_t)(int64_t)(int32_t)value;
		memcpy(at, &value, width);
	}
}
