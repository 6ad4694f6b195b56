/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libyaml tells an encoding error without its line, and would wait for a FIFO and
 * read a device without end: so the text is read and examined here first.
 */
#include "rules/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/utf8.h"

/* Characters that YAML allows in a file. */
static bool character_allowed(__u32 code, bool first)
{
	if (code == 0xfeff)
		return first;
	return code == '\t' || code == '\n' || code == '\r' || code == 0x85 ||
	       (code >= 0x20 && code < 0x7f) || (code >= 0xa0 && code != 0xfffe && code != 0xffff);
}

static int text_check(const char *file, const char *text, size_t length,
		      struct diagnostics *diagnostics)
{
	struct place place = { file, 1, 1 };

	for (size_t i = 0; i < length;) {
		__u32 code;
		size_t n = utf8_next(text + i, length - i, &code);

		if (code == UTF8_INVALID)
			return diagnose(diagnostics, SEVERITY_ERROR, &place,
					"not UTF-8: byte 0x%02x", (unsigned char)text[i]);
		if (!code)
			return diagnose(diagnostics, SEVERITY_ERROR, &place,
					"a NUL byte: not a text file");
		if (!character_allowed(code, !i))
			return diagnose(diagnostics, SEVERITY_ERROR, &place,
					"the character U+%04X is not allowed in YAML", code);
		i += n;
		place.column++;
		if (code == '\n') {
			place.line++;
			place.column = 1;
		}
	}
	return 0;
}

int source_read(char **ret_text, size_t *ret_length, const char *file,
		struct diagnostics *diagnostics)
{
	const struct place place = { file, 0, 0 };
	_cleanup_close_ int fd = open(file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	_cleanup_free_ char *text = NULL;
	size_t length = 0;
	struct stat status;
	int r;

	if (fd < 0 || fstat(fd, &status) < 0) {
		r = -errno;
		diagnose(diagnostics, SEVERITY_ERROR, &place, "cannot open: %s", strerror(-r));
		return r;
	}
	if (!S_ISREG(status.st_mode))
		return diagnose(diagnostics, SEVERITY_ERROR, &place, "not a regular file");
	r = file_read_open(fd, SOURCE_SIZE_MAX, &text, &length);
	if (r == -EFBIG)
		return diagnose(diagnostics, SEVERITY_ERROR, &place,
				"larger than the limit of %u bytes", SOURCE_SIZE_MAX);
	if (r < 0) {
		diagnose(diagnostics, SEVERITY_ERROR, &place, "cannot read: %s", strerror(-r));
		return r;
	}
	r = text_check(file, text, length, diagnostics);
	if (r < 0)
		return r;
	*ret_text = take_ptr(text);
	*ret_length = length;
	return 0;
}
