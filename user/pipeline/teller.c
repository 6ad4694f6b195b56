/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log comes first: the readable line is a convenience, and its failure (a closed
 * terminal, or one that somebody stopped) is a loss and changes nothing else.
 */
#include "pipeline/teller.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/outlet.h"
#include "base/uuid.h"
#include "pipeline/notice.h"
#include "pipeline/recording.h"
#include "rules/step.h"

struct teller {
	const struct pipeline_config *config;
	struct pipeline_counters *counters;
	struct losses *losses;
	struct clock clock;
	struct alert_origin origin;
	char host[HOST_NAME_MAX + 1];
	__u64 next; /* number of the next record when there is no log */
	__u64 unlogged[LOSS_CAUSES]; /* losses that the log has not taken yet */
	struct buffer line, words; /* kept for their memory */
};

int teller_new(struct teller **ret_teller, const struct pipeline_config *config,
	       struct pipeline_counters *counters, struct losses *losses)
{
	struct teller *teller = calloc(1, sizeof(*teller));

	if (!teller)
		return -ENOMEM;
	teller->config = config;
	teller->counters = counters;
	teller->losses = losses;
	teller->clock = config->clock;
	teller->next = 1;
	teller->origin.host = config->host;
	if (!config->host && !gethostname(teller->host, sizeof(teller->host) - 1))
		teller->origin.host = teller->host;
	teller_policy(teller, config->compiled->policy);
	buffer_init(&teller->line, ALERT_BYTES_MAX);
	buffer_init(&teller->words, READABLE_BYTES_MAX);
	*ret_teller = teller;
	return 0;
}

void teller_policy(struct teller *teller, const struct policy *policy)
{
	memcpy(teller->origin.policy_sha256, policy->sha256, sizeof(teller->origin.policy_sha256));
}

void teller_free(struct teller *teller)
{
	buffer_done(&teller->line);
	buffer_done(&teller->words);
	free(teller);
}

struct clock *teller_clock(struct teller *teller)
{
	return &teller->clock;
}

/* Number and id of the next record. */
static int stamp_next(const struct teller *teller, struct alert_stamp *ret_stamp,
		      char id[UUID_TEXT_SIZE], __u64 wall)
{
	const struct pipeline_config *config = teller->config;
	unsigned char random[UUID_RANDOM_SIZE];
	int r;

	r = (config->random ? config->random : uuid_random)(random, sizeof(random));
	if (r < 0)
		return r;
	ret_stamp->seq = config->log ? alert_log_next(config->log) : teller->next;
	ret_stamp->id = uuid_text(id, wall, random);
	return 0;
}

/* Appends the record in `line`. */
static int log_line(struct teller *teller)
{
	if (teller->config->log)
		return alert_log_append(teller->config->log, teller->line.data,
					teller->line.length);
	teller->next++;
	return 0;
}

static int show_words(struct teller *teller)
{
	if (!teller->words.length)
		return 0;
	return outlet_write(teller->config->readable, teller->words.data, teller->words.length);
}

static int show_note(struct teller *teller, const char *text, __u64 time)
{
	if (!teller->config->readable)
		return 0;
	buffer_reset(&teller->words);
	readable_note(&teller->words, text, &teller->clock, time, teller->config->colour);
	return show_words(teller);
}

/* A record that carries an alert, or what stands for some, was not taken. */
static int log_failed(struct teller *teller, int error)
{
	const struct responder *responder = &teller->config->responder;

	teller->counters->unlogged++;
	losses_count(teller->losses, USER_LOSS_alert_log, 1);
	if (responder->log_failed)
		responder->log_failed(responder->context, error);
	return error;
}

int teller_alert(struct teller *teller, const struct alert *alert)
{
	struct alert_stamp stamp;
	char id[UUID_TEXT_SIZE];
	int r;

	r = stamp_next(teller, &stamp, id,
		       clock_wall(&teller->clock, alert->view->record->header.time));
	buffer_reset(&teller->line);
	if (!r)
		r = alert_write(&teller->line, alert, &stamp, &teller->origin, &teller->clock);
	if (r < 0) {
		losses_count(teller->losses, USER_LOSS_alert, 1);
		r = 0;
	} else {
		r = log_line(teller);
		if (r < 0)
			log_failed(teller, r);
	}
	teller->counters->alerts++;
	if (teller->config->readable) {
		buffer_reset(&teller->words);
		readable_alert(&teller->words, alert, &teller->clock, teller->config->colour);
		if (show_words(teller))
			losses_count(teller->losses, USER_LOSS_readable, 1);
	}
	return r;
}

static int log_folded(struct teller *teller, const struct session *session, const struct rule *told,
		      __u64 count, __u64 wall)
{
	struct alert_stamp stamp;
	char id[UUID_TEXT_SIZE];
	int r = stamp_next(teller, &stamp, id, wall);

	buffer_reset(&teller->line);
	if (!r)
		r = notice_folded(&teller->line, told, count, &session->texts, &stamp,
				  &teller->origin, teller->config->compiled->policy->generation,
				  wall);
	if (r < 0) {
		losses_count(teller->losses, USER_LOSS_alert, 1);
		return 0;
	}
	r = log_line(teller);
	return r < 0 ? log_failed(teller, r) : 0;
}

int teller_folded(struct teller *teller, const struct session *session, __u32 rule, __u64 count)
{
	const struct rule *told = teller->config->rules->rules[rule];
	_cleanup_buffer_ struct buffer text = BUFFER(READABLE_BYTES_MAX);
	__u64 now = clock_boottime(), wall = clock_wall(&teller->clock, now);
	int r = log_folded(teller, session, told, count, wall);

	buffer_print(&text, "%s — %llu times more within its time span", rule_title(told),
		     (unsigned long long)count);
	if (show_note(teller, buffer_string(&text), now))
		losses_count(teller->losses, USER_LOSS_readable, 1);
	return r;
}

static int log_loss(struct teller *teller, unsigned int cause, __u64 wall)
{
	struct alert_stamp stamp;
	char id[UUID_TEXT_SIZE];
	int r;

	r = stamp_next(teller, &stamp, id, wall);
	if (r < 0)
		return r;
	buffer_reset(&teller->line);
	r = notice_loss(&teller->line, cause, teller->unlogged[cause], &stamp, &teller->origin,
			teller->config->compiled->policy->generation, wall);
	if (r < 0)
		return r;
	r = log_line(teller);
	if (!r)
		teller->unlogged[cause] = 0;
	return r;
}

/* A line about losses that is not taken is no loss itself: it would be told for ever. */
static void show_loss(struct teller *teller, unsigned int cause, __u64 count, __u64 time)
{
	char text[256];

	snprintf(text, sizeof(text), "lost %llu: %s", (unsigned long long)count,
		 loss_table[cause].meaning);
	(void)show_note(teller, text, time);
}

int teller_losses(struct teller *teller)
{
	__u64 now = clock_boottime(), wall = clock_wall(&teller->clock, now);
	int r = 0, q;

	for (unsigned int cause = 0; cause < LOSS_CAUSES; cause++) {
		__u64 count = losses_take(teller->losses, cause);

		teller->counters->lost += count;
		teller->unlogged[cause] += count;
		if (teller->unlogged[cause]) {
			q = log_loss(teller, cause, wall);
			r = r < 0 ? r : q;
		}
		if (count && teller->config->recording)
			recording_loss(teller->config->recording, cause, count);
		if (count)
			show_loss(teller, cause, count, now);
	}
	return r;
}
