/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line per message, written at once, so that lines of several processes on the same
 * terminal do not mix. Everything is escaped: messages quote names that others chose.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/outlet.h"
#include "base/utf8.h"

#define LINE_MAX_BYTES (64 * 1024) /* a longer message is cut, and says so */

static bool quiet;
static struct outlet *outlet;

void log_set_quiet(bool now_quiet)
{
	quiet = now_quiet;
}

void log_set_outlet(struct outlet *now_outlet)
{
	outlet = now_outlet;
}

static void log_line(int error, const char *format, va_list arguments)
{
	_cleanup_buffer_ struct buffer message = BUFFER(LINE_MAX_BYTES);
	_cleanup_buffer_ struct buffer line = BUFFER(2 * LINE_MAX_BYTES);
	char text[128];

	if (buffer_print_list(&message, format, arguments) < 0) {
		buffer_reset(&message);
		buffer_print(&message, "(a message too long to print: %s)", format);
	}
	buffer_add_string(&line, "fermata: ");
	utf8_escape(&line, buffer_string(&message), message.length);
	if (error)
		buffer_print(&line, ": %s", strerror_r(abs(error), text, sizeof(text)));
	if (line.error) {
		buffer_reset(&line);
		buffer_add_string(&line, "fermata: (a message too long to print)");
	}
	buffer_add_byte(&line, '\n');
	if (outlet)
		(void)outlet_write(outlet, line.data, line.length);
	else
		(void)file_write_all(STDERR_FILENO, line.data, line.length);
}

int log_error(int error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_line(error, format, arguments);
	va_end(arguments);
	return -abs(error);
}

int log_warning(int error, const char *format, ...)
{
	va_list arguments;

	if (!quiet) {
		va_start(arguments, format);
		log_line(error, format, arguments);
		va_end(arguments);
	}
	return -abs(error);
}

void log_info(const char *format, ...)
{
	va_list arguments;

	if (quiet)
		return;
	va_start(arguments, format);
	log_line(0, format, arguments);
	va_end(arguments);
}
