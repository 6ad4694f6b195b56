/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel side costs to load, at one tier: instructions that the verifier went
 * through and time, by program, and memory of the maps. Rows of a table, by tabs:
 *
 *	kernel	compiler	tier	program	instructions	(or: maps	bytes)
 *
 *	budget TIER RULES          prints the rows of this kernel
 *	budget TIER RULES TABLE    compares with the table: 1 when something costs over 20 %
 *	                           more than there; 77 when it has no rows of this kernel and
 *	                           compiler
 *
 * Where FERMATA_PINNED names a directory and `resident load` pinned that tier there, what is
 * pinned is measured, and nothing loaded. Times are told as comments, and never judged.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "everything.h"
#include "rules/compile.h"
#include "sensor/internal.h"
#include "sensor/pin.h"

#define TOLERANCE 20 /* percent */
#define COSTS_MAX 128
#define STATUS_SKIP 77

struct cost {
	char name[32];
	__u64 value;
	__u64 begun; /* when its load began, CLOCK_BOOTTIME; 0: maps */
};

/* Whose costs: the first columns. */
struct key {
	char kernel[16];
	const char *tier;
};

static struct cost costs[COSTS_MAX];
static size_t cost_count;

static struct cost *cost_add(const char *name)
{
	struct cost *cost = &costs[cost_count];

	if (cost_count == COSTS_MAX)
		return NULL;
	cost_count++;
	snprintf(cost->name, sizeof(cost->name), "%s", name);
	return cost;
}

static int program_measure(const struct handle *program)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);
	struct cost *cost;

	if (bpf_obj_get_info_by_fd(program->fd, &info, &size))
		return -errno;
	cost = cost_add(program->name);
	if (!cost)
		return -E2BIG;
	cost->value = info.verified_insns;
	cost->begun = info.load_time;
	return 0;
}

/* As the kernel accounts for the map. */
static int map_bytes(int fd, __u64 *ret_bytes)
{
	_cleanup_fclose_ FILE *file = NULL;
	unsigned long long bytes;
	char path[64], line[128];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "memlock: %llu", &bytes) == 1) {
			*ret_bytes = bytes;
			return 0;
		}
	return -ENODATA;
}

/* Both policies, which are in a map of maps. */
static int policies_bytes(int policies, __u64 *ret_bytes)
{
	__u64 bytes, sum = 0;

	for (__u32 slot = 0; slot < 2; slot++) {
		_cleanup_close_ int fd = -1;
		__u32 id;
		int r;

		if (bpf_map_lookup_elem(policies, &slot, &id))
			return -errno;
		fd = bpf_map_get_fd_by_id(id);
		if (fd < 0)
			return -errno;
		r = map_bytes(fd, &bytes);
		if (r)
			return r;
		sum += bytes;
	}
	*ret_bytes = sum;
	return 0;
}

static int measure(const struct handles *handles)
{
	struct cost *maps;
	__u64 bytes = 0;
	int r = 0;

	for (size_t i = 0; !r && i < handles->count; i++)
		r = program_measure(&handles->programs[i]);
	maps = cost_add("maps");
	if (!maps)
		return -E2BIG;
	r = r ? r : policies_bytes(handles->map[MAP_policies], &maps->value);
	for (size_t i = 0; !r && i < MAP_MAX; i++) {
		r = map_bytes(handles->map[i], &bytes);
		if (!r)
			maps->value += bytes;
	}
	return r;
}

static int load_and_measure(const struct compiled *compiled, enum tier tier)
{
	struct sensor *sensor = NULL;
	enum tier loaded = tier;
	const char *step;
	__u64 begun = clock_boottime();
	int r = everything_load(compiled, &loaded, &sensor, &step);

	if (!r && loaded != tier) {
		printf("tier %s does not work here\n", tier_table[tier]);
		sensor_close(sensor);
		return STATUS_SKIP;
	}
	if (!r) {
		printf("# loaded, attached and tried in %llu ms\n",
		       (clock_boottime() - begun) / 1000000);
		r = measure(&sensor->handles);
	}
	sensor_close(sensor);
	return r;
}

/* Measures what is pinned. -ENOENT: nothing of that tier is. */
static int pinned_measure(const char *directory, enum tier tier)
{
	struct handles handles = HANDLES_NONE;
	struct plan plan;
	int r = directory ? pin_plan(directory, &plan) : -ENOENT;

	if (!r && plan_tier(&plan) != tier)
		r = -ENOENT;
	if (!r)
		r = handles_of_pins(&handles, directory);
	if (!r)
		r = measure(&handles);
	handles_done(&handles);
	return r;
}

/* When the load of the next program began; 0: that was the last. */
static __u64 begun_after(__u64 time)
{
	__u64 next = 0;

	for (size_t i = 0; i < cost_count; i++)
		if (costs[i].begun > time && (!next || costs[i].begun < next))
			next = costs[i].begun;
	return next;
}

