#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Who belongs to an agent: every descendant, however it was made, and nobody else; and
# that kill-agent reaches all of them.

# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

# What the subject `tree` says that it did, and what the alerts say: "NAME PID" lines.
said() {
	grep -v '^exec-' "$1" | sort
}

said_executed() {
	grep '^exec-' "$1" | sort
}

test_every_member_is_seen() {
	local neighbour rounds
	mkdir "$place/agent" "$place/neighbour"
	rule marks file_open alert 'TargetFilename|contains' /marker-
	rule executes process_creation alert 'CommandLine|contains' exec-marker-
	# The untagged neighbour does the same all the time; the cat ends with its last member.
	(
		while [[ ! -e $place/stop ]]; do
			"$SUBJECTS/tree" "$place/neighbour" | cat >"$place/neighbour.said"
			echo round
		done
	) >"$place/rounds" &
	neighbour=$!
	started+=("$neighbour")
	wait_until "the neighbour has begun" test -s "$place/rounds"
	watch -- "$SUBJECTS/tree" "$place/agent"
	expect_status 0
	rounds=$(wc -l <"$place/rounds")
	wait_until "the neighbour went on" [ "$(wc -l <"$place/rounds")" -gt $((rounds - 1)) ]
	: >"$place/stop"
	wait "$neighbour"

	same "members" 14 "$(wc -l <"$place/stdout")"
	same "who opened its file" "$(said "$place/stdout")" "$(told '.[]
		| select(.rule.name == "marks")
		| (.file.path | sub(".*/marker-"; "")) + " \(.process.pid)"' | sort)"
	same "who was executed" "$(said_executed "$place/stdout")" "$(told '.[]
		| select(.rule.name == "executes")
		| (.process.command_line | capture("(?<m>exec-marker-[a-z_-]*)").m) + " \(.process.pid)"' | sort)"
	same "alerts about the neighbour" 0 "$(told 'map(select(tostring | contains("/neighbour"))) | length')"
	same "members of the neighbour" 14 "$(wc -l <"$place/neighbour.said")"
}

test_parents_are_told() {
	rule marks file_open alert 'TargetFilename|contains' /marker-
	watch -- "$SUBJECTS/tree" "$place"
	# The parent of the orphan is who made it, though that one has gone.
	same "the orphan's parent, the thread's process, and that it is not the leader" \
		"$(sed -n 's/^first-of-double-fork //p' "$place/stdout")
$(sed -n 's/^clone3 //p' "$place/stdout") true" \
		"$(told '.[] | select(.file.path | endswith("/marker-double-fork-setsid")) | .process.parent.pid' \
			'.[] | select(.file.path | endswith("/marker-thread")).process |
				"\(.pid) \(.thread.id != .pid)"')"
}

test_a_thousand_quick_processes() {
	# that each copy of a program was kept from some act does not say that it was the same
	# act; here all are counted
	may_skip=1
	rule quick process_creation alert 'CommandLine|contains' ' quick-'
	watch --quiet -- "$SUBJECTS/swarm" 1000 "$SUBJECTS/first"
	expect_status 0
	# shellcheck disable=SC2016 # for jq
	same "alerts, different ones, and that all records are numbered in a row" "1000 1000 true" "$(told \
		'map(select(.rule.name == "quick")) as $quick | map(.fermata.seq) as $numbers |
			"\($quick | length) \($quick | map(.process.command_line) | unique | length) \(
			($numbers | sort) == [range($numbers | min; ($numbers | max) + 1)])"')"
}

# expect_gone PID...: none of these lives.
expect_gone() {
	local pid
	for pid; do
		wait_until "process $pid is gone" gone "$pid"
	done
}

test_kill_agent_reaches_idle_members() {
	local members
	echo content >"$place/trigger"
	rule triggers file_open kill-agent TargetFilename "$place/trigger"
	watch -- "$SUBJECTS/idle" "$place/trigger"
	expect_status 137
	mapfile -t members <"$place/stdout"
	same "members that waited" 16 "${#members[@]}"
	expect_gone "${members[@]}"
	expect_alert triggers '.fermata.response.condemned'
}

# A member that left the agent's cgroup, as root can, is found by its tag.
test_kill_agent_reaches_who_left_the_cgroup() {
	local member
	mkdir "$place/cgroups"
	mount -t cgroup2 none "$place/cgroups" 2>/dev/null || skip "no cgroup v2 here"
	echo content >"$place/trigger"
	rule triggers file_open kill-agent TargetFilename "$place/trigger"
	# shellcheck disable=SC2016 # for the inner shell
	watch -- sh -c '
		sh -c "echo 0 >$1/cgroup.procs && echo \$\$ && exec sleep 600" sh "$1" >"$2" &
		until [ -s "$2" ]; do sleep 0.02; done
		cat "$3"' sh "$place/cgroups" "$place/left" "$place/trigger"
	expect_status 137
	member=$(cat "$place/left")
	check "a member has left" [ "$member" -gt 1 ]
	expect_gone "$member"
	umount "$place/cgroups"
}
