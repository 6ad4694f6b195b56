/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `fermata selftest` does, and how it judges what came of it.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "selftest/verdict.h"
#include "unit.h"

#define CATALOGUE "tests/live/README.md"

UNIT_TEST(selftest, each_event_has_a_canary)
{
	bool has[EVENT_MAX] = { false };

	for (const struct canary *row = canary_table; row->name; row++) {
		has[row->event] = true;
		CU_ASSERT_PTR_EQUAL(canary_find(row->name), row);
		CU_ASSERT(!row->key == !row->value);
	}
	for (int event = 0; event < EVENT_MAX; event++)
		CU_ASSERT(has[event]);
	CU_ASSERT_PTR_NULL(canary_find("nothing"));
}

/* Those behind the events' own are called as the catalogue calls them. */
UNIT_TEST(selftest, tricks_are_of_the_catalogue)
{
	_cleanup_free_ char *page = NULL;
	char row[80];

	CU_ASSERT_EQUAL_FATAL(file_read(CATALOGUE, 1 << 20, &page, NULL), 0);
	for (const struct canary *trick = canary_find("make_executable") + 1; trick->name;
	     trick++) {
		snprintf(row, sizeof(row), "\n| %s |", trick->name);
		CU_ASSERT_PTR_NOT_NULL(strstr(page, row));
	}
}

struct judgement {
	struct seen told, refused;
	enum strength promised;
	bool filtered;
	enum proof proof;
	const char *words;
};

#define DONE                                                                                       \
	{                                                                                          \
		.answer = ANSWER_done, .told = TOLD_alerted                                        \
	}

static const struct judgement judgements[] = {
	{ DONE,
	  { .answer = ANSWER_refused, .told = TOLD_denied },
	  STRENGTH_deny,
	  false,
	  PROOF_held,
	  "seen, denied" },
	{ DONE,
	  { .answer = ANSWER_refused, .told = TOLD_killed },
	  STRENGTH_kill,
	  false,
	  PROOF_held,
	  "seen, killed" },
	{ DONE,
	  { .answer = ANSWER_refused, .told = TOLD_killed, .after = true },
	  STRENGTH_kill_after,
	  false,
	  PROOF_held,
	  "seen, killed after the act" },
	/* more than was promised is no less */
	{ DONE,
	  { .answer = ANSWER_refused, .told = TOLD_denied },
	  STRENGTH_kill_after,
	  false,
	  PROOF_held,
	  "seen, denied" },
	{ DONE,
	  { .answer = ANSWER_refused },
	  STRENGTH_kill_after,
	  true,
	  PROOF_held,
	  "seen, denied by the system call filter" },
	{ DONE, { 0 }, STRENGTH_alert_only, false, PROOF_held, "seen" },
	{ { .answer = ANSWER_done },
	  { .answer = ANSWER_refused, .told = TOLD_denied },
	  STRENGTH_deny,
	  false,
	  PROOF_broken,
	  "FAILED: it was done, and is not in the alert log" },
	{ { .answer = ANSWER_refused, .told = TOLD_alerted },
	  { 0 },
	  STRENGTH_deny,
	  false,
	  PROOF_broken,
	  "FAILED: it was refused, where no rule refuses it" },
	{ DONE,
	  { .answer = ANSWER_done, .told = TOLD_alerted },
	  STRENGTH_deny,
	  false,
	  PROOF_broken,
	  "FAILED: it was seen, and not refused" },
	{ DONE,
	  { .answer = ANSWER_done, .told = TOLD_denied },
	  STRENGTH_deny,
	  false,
	  PROOF_broken,
	  "FAILED: it was refused as the alert log has it, and was done" },
	{ DONE,
	  { .answer = ANSWER_refused, .told = TOLD_killed, .after = true },
	  STRENGTH_deny,
	  false,
	  PROOF_broken,
	  "FAILED: killed after the act, where this promises 'deny'" },
	/* what the filter refuses is told where there is none */
	{ DONE,
	  { .answer = ANSWER_refused },
	  STRENGTH_kill_after,
	  false,
	  PROOF_broken,
	  "FAILED: it was seen, and not refused" },
	{ { .answer = ANSWER_untried },
	  { 0 },
	  STRENGTH_deny,
	  false,
	  PROOF_none,
	  "not tried: it cannot be done on this host" },
	{ { .answer = ANSWER_failed, .error = EROFS },
	  { 0 },
	  STRENGTH_deny,
	  false,
	  PROOF_none,
	  "not tried: Read-only file system" },
	{ DONE, DONE, STRENGTH_not_seen, false, PROOF_unpromised, "not on this kernel" },
};

UNIT_TEST(selftest, judgements)
{
	for (size_t i = 0; i < ARRAY_SIZE(judgements); i++) {
		const struct judgement *j = &judgements[i];
		const struct seen seen[STAGE_MAX] = { j->told, j->refused };
		_cleanup_buffer_ struct buffer words = BUFFER(4096);

		CU_ASSERT_EQUAL(canary_judge(canary_find("open"), seen, j->promised, j->filtered,
					     &words),
				j->proof);
		buffer_add_byte(&words, '\0');
		CU_ASSERT_STRING_EQUAL(words.data, j->words);
	}
}

/* What fails by itself is told only by who is asked before. */
UNIT_TEST(selftest, what_is_not_done_in_earnest)
{
	const struct seen seen[STAGE_MAX] = { { .answer = ANSWER_done } };
	_cleanup_buffer_ struct buffer words = BUFFER(4096);
	const struct canary *module = canary_find("load_module");

	CU_ASSERT_EQUAL(canary_judge(module, seen, STRENGTH_kill_after, true, &words), PROOF_none);
	CU_ASSERT_EQUAL(canary_judge(module, seen, STRENGTH_deny, false, &words), PROOF_broken);
}
