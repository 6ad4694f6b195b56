/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/narrow.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>

#include "base/cleanup.h"
#include "fermata.skel.h"

static void btf_freep(struct btf **btf)
{
	btf__free(*btf);
}

/* Functions that this kernel does not have. */
static bool absent_enter(struct plan *plan, const struct policy *policy)
{
	_cleanup_(btf_freep) struct btf *btf = btf__load_vmlinux_btf();
	bool any = false;

	for (const struct program *row = program_table; btf && row->name; row++)
		if (row->function && plan_wants(plan, row, policy) &&
		    btf__find_by_name_kind(btf, row->function, BTF_KIND_FUNC) < 0)
			any |= plan_fail(plan, row->hook, row->shell, "load", ENOENT);
	return any;
}

/* Loads the programs of a shell that are wanted, or of one of its hooks (HOOK_MAX: of all),
 * and throws them away. Returns 0 or -errno. */
static int load_only(const struct plan *plan, const struct policy *policy, enum shell shell,
		     enum hook hook)
{
	struct fermata_bpf *bpf = fermata_bpf__open();
	struct bpf_program *program;
	int r;

	if (!bpf)
		return -errno;
	bpf_object__for_each_program(program, bpf->obj)
	{
		const struct program *row = program_find(bpf_program__name(program));

		bpf_program__set_autoload(program,
					  row && row->shell == shell &&
						  (hook == HOOK_MAX || row->hook == hook) &&
						  plan_wants(plan, row, policy));
	}
	r = fermata_bpf__load(bpf);
	fermata_bpf__destroy(bpf);
	return r;
}

static bool hooks_enter(struct plan *plan, const struct policy *policy, enum shell shell)
{
	const struct plan before = *plan;
	bool any = false;
	int r;

	for (const struct program *row = program_table; row->name; row++) {
		if (row->shell != shell || row->copy || !plan_wants(&before, row, policy))
			continue;
		r = load_only(&before, policy, shell, row->hook);
		if (r)
			any |= plan_fail(plan, row->hook, shell, "load", -r);
	}
	return any;
}

bool narrow(struct plan *plan, const struct policy *policy)
{
	bool any = absent_enter(plan, policy);

	if (any)
		return true;
	for (int shell = SHELL_none + 1; shell < SHELL_MAX; shell++)
		if (load_only(plan, policy, shell, HOOK_MAX))
			any |= hooks_enter(plan, policy, shell);
	return any;
}
