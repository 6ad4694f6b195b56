// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The kernel side, in the order in which an event meets it: the hook's shell, the tag,
 * the record, the matcher and decider that the user side compiles too, the act, the
 * ring. The loader takes of these programs what the kernel can run and the policy needs.
 */
#include "kernel.h"

#include "maps.bpf.h"
#include "tag.bpf.h"
#include "trial.bpf.h"
#include "path.bpf.h"
#include "given.bpf.h"
#include "emit.bpf.h"
#include "record.bpf.h"
#include "verdict.bpf.h"
#include "shell.bpf.h"
#include "sender.bpf.h"
#include "packet.bpf.h"
#include "label.bpf.h"

#include "hooks/privilege.bpf.h"
#include "hooks/process.bpf.h"
#include "hooks/file.bpf.h"
#include "hooks/name.bpf.h"
#include "hooks/attribute.bpf.h"
#include "hooks/net.bpf.h"
#include "hooks/packet.bpf.h"
#include "hooks/socket.bpf.h"
#include "hooks/access.bpf.h"
#include "hooks/key.bpf.h"
#include "hooks/handover.bpf.h"
#include "hooks/handover_call.bpf.h"
#include "hooks/socket_call.bpf.h"
#include "hooks/process_call.bpf.h"
#include "hooks/mount.bpf.h"
#include "hooks/mount_call.bpf.h"
#include "hooks/kernel.bpf.h"
#include "hooks/kernel_call.bpf.h"
#include "hooks/sys_exit.bpf.h"
#include "hooks/tagging.bpf.h"
#include "hooks/mark.bpf.h"

/* Helpers need it: bpf_probe_read_kernel and others are for GPL-compatible programs. */
char LICENSE[] SEC("license") = "Dual BSD/GPL";
