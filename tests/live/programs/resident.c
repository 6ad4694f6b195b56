/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fermata with its kernel side loaded once and pinned, for tests where loading is dear.
 *
 *	resident load TIER DIRECTORY RULES     loads everything (TIER '': the strongest tier), and
 *	                                       prints the tier
 *	resident unload DIRECTORY
 *	resident run ...                       `fermata run` that adopts what is pinned in the
 *	                                       directory that FERMATA_PINNED names
 *	resident ...                           `fermata ...`, the program that FERMATA_REAL names
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "cmd/command.h"
#include "everything.h"
#include "rules/compile.h"
#include "sensor/pin.h"

/* For the help of `run`. */
const struct command command_table[] = { { "run", cmd_run, "[OPTION…] [--] CMD [ARG…]", "", NULL },
					 { 0 } };

static int tier_choose(const char *name, enum tier *ret_tier)
{
	*ret_tier = TIER_lsm;
	if (!*name)
		return 0;
	for (int i = 0; i < TIER_MAX; i++)
		if (!strcmp(tier_table[i], name)) {
			*ret_tier = (enum tier)i;
			return 0;
		}
	return log_error(EINVAL, "there is no tier '%s'", name);
}

static int rules_compile(const char *path, struct ruleset **ret_ruleset, struct compiled **ret)
{
	struct diagnostics diagnostics = { 0 };
	int r = ruleset_read(ret_ruleset, &path, 1, NULL, &diagnostics);

	if (!r)
		r = compile(ret, *ret_ruleset, 1, &diagnostics);
	diagnostics_print(&diagnostics, stderr);
	diagnostics_done(&diagnostics);
	return r ? log_error(r, "cannot compile '%s'", path) : 0;
}

/* The place comes first: loading takes long. */
static int load(const struct compiled *compiled, enum tier tier, const char *directory)
{
	struct sensor *sensor = NULL;
	const char *step;
	int r = pin_place(directory);

	if (r)
		return log_error(r, "cannot pin in '%s'", directory);
	r = everything_load(compiled, &tier, &sensor, &step);
	if (r) {
		(void)pin_remove(directory);
		return log_error(r, "the kernel side failed at %s", step);
	}
	puts(tier_table[tier]);
	r = sensor_pin(sensor, directory);
	sensor_close(sensor);
	return r ? log_error(r, "cannot pin in '%s'", directory) : 0;
}

static int command_load(const char *name, const char *directory, const char *rules)
{
	struct compiled *compiled = NULL;
	struct ruleset *ruleset = NULL;
	enum tier tier;
	int r = rules_compile(rules, &ruleset, &compiled);

	if (!r)
		r = tier_choose(name, &tier);
	if (!r)
		r = load(compiled, tier, directory);
	compiled_free(compiled);
	ruleset_free(ruleset);
	return r ? STATUS_CANNOT : STATUS_DONE;
}

static int command_unload(const char *directory)
{
	int r = pin_remove(directory);

	if (r)
		log_error(r, "cannot unload what is pinned in '%s'", directory);
	return r ? STATUS_CANNOT : STATUS_DONE;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "", *real = getenv("FERMATA_REAL");

	if (!strcmp(name, "load") && argc == 5)
		return command_load(argv[2], argv[3], argv[4]);
	if (!strcmp(name, "unload") && argc == 3)
		return command_unload(argv[2]);
	if (!strcmp(name, "run")) {
		run_adopt(getenv("FERMATA_PINNED"));
		return cmd_run(argc - 1, argv + 1);
	}
	if (!real)
		return log_error(0, "FERMATA_REAL names no program"), STATUS_USAGE;
	execv(real, argv);
	log_error(errno, "cannot execute '%s'", real);
	return STATUS_CANNOT;
}
