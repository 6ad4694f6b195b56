// SPDX-License-Identifier: Apache-2.0
#include "program.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "unit.h"

bool program_ask(struct answer *answer, const char *arguments)
{
	char self[PATH_MAX], command[PATH_MAX + 1024];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	size_t length;
	FILE *pipe;

	self[n < 0 ? 0 : n] = 0;
	snprintf(command, sizeof(command), "%s/fermata", dirname(self));
	if (access(command, X_OK)) {
		unit_skip("there is no program fermata beside the tests");
		return false;
	}
	length = strlen(command);
	snprintf(command + length, sizeof(command) - length, " %s", arguments);
	fflush(stdout);
	pipe = popen(command, "r");
	if (!pipe)
		abort();
	length = fread(answer->text, 1, sizeof(answer->text) - 1, pipe);
	answer->text[length] = 0;
	answer->status = WEXITSTATUS(pclose(pipe));
	return true;
}

void answer_expect(const struct answer *answer, int status, const char *part)
{
	if (answer->status == status && strstr(answer->text, part))
		return;
	CU_FAIL("the answer is not what was expected");
	unit_note("expected %d, %s", status, part);
	unit_note("got %d, %.2000s", answer->status, answer->text);
}

void answer_expect_golden(const struct answer *answer, int status, const char *name)
{
	_cleanup_free_ char *expected = NULL;
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "tests/golden/tools/%s", name);
	CU_ASSERT_EQUAL(answer->status, status);
	if (getenv("GOLDEN_UPDATE")) {
		file = fopen(path, "w");
		CU_ASSERT_PTR_NOT_NULL_FATAL(file);
		fputs(answer->text, file);
		fclose(file);
	}
	CU_ASSERT_EQUAL(file_read(path, sizeof(answer->text), &expected, NULL), 0);
	if (expected && !strcmp(expected, answer->text))
		return;
	CU_FAIL("the answer is not the golden one");
	unit_note("%s: got %.4000s", path, answer->text);
}
