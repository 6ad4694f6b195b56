// SPDX-License-Identifier: Apache-2.0
/*
 * What is joined to an event, and container ids in cgroup paths.
 */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "pipeline/enrich.h"
#include "record_builder.h"
#include "unit.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

UNIT_TEST(enrich, container_ids)
{
	static const struct {
		const char *path;
		size_t at; /* 0: none */
	} row[] = {
		{ "/", 0 },
		{ "", 0 },
		{ "/user.slice/user-1000.slice/session-2.scope", 0 },
		{ "/docker/" ID, 8 },
		{ "/system.slice/docker-" ID ".scope", 21 },
		{ "/kubepods.slice/x.slice/cri-containerd-" ID ".scope", 39 },
		{ "/kubepods/besteffort/pod1b2c/" ID, 29 },
		{ "/kubepods.slice/crio-" ID ".scope", 21 },
		{ "/machine.slice/libpod-" ID ".scope/container", 22 },
		{ "/system.slice/containerd.service/kubepods-x.slice:cri-containerd:" ID, 65 },
		{ "/docker/" ID "0", 0 }, /* 65 digits */
		{ "/docker/" ID "-x", 0 },
		{ "/docker/x" ID, 0 },
		{ "/docker/0123456789abcdef", 0 },
	};
	struct bytes id, path;
	char nested[200];

	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		path = (struct bytes) { row[i].path, strlen(row[i].path) };
		id = container_id(path);
		CU_ASSERT_EQUAL(!!id.data, !!row[i].at);
		if (!id.data)
			continue;
		CU_ASSERT_EQUAL(id.data - path.data, (ptrdiff_t)row[i].at);
		CU_ASSERT_EQUAL(id.length, 64);
	}
	/* a container in a container: the inner one */
	snprintf(nested, sizeof(nested), "/docker/%s/docker/f%s", ID, ID + 1);
	id = container_id((struct bytes) { nested, strlen(nested) });
	CU_ASSERT_PTR_NOT_NULL_FATAL(id.data);
	CU_ASSERT_EQUAL(id.data[0], 'f');
}

DEFINE_CLEANUP(struct process_table *, process_table_free)

static bool text_is(const struct event_view *view, enum field field, const char *expected)
{
	struct bytes text = view->text[field];

	return text.data && text.length == strlen(expected) &&
	       !memcmp(text.data, expected, text.length);
}

static unsigned int path_calls;

/* Every cgroup is there but 13. */
static int path_of(__u64 id, char path[PATH_MAX])
{
	path_calls++;
	if (id == 13)
		return -ESTALE;
	snprintf(path, PATH_MAX, "/docker/%064llx", (unsigned long long)id);
	return 0;
}

static void cgroup_is(struct enricher *enricher, __u64 id, const char *path, const char *container)
{
	union built_record built;
	struct event_view view;

	record_open(&built, 6 * CLOCK_SECOND, "/bin/sh", "/etc/passwd");
	built.record.header.cgroup = id;
	view = record_view(&built);
	enrich(enricher, NULL, &view);
	CU_ASSERT(text_is(&view, FIELD_enriched_cgroup_path, path));
	CU_ASSERT(text_is(&view, FIELD_enriched_container_id, container));
}

/* Each is asked for once, as long as there are not too many. */
UNIT_TEST(enrich, cgroups_are_remembered)
{
	_cleanup_(process_table_freep) struct process_table *table = NULL;
	_cleanup_(enricher_freep) struct enricher *enricher = NULL;
	union built_record built;
	struct event_view view;
	char path[PATH_MAX];

	path_calls = 0;
	CU_ASSERT_EQUAL_FATAL(process_table_new(&table, "", 100, 1 << 20), 0);
	CU_ASSERT_EQUAL_FATAL(enricher_new(&enricher, table, "", path_of), 0);
	for (int i = 0; i < 3; i++) {
		record_open(&built, 6 * CLOCK_SECOND, "/bin/sh", "/etc/passwd");
		built.record.header.cgroup = 13;
		view = record_view(&built);
		enrich(enricher, NULL, &view);
		CU_ASSERT_PTR_NULL(view.text[FIELD_enriched_cgroup_path].data);
	}
	for (__u64 id = 14; id < 200; id++) {
		snprintf(path, sizeof(path), "/docker/%064llx", (unsigned long long)id);
		cgroup_is(enricher, id, path, path + 8);
		cgroup_is(enricher, id, path, path + 8);
	}
	CU_ASSERT_EQUAL(path_calls, 187);
}

