/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What came of a canary, held against what was promised.
 */
#ifndef FERMATA_SELFTEST_VERDICT_H
#define FERMATA_SELFTEST_VERDICT_H

#include "base/buffer.h"
#include "selftest/stage.h"
#include "sensor/strength.h"

enum proof {
	PROOF_held, /* what was promised is what came */
	PROOF_broken,
	PROOF_none, /* it cannot be tried on this host */
	PROOF_unpromised, /* not on this kernel */
};

/*
 * `seen`: by stage; `promised`: what the rule that refuses is to do here; `filtered`: the tree has
 * a system call filter, which refuses without a word. Adds to `words` what came of it, or why
 * there is nothing.
 */
enum proof canary_judge(const struct canary *canary, const struct seen seen[STAGE_MAX],
			enum strength promised, bool filtered, struct buffer *words);

#endif
