/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ending TCP connections. What was refused of one waits in the kernel to be sent again, and
 * would be when nobody watches any more.
 */
#ifndef FERMATA_CONNECTION_H
#define FERMATA_CONNECTION_H

#include "sender.h"

/*
 * Aborts it, with all that waits to be sent; both ends are told (sock_diag(7), SOCK_DESTROY).
 * It is looked for in the network namespace of the process, which may have gone. -ENOENT: it
 * has ended; -errno: CONFIG_INET_DIAG_DESTROY is needed.
 */
int connection_abort(const struct connection *connection, __u32 pid);

#endif
