#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Acts on the system below the processes: mount, namespace_change, kernel_module, bpf_use,
# io_uring, memory_exec. All in a mount namespace of the test's own.

# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

# attempt RESPONSE STATUS STDOUT VERDICT WAY...: of the rule whose event and fields are in
# `about`. `after` is set where the act is seen at the end of its call.
after=
attempt() {
	local response=$1 status_wanted=$2 said=$3 verdict=$4
	shift 4
	step "$response: $*"
	: >"$rules"
	alerts_forget
	rule acts "${about[0]}" "$response" "${about[@]:1}"
	# what sees no more than the end of the call is to be tried, not the filter
	watch --seccomp off -- "$SUBJECTS/system" "$@"
	expect_status "$status_wanted"
	same "what the subject said" "$said" "$(<"$place/stdout")"
	expect_alert acts ".fermata.verdict == \"$verdict\"" ".event.action == \"${about[0]}\"" \
		".fermata.response.after_effect == $([[ $verdict == killed && $after ]] && echo true || echo false)"
	expect_alerts_in_all 1
}

# responses WAY...: what each response does to the act.
responses() {
	attempt alert 0 "done" alerted "$@"
	if [[ $after ]]; then
		attempt deny 137 "" killed "$@"
	else
		attempt deny 1 EPERM denied "$@"
	fi
	attempt kill 137 "" killed "$@"
}

# recorded CATEGORY FILTER WAY...: what jq makes of the events.
recorded() {
	local category=$1 filter=$2
	shift 2
	step "recorded: $*"
	rm -f "$place/recording"
	: >"$rules"
	rule never process_creation alert Image "$place/never"
	watch --record "$place/recording" --seccomp off -- "$SUBJECTS/system" "$@"
	events=$(jq -r "select(.category == \"$category\") | $filter" "$place/recording")
	[[ $(<"$place/stdout") == "done" ]]
}

trampolines || after=1

mounted='"\(.Act) \(.Source) \(.Target) \(.FsType) \(.Detached)"'

test_mount() {
	local about
	mkdir "$place/a" "$place/b"
	about=(mount Target "$place/a" FsType tmpfs Act mount)
	responses mount tmpfs "$place/a"
	umount -l "$place/a" 2>/dev/null
	about=(mount Act bind 'Source|endswith' /b)
	responses bind "$place/b" "$place/a"
}

test_mount_fields() {
	mkdir "$place/a" "$place/b"
	recorded mount "$mounted" mount tmpfs "$place/b/../a" || fail "mount does not work"
	same "mount" "mount a-source $place/a tmpfs false" "${events//"$place/b/../a"/$place/a}"
	recorded mount "$mounted" remount "$place/a"
	same "remount" "remount null $place/a null false" "$events"
	recorded mount "$mounted" umount "$place/a"
	same "umount" "umount null $place/a null false" "$events"
	recorded mount "$mounted" bind "$place/b" "$place/a"
	same "bind" "bind $place/b $place/a null false" "$events"
	umount "$place/a"
	if recorded mount "$mounted" make "$place/a"; then
		# when the call has ended, what was moved is where it was moved to
		same "by descriptors" "make null null tmpfs true
move $([[ $after ]] && echo "$place/a" || echo /) $place/a null false" "$events"
		umount "$place/a"
	fi
	if [[ $after ]] && recorded mount "$mounted" detach "$place/b"; then
		same "attached nowhere" "bind null true" "$(sed 's/^bind \S*/bind/; s/ \S* true/ true/' <<<"$events")"
	fi
}

# Seen at the end of the call on every tier.
test_namespaces() {
	local about after=1
	about=(namespace_change Act unshare Namespaces net)
	responses unshare $((0x40000000))
	about=(namespace_change Act chroot TargetFilename "$place")
	responses chroot "$place"
}

test_namespace_fields() {
	local changed='"\(.Act) \(.Namespaces | if . then sort | join(",") else "-" end) \(.TargetFilename)"'
	recorded namespace_change "$changed" unshare $((0x04000000 | 0x00020000))
	same "unshare" "unshare mnt,uts null" "$events"
	recorded namespace_change "$changed" unshare $((0x400))
	same "no namespace" "" "$events"
	recorded namespace_change "$changed" clone $((0x20000000))
	same "clone" "clone pid null" "$events"
	recorded namespace_change "$changed" clone3 $((0x08000000))
	same "clone3" "clone ipc null" "$events"
	recorded namespace_change "$changed" setns /proc/self/ns/uts
	same "setns" "setns uts null" "$events"
	recorded namespace_change "$changed" chroot "$place"
	same "chroot" "chroot - $place" "$events"
}

test_modules() {
	local loaded='"\(.Act) \(.Module) \(.FromMemory)"'
	echo "no module" >"$place/module.ko"
	if trampolines; then
		recorded kernel_module "$loaded" module "$place/module.ko"
		[[ $(<"$place/stdout") != ENOSYS ]] || skip "there are no modules here"
		same "of a file" "load $place/module.ko false" "$events"
		recorded kernel_module "$loaded" module_memory
		same "of memory" "load null true" "$events"
	fi
	# a call that fails is not seen when it ends: tier portable refuses it
	: >"$rules"
	alerts_forget
	rule acts kernel_module deny Act load
	watch -- "$SUBJECTS/system" module "$place/module.ko"
	same "what the subject said" EPERM "$(<"$place/stdout")"
	trampolines && expect_alert acts '.fermata.verdict == "denied"' ".file.path == \"$place/module.ko\""
	return 0
}

test_bpf() {
	local used='"\(.Command) \(.ProgramType)"' about
	about=(bpf_use Command map_create)
	responses bpf
	recorded bpf_use "$used" program
	same "a program" "prog_load socket_filter" "$events"
	recorded bpf_use "$used" perf || skip "there is no perf_event_open(2) here"
	same "perf" "perf_event_open null" "$events"
}

test_uring() {
	local about=(io_uring Act setup)
	[[ $("$SUBJECTS/system" uring) == "done" ]] || skip "there is no io_uring here"
	responses uring
	recorded io_uring '"\(.Act) \(.Flags)"' uring
	same "setup" "setup 16" "$events"
	if trampolines; then
		recorded io_uring '"\(.Act) \(.Flags)"' sqpoll
		same "sqpoll" "setup 2 sqpoll 2" "$(sort <<<"$events" | paste -sd ' ')"
	fi
}

test_memory() {
	local about
	about=(memory_exec Kind anonymous Act mprotect)
	responses mprotect
	about=(memory_exec Kind anonymous Act mmap)
	responses mmap
	about=(memory_exec Kind memfd)
	responses memfd "$rules"
}

test_memory_fields() {
	local made='"\(.Act) \(.Kind) \(.TargetFilename)"'
	recorded memory_exec "$made" memfd "$rules"
	same "memfd" "mmap memfd memfd:a-memfd" "$events"
	# nothing that a program does as it starts
	recorded memory_exec "$made" bpf
	same "a program's start" "" "$events"
}
