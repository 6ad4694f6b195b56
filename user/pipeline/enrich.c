/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts come from three places: the process table, the agent's registration, and small
 * caches of its own. Nothing here blocks on another process but getpwuid, and that
 * once for each user.
 */
#include "pipeline/enrich.h"

#include <ctype.h>
#include <errno.h>
#include <pwd.h>
#include <string.h>

#include "pipeline/procfs.h"

#define USERS_MAX 64 /* names kept; the oldest gives way */
#define CGROUPS_MAX 64 /* paths kept; the oldest gives way */
#define USER_BUFFER (16 << 10) /* bytes that getpwuid may need */
#define CONTAINER_ID_LENGTH 64
#define BOOT_ID_LENGTH 36
#define GUID_SIZE (BOOT_ID_LENGTH + 1 + 20 + 1 + 16)

struct user {
	__u64 id;
	char *name; /* NULL: the user has none */
};

struct cgroup_known {
	__u64 id;
	char *path; /* NULL: it could not be found */
	struct bytes container; /* its id, in the path */
};

struct enricher {
	struct process_table *table;
	cgroup_path_fn cgroup_path;
	char *boot_id; /* NULL: not known, so there are no guids */
	struct user users[USERS_MAX];
	size_t user_count, user_next;
	struct cgroup_known cgroups[CGROUPS_MAX];
	size_t cgroup_count, cgroup_next;

	/* of the current event */
	struct program *program, *parent_program;
	char guid[GUID_SIZE], parent_guid[GUID_SIZE];
};

int enricher_new(struct enricher **ret_enricher, struct process_table *table, const char *root,
		 cgroup_path_fn cgroup_path)
{
	struct enricher *enricher = calloc(1, sizeof(*enricher));

	if (!enricher)
		return -ENOMEM;
	enricher->table = table;
	enricher->cgroup_path = cgroup_path;
	(void)procfs_boot_id(root, &enricher->boot_id); /* without: no guids */
	if (enricher->boot_id && strlen(enricher->boot_id) != BOOT_ID_LENGTH)
		free(take_ptr(enricher->boot_id));
	*ret_enricher = enricher;
	return 0;
}

/* Lets go what the last event borrowed. */
static void forget_event(struct enricher *enricher)
{
	if (enricher->program)
		program_unref(take_ptr(enricher->program));
	if (enricher->parent_program)
		program_unref(take_ptr(enricher->parent_program));
}

void enricher_free(struct enricher *enricher)
{
	forget_event(enricher);
	for (size_t i = 0; i < enricher->user_count; i++)
		free(enricher->users[i].name);
	for (size_t i = 0; i < enricher->cgroup_count; i++)
		free(enricher->cgroups[i].path);
	free(enricher->boot_id);
	free(enricher);
}

static void set_text(struct event_view *view, enum field field, const char *text)
{
	if (text && *text)
		view->text[field] = (struct bytes) { text, strlen(text) };
}

static const char *user_name(struct enricher *enricher, __u64 id)
{
	struct passwd entry, *found = NULL;
	char buffer[USER_BUFFER];
	struct user *user;

	for (size_t i = 0; i < enricher->user_count; i++)
		if (enricher->users[i].id == id)
			return enricher->users[i].name;
	user = &enricher->users[enricher->user_next];
	enricher->user_next = (enricher->user_next + 1) % USERS_MAX;
	if (enricher->user_count < USERS_MAX)
		enricher->user_count++;
	free(user->name);
	*user = (struct user) { .id = id };
	if (!getpwuid_r((uid_t)id, &entry, buffer, sizeof(buffer), &found) && found)
		user->name = strdup(found->pw_name);
	return user->name;
}

/* BOOT-PID-START by hand: printf costs more than all else that is done for an event. */
static struct bytes guid(const struct enricher *enricher, char text[GUID_SIZE], __u64 pid,
			 __u64 start_time)
{
	char *end = text + GUID_SIZE, *at = end;

	if (!enricher->boot_id || !pid || !start_time)
		return (struct bytes) { 0 };
	do
		*--at = "0123456789abcdef"[start_time & 15];
	while (start_time >>= 4);
	*--at = '-';
	do
		*--at = (char)('0' + pid % 10);
	while (pid /= 10);
	*--at = '-';
	at -= BOOT_ID_LENGTH;
	memcpy(at, enricher->boot_id, BOOT_ID_LENGTH);
	return (struct bytes) { at, (size_t)(end - at) };
}

