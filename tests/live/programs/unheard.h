/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For programs that drive the sensor and do not listen to it: callbacks that take what it
 * tells and do nothing.
 */
#ifndef FERMATA_UNHEARD_H
#define FERMATA_UNHEARD_H

#include <linux/types.h>
#include <stddef.h>

static inline void record_unheard(void *context, const void *data, size_t size)
{
	(void)context;
	(void)data;
	(void)size;
}

static inline void condemned_unheard(void *context, __u32 row, __u64 session)
{
	(void)context;
	(void)row;
	(void)session;
}

#endif
