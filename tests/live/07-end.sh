#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# How a run ends: nothing of it stays behind, whoever ends it, and nothing goes on unwatched.

# shellcheck source=tests/live/lib.sh
[[ -n ${place-} ]] || . tests/live/lib.sh

# bpf_ids PID: "prog N" and "link N" of the BPF objects that the process holds.
bpf_ids() {
	sed -n 's/^prog_id:\t/prog /p; s/^link_id:\t/link /p' "/proc/$1/fdinfo/"* 2>/dev/null | sort -u
}

# bpf_gone KIND ID
bpf_gone() {
	! "$bpftool" "$1" show id "$2" >/dev/null 2>&1
}

need_bpftool() {
	bpftool=$(PATH=$PATH:/usr/sbin:/sbin type -P bpftool) || skip "needs bpftool"
	"$bpftool" prog show >/dev/null 2>&1 || skip "bpftool does not work here"
}

# Sees the cgroups of the host, wherever they are mounted.
cgroups_mount() {
	mkdir "$place/cgroups"
	mount -t cgroup2 none "$place/cgroups" || skip "no cgroup v2 here"
}

# Starts a run whose command, $agent, sleeps in the cgroup $cgroup; `held` are its BPF objects.
sleeper_start() {
	need_bpftool
	cgroups_mount
	chain_rules
	# shellcheck disable=SC2016 # for the inner shell
	watch_start "$@" -- sh -c 'echo $$ >"$0"; exec sleep 600' "$place/pid"
	wait_until "the agent runs" test -s "$place/pid"
	agent=$(cat "$place/pid")
	cgroup=$place/cgroups$(sed -n 's/^0:://p' "/proc/$agent/cgroup")
	mapfile -t held < <(bpf_ids "$watcher")
	check "the agent has a cgroup of its own" [ "${cgroup##*/fermata-}" != "$cgroup" ]
	check "there are BPF objects (${#held[@]})" [ "${#held[@]}" -gt 6 ]
}

# expect_nothing_left SECONDS: agent, cgroup and BPF objects are gone within that time.
expect_nothing_left() {
	local object patience=$1
	wait_until "the agent is dead" gone "$agent"
	wait_until "its cgroup is gone" [ ! -e "$cgroup" ]
	for object in "${held[@]}"; do
		# shellcheck disable=SC2086 # a kind and a number
		wait_until "BPF $object is gone" bpf_gone $object
	done
}

# How long "at once" may take: two seconds, more on a slow guest.
at_once=${TEST_AT_ONCE:-$([[ $(nproc) -gt 1 && ! -e /lab ]] && echo 2 || echo 20)}

test_killed_fermata_leaves_nothing() {
	sleeper_start
	kill -KILL "$watcher"
	wait "$watcher" 2>/dev/null
	expect_nothing_left "$at_once"
}

test_terminated_run_leaves_nothing() {
	sleeper_start
	kill -TERM "$watcher"
	watch_wait
	expect_status 143
	expect_nothing_left "$at_once"
}

test_condemned_run_leaves_nothing() {
	local options
	sleeper_start
	kill -KILL "$agent"
	watch_wait
	expect_status 137
	expect_nothing_left "$at_once"
	# nor a process that waits for Fermata's end
	! grep -l -x fermata-undo /proc/[0-9]*/comm 2>/dev/null | while read -r file; do
		[[ $(stat -c %Y "$file" 2>/dev/null || echo 0) -ge $SECONDS_STARTED ]] && echo "$file"
	done | grep -q . || note "another fermata-undo runs on this host"
}

# A failed start undoes what it had done.
test_failed_start_leaves_nothing() {
	cgroups_mount
	chain_rules
	local before
	before=$(find "$place/cgroups" -maxdepth 2 -name "fermata-*" | sort)
	watch -- /no/such/command
	expect_status 127
	watch --user 54321 -- "$place"
	expect_status 126
	same "cgroups" "$before" "$(find "$place/cgroups" -maxdepth 2 -name "fermata-*" | sort)"
}

# What the command leaves behind is said, watched to its end, and stopped by a signal.
leaver() {
	chain_rules
	receiver_start
	# shellcheck disable=SC2016 # for the inner shell
	watch_start -- sh -c '
		setsid sh -c "echo \$\$ >$0.pid; until [ -e $0.go ]; do sleep 0.02; done; $1" &
		until [ -s "$0.pid" ]; do sleep 0.02; done; exit 7' "$place/left" "$1"
	wait_until "the command has ended" grep -q "the command has ended" "$place/stderr"
	expect_stderr "still watching"
}

test_leftovers_are_watched_to_their_end() {
	leaver true
	check "fermata waits" kill -0 "$watcher"
	: >"$place/left.go"
	watch_wait
	expect_status 7
}

test_leftovers_are_watched() {
	leaver "cat $place/secret; $SUBJECTS/send connect $outside $port; sleep 600"
	: >"$place/left.go"
	watch_wait
	expect_status 7
	expect_received 0 0
	expect_alerts secret_then_outside 1
	wait_until "the leftover is dead" gone "$(cat "$place/left.pid")"
}

test_leftovers_are_ended_by_a_signal() {
	leaver true
	kill -TERM "$watcher"
	watch_wait
	expect_status 7
	expect_stderr "ending what the command left behind"
	wait_until "the leftover is dead" gone "$(cat "$place/left.pid")"
}
