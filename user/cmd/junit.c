/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/junit.h"

#include <errno.h>
#include <fcntl.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/utf8.h"

/* Text for an attribute: what XML cannot have is escaped as on a terminal, and what means
 * something in it as XML has it. */
static void add_text(struct buffer *out, const char *text)
{
	_cleanup_buffer_ struct buffer shown = BUFFER(JUNIT_MAX);

	(void)utf8_escape(&shown, text, strlen(text));
	for (const char *at = buffer_string(&shown); *at; at++) {
		if (*at == '&')
			buffer_add_string(out, "&amp;");
		else if (*at == '<')
			buffer_add_string(out, "&lt;");
		else if (*at == '>')
			buffer_add_string(out, "&gt;");
		else if (*at == '"')
			buffer_add_string(out, "&quot;");
		else
			buffer_add_byte(out, *at);
	}
}

void junit_add(struct junit *junit, const char *class, const char *name, const char *failure)
{
	struct buffer *out = &junit->cases;

	junit->tests++;
	buffer_add_string(out, "    <testcase classname=\"");
	add_text(out, class);
	buffer_add_string(out, "\" name=\"");
	add_text(out, name);
	if (!failure) {
		buffer_add_string(out, "\"/>\n");
		return;
	}
	junit->failures++;
	buffer_add_string(out, "\">\n      <failure message=\"");
	add_text(out, failure);
	buffer_add_string(out, "\"/>\n    </testcase>\n");
}

int junit_write(const struct junit *junit, const char *suite, const char *path)
{
	_cleanup_close_ int fd = -1;
	_cleanup_buffer_ struct buffer out = BUFFER(JUNIT_MAX + 4096);

	if (junit->cases.error)
		return junit->cases.error;
	buffer_add_string(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
	buffer_print(&out, "  <testsuite name=\"%s\" tests=\"%lu\" failures=\"%lu\">\n", suite,
		     junit->tests, junit->failures);
	buffer_add(&out, junit->cases.data, junit->cases.length);
	buffer_add_string(&out, "  </testsuite>\n</testsuites>\n");
	if (out.error)
		return out.error;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	return fd < 0 ? -errno : file_write_all(fd, out.data, out.length);
}
