/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules as bytes, for policy files: everything that alerts, responses and `run` need of
 * them. One walk of the structures does both directions, so what is written is what is
 * read.
 *
 * A number is 8 bytes, little-endian. A text is its length + 1 (0: NULL) and its bytes,
 * without NUL. A list is its count and its items. The rest is the order of the functions
 * of rule_codec.c, from ruleset_code() downwards. Filters are part of the conditions
 * already, and tests of rules stay where the rules were written.
 */
#ifndef FERMATA_RULE_CODEC_H
#define FERMATA_RULE_CODEC_H

#include "base/buffer.h"
#include "rules/compile.h"

#define RULES_BYTES_MAX (64u << 20) /* of all rules; more cannot be written or read */

/* Adds them to a buffer, whose maximum is RULES_BYTES_MAX. -ENOSPC: they are more; -ENOMEM. */
int rules_encode(struct buffer *out, const struct ruleset *ruleset,
		 const struct compiled *compiled);

/*
 * Reads `size` bytes that came from outside, for an image that has passed policy_check().
 * *ret_compiled has no image yet. -EINVAL: they are not the rules of such an image;
 * -ENOMEM.
 */
int rules_decode(struct ruleset **ret_ruleset, struct compiled **ret_compiled, const void *data,
		 size_t size, const struct policy *policy);

#endif
