/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy image that came from outside: whether the matcher may trust it.
 */
#ifndef FERMATA_POLICY_IMAGE_H
#define FERMATA_POLICY_IMAGE_H

#include "policy.h"

/* The checksum over policy->size bytes, with generation and sha256 taken for zero. The
 * size was checked. 0 or -ENOMEM. */
int policy_checksum(const struct policy *policy, __u8 ret_sha256[32]);

/*
 * Checks `size` bytes, at an address that is a multiple of 8, for being a policy image
 * of this version in which every offset, table, list, state, clause, rule and step is
 * where it may be. 0; -EINVAL: not an image, or a broken one; -EPROTONOSUPPORT: of
 * another version or schema; -EBADMSG: the checksum is wrong; -ENOMEM.
 */
int policy_check(const void *image, size_t size);

#endif
