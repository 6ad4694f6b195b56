/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiled rules in a file: `rules build` writes it, `run --policy` starts from it without
 * reading rules.
 *
 *	struct policy_file_head
 *	the policy image (policy.h), `image` bytes, filled up to a multiple of 8
 *	the rules (rule_codec.h), `rules` bytes
 *
 * A file is of one version of Fermata: its numbers of fields and events are those of the
 * table of events. The checksum tells damage, not intent: who may write the file may
 * write rules.
 */
#ifndef FERMATA_POLICY_FILE_H
#define FERMATA_POLICY_FILE_H

#include "rules/compile.h"

#define POLICY_FILE_MAGIC 0x46504d46u /* "FMPF" */
#define POLICY_FILE_VERSION 1 /* of this layout and of rule_codec.c */

struct policy_file_head {
	__u32 magic, version;
	__u64 schema; /* of the table of events, see policy_file_schema() */
	__u64 image, rules; /* bytes */
	__u8 sha256[32]; /* of the whole file, with these bytes zero */
};

/* A number that another table of events or of operators has not. */
__u64 policy_file_schema(void);

/* Writes it aside and renames it, so that the file is the old or the new one. -ENOSPC: the
 * rules are more than can be written; else -errno. */
int policy_file_write(const char *path, const struct ruleset *ruleset,
		      const struct compiled *compiled);

/*
 * Reads and checks it. -EINVAL: not such a file, or a broken one; -EPROTONOSUPPORT: of
 * another version; -EBADMSG: damaged; -EFBIG: larger than any; else -errno of reading it.
 */
int policy_file_read(struct ruleset **ret_ruleset, struct compiled **ret_compiled,
		     const char *path);

/* What such an error means, and the way out. NULL: strerror(3) says it. */
const char *policy_file_error(int error);

#endif