static bool is_scope_end(const char *text, size_t length)
{
	return !length || *text == '/' ||
	       (length >= 6 && !memcmp(text, ".scope", 6) && (length == 6 || text[6] == '/'));
}

struct bytes container_id(struct bytes path)
{
	static const char separators[] = { '/', '-', ':' };
	struct bytes found = { 0 };
	size_t digits = 0;

	for (size_t i = 0; i <= path.length; i++) {
		if (i < path.length && isxdigit((unsigned char)path.data[i])) {
			digits++;
			continue;
		}
		if (digits == CONTAINER_ID_LENGTH && is_scope_end(path.data + i, path.length - i) &&
		    i > digits && memchr(separators, path.data[i - digits - 1], sizeof(separators)))
			found = (struct bytes) { path.data + i - digits, digits };
		digits = 0;
	}
	return found;
}

static const struct cgroup_known *cgroup_of(struct enricher *enricher, __u64 id)
{
	struct cgroup_known *cgroup;
	char path[PATH_MAX];

	if (!id || !enricher->cgroup_path)
		return NULL;
	for (size_t i = 0; i < enricher->cgroup_count; i++)
		if (enricher->cgroups[i].id == id)
			return &enricher->cgroups[i];
	cgroup = &enricher->cgroups[enricher->cgroup_next];
	enricher->cgroup_next = (enricher->cgroup_next + 1) % CGROUPS_MAX;
	if (enricher->cgroup_count < CGROUPS_MAX)
		enricher->cgroup_count++;
	free(cgroup->path);
	*cgroup = (struct cgroup_known) { .id = id };
	if (!enricher->cgroup_path(id, path))
		cgroup->path = strdup(path);
	if (cgroup->path)
		cgroup->container =
			container_id((struct bytes) { cgroup->path, strlen(cgroup->path) });
	return cgroup;
}

static void join_cgroup(struct enricher *enricher, struct event_view *view)
{
	const struct cgroup_known *cgroup = cgroup_of(enricher, view->record->header.cgroup);

	if (!cgroup)
		return;
	set_text(view, FIELD_enriched_cgroup_path, cgroup->path);
	if (cgroup->container.data)
		view->text[FIELD_enriched_container_id] = cgroup->container;
}

static void join_process(struct enricher *enricher, struct process *process,
			 struct event_view *view)
{
	const struct program *own, *parent;

	own = enricher->program = program_ref(process->program);
	parent = enricher->parent_program = program_ref(process->parent_program);
	if (own) {
		view->text[FIELD_fact_image] = own->image;
		view->text[FIELD_fact_command_line] = own->command_line;
		view->text[FIELD_fact_current_directory] = own->current_directory;
	}
	if (parent) {
		view->text[FIELD_fact_parent_image] = parent->image;
		view->text[FIELD_fact_parent_command_line] = parent->command_line;
	}
}

void enrich(struct enricher *enricher, const struct agent_texts *agent, struct event_view *view)
{
	const struct record_header *header = &view->record->header;
	struct process *process;

	forget_event(enricher);
	process = process_table_resolve(enricher->table, view);
	view->process = process;
	if (header->present & SLOT_BIT(SLOT_common_user_id))
		set_text(view, FIELD_enriched_user, user_name(enricher, header->common.user_id));
	if (!(header->flags & RECORD_VERDICT) && process && process->facts.data)
		return;
	if (process)
		join_process(enricher, process, view);
	join_cgroup(enricher, view);
	view->text[FIELD_enriched_process_guid] =
		guid(enricher, enricher->guid, header->common.process_id, header->start_time);
	view->text[FIELD_enriched_parent_process_guid] =
		guid(enricher, enricher->parent_guid, header->common.parent_process_id,
		     header->parent_start_time);
	if (agent) {
		set_text(view, FIELD_agent_agent_name, agent->name);
		set_text(view, FIELD_agent_agent_session, agent->id);
		set_text(view, FIELD_agent_agent_profile, agent->profile);
	}
}
