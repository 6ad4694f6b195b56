/* SPDX-License-Identifier: Apache-2.0 */
#include "selftest/verdict.h"

#include <string.h>

static enum proof broken(struct buffer *words, const char *what)
{
	buffer_print(words, "FAILED: %s", what);
	return PROOF_broken;
}

/* Where only the rules tell. 0: it was as promised. */
static enum proof told_judge(const struct canary *canary, const struct seen *seen,
			     enum strength promised, struct buffer *words)
{
	if (seen->answer == ANSWER_untried || seen->answer == ANSWER_none) {
		buffer_add_string(words, "not tried: it cannot be done on this host");
		return PROOF_none;
	}
	if (seen->answer == ANSWER_failed) {
		buffer_print(words, "not tried: %s", strerror(seen->error));
		return PROOF_none;
	}
	if (canary->fails && seen->told == TOLD_nothing && promised < STRENGTH_deny) {
		buffer_add_string(words, "not tried: what fails by itself is not seen here, and it "
					 "is not done in earnest");
		return PROOF_none;
	}
	if (seen->told == TOLD_nothing)
		return broken(words, "it was done, and is not in the alert log");
	if (seen->answer == ANSWER_refused)
		return broken(words, "it was refused, where no rule refuses it");
	return PROOF_held;
}

static const char *refusal_words(const struct seen *seen)
{
	if (seen->told == TOLD_denied)
		return "denied";
	return seen->after ? "killed after the act" : "killed";
}

/* How far it really went. */
static enum strength strength_seen(const struct seen *seen)
{
	if (seen->told == TOLD_denied)
		return STRENGTH_deny;
	if (seen->told == TOLD_killed)
		return seen->after ? STRENGTH_kill_after : STRENGTH_kill;
	return seen->told == TOLD_nothing ? STRENGTH_not_seen : STRENGTH_alert_only;
}

/* Where they refuse. */
static enum proof refused_judge(const struct seen *seen, enum strength promised, bool filtered,
				struct buffer *words)
{
	enum strength strength = strength_seen(seen);

	if (filtered && seen->told == TOLD_nothing && seen->answer == ANSWER_refused) {
		buffer_add_string(words, "seen, denied by the system call filter");
		return PROOF_held;
	}
	if (strength <= STRENGTH_alert_only)
		return broken(words, "it was seen, and not refused");
	if (strength == STRENGTH_deny && seen->answer == ANSWER_done)
		return broken(words, "it was refused as the alert log has it, and was done");
	if (strength < promised) {
		buffer_print(words, "FAILED: %s, where this promises '%s'", refusal_words(seen),
			     strength_table[promised]);
		return PROOF_broken;
	}
	buffer_print(words, "seen, %s", refusal_words(seen));
	return PROOF_held;
}

enum proof canary_judge(const struct canary *canary, const struct seen seen[STAGE_MAX],
			enum strength promised, bool filtered, struct buffer *words)
{
	enum proof proof;

	if (promised == STRENGTH_not_seen) {
		buffer_add_string(words, "not on this kernel");
		return PROOF_unpromised;
	}
	proof = told_judge(canary, &seen[STAGE_seen], promised, words);
	if (proof != PROOF_held)
		return proof;
	if (promised == STRENGTH_alert_only) {
		buffer_add_string(words, "seen");
		return PROOF_held;
	}
	return refused_judge(&seen[STAGE_refused], promised, filtered, words);
}