/* Programs are loaded one after the other, in whatever order: from the begin of one to that
 * of the next. */
static void times_tell(void)
{
	for (size_t i = 0; i < cost_count; i++) {
		__u64 next = costs[i].begun ? begun_after(costs[i].begun) : 0;

		if (next)
			printf("# %s: %llu us\n", costs[i].name, (next - costs[i].begun) / 1000);
	}
}

static void rows_print(const struct key *key)
{
	for (size_t i = 0; i < cost_count; i++)
		printf("%s\t%s\t%s\t%s\t%llu\n", key->kernel, BPF_COMPILER, key->tier,
		       costs[i].name, costs[i].value);
}

/* The budget of a cost: -ENOENT when the table has none. *ret_rows is set when it has others
 * with that key. */
static int budget_find(FILE *table, const struct key *key, const char *name, __u64 *ret_value,
		       bool *ret_rows)
{
	char kernel[16], compiler[16], tier[16], program[32], line[256];
	unsigned long long value;

	rewind(table);
	while (fgets(line, sizeof(line), table)) {
		if (sscanf(line, "%15s %15s %15s %31s %llu", kernel, compiler, tier, program,
			   &value) != 5 ||
		    strcmp(kernel, key->kernel) != 0 || strcmp(compiler, BPF_COMPILER) != 0 ||
		    strcmp(tier, key->tier) != 0)
			continue;
		*ret_rows = true;
		if (!strcmp(program, name)) {
			*ret_value = value;
			return 0;
		}
	}
	return -ENOENT;
}

/* How many costs are over their budget. */
static size_t compare(FILE *table, const struct key *key, bool *ret_rows)
{
	size_t over = 0;
	__u64 budget;

	for (size_t i = 0; i < cost_count; i++) {
		const struct cost *cost = &costs[i];
		const char *unit = cost->begun ? "instructions" : "bytes";

		if (budget_find(table, key, cost->name, &budget, ret_rows)) {
			if (!*ret_rows)
				return 0;
			printf("%s has no budget: it takes %llu %s\n", cost->name, cost->value,
			       unit);
			over++;
		} else if (cost->value * 100 > budget * (100 + TOLERANCE)) {
			printf("%s takes %llu %s, over %d %% more than its budget of %llu\n",
			       cost->name, cost->value, unit, TOLERANCE, budget);
			over++;
		}
	}
	return over;
}

static int judge(const char *path, const struct key *key)
{
	_cleanup_fclose_ FILE *table = fopen(path, "re");
	bool rows = false;
	size_t over;

	if (!table) {
		printf("cannot open %s: %s\n", path, strerror(errno));
		return 2;
	}
	over = compare(table, key, &rows);
	if (!rows) {
		printf("%s has no rows of kernel %s, clang %s, tier %s: `make budget` records "
		       "them\n",
		       path, key->kernel, BPF_COMPILER, key->tier);
		return STATUS_SKIP;
	}
	if (over)
		printf("if that is meant: `make budget` records kernel %s, clang %s, tier %s "
		       "anew\n",
		       key->kernel, BPF_COMPILER, key->tier);
	return over != 0;
}

int main(int argc, char **argv)
{
	struct diagnostics diagnostics = { 0 };
	struct compiled *compiled = NULL;
	struct ruleset *ruleset = NULL;
	unsigned int major, minor;
	struct utsname name;
	struct key key;
	int tier = 0, r;

	if (argc != 3 && argc != 4)
		return 2;
	while (tier < TIER_MAX && strcmp(tier_table[tier], argv[1]) != 0)
		tier++;
	if (tier == TIER_MAX || uname(&name) || sscanf(name.release, "%u.%u", &major, &minor) != 2)
		return 2;
	key.tier = tier_table[tier];
	snprintf(key.kernel, sizeof(key.kernel), "%u.%u", major, minor);
	r = ruleset_read(&ruleset, &(const char *) { argv[2] }, 1, NULL, &diagnostics);
	if (!r)
		r = compile(&compiled, ruleset, 1, &diagnostics);
	if (!r)
		r = pinned_measure(getenv("FERMATA_PINNED"), (enum tier)tier);
	if (r == -ENOENT)
		r = load_and_measure(compiled, (enum tier)tier);
	compiled_free(compiled);
	ruleset_free(ruleset);
	diagnostics_done(&diagnostics);
	if (r < 0)
		printf("cannot load at tier %s: %s\n", key.tier, strerror(-r));
	if (r)
		return r < 0 ? 2 : r;
	times_tell();
	if (argc == 4)
		return judge(argv[3], &key);
	rows_print(&key);
	return 0;
}
