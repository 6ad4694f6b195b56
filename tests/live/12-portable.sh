#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What tier portable does beyond killing: files that rules name are marked, and their opening
# is refused; system calls by which an act gets past the hooks are refused to the whole tree.

# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

needs_marks() {
	trampolines && skip "for tier portable"
	marks_work || skip "fanotify does not work here"
}

# The secret, and a rule that names it.
named() {
	needs_marks
	echo "the secret" >"$place/secret"
	rule named file_open "$1" TargetFilename "$place/secret" "${@:2}"
}

# expect_refused WHAT: the command was refused one opening, and lived to say so.
expect_refused() {
	expect_status 1
	same "$1" EPERM "$(cat "$place/stdout")"
	expect_alert named '.fermata.verdict == "denied"' '.fermata.response.tier == "fanotify"' \
		'.fermata.response.after_effect == false' '.event.outcome == "failure"'
	same "alerts in all" 1 "$(told length)"
}

# Whether the file has a mark; seen from outside.
marked() {
	local inode
	printf -v inode %x "$(stat -c %i "$1")"
	grep -qs "^fanotify ino:$inode " /proc/[0-9]*/fdinfo/*
}

not_marked() {
	! marked "$1"
}

test_every_way_of_opening() {
	local way
	named deny
	for way in open openat openat2 int80 creat handle reopen thread write unlinked; do
		[[ -e $place/secret ]] || echo "the secret" >"$place/secret"
		step "$way"
		rm -f "$alerts"
		watch -- "$SUBJECTS/act" "$way" "$place/secret"
		expect_refused "$way"
		expect_alert named ".file.path == \"$place/secret\""
		[[ $way == unlinked ]] || same "the content" "the secret" "$(cat "$place/secret")"
	done
}

# The ring itself is another matter: it is refused, unless that is declined.
test_opening_by_io_uring() {
	local way
	named deny Access read
	[[ $("$SUBJECTS/uring" open "$place/secret") == "done" ]] || skip "io_uring does not work here"
	for way in open async; do
		step "$way"
		rm -f "$alerts"
		watch --seccomp off -- "$SUBJECTS/uring" "$way" "$place/secret"
		expect_refused "$way"
	done
}

test_every_name_of_the_file() {
	local path
	named deny
	mkdir "$place/folder"
	ln "$place/secret" "$place/hard"
	ln -s ../secret "$place/folder/soft"
	for path in "$place/hard" "$place/folder/soft" "/proc/self/root$place/secret" \
		"$place/folder/../hard"; do
		step "${path#"$place"}"
		rm -f "$alerts"
		watch -- "$SUBJECTS/act" open "$path"
		expect_refused "$path"
	done
	# the alert has the path that it really has, not the rule's
	expect_alert named ".file.path == \"$place/hard\""
}

test_other_namespaces() {
	named deny
	: >"$place/other"
	# shellcheck disable=SC2016 # for the inner shell
	watch -- unshare --mount --pid --fork sh -c 'mount --bind "$0/secret" "$0/other" &&
		exec "$1" open "$0/other"' "$place" "$SUBJECTS/act"
	expect_refused "through a bind mount of its own"
}

# Opened to be executed, which the end of a call does not show.
test_execution() {
	needs_marks
	cp "$SUBJECTS/first" "$place/program"
	rule named file_open deny TargetFilename "$place/program" Access exec
	watch -- "$SUBJECTS/act" exec "$place/program"
	expect_refused "the exec"
	expect_alert named '.fermata.file.access == ["exec"]'
	rm "$alerts"
	watch -- "$SUBJECTS/act" open "$place/program"
	expect_status 0
	same "alerts" 0 "$(told length)"
}

# Told is who waits, and not who answers.
test_whose_cgroup() {
	local cgroup
	named deny
	# shellcheck disable=SC2016 # for the inner shell
	watch -- sh -c 'sed -n "s/^0:://p" /proc/self/cgroup; cat "$0"' "$place/secret"
	cgroup=$(head -n 1 "$place/stdout")
	[[ -n $cgroup ]] || skip "no cgroup v2 here"
	[[ $cgroup != "$(sed -n 's/^0:://p' /proc/self/cgroup)" ]] ||
		fail "the agent has no cgroup of its own"
	expect_alert named ".fermata.process.cgroup == \"$cgroup\""
}

# What an opening is for is taken from the waiting call; where that cannot be had, rules that
# refuse take it for what they ask for.
test_access() {
	local way
	named deny Access write
	for way in open openat int80 handle; do
		step "$way"
		rm -f "$alerts"
		watch -- "$SUBJECTS/act" "$way" "$place/secret"
		expect_status 0
		same "alerts" 0 "$(told length)"
	done
	for way in write creat openat2; do
		step "$way"
		rm -f "$alerts"
		watch -- "$SUBJECTS/act" "$way" "$place/secret"
		expect_refused "$way"
	done
	same "the content" "the secret" "$(cat "$place/secret")"
}

# What the named program may, others may not.
test_filter() {
	needs_marks
	echo "the secret" >"$place/secret"
	cat >"$rules" <<-END
		title: named
		name: named
		level: high
		response: deny
		logsource: {product: linux, category: file_open}
		detection:
		    condition: selection and not owner
		    selection: {TargetFilename: $place/secret}
		    owner: {Image: $(realpath "$(type -P cat)")}
	END
	watch -- cat "$place/secret"
	expect_status 0
	expect_stdout "the secret"
	same "alerts" 0 "$(told length)"
	watch -- "$SUBJECTS/act" open "$place/secret"
	expect_refused "another program"
}

# Told as what would be done, once, and done to nobody.
test_observe() {
	named deny
	watch --mode observe -- "$SUBJECTS/act" open "$place/secret"
	expect_status 0
	expect_stdout "done"
	expect_alert named '.fermata.response.simulated' '.fermata.response.tier == "fanotify"'
	same "alerts in all" 1 "$(told length)"
	# the next opening is examined again
	rm "$alerts"
	rule other file_open alert TargetFilename "$place/other"
	echo >"$place/other"
	watch --mode observe -- cat "$place/secret" "$place/other"
	expect_alert named '.fermata.response.simulated'
	expect_alert other '.fermata.response.tier == "sys_exit"'
}

# Those who wait for nothing go with the agent.
test_kill_agent() {
	named kill-agent
	# shellcheck disable=SC2016 # for the inner shell
	watch -- sh -c 'sleep 1000 & exec cat "$0"' "$place/secret"
	expect_status 137
	expect_alert named '.fermata.verdict == "killed"' '.fermata.response.condemned' \
		'.fermata.response.tier == "fanotify"'
}

# A chain goes on being advanced by what is allowed.
test_correlation() {
	named deny Access write
	echo "another" >"$place/other"
	rule first file_open alert TargetFilename "$place/secret" Access read
	rule second file_open alert TargetFilename "$place/other" Access read
	chain both kill-agent 5m first second
	watch -- cat "$place/secret" "$place/other"
	expect_status 137
	same "what was read" "the secret" "$(cat "$place/stdout")"
	expect_alerts both 1
	expect_alerts named 0
}

# Reads the secret as somebody who is no agent, in time.
neighbour_reads() {
	same "what the neighbour reads" "the secret" \
		"$(timeout "$at_once" cat "$place/secret" 2>&1 || echo "status $?")"
}

test_neighbours_do_not_wait() {
	named deny
	mkfifo "$place/go" "$place/full"
	exec 8<>"$place/full" 9<>"$place/go"
	local options
	run_options
	# the alerts fill a pipe that nobody reads
	# shellcheck disable=SC2016 # for the inner shell
	"$FERMATA" "${options[@]}" -- sh -c 'echo; while ! [ -e "$0/end" ]; do cat "$0/secret" 2>/dev/null; done' \
		"$place" >"$place/stdout" 2>&8 <&9 &
	watcher=$!
	started+=("$watcher")
	wait_until "the agent is refused" grep -qs named "$alerts"
	neighbour_reads
	wait_until "the pipe is full" pipe_full
	neighbour_reads
	kill -STOP "$watcher"
	neighbour_reads
	neighbour_reads
	kill -CONT "$watcher"
	: >"$place/end"
	wait_until "fermata ends" gone "$watcher"
	same "denied" denied "$(told 'map(select(.rule.name == "named").fermata.verdict) | unique[0]')"
}

pipe_full() {
	! timeout 0.2 bash -c 'printf %4096s >&8'
}

# The file that takes its place has a mark as well, and so has one that comes later.
test_replaced_file() {
	named deny
	rule later file_open deny TargetFilename "$place/folder/deeper/later"
	mkfifo "$place/go"
	exec 9<>"$place/go"
	# shellcheck disable=SC2016 # for the inner shell
	watch_start -- sh -c 'read -r line <"$0/go"; "$1" open "$0/secret"
		"$1" open "$0/folder/deeper/later"' "$place" "$SUBJECTS/act"
	wait_until "the file has its mark" marked "$place/secret"
	echo "another secret" >"$place/new"
	mv "$place/new" "$place/secret"
	mkdir -p "$place/folder/deeper"
	echo "later" >"$place/folder/deeper/later"
	wait_until "the new file has its mark" marked "$place/secret"
	wait_until "the later file has its mark" marked "$place/folder/deeper/later"
	echo >&9
	watch_wait
	same "what the subjects said" "EPERM EPERM" "$(paste -s -d ' ' "$place/stdout")"
	expect_alert named '.fermata.verdict == "denied"'
	expect_alert later '.fermata.verdict == "denied"'
}

# Names with wildcards: what is there is found, and found later.
test_names_with_wildcards() {
	needs_marks
	mkdir -p "$place/homes/one" "$place/homes/two"
	echo >"$place/homes/one/key"
	rule named file_open deny TargetFilename "$place/homes/*/ke?"
	mkfifo "$place/go"
	exec 9<>"$place/go"
	# shellcheck disable=SC2016 # for the inner shell
	watch_start -- sh -c 'read -r line <"$0/go"; "$1" open "$0/homes/one/key"
		"$1" open "$0/homes/two/key"' "$place" "$SUBJECTS/act"
	wait_until "the first file has its mark" marked "$place/homes/one/key"
	echo >"$place/homes/two/key"
	wait_until "the second file has its mark" marked "$place/homes/two/key"
	echo >&9
	watch_wait
	same "what the subjects said" "EPERM EPERM" "$(paste -s -d ' ' "$place/stdout")"
	same "verdicts" "denied denied" "$(told 'map(.fermata.verdict) | join(" ")')"
}

