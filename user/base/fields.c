/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fields.h"

#include <errno.h>
#include <string.h>

#define N(name_, number_, meaning_) { .name = #name_, .number = (number_), .meaning = (meaning_) },
static const struct field_name NO_NAMES_table[] = { { 0 } };
static const struct field_name ACCESS_NAMES_table[] = { ACCESS_NAMES(N) { 0 } };
static const struct field_name PROTOCOL_NAMES_table[] = { PROTOCOL_NAMES(N) { 0 } };
static const struct field_name CHANGE_NAMES_table[] = { CHANGE_NAMES(N) { 0 } };
static const struct field_name QUERY_TYPE_NAMES_table[] = { QUERY_TYPE_NAMES(N) { 0 } };
static const struct field_name LISTEN_NAMES_table[] = { LISTEN_NAMES(N) { 0 } };
static const struct field_name SOCKET_FAMILY_NAMES_table[] = { SOCKET_FAMILY_NAMES(N) { 0 } };
static const struct field_name REACH_NAMES_table[] = { REACH_NAMES(N) { 0 } };
static const struct field_name PRIVILEGE_NAMES_table[] = { PRIVILEGE_NAMES(N) { 0 } };
static const struct field_name CAPABILITY_NAMES_table[] = { CAPABILITY_NAMES(N) { 0 } };
static const struct field_name KEY_USE_NAMES_table[] = { KEY_USE_NAMES(N) { 0 } };
static const struct field_name MOUNT_NAMES_table[] = { MOUNT_NAMES(N) { 0 } };
static const struct field_name FILE_SYSTEM_NAMES_table[] = { FILE_SYSTEM_NAMES(N) { 0 } };
static const struct field_name NAMESPACE_ACT_NAMES_table[] = { NAMESPACE_ACT_NAMES(N) { 0 } };
static const struct field_name NAMESPACE_NAMES_table[] = { NAMESPACE_NAMES(N) { 0 } };
static const struct field_name MODULE_NAMES_table[] = { MODULE_NAMES(N) { 0 } };
static const struct field_name BPF_COMMAND_NAMES_table[] = { BPF_COMMAND_NAMES(N) { 0 } };
static const struct field_name BPF_PROGRAM_NAMES_table[] = { BPF_PROGRAM_NAMES(N) { 0 } };
static const struct field_name URING_NAMES_table[] = { URING_NAMES(N) { 0 } };
static const struct field_name MEMORY_NAMES_table[] = { MEMORY_NAMES(N) { 0 } };
static const struct field_name MEMORY_ACT_NAMES_table[] = { MEMORY_ACT_NAMES(N) { 0 } };
static const struct field_name SOCKET_TYPE_NAMES_table[] = { SOCKET_TYPE_NAMES(N) { 0 } };
static const struct field_name HANDOVER_NAMES_table[] = { HANDOVER_NAMES(N) { 0 } };
#undef N

/* Who an event's own field is from, by its kind. */
#define ORIGIN_OF_num ORIGIN_event
#define ORIGIN_OF_bool ORIGIN_event
#define ORIGIN_OF_one ORIGIN_event
#define ORIGIN_OF_set ORIGIN_event
#define ORIGIN_OF_ip ORIGIN_event
#define ORIGIN_OF_text ORIGIN_event

/* Where a member is in struct record: only numbers are found by offset. */
#define OFFSET_common(event, member) offsetof(struct record, header.common.member)
#define OFFSET_fact(event, member) 0
#define OFFSET_agent(event, member) 0
#define OFFSET_enriched(event, member) 0

#define ROW(origin_, event_, kind_, slot_, offset_, id_, name_, ecs_, names_, meaning_)            \
	[id_] = { .id = (id_),                                                                     \
		  .origin = (origin_),                                                             \
		  .event = (event_),                                                               \
		  .kind = KIND_##kind_,                                                            \
		  .slot = (slot_),                                                                 \
		  .offset = (offset_),                                                             \
		  .name = (name_),                                                                 \
		  .ecs = (ecs_),                                                                   \
		  .names = names_##_table,                                                         \
		  .meaning = (meaning_) },

const struct field_info field_table[FIELD_MAX] = {
#define F(event, kind, member, name, ecs, names, meaning)                                          \
	ROW(ORIGIN_##event, -1, kind, SLOT_##event##_##member, OFFSET_##event(event, member),      \
	    FIELD_##event##_##member, name, ecs, names, meaning)
	COMMON_FIELDS(F) FACT_FIELDS(F) AGENT_FIELDS(F) ENRICHED_FIELDS(F)
#undef F
#define F(event_, kind, member, name, ecs, names, meaning)                                         \
	ROW(ORIGIN_OF_##kind, EVENT_##event_, kind, SLOT_##event_##_##member,                      \
	    offsetof(struct record, event_.member), FIELD_##event_##_##member, name, ecs, names,   \
	    meaning)
#define E(event, fields, ...) fields(F)
		EVENTS(E)
#undef E
#undef F
};

/* The fields that every event has come before those of the first event, and have one slot
 * each. */
enum {
	LAST_ = SLOT_OWN - 1,
#define E(event, ...)                                                                              \
	FIRST_##event, LAST_##event = FIRST_##event + SLOT_##event##_end - SLOT_OWN - 1,
	EVENTS(E)
#undef E
};

const struct event_info event_table[EVENT_MAX] = {
#define E(event, fields, category, type, meaning_)                                                 \
	[EVENT_##event] = { .name = #event,                                                        \
			    .ecs_category = (category),                                            \
			    .ecs_type = (type),                                                    \
			    .meaning = (meaning_),                                                 \
			    .first = FIRST_##event,                                                \
			    .end = LAST_##event + 1 },
	EVENTS(E)
#undef E
};

const char *const response_table[RESPONSE_MAX] = {
#define R(name, spelling, ...) [RESPONSE_##name] = (spelling),
	RESPONSES(R)
#undef R
};

const char *const shell_table[SHELL_MAX] = {
#define S(name, ...) [SHELL_##name] = #name,
	SHELLS(S)
#undef S
};

const struct field_info *field_find(enum event_type event, const char *name)
{
	for (size_t i = 0; i < FIELD_MAX; i++) {
		const struct field_info *field = &field_table[i];

		if ((field->event < 0 || field->event == (int)event) && !strcmp(field->name, name))
			return field;
	}
	return NULL;
}

int event_find(const char *name)
{
	for (int i = 0; i < EVENT_MAX; i++)
		if (!strcmp(event_table[i].name, name))
			return i;
	return -ENOENT;
}

int response_find(const char *name)
{
	for (int i = 0; i < RESPONSE_MAX; i++)
		if (!strcmp(response_table[i], name))
			return i;
	return -ENOENT;
}

const char *field_number_name(const struct field_info *field, __u64 number)
{
	for (const struct field_name *name = field->names; name->name; name++)
		if (name->number == number)
			return name->name;
	return NULL;
}
