/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages quote what files say, so they are cut when they are kept and escaped when
 * they are printed.
 */
#include "rules/diagnostic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/utf8.h"

/* Bytes of one message; a longer one (it quotes what a file says) is cut. */
#define MESSAGE_MAX 1024

static const char *const severity_table[SEVERITY_MAX] = {
	[SEVERITY_ERROR] = "error",
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_SKIPPED] = "skipped",
};

/* So that a tree full of rules for other products leaves room for what matters. */
static const size_t room_table[SEVERITY_MAX] = {
	[SEVERITY_ERROR] = DIAGNOSTICS_MAX,
	[SEVERITY_WARNING] = DIAGNOSTICS_MAX * 3 / 4,
	[SEVERITY_SKIPPED] = DIAGNOSTICS_MAX / 2,
};

/* Ends a message that did not fit at the last whole character, with an ellipsis. */
static void message_cut(char *message)
{
	static const char ellipsis[] = "…";
	size_t end = MESSAGE_MAX - sizeof(ellipsis);

	while (end && ((unsigned char)message[end] & 0xc0) == 0x80)
		end--;
	memcpy(message + end, ellipsis, sizeof(ellipsis));
}

int diagnose(struct diagnostics *d, enum severity severity, const struct place *place,
	     const char *format, ...)
{
	char message[MESSAGE_MAX];
	struct diagnostic *list;
	struct diagnostic item = { .severity = severity };
	va_list arguments;

	d->total[severity]++;
	if (d->count >= room_table[severity])
		return -EINVAL;
	va_start(arguments, format);
	if (vsnprintf(message, sizeof(message), format, arguments) >= (int)sizeof(message))
		message_cut(message);
	va_end(arguments);
	list = reallocarray(d->list, d->count + 1, sizeof(*list));
	if (!list)
		return -EINVAL;
	d->list = list;
	item.file = strdup(place && place->file ? place->file : "");
	item.line = place ? place->line : 0;
	item.column = place ? place->column : 0;
	item.message = strdup(message);
	if (!item.file || !item.message) {
		free(item.file);
		free(item.message);
		return -EINVAL;
	}
	list[d->count++] = item;
	return -EINVAL;
}

/* Of one severity; those beyond the list are counted. */
static void pass_on(struct diagnostics *to, const struct diagnostics *from, enum severity severity)
{
	size_t listed = 0;

	for (size_t i = 0; i < from->count; i++) {
		const struct diagnostic *item = &from->list[i];

		if (item->severity != severity)
			continue;
		diagnose(to, severity,
			 &(const struct place) { item->file, item->line, item->column }, "%s",
			 item->message);
		listed++;
	}
	to->total[severity] += from->total[severity] - listed;
}

void diagnostics_pass_on(struct diagnostics *to, const struct diagnostics *from)
{
	for (int severity = 0; severity < SEVERITY_MAX; severity++)
		pass_on(to, from, (enum severity)severity);
}

void diagnostics_pass_on_errors(struct diagnostics *to, const struct diagnostics *from)
{
	pass_on(to, from, SEVERITY_ERROR);
}

static void print_escaped(const char *text, FILE *out)
{
	/* Escaped, every byte may take eight. */
	_cleanup_buffer_ struct buffer line = BUFFER(8 * strlen(text) + 1);

	if (!utf8_escape(&line, text, strlen(text)))
		fputs(buffer_string(&line), out);
}

void diagnostics_print(const struct diagnostics *d, FILE *out)
{
	size_t total = 0;

	for (size_t i = 0; i < d->count; i++) {
		const struct diagnostic *item = &d->list[i];

		print_escaped(item->file, out);
		if (item->line)
			fprintf(out, ":%u:%u", item->line, item->column);
		fprintf(out, "%s%s: ", *item->file ? ": " : "", severity_table[item->severity]);
		print_escaped(item->message, out);
		fputc('\n', out);
	}
	for (size_t i = 0; i < SEVERITY_MAX; i++)
		total += d->total[i];
	if (total > d->count)
		fprintf(out, "… and %zu more that are not listed\n", total - d->count);
}

void diagnostics_done(struct diagnostics *d)
{
	for (size_t i = 0; i < d->count; i++) {
		free(d->list[i].file);
		free(d->list[i].message);
	}
	free(d->list);
	*d = (struct diagnostics) { 0 };
}
