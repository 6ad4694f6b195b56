/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FERMATA_DECODE_H
#define FERMATA_DECODE_H

#include "pipeline/event_view.h"

#define RECORD_CPUS_MAX 8192 /* no kernel is built for more */

/*
 * Checks that the bytes are one whole record and shows it as an event, in a view that is
 * zeroed or was forgotten. It borrows from `data`, which must be aligned to 8 bytes and
 * must stay. Afterwards, nobody needs to check anything about it again but rule numbers,
 * which depend on the policy. -EBADMSG: they are not, and the view has nothing.
 */
int decode(const void *data, size_t size, struct event_view *ret_view);

#endif
