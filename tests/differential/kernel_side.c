/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel_side.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/differential/differential.skel.h"

struct kernel_side {
	struct differential_bpf *bpf;
	struct subject *subject; /* the map itself */
	struct decided *decided;
	void *image; /* as large as the map's value */
};

void kernel_side_close(struct kernel_side *kernel)
{
	if (kernel->subject)
		munmap(kernel->subject, sizeof(*kernel->subject));
	if (kernel->decided)
		munmap(kernel->decided, sizeof(*kernel->decided));
	differential_bpf__destroy(kernel->bpf);
	free(kernel->image);
	free(kernel);
}

/* The one program, and the sizes that the loader of the product sets. */
static int object_load(struct kernel_side *kernel)
{
	_cleanup_close_ int template = -1;
	struct bpf_program *program;
	struct bpf_map *map;

	kernel->bpf = differential_bpf__open();
	if (!kernel->bpf)
		return -errno;
	bpf_object__for_each_program(program, kernel->bpf->obj)
		bpf_program__set_autoload(program, program == kernel->bpf->progs.differential);
	kernel->bpf->rodata->policy_mask = POLICY_SIZE_MAX - 1;
	template = bpf_map_create(BPF_MAP_TYPE_ARRAY, "policy", sizeof(__u32), POLICY_SIZE_MAX, 1,
				  NULL);
	if (template <0 || bpf_map__set_inner_map_fd(kernel->bpf->maps.policies, template))
		return -errno;
	bpf_object__for_each_map(
		map, kernel->bpf->obj) if (bpf_map__max_entries(map) == AGENTS_MAX &&
					   bpf_map__set_max_entries(map, SESSIONS)) return -errno;
	return differential_bpf__load(kernel->bpf);
}

static void *map_memory(const struct bpf_map *map, size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

	return memory == MAP_FAILED ? NULL : memory;
}

int kernel_side_open(struct kernel_side **ret_kernel, const char **ret_step)
{
	_cleanup_(kernel_side_closep) struct kernel_side *kernel = calloc(1, sizeof(*kernel));
	int r;

	*ret_step = "memory";
	if (!kernel)
		return -ENOMEM;
	kernel->image = malloc(POLICY_SIZE_MAX);
	if (!kernel->image)
		return -ENOMEM;
	*ret_step = "loading the program";
	r = object_load(kernel);
	if (r)
		return r;
	*ret_step = "mapping its maps";
	kernel->subject = map_memory(kernel->bpf->maps.subjects, sizeof(*kernel->subject));
	kernel->decided = map_memory(kernel->bpf->maps.answers, sizeof(*kernel->decided));
	if (!kernel->subject || !kernel->decided)
		return -errno;
	*ret_kernel = take_ptr(kernel);
	return 0;
}

/* Whatever is kept of it, for either slot, starts empty. */
int kernel_side_forget(struct kernel_side *kernel, __u32 row)
{
	const struct bpf_map *map = kernel->bpf->maps.chains;
	_cleanup_free_ void *empty = calloc(1, bpf_map__value_size(map));

	if (!empty)
		return -ENOMEM;
	for (__u32 at = 2 * row; at < 2 * row + 2; at++)
		if (bpf_map_update_elem(bpf_map__fd(map), &at, empty, BPF_ANY))
			return -errno;
	return 0;
}

int kernel_side_policy(struct kernel_side *kernel, const struct policy *policy)
{
	__u32 zero = 0, slot = !kernel->bpf->bss->policy_slot;
	const struct bpf_map *map = slot ? kernel->bpf->maps.policy_1 : kernel->bpf->maps.policy_0;
	int r = 0;

	memset(kernel->image, 0, POLICY_SIZE_MAX);
	memcpy(kernel->image, policy, policy->size);
	if (bpf_map_update_elem(bpf_map__fd(map), &zero, kernel->image, BPF_ANY))
		return -errno;
	kernel->bpf->bss->policy_slot = slot;
	for (__u32 row = 0; !r && row < SESSIONS; row++)
		r = kernel_side_forget(kernel, row);
	return r;
}

struct subject *kernel_side_subject(struct kernel_side *kernel)
{
	return kernel->subject;
}

int kernel_side_decide(struct kernel_side *kernel, const struct decided **ret_decided)
{
	LIBBPF_OPTS(bpf_test_run_opts, options);
	__u64 before = kernel->decided->count;
	int r = bpf_prog_test_run_opts(bpf_program__fd(kernel->bpf->progs.differential), &options);

	if (r)
		return r;
	if (kernel->decided->count != before + 1)
		return -EIO;
	*ret_decided = kernel->decided;
	return 0;
}
