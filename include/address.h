/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What an address says about where it leads. Both sides compute it alike: the
 * kernel for live events, the user side for recorded ones.
 */
#ifndef FERMATA_ADDRESS_H
#define FERMATA_ADDRESS_H

#include "both.h"
#include "event.h"

/* ::ffff:0:0/96 as the second half's upper 32 bits, host order. */
#define V4_MAPPED 0xffffULL

static __always_inline struct address address_v4(__u32 network_order)
{
	__u32 host = __builtin_bswap32(network_order);
	struct address a = { { 0, __builtin_bswap64(V4_MAPPED << 32 | host) } };

	return a;
}

/* Leads back to this host: 127.0.0.0/8, ::1, and the unspecified addresses, which a
 * connect takes for loopback. */
static __always_inline int address_is_loopback(const struct address *a)
{
	__u64 high = __builtin_bswap64(a->half[0]), low = __builtin_bswap64(a->half[1]);

	if (high)
		return 0;
	if (low >> 32 == V4_MAPPED)
		return (__u32)low >> 24 == 127 || !(__u32)low;
	return low <= 1;
}

/* 0.0.0.0 or ::, which a bind takes for any address of this host. */
static __always_inline int address_is_any(const struct address *a)
{
	__u64 high = __builtin_bswap64(a->half[0]), low = __builtin_bswap64(a->half[1]);

	return !high && (!low || low == V4_MAPPED << 32);
}

/* Not reachable from outside a site: RFC 1918, 6598 (shared), 3927 and 4291 (link
 * local), 4193 (unique local), 3879 (site local). Loopback is none of them. */
static __always_inline int address_is_private(const struct address *a)
{
	__u64 high = __builtin_bswap64(a->half[0]), low = __builtin_bswap64(a->half[1]);
	__u32 v4 = low;

	if (!high && low >> 32 == V4_MAPPED)
		return v4 >> 24 == 10 || v4 >> 20 == (172 << 4 | 1) ||
		       v4 >> 16 == (192 << 8 | 168) || v4 >> 22 == (100 << 2 | 1) ||
		       v4 >> 16 == (169 << 8 | 254);
	return high >> 57 == 0xfc >> 1 || high >> 54 == 0xfe80 >> 6 || high >> 54 == 0xfec0 >> 6;
}

#endif
