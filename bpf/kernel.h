/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The kernel's types, as far as we read them, written by hand instead of dumped:
 * no BTF is needed at build time, and what we depend on is one page. CO-RE
 * relocates every access; members may be anywhere in the real structure.
 */
#ifndef FERMATA_KERNEL_H
#define FERMATA_KERNEL_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct qstr {
	__u32 len;
	const unsigned char *name;
};

struct list_head {
	struct list_head *next;
};

struct file_system_type {
	const char *name;
};

struct fs_context {
	struct file_system_type *fs_type;
};

struct super_block {
	__u32 s_dev;
	unsigned long s_magic;
	struct dentry *s_root;
	struct file_system_type *s_type;
	struct list_head s_mounts;
};

struct mount;

struct super_block___mounts {
	struct mount *s_mounts;
};

struct iattr {
	unsigned int ia_valid;
};

struct inode {
	__u16 i_mode;
	unsigned int i_nlink;
	__u32 i_generation;
	struct super_block *i_sb;
	unsigned long i_ino;
	void *i_private;
};

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	struct super_block *d_sb;
};

struct vfsmount {
	struct dentry *mnt_root;
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
	struct list_head mnt_instance;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	void *private_data;
	unsigned int f_mode;
	unsigned int f_flags;
	struct path f_path;
	struct inode *f_inode;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

typedef struct {
	int counter;
} atomic_t;

struct files_struct {
	atomic_t count;
	struct fdtable *fdt;
};

struct fs_struct {
	struct path pwd;
};

struct mm_struct {
	unsigned long arg_start, arg_end;
	struct file *exe_file;
};

typedef struct {
	__u32 val;
} kuid_t;

typedef struct {
	__u64 val;
} kernel_cap_t;

struct cred {
	kuid_t uid, gid, suid, sgid, euid, egid, fsuid, fsgid;
	kernel_cap_t cap_effective, cap_permitted;
};

/* include/linux/mm_types.h */
struct vm_area_struct {
	unsigned long vm_flags;
	void *anon_vma;
	struct file *vm_file;
};

struct proc_ns_operations {
	int type;
};

struct ns_common {
	__u32 ns_type; /* since 6.18 */
	const struct proc_ns_operations *ops;
};

struct kernel_siginfo {
	int si_code;
};

struct key_type {
	const char *name;
};

struct key {
	struct key_type *type;
	char *description;
};

struct signal_struct {
	atomic_t live;
	int nr_threads;
	int group_exit_code;
};

struct thread_info {
	__u32 status;
};

struct bpf_local_storage;

struct kernfs_node {
	__u64 id;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct css_set {
	struct cgroup *dfl_cgrp;
};

struct upid {
	int nr;
};

struct hlist_node {
	struct hlist_node *next;
};

struct hlist_head {
	struct hlist_node *first;
};

struct pid {
	unsigned int level;
	struct hlist_head tasks[4];
	struct upid numbers[1];
};

struct task_struct {
	struct thread_info thread_info;
	__u64 self_exec_id;
	unsigned int flags;
	int exit_state;
	int exit_code;
	int pid, tgid;
	struct pid *thread_pid;
	struct hlist_node pid_links[4];
	struct task_struct *real_parent, *parent;
	struct list_head ptraced, ptrace_entry;
	struct task_struct *group_leader;
	__u64 start_boottime;
	const struct cred *cred;
	kuid_t loginuid;
	unsigned int sessionid;
	struct mm_struct *mm;
	struct fs_struct *fs;
	struct files_struct *files;
	struct signal_struct *signal;
	struct bpf_local_storage *bpf_storage;
	struct css_set *cgroups;
};

struct linux_binprm {
	unsigned int secureexec : 1;
	struct file *file;
	const char *filename;
	const char *interp;
};

struct sock_common {
	unsigned short skc_family;
	__u32 skc_daddr, skc_rcv_saddr;
	__u16 skc_dport, skc_num;
	struct {
		__u8 bytes[16];
	} skc_v6_daddr, skc_v6_rcv_saddr;
};

struct sock {
	struct sock_common __sk_common;
	__u16 sk_protocol;
	__u16 sk_type;
	struct pid *sk_peer_pid;
};

/* include/net/af_unix.h */
struct sockaddr_un {
	unsigned short sun_family;
	char sun_path[108];
};

struct unix_address {
	int len;
	struct sockaddr_un name[0];
};

struct unix_sock {
	struct unix_address *addr;
	struct path path;
	struct sock *peer;
};

struct socket {
	struct sock *sk;
};

struct sockaddr;

struct msghdr {
	void *msg_name;
	int msg_namelen;
	unsigned int msg_flags;
};

struct pt_regs {
	unsigned long bp, r10, r9, r8, bx, cx, dx, ax, si, di, orig_ax;
};

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

#pragma clang attribute pop

/* include/linux/fs.h */
#define FMODE_READ 0x1
#define FMODE_WRITE 0x2
#define FMODE_EXEC 0x20
#define FMODE_PATH 0x4000
#define FMODE_CREATED 0x100000
#define O_APPEND 02000
/* include/uapi/linux/stat.h */
#define S_IFMT 0170000
#define S_IFREG 0100000
#define S_IFSOCK 0140000
#define S_ISDIR(mode) (((mode)&S_IFMT) == 0040000)
/* include/linux/sched.h */
#define PF_EXITING 0x00000004
#define PF_IO_WORKER 0x00000010
#define PF_KTHREAD 0x00200000
#define CLONE_THREAD 0x00010000
/* include/linux/pid_types.h */
#define PIDTYPE_TGID 1
/* arch/x86/include/asm/thread_info.h, asm/unistd.h */
#define TS_COMPAT 0x0002
#define X32_SYSCALL_BIT 0x40000000
/* include/linux/socket.h */
#define AF_UNSPEC 0
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define AF_VSOCK 40
#define MSG_FASTOPEN 0x20000000

/* include/uapi/linux/version.h */
#define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + (c))

#define EPERM 1
#define ENOMEM 12
#define ENOSYS 38
#define EINPROGRESS 115
#define SIGKILL 9

#endif
