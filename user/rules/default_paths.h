/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where rules are when nobody names a place.
 */
#ifndef FERMATA_DEFAULT_PATHS_H
#define FERMATA_DEFAULT_PATHS_H

#include "rules/rule.h"

/*
 * Lists the default paths in drop-in order: the rules beside the running program when
 * it runs from its source tree, else those that are installed; then /etc's, if it has
 * any. Empty when there are none. The caller releases the list with strings_done().
 * 0 or -ENOMEM.
 */
int rules_default_paths(struct strings *ret_paths);

#endif
