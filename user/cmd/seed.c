/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/seed.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "pipeline/facts.h"

#define SEED_TIME 1 /* ns after boot: no process was executed then */

static struct bytes bytes_of(const char *string)
{
	return (struct bytes) { string, string ? strlen(string) : 0 };
}

void seed_agent(const struct policy *policy, struct facts *ret_facts, const char *name,
		const char *id, const char *profile)
{
	const struct bytes values[] = { bytes_of(name), bytes_of(id), bytes_of(profile) };

	facts_compute(ret_facts, policy, FIELD_agent_agent_name, values, ARRAY_SIZE(values));
}

int seed_self(const struct policy *policy, struct tag *tag)
{
	char image[PATH_MAX], directory[PATH_MAX], arguments[TEXT_MAX];
	struct bytes values[3] = { { 0 } };
	ssize_t length = readlink("/proc/self/exe", image, sizeof(image));
	size_t size;
	int r;

	if (length < 0)
		return -errno;
	values[0] = (struct bytes) { image, (size_t)length };
	r = file_read_head("/proc/self/cmdline", arguments, sizeof(arguments), &size);
	if (r)
		return r;
	values[1] = (struct bytes) { arguments, size ? size - 1 : 0 };
	if (getcwd(directory, sizeof(directory)))
		values[2] = bytes_of(directory);
	facts_compute(&tag->own, policy, FIELD_fact_image, values, ARRAY_SIZE(values));
	facts_compute(&tag->as_parent, policy, FIELD_fact_parent_image, values, 2);
	tag->parent = tag->as_parent;
	tag->parent_program = tag->program = (struct program_key) { SEED_TIME, (__u64)getpid() };
	return 0;
}
