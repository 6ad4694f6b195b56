/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields by which a correlation groups, and whose values it looks at, in the events of
 * each of its steps.
 */
#ifndef FERMATA_CORRELATION_KEYS_H
#define FERMATA_CORRELATION_KEYS_H

#include "rules/correlation.h"

/*
 * Finds them, aliases included, and writes them into the rule: groups are within a session
 * anyhow, so AgentSession is left out. The steps are resolved and their events known.
 * 0, -EINVAL (diagnosed) or -ENOMEM.
 */
int correlation_keys_find(struct correlation *correlation, struct diagnostics *diagnostics);

#endif
