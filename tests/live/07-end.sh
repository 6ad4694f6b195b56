#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# How a run ends: nothing of it stays behind, whoever ends it, and nothing goes on unwatched.

# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

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
	watch_start -- sh -c 'echo $$ >"$0"; exec sleep 600' "$place/pid"
	wait_until "the agent runs" test -s "$place/pid"
	agent=$(cat "$place/pid")
	cgroup=$place/cgroups$(sed -n 's/^0:://p' "/proc/$agent/cgroup")
	mapfile -t held < <(bpf_ids "$watcher")
	check "the agent has a cgroup of its own" [ "${cgroup##*/fermata-}" != "$cgroup" ]
	undo=$(undo_find)
	check "a process waits to undo" [ -n "$undo" ]
	check "there are BPF objects (${#held[@]})" [ "${#held[@]}" -gt 6 ]
}

# The process that would undo things if Fermata were killed: it holds the cgroup.
undo_find() {
	local link
	for link in /proc/[0-9]*/fd/*; do
		[[ $(readlink "$link") == *"${cgroup##*/}" ]] || continue
		link=${link#/proc/}
		[[ $(cat "/proc/${link%%/*}/comm") == fermata-undo ]] && echo "${link%%/*}" && return
	done
} 2>/dev/null

# expect_nothing_left: agent and cgroup are gone at once, and soon all else.
expect_nothing_left() {
	local object
	local -i soon=$patience
	patience=$at_once
	wait_until "the agent is dead" gone "$agent"
	wait_until "its cgroup is gone" [ ! -e "$cgroup" ]
	patience=$soon
	wait_until "the process that undoes is gone" gone "$undo"
	for object in "${held[@]}"; do
		# shellcheck disable=SC2086 # a kind and a number
		wait_until "BPF $object is gone" bpf_gone $object
	done
}

test_killed_fermata_leaves_nothing() {
	sleeper_start
	kill -KILL "$watcher"
	wait "$watcher" 2>/dev/null
	expect_nothing_left
}

test_terminated_run_leaves_nothing() {
	sleeper_start
	kill -TERM "$watcher"
	watch_wait
	expect_status 143
	expect_nothing_left
}

test_run_whose_command_is_killed_leaves_nothing() {
	sleeper_start
	kill -KILL "$agent"
	watch_wait
	expect_status 137
	expect_nothing_left
}

# A verdict whose record is lost is carried out like any other.
test_kill_agent_in_a_full_ring() {
	local command
	chain_rules
	receiver_start
	echo content >"$place/target"
	rule opens file_open alert TargetFilename "$place/target"
	# shellcheck disable=SC2016 # for the inner shell
	watch_start -- sh -c '
		sleep 600 &
		echo $! $$ >"$0/waiting"; until [ -e "$0/go" ]; do sleep 0.02; done
		i=0; while [ $i -lt 20000 ]; do read -r x <"$0/target"; i=$((i + 1)); done
		read -r x <"$0/secret"; echo >"$0/full"; exec "$@"' \
		"$place" "$SUBJECTS/send" connect "$outside" "$port"
	wait_until "the agent runs" test -s "$place/waiting"
	read -r agent command <"$place/waiting"
	kill -STOP "$watcher"
	: >"$place/go"
	wait_until "the ring is full" test -e "$place/full"
	wait_until "the verdict was carried out" gone "$command"
	check "one member only waits" kill -0 "$agent"
	kill -CONT "$watcher"
	wait_until "fermata ends" gone "$watcher"
	wait "$watcher"
	same "status" 137 $?
	expect_received 0 0
	wait_until "the member that waits is dead" gone "$agent"
	expect_alerts secret_then_outside 0
	expect_stderr "the agent was killed; the record that says why is lost"
}

# What could not be killed at once is killed later: here Fermata may have no descriptors.
test_kill_agent_is_tried_again() {
	type -P prlimit >/dev/null || skip "needs prlimit"
	chain_rules
	receiver_start
	# shellcheck disable=SC2016 # for the inner shell
	watch_start -- sh -c '
		(until [ -e "$0/go" ]; do sleep 0.02; done; read -r x <"$0/secret"; exec "$@") &
		echo $$ >"$0/waiting"; exec sleep 600' \
		"$place" "$SUBJECTS/send" connect "$outside" "$port"
	wait_until "the agent runs" test -s "$place/waiting"
	agent=$(cat "$place/waiting")
	prlimit --pid "$watcher" --nofile=2: || fail "prlimit"
	: >"$place/go"
	wait_until "killing has failed" grep -q "cannot kill what a rule asks" "$place/stderr"
	check "one member only waits" kill -0 "$agent"
	prlimit --pid "$watcher" --nofile=1024: || fail "prlimit"
	wait_until "the member that waits is dead" gone "$agent"
	watch_wait
	expect_status 137
	expect_received 0 0
}

# A run that cannot go on takes its agent with it: here it may have no descriptors.
test_run_that_fails_leaves_nothing() {
	type -P prlimit >/dev/null || skip "needs prlimit"
	sleeper_start
	prlimit --pid "$watcher" --nofile=1:1 || fail "prlimit"
	wait_until "fermata ends" gone "$watcher"
	wait "$watcher"
	same "status" 3 $?
	expect_stderr "reading from the kernel failed; the agent is stopped"
	expect_nothing_left
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
