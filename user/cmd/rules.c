/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `fermata rules`: finds the subcommand, and has what they share. None needs a privilege,
 * but to say what this kernel makes of rules.
 */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "cmd/rules_command.h"
#include "rules/default_paths.h"
#include "rules/strings.h"

DEFINE_CLEANUP(struct ruleset *, ruleset_free)
DEFINE_CLEANUP(struct compiled *, compiled_free)

const struct command rules_command_table[] = {
	{ "check", rules_check, "[OPTION…] [PATH…]",
	  "Reads and compiles rules as run would, and tells what is wrong with them", NULL },
	{ "list", rules_list, "[OPTION…] [PATH…]", "Lists what rules do and where", NULL },
	{ "explain", rules_explain, "[OPTION…] ID|NAME|TITLE [PATH…]",
	  "Tells what became of one rule: its clauses, where they run, and what is done", NULL },
	{ "fields", rules_fields, "[OPTION…]",
	  "Lists every category, field and modifier that a rule can use", NULL },
	{ "build", rules_build, "-o FILE [OPTION…] [PATH…]",
	  "Writes compiled rules to a file, for run --policy", NULL },
	{ "test", rules_test, "[OPTION…] [PATH…]",
	  "Runs the tests that rules have: do they fire where they should, and only there?", NULL },
	{ 0 },
};

void rules_session_done(struct rules_session *session)
{
	compiled_freep(&session->compiled);
	ruleset_freep(&session->ruleset);
	placeholders_freep(&session->placeholders);
	diagnostics_done(&session->diagnostics);
	strings_done(&session->defaults);
}

int store_json(void *target, const char *value)
{
	(void)value;
	((struct rules_session *)target)->json = true;
	return 0;
}

int store_strict(void *target, const char *value)
{
	(void)value;
	((struct rules_session *)target)->strict = true;
	return 0;
}

int store_config(void *target, const char *value)
{
	((struct rules_session *)target)->config = value;
	return 0;
}

int rules_session_load(struct rules_session *session, const char *const *paths, size_t count)
{
	int r;

	if (!count) {
		if (rules_default_paths(&session->defaults) < 0) {
			log_error(ENOMEM, "cannot list the default rules");
			return STATUS_CANNOT;
		}
		paths = (const char *const *)session->defaults.list;
		count = session->defaults.count;
	}
	if (!count) {
		log_error(0, "there are no default rules; name a file or a folder");
		return STATUS_USAGE;
	}
	r = placeholders_read(&session->placeholders, session->config, &session->diagnostics);
	if (r >= 0)
		r = ruleset_read(&session->ruleset, paths, count,
				 &(const struct rule_inputs) { .placeholders =
								       session->placeholders },
				 &session->diagnostics);
	if (r >= 0) {
		r = compile_what_can(&session->compiled, session->ruleset, 1,
				     &session->diagnostics);
		if (r == -EINVAL)
			return STATUS_DONE;
	}
	if (r >= 0)
		return STATUS_DONE;
	diagnostics_print(&session->diagnostics, stderr);
	log_error(r, "cannot read the rules");
	return r == -EACCES || r == -EPERM || r == -ENOMEM ? STATUS_CANNOT : STATUS_USAGE;
}

int rules_session_load_whole(struct rules_session *session, const char *const *paths, size_t count,
			     enum exit_status bad)
{
	int status = rules_session_load(session, paths, count);

	if (status != STATUS_DONE || !session->diagnostics.total[SEVERITY_ERROR])
		return status;
	diagnostics_print(&session->diagnostics, stderr);
	log_error(0, "the rules have errors");
	return bad;
}

int rules_session_status(const struct rules_session *session)
{
	const size_t *total = session->diagnostics.total;

	return total[SEVERITY_ERROR] || (session->strict && total[SEVERITY_WARNING]) ? STATUS_NO
										     : STATUS_DONE;
}

int output_print(struct buffer *out)
{
	if (out->error)
		return log_error(out->error, "cannot put the answer together"), STATUS_CANNOT;
	if (fwrite(out->data, 1, out->length, stdout) != out->length || putchar('\n') == EOF ||
	    fflush(stdout))
		return log_error(errno, "cannot write to standard output"), STATUS_CANNOT;
	return STATUS_DONE;
}

const char *rule_event_name(const struct rule *rule)
{
	return rule->condition ? event_table[rule->event].name : "correlation";
}

/* "check, list or test" */
static void subcommands_print(struct buffer *out)
{
	for (const struct command *row = rules_command_table; row->name; row++)
		buffer_print(out, "%s%s",
			     row == rules_command_table ? ""
			     : row[1].name		? ", "
							: " or ",
			     row->name);
}

static int help_print(void)
{
	puts("fermata rules SUBCOMMAND [OPTION…] [PATH…]\n");
	for (const struct command *row = rules_command_table; row->name; row++)
		printf("  fermata rules %s %s\n      %s.\n", row->name, row->usage, row->summary);
	puts("\n'fermata rules SUBCOMMAND -h' lists the options. Without a PATH: the default "
	     "rules.");
	return STATUS_DONE;
}

int cmd_rules(int argc, char **argv)
{
	_cleanup_buffer_ struct buffer names = BUFFER(1024);
	const char *name = argc > 1 ? argv[1] : "";

	if (!strcmp(name, "-h") || !strcmp(name, "--help"))
		return help_print();
	for (const struct command *row = rules_command_table; row->name; row++)
		if (!strcmp(row->name, name))
			return row->run(argc - 1, argv + 1);
	subcommands_print(&names);
	log_error(0, "rules takes %s; 'fermata rules -h' shows how", buffer_string(&names));
	return STATUS_USAGE;
}
