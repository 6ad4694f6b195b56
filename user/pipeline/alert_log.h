/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The alert log: a file of NDJSON records, appended, one write each. What to do when it
 * fails is the caller's decision; what is in the file is whole lines in any case.
 */
#ifndef FERMATA_ALERT_LOG_H
#define FERMATA_ALERT_LOG_H

#include <linux/types.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/cleanup.h"

struct alert_log;

/*
 * Opens `path` as line_file_open() does, with its errors; the records of a regular file
 * are numbered without a gap, also over several runs.
 */
int alert_log_open(struct alert_log **ret_log, const char *path, uid_t agent);
void alert_log_close(struct alert_log *log);
DEFINE_CLEANUP(struct alert_log *, alert_log_close)

/* The number that the next record must carry as fermata.seq; 1 in a new log. */
__u64 alert_log_next(const struct alert_log *log);

/*
 * Appends one record, which ends with a newline. 0: written whole, and the number is
 * used. -errno (-ENOSPC, …): not written; what had been written of it is cut back,
 * or, where that cannot be done, ended by a newline before the next record.
 */
int alert_log_append(struct alert_log *log, const char *line, size_t length);

#endif