# One that no name can be found for is killed, as ever.
test_pattern_still_kills() {
	needs_marks
	echo "the secret" >"$place/secret"
	rule ends file_open deny 'TargetFilename|endswith' /secret
	watch -- "$SUBJECTS/act" open "$place/secret"
	expect_status 137
	expect_alert ends '.fermata.verdict == "killed"' '.fermata.response.tier == "sys_exit"'
}

# More than is marked is said, and is killed.
test_bound_is_told() {
	local i
	needs_marks
	mkdir "$place/many"
	for i in {100..180}; do
		: >"$place/many/$i"
	done
	rule named file_open deny TargetFilename "$place/many/*"
	# shellcheck disable=SC2016 # for the inner shell
	watch -- sh -c 'cd "$0" && for i in *; do "$1" open "$i"; done' "$place/many" "$SUBJECTS/act"
	expect_stderr "more files than are looked for"
	same "refused" 64 "$(told 'map(select(.fermata.verdict == "denied")) | length')"
	same "killed" 17 "$(told 'map(select(.fermata.verdict == "killed")) | length')"
}

test_nothing_is_left() {
	named deny
	watch -- "$SUBJECTS/act" open "$place/secret"
	expect_refused "the opening"
	check "the mark is gone" not_marked "$place/secret"
	rm "$alerts"
	# shellcheck disable=SC2016 # for the inner shell
	watch_start -- sh -c 'echo ready; while :; do "$1" open "$0/secret"; done' "$place" "$SUBJECTS/act"
	wait_until "the agent is refused" grep -qs named "$alerts"
	kill -KILL "$watcher"
	wait_until "the mark is gone" not_marked "$place/secret"
	neighbour_reads
}

