/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libbpf's own messages: nothing that an operator can use, as a failing step is named by
 * us. FERMATA_DEBUG in the environment lets them through, with the verifier's log.
 */
#ifndef FERMATA_QUIET_H
#define FERMATA_QUIET_H

void libbpf_quiet(void);

#endif
