/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who a file is, the kernel side says: stat(2) tells other numbers on file systems that are
 * made of several.
 */
#include "sensor/labels.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static int identify(const struct labels *labels, int fd, struct identity_question *ret_question)
{
	struct identity_question question = { .descriptor = (__u32)fd };
	/* the answer is where the question was */
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = &question,
		    .ctx_size_in = sizeof(question));
	int r = bpf_prog_test_run_opts(labels->program, &options);

	if (r)
		return r;
	if (!question.found)
		return -ENOENT;
	*ret_question = question;
	return 0;
}

int labels_set(const struct labels *labels, int directory, const char *name, const char *text,
	       struct file_identity *ret_file)
{
	_cleanup_close_ int fd = openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	_cleanup_free_ struct label *label = calloc(1, sizeof(*label));
	struct identity_question question;
	size_t length = strlen(text);
	int r;

	if (fd < 0)
		return -errno;
	if (!label)
		return -ENOMEM;
	r = identify(labels, fd, &question);
	if (r)
		return r;
	label->generation = question.generation;
	label->name.length = (__u32)(length < TEXT_MAX ? length : TEXT_MAX);
	memcpy(label->name.byte, text, label->name.length);
	if (bpf_map_update_elem(labels->map, &question.file, label, BPF_ANY))
		return errno == E2BIG ? -ENOSPC : -errno;
	*ret_file = question.file;
	return 0;
}

void labels_remove(const struct labels *labels, const struct file_identity *file)
{
	(void)bpf_map_delete_elem(labels->map, file);
}