# Who answers is killed: what waits goes on, and openers are killed again.
test_without_who_answers() {
	local keeper
	named deny
	mkfifo "$place/go"
	exec 9<>"$place/go"
	# shellcheck disable=SC2016 # for the inner shell
	watch_start -- sh -c 'read -r line <"$0/go"; "$1" open "$0/secret"' "$place" "$SUBJECTS/act"
	wait_until "the file has its mark" marked "$place/secret"
	keeper=$(grep -ls "^fanotify ino:$(printf %x "$(stat -c %i "$place/secret")") " \
		/proc/[0-9]*/fdinfo/* | cut -d / -f 3)
	kill -KILL "$keeper"
	wait_until "the mark is gone" not_marked "$place/secret"
	echo >&9
	watch_wait
	expect_status 137
	expect_alert named '.fermata.verdict == "killed"' '.fermata.response.tier == "sys_exit"'
}

# Which of our programs a process holds.
programs_of() {
	local id
	while read -r id; do
		bpftool -j prog show id "$id" 2>/dev/null | jq -r .name
	done < <(sed -n 's/^prog_id:\t//p' /proc/"$1"/fdinfo/* 2>/dev/null | sort -u)
}

# waits_with RULES: starts a command that waits, and lists the programs that are held for it.
waits_with() {
	rm -f "$place/up"
	watch_start -- sh -c ": >$place/up; exec sleep 600"
	wait_until "the command runs" test -e "$place/up"
	programs_of "$watcher" >"$place/stdout"
	kill "$watcher"
	watch_wait
}

# Every process of the host pays for sys_exit: it is attached where a rule needs it. A mark does
# not do without: a file may be replaced, or another have its name in other case.
test_sys_exit_only_where_it_is_needed() {
	[[ -n $(type -P bpftool) ]] || skip "needs bpftool"
	trampolines && skip "for tier portable"
	rule connects network_connection deny DestinationIp "$outside"
	rule executes process_creation kill 'CommandLine|contains' never-said
	waits_with
	expect_stdout cgroup_connect4
	grep -q sys_exit "$place/stdout" && fail "sys_exit is attached for nothing"
	rule removes file_delete alert 'TargetFilename|endswith' .never
	waits_with
	expect_stdout sys_exit
}

test_check_tells_of_marks() {
	named deny
	rule pattern file_open deny 'TargetFilename|endswith' .never
	rule missing file_open deny TargetFilename "$place/not/there"
	same "strengths" "named: deny
pattern: kill
missing: kill" "$("$FERMATA" rules check --json "$rules" | jq -r '.strengths[] | .title + ": " + .strength.here')"
	"$FERMATA" doctor --rules "$rules" >"$place/stdout"
	grep -q "deny  *deny  *named" "$place/stdout" || fail "doctor does not say so"
}

needs_seccomp() {
	trampolines && skip "for tier portable"
	[[ $(doctor_json | jq .shells.seccomp.works) == true ]] ||
		skip "seccomp does not work here"
}

# says WORD COMMAND...: what the command prints under the rules.
says() {
	local word=$1
	shift
	step "$*: $word"
	watch "$@"
	same "what it said" "$word" "$(cat "$place/stdout")"
}

test_io_uring_is_refused() {
	local unwatched
	needs_seccomp
	unwatched=$("$SUBJECTS/uring" setup)
	[[ $unwatched == "done" ]] || skip "io_uring does not work here ($unwatched)"
	rule ends file_open kill 'TargetFilename|endswith' /never-there
	says EPERM -- "$SUBJECTS/uring" setup
	expect_stderr "refused to the agent"
	expect_stderr "io_uring"
	says EPERM -- "$SUBJECTS/uring" x32
	[[ $("$SUBJECTS/uring" int80) != "done" ]] || says EPERM -- "$SUBJECTS/uring" int80
	# also to what it starts
	# shellcheck disable=SC2016 # for the inner shell
	says EPERM -- sh -c '"$0" setup; true' "$SUBJECTS/uring"
	says "done" --seccomp off -- "$SUBJECTS/uring" setup
	same "what is said then" "" "$(grep 'refused to the agent' "$place/stderr")"
	says "done" --mode observe -- "$SUBJECTS/uring" setup
	# the rules that need it, and no others
	: >"$rules"
	rule creates file_event deny 'TargetFilename|endswith' /never-there
	says EPERM -- "$SUBJECTS/uring" setup
	: >"$rules"
	rule tells file_open alert 'TargetFilename|endswith' /never-there
	says "done" -- "$SUBJECTS/uring" setup
	rule other file_open alert 'TargetFilename|endswith' /not-there-either
	chain both kill 5m tells other
	says EPERM -- "$SUBJECTS/uring" setup
}

test_only_what_rules_need_is_refused() {
	local target=$place/target unwatched
	needs_seccomp
	: >"$target"
	rule connects network_connection deny DestinationIp "$outside"
	[[ $("$SUBJECTS/uring" setup) != "done" ]] || says "done" -- "$SUBJECTS/uring" setup
	says "done" -- "$SUBJECTS/act" getfd "$target"
	says EPERM -- "$SUBJECTS/act" ping -
	says EPERM -- "$SUBJECTS/act" raw -
	: >"$rules"
	rule ends file_open deny 'TargetFilename|endswith' /never-there
	says EPERM -- "$SUBJECTS/act" getfd "$target"
	says "done" --seccomp off -- "$SUBJECTS/act" getfd "$target"
	says "done" -- "$SUBJECTS/act" raw -
	unwatched=$("$SUBJECTS/act" ping -)
	says "$unwatched" -- "$SUBJECTS/act" ping -
	watch --seccomp maybe -- true
	expect_status 2
}

# Programs that gain privileges go on doing so.
test_setuid_under_a_filter() {
	needs_seccomp
	cp "$(type -P id)" "$place/id"
	chmod 4755 "$place/id"
	rule ends file_open kill 'TargetFilename|endswith' /never-there
	watch --user nobody -- grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status
	same "its state" "NoNewPrivs: 0 Seccomp: 2" "$(tr -s '\t\n' ' ' <"$place/stdout" | sed 's/ $//')"
	[[ $(findmnt -n -o OPTIONS -T "$place") != *nosuid* ]] || skip "setuid does not work here"
	watch --user nobody -- "$place/id" -u
	expect_stdout 0
}
