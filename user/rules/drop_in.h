/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drop-in order: of documents with the same id the one that was read last stays, so that
 * a site can replace a shipped rule and leave its file alone.
 */
#ifndef FERMATA_DROP_IN_H
#define FERMATA_DROP_IN_H

#include "rules/reading.h"

/*
 * Drops the earlier ones; each later one tells what it replaces (diagnosed, too). A rule
 * and a filter with the same id are an error, and the later one is dropped. 0 or -ENOMEM.
 */
int drop_ins_apply(struct reading *reading);

#endif
