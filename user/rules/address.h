/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses as rules write them, as ranges of 16 bytes: IPv4 is held v4-mapped, so
 * ::ffff:a.b.c.d is a.b.c.d.
 */
#ifndef FERMATA_ADDRESS_H
#define FERMATA_ADDRESS_H

#include <stdbool.h>

struct address_range {
	unsigned char low[16], high[16];
};

/* One address. 0 or -EINVAL. */
int address_parse(struct address_range *ret_range, const char *text);

/* ADDRESS/LENGTH. *ret_exact: no bit after the prefix was set. 0 or -EINVAL. */
int address_parse_network(struct address_range *ret_range, bool *ret_exact, const char *text);

/* What every IPv4 address that is written so begins with: `10.`, `192.168.`. 0 or
 * -EINVAL when it is not whole octets, each with its dot. */
int address_parse_octets(struct address_range *ret_range, const char *text);

#endif
