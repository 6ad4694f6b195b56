/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/run_options.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "rules/placeholder.h"
#include "sensor/tier.h"

static int store_agent(void *target, const char *value)
{
	((struct run_options *)target)->agent = value;
	return 0;
}

static int store_profile(void *target, const char *value)
{
	((struct run_options *)target)->profile = value;
	return 0;
}

static int store_alerts(void *target, const char *value)
{
	((struct run_options *)target)->alerts = value;
	return 0;
}

static int store_record(void *target, const char *value)
{
	((struct run_options *)target)->record = value;
	return 0;
}

static int store_user(void *target, const char *value)
{
	((struct run_options *)target)->user = value;
	return 0;
}

static int store_config(void *target, const char *value)
{
	((struct run_options *)target)->config = value;
	return 0;
}

static int store_rules(void *target, const char *value)
{
	return strings_add(&((struct run_options *)target)->rules, value);
}

static int store_policy(void *target, const char *value)
{
	((struct run_options *)target)->policy = value;
	return 0;
}

static int store_mode(void *target, const char *value)
{
	if (strcmp(value, "observe") && strcmp(value, "enforce"))
		return log_error(EINVAL, "--mode is 'observe' or 'enforce', not '%s'", value);
	((struct run_options *)target)->observe = !strcmp(value, "observe");
	return 0;
}

static int store_on_log_failure(void *target, const char *value)
{
	struct run_options *options = target;

	if (strcmp(value, "stop") && strcmp(value, "continue"))
		return log_error(EINVAL, "--on-log-failure is 'stop' or 'continue', not '%s'",
				 value);
	options->on_log_failure =
		strcmp(value, "stop") ? ON_LOG_FAILURE_continue : ON_LOG_FAILURE_stop;
	return 0;
}

static int store_tier(void *target, const char *value)
{
	for (int tier = 0; tier < TIER_MAX; tier++)
		if (!strcmp(tier_table[tier], value)) {
			((struct run_options *)target)->tier = tier;
			return 0;
		}
	return log_error(EINVAL, "--tier is 'lsm', 'fmod_ret' or 'portable', not '%s'", value);
}

static int store_require(void *target, const char *value)
{
	int r = requirement_find(value);

	if (r < 0)
		return log_error(EINVAL, "--require is 'deny' or 'kill', not '%s'", value);
	((struct run_options *)target)->require = (enum requirement)r;
	return 0;
}

static int store_seccomp(void *target, const char *value)
{
	if (strcmp(value, "on") && strcmp(value, "off"))
		return log_error(EINVAL, "--seccomp is 'on' or 'off', not '%s'", value);
	((struct run_options *)target)->no_seccomp = !strcmp(value, "off");
	return 0;
}

static int store_strict(void *target, const char *value)
{
	(void)value;
	((struct run_options *)target)->strict = true;
	return 0;
}

static int store_quiet(void *target, const char *value)
{
	(void)value;
	((struct run_options *)target)->quiet = true;
	log_set_quiet(true);
	return 0;
}

const struct option_row run_option_table[] = {
	{ "agent", "NAME", "name of the agent in alerts and rules (default: the command's name)",
	  store_agent, 0 },
	{ "profile", "NAME", "profile of the agent, for rules that test AgentProfile",
	  store_profile, 0 },
	{ "rules", "PATH", "rule file or directory, also several times (default: the shipped ones)",
	  store_rules, 0 },
	{ "policy", "FILE", "compiled rules (rules build) instead of rule files", store_policy, 0 },
	{ "strict", NULL, "start nothing when any rule has an error (default: go on without it)",
	  store_strict, 0 },
	{ "config", "FILE",
	  "lists that rules take by 'expand' (default: " PLACEHOLDERS_FILE ", if it exists)",
	  store_config, 0 },
	{ "alerts", "FILE", "append alerts to FILE as NDJSON", store_alerts, 0 },
	{ "record", "FILE", "append every event to FILE as NDJSON, whether a rule matches or not",
	  store_record, 0 },
	{ "on-log-failure", "stop|continue",
	  "what to do when a FILE takes no more: stop the agent (default), or go on",
	  store_on_log_failure, 0 },
	{ "mode", "observe|enforce", "observe: tell what would be done, and do nothing", store_mode,
	  0 },
	{ "user", "NAME", "run CMD as this user (default: who called sudo, else the caller)",
	  store_user, 0 },
	{ "tier", "lsm|fmod_ret|portable", "use this tier (default: the strongest that works here)",
	  store_tier, 0 },
	{ "require", "deny|kill",
	  "start nothing unless every rule that refuses or kills can do that much here",
	  store_require, 0 },
	{ "seccomp", "on|off",
	  "on tier portable, refuse system calls that get past the rules (default: on)",
	  store_seccomp, 0 },
	{ "quiet", NULL, "print errors only; alerts go to --alerts", store_quiet, 0 },
	{ 0 },
};
