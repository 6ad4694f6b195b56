/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/outputs.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "cmd/command.h"
#include "cmd/run_options.h"
#include "pipeline/alert_log.h"
#include "pipeline/procfs.h"
#include "pipeline/recording.h"
#include "rules/compile.h"

/* Why a file was not opened. `what` goes into it. */
static int not_opened(const char *what, const char *path, uid_t agent, int r)
{
	if (agent && r == -ELOOP)
		log_error(0,
			  "a part of '%s' is a symbolic link, which root does not follow for "
			  "another user; name the file itself",
			  path);
	if (agent && r == -EINVAL)
		log_error(0,
			  "'%s' is neither a file of root's or of that user's, with this name "
			  "only, nor a device or FIFO of root's",
			  path);
	log_error(r, "cannot write %s to '%s'; nothing was started", what, path);
	return STATUS_USAGE;
}

int outputs_open(struct outputs *outputs, const struct run_options *options, uid_t agent)
{
	int r = options->alerts ? alert_log_open(&outputs->alerts, options->alerts, agent) : 0;

	if (r)
		return not_opened("alerts", options->alerts, agent, r);
	r = options->record ? recording_open(&outputs->recording, options->record, agent) : 0;
	if (r)
		return not_opened("a recording", options->record, agent, r);
	return STATUS_DONE;
}

void outputs_done(struct outputs *outputs)
{
	if (outputs->alerts)
		alert_log_close(outputs->alerts);
	if (outputs->recording)
		recording_close(outputs->recording);
	*outputs = (struct outputs) { 0 };
}

int outputs_begin(struct outputs *outputs, const struct run_options *options,
		  const struct compiled *compiled)
{
	_cleanup_free_ char *boot_id = NULL;
	struct recording_head head = { .version = FERMATA_VERSION,
				       .policy_sha256 = compiled->policy->sha256 };
	int r;

	if (!outputs->recording)
		return STATUS_DONE;
	(void)procfs_boot_id("", &boot_id); /* without: the head has none */
	head.boot_id = boot_id;
	r = recording_begin(outputs->recording, &head);
	if (!r)
		return STATUS_DONE;
	log_error(r, "cannot write a recording to '%s'; nothing was started", options->record);
	return STATUS_CANNOT;
}

bool outputs_failed(struct outputs *outputs, const struct run_options *options, const char *path,
		    int error)
{
	const char *what = path == options->record ? "the recording" : "alerts";
	bool stop = options->on_log_failure == ON_LOG_FAILURE_stop;

	if (outputs->failed)
		return false;
	outputs->failed = true;
	log_error(error,
		  stop ? "'%s' does not take %s; stopping the agent (--on-log-failure stop)"
		       : "'%s' does not take %s; going on, as --on-log-failure says",
		  path, what);
	return stop;
}
