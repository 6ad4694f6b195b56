/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an act on the network was about, in words: the part of act.h that knows addresses.
 */
#ifndef FERMATA_ACT_NETWORK_H
#define FERMATA_ACT_NETWORK_H

#include <stdbool.h>

#include "base/buffer.h"
#include "pipeline/act.h"

/* The name of the field's number, or the number; nothing where it has no value. */
void act_add_number(struct buffer *out, const struct event_view *view, enum field id);

/* What the event is about. Returns false, and adds nothing, for one that is not of the
 * network. */
bool act_network_object(struct buffer *out, const struct event_view *view);

#endif