UNIT_TEST(enrich, joins_facts)
{
	_cleanup_(process_table_freep) struct process_table *table = NULL;
	_cleanup_(enricher_freep) struct enricher *enricher = NULL;
	struct agent_texts agent = { "demo", "s-1", NULL };
	struct passwd *root = getpwuid(0);
	union built_record built;
	struct event_view view;

	CU_ASSERT_EQUAL_FATAL(process_table_new(&table, "", 100, 1 << 20), 0);
	CU_ASSERT_EQUAL_FATAL(enricher_new(&enricher, table, "", path_of), 0);
	record_creation(&built, 5 * CLOCK_SECOND, "/bin/sh", "sh\0-c\0x y", 9);
	record_process(&built, 0x7ffffff0, 4 * CLOCK_SECOND, 0x7ffffff1, 1);
	built.record.header.common.user_id = 0;
	view = record_view(&built);
	enrich(enricher, &agent, &view);
	CU_ASSERT(text_is(&view, FIELD_fact_command_line, "sh -c x y"));
	CU_ASSERT(text_is(&view, FIELD_agent_agent_name, "demo"));
	CU_ASSERT(text_is(&view, FIELD_agent_agent_session, "s-1"));
	CU_ASSERT_PTR_NULL(view.text[FIELD_agent_agent_profile].data);
	CU_ASSERT_PTR_NULL(view.text[FIELD_fact_parent_image].data);
	CU_ASSERT_PTR_NULL(view.text[FIELD_enriched_cgroup_path].data);
	if (root)
		CU_ASSERT(text_is(&view, FIELD_enriched_user, root->pw_name));
	CU_ASSERT_PTR_NOT_NULL_FATAL(view.text[FIELD_enriched_process_guid].data);
	CU_ASSERT_EQUAL(view.text[FIELD_enriched_process_guid].length, 36 + 20);
	CU_ASSERT_EQUAL(strncmp(view.text[FIELD_enriched_process_guid].data + 36,
				"-2147483632-ee6b2800", 20),
			0);

	/* a later act of the same process finds them again */
	record_open(&built, 6 * CLOCK_SECOND, "/bin/sh", "/etc/passwd");
	record_process(&built, 0x7ffffff0, 4 * CLOCK_SECOND, 0x7ffffff1, 1);
	built.record.header.common.user_id = 4000000000;
	view = record_view(&built);
	enrich(enricher, NULL, &view);
	CU_ASSERT(text_is(&view, FIELD_fact_command_line, "sh -c x y"));
	CU_ASSERT(text_is(&view, FIELD_fact_current_directory, "/home/u"));
	CU_ASSERT_PTR_NULL(view.text[FIELD_agent_agent_name].data);
	CU_ASSERT_PTR_NULL(view.text[FIELD_enriched_user].data); /* there is no such user */
}

/* More users than are kept. */
UNIT_TEST(enrich, users_are_bounded)
{
	_cleanup_(process_table_freep) struct process_table *table = NULL;
	_cleanup_(enricher_freep) struct enricher *enricher = NULL;
	struct passwd *root = getpwuid(0);
	union built_record built;
	struct event_view view;

	CU_ASSERT_EQUAL_FATAL(process_table_new(&table, "/nonexistent", 100, 1 << 20), 0);
	CU_ASSERT_EQUAL_FATAL(enricher_new(&enricher, table, "/nonexistent", NULL), 0);
	for (__u64 id = 0; id < 300; id++) {
		record_open(&built, 6 * CLOCK_SECOND, "/bin/sh", "/etc/passwd");
		built.record.header.common.user_id = id % 150 ? 3000000000 + id : 0;
		view = record_view(&built);
		enrich(enricher, NULL, &view);
		if (root && !(id % 150))
			CU_ASSERT(text_is(&view, FIELD_enriched_user, root->pw_name));
	}
	CU_ASSERT_PTR_NULL(view.text[FIELD_enriched_process_guid].data); /* no boot id */
}
