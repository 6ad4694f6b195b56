#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `fermata run` does not stand between the command and its caller: what goes in and out of
# it is as if it were run alone.

# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

# A rule that nothing here breaks.
quiet_rule() {
	rule never file_open alert TargetFilename /nowhere/at/all
}

# fermata COMMAND...: without any redirection.
fermata() {
	local options
	run_options
	"$FERMATA" "${options[@]}" -- "$@"
}

test_pipes() {
	quiet_rule
	seq 100000 >"$place/input"
	fermata cat <"$place/input" >"$place/output" 2>"$place/stderr"
	same "status" 0 $?
	cmp "$place/input" "$place/output" || fail "what went through differs"
	same "own messages of a run in which nothing happened" "" "$(cat "$place/stderr")"
	fermata sh -c 'echo out; echo err >&2' >"$place/output" 2>"$place/stderr"
	same "standard output" out "$(cat "$place/output")"
	same "standard error" err "$(cat "$place/stderr")"
	# A reader that goes away ends the writer by SIGPIPE, as anywhere.
	# shellcheck disable=SC2016 # for the inner shell
	fermata sh -c 'yes; echo $? >"$0"' "$place/yes" 2>/dev/null | head -n 1 >"$place/output"
	same "the first line" y "$(cat "$place/output")"
	same "how yes ended" 141 "$(cat "$place/yes")"
}

test_messages_go_to_stderr_only() {
	echo content >"$place/target"
	rule opens file_open alert TargetFilename "$place/target"
	watch -- cat "$place/target"
	same "standard output" content "$(cat "$place/stdout")"
	expect_stderr "ALERTED"
	expect_stderr "$place/target"
	watch --quiet -- cat "$place/target"
	same "standard error of --quiet" "" "$(cat "$place/stderr")"
	expect_alerts opens 2
}

test_surroundings() {
	local what
	quiet_rule
	cd "$place" || fail "cd"
	exec 7<"$rules"
	# What the command sees of: where it is, its environment, signals, limits, descriptors.
	# shellcheck disable=SC2016 # for the inner shell
	what='pwd; env | grep -v ^_= | sort; grep ^Sig[PBIC] /proc/self/status; ulimit -a; umask; nice
		cut -d" " -f5-8 /proc/self/stat
		find /proc/$$/fd -type l -printf "%f %l\n"; true'
	umask 027
	export SOME_VALUE='a  b
c'
	bash -c "$what" >"$place/alone" 2>&1 </dev/null
	fermata bash -c "$what" >"$place/watched" 2>&1 </dev/null
	# the names of the two output files are the only difference there may be
	diff <(sed 's,/alone$,/output,' "$place/alone") <(sed 's,/watched$,/output,' "$place/watched") ||
		fail "the command sees other surroundings"
	grep -q /rules.yml "$place/watched" || fail "the caller's descriptor 7 is not passed on"
}

test_exit_status() {
	local status
	quiet_rule
	for status in 0 1 7 255; do
		watch -- sh -c "exit $status"
		expect_status "$status"
	done
	watch -- sh -c 'kill -TERM $$'
	expect_status 143
	watch -- sh -c 'kill -KILL $$'
	expect_status 137
}

test_command_that_cannot_be_run() {
	quiet_rule
	watch -- no-such-command-anywhere
	expect_status 127
	expect_stderr "fermata: cannot run 'no-such-command-anywhere'"
	watch -- "$place/nothing"
	expect_status 127
	echo data >"$place/data"
	watch -- "$place/data"
	expect_status 126
	expect_stderr "fermata: cannot run '$place/data'"
	watch -- "$place"
	expect_status 126
	"$FERMATA" run --rules "$rules" >"$place/stdout" 2>"$place/stderr"
	same "status without a command" 2 $?
	expect_stderr "no command to run"
}

# waits_for SIGNAL...: a shell command that says which of these it got.
waits_for() {
	local signal
	for signal; do
		# shellcheck disable=SC2016 # for the inner shell
		printf 'trap "echo got %s" %s; ' "$signal" "$signal"
	done
	printf 'trap "echo end; exit 5" USR2; echo ready; while :; do sleep 0.02; done'
}

test_signals_are_passed_on() {
	local signal
	quiet_rule
	watch_start -- sh -c "$(waits_for TERM HUP INT USR1)"
	wait_until "the command is ready" grep -q ready "$place/stdout"
	for signal in USR1 TERM HUP INT; do
		kill "-$signal" "$watcher"
		wait_until "$signal arrived" grep -q "got $signal" "$place/stdout"
	done
	kill -USR2 "$watcher"
	watch_wait
	expect_status 5
	same "what the command got" "ready got USR1 got TERM got HUP got INT end" \
		"$(tr '\n' ' ' <"$place/stdout" | sed 's/ $//')"
	watch_start -- sh -c 'echo ready; exec sleep 600'
	wait_until "the command is ready" grep -q ready "$place/stdout"
	kill -TERM "$watcher"
	watch_wait
	expect_status 143
}

# Writes a script that runs its arguments under Fermata.
wrapper() {
	local options
	run_options
	printf '#!/bin/sh\nexec %q' "$FERMATA" >"$place/f"
	printf ' %q' "${options[@]}" >>"$place/f"
	# shellcheck disable=SC2016 # for the script
	printf ' -- "$@"\n' >>"$place/f"
	chmod +x "$place/f"
}

# on_terminal STEP... -- COMMAND...
on_terminal() {
	"$SUBJECTS/terminal" "$@" >"$place/stdout" 2>"$place/stderr"
	status=$?
}

test_terminal() {
	quiet_rule
	wrapper
	# shellcheck disable=SC2016 # for the inner shell
	on_terminal expect 'name? ' type $'Ada\n' -- "$place/f" sh -c '
		for fd in 0 1 2; do [ -t $fd ] && echo "$fd is a terminal"; done
		stty size; printf "name? "; read name; echo "hello $name"; exit 3'
	expect_status 3
	expect_stdout "0 is a terminal"
	expect_stdout "1 is a terminal"
	expect_stdout "2 is a terminal"
	expect_stdout "33 77"
	expect_stdout "hello Ada"
}

test_interrupt_by_the_terminal_arrives_once() {
	quiet_rule
	wrapper
	on_terminal expect ready type $'\003' expect 'int 1' type $'\003' expect 'int 2' \
		type $'\003' expect 'int 3' type $'\034' expect total -- \
		"$place/f" "$SUBJECTS/interrupts"
	expect_status 6
	expect_stdout "total 3"
}

test_job_control() {
	quiet_rule
	wrapper
	# shellcheck disable=SC2016 # for the inner shell
	printf '#!/bin/sh\necho "ready $((6 * 7))"\ncat\n' >"$place/reader"
	chmod +x "$place/reader"
	on_terminal expect '$ ' type "$place/f $place/reader"$'\n' expect 'ready 42' \
		type $'first\n' expect $'first\r\nfirst' \
		type $'\032' expect Stopped expect '$ ' type $'fg\n' expect /reader \
		type $'second\n' expect $'second\r\nsecond' type $'\004' expect '$ ' type $'exit 4\n' \
		-- env PS1='$ ' bash --norc --noprofile --noediting -i
	expect_status 4
}

# Only who sits at the terminal stops a run: a command that stops itself is still watched.
test_command_that_stops_itself() {
	echo content >"$place/target"
	rule opens file_open alert TargetFilename "$place/target"
	# shellcheck disable=SC2016 # for the inner shell
	watch_start -- sh -c '
		(sleep 1; cat "$0"; kill -TSTP $PPID; sleep 1; cat "$0"; kill -CONT $$) &
		kill -STOP $$; wait; exit 5' "$place/target"
	watch_wait
	expect_status 5
	expect_alerts opens 2
}

test_signal_before_the_command_is_started() {
	quiet_rule
	wrapper
	# the wrapper becomes fermata, which keeps its id
	sed -i "2i (until grep -q '^SigBlk:.*7\$' /proc/\$\$/status; do :; done; echo it blocks) &" \
		"$place/f"
	on_terminal expect 'it blocks' type $'\003' -- "$place/f" touch "$place/ran"
	expect_status 130
	expect_stdout "ended by a signal (Interrupt); the command was not started"
	[[ ! -e $place/ran ]] || fail "it was started"
	# one that the caller ignores is no reason
	on_terminal expect 'it blocks' type $'\003' -- \
		env --ignore-signal=INT "$place/f" touch "$place/ran"
	expect_status 0
	[[ -e $place/ran ]] || fail "it was not started"
}

# losses: what is told as lost, by cause.
losses() {
	told 'map(select(.event.kind != "alert") | .fermata.loss.cause) | unique | join(" ")'
}

# Standard error that takes nothing, because the agent sees to that, does not stop Fermata.
test_agent_stops_the_terminal() {
	echo content >"$place/target"
	rule opens file_open alert TargetFilename "$place/target"
	wrapper
	# shellcheck disable=SC2016 # for the inner shell
	on_terminal expect ready -- "$place/f" sh -c 'echo ready; exec "$@"' sh \
		"$SUBJECTS/mute" output sh -c 'read -r x <"$0"; exit 5' "$place/target"
	expect_status 5
	expect_alerts opens 1
	same "what is lost" readable "$(losses)"
}

test_agent_puts_fermata_into_the_background() {
	echo content >"$place/target"
	rule opens file_open alert TargetFilename "$place/target"
	wrapper
	printf '#!/bin/sh\ncat %s\nsleep 1\nexit 5\n' "$place/target" >"$place/opener"
	chmod +x "$place/opener"
	# shellcheck disable=SC2016 # for the inner shell
	on_terminal expect '$ ' type "$place/f $SUBJECTS/mute background $place/opener"$'\n' \
		expect ALERTED expect '$ ' type $'exit $?\n' \
		-- env PS1='$ ' bash --norc --noprofile --noediting -i
	expect_status 5
	expect_alerts opens 1
}

test_agent_fills_the_pipe() {
	echo content >"$place/target"
	rule opens file_open alert TargetFilename "$place/target"
	mkfifo "$place/fifo"
	exec 8<>"$place/fifo"
	# shellcheck disable=SC2016 # for the inner shell
	timeout --kill-after=5 60 "$FERMATA" run --rules "$rules" --alerts "$alerts" -- \
		sh -c 'head -c 65536 /dev/zero >&2; cat "$0"; cat "$0"; exit 5' "$place/target" \
		2>&8 >"$place/stdout"
	same "status" 5 $?
	exec 8>&-
	expect_alerts opens 2
	same "what is lost" readable "$(losses)"
}

# Who acts faster than Fermata tells of it keeps it from nothing else.
test_signals_in_a_flood() {
	echo content >"$place/target"
	rule opens file_open alert TargetFilename "$place/target"
	# shellcheck disable=SC2016 # for the inner shell
	watch_start --quiet -- sh -c '
		for i in 1 2 3 4; do (while :; do read -r x <"$0"; done) & done
		trap "echo got it; exit 5" TERM; echo ready; while :; do sleep 0.02; done' \
		"$place/target"
	wait_until "the command is ready" grep -q ready "$place/stdout"
	sleep 1
	kill -TERM "$watcher"
	wait_until "the signal arrived" grep -q "got it" "$place/stdout"
	wait_until "what is left is ended" end_leftovers
	wait "$watcher"
	same "status" 5 $?
}

# The watcher, told to end what its command left behind, has.
end_leftovers() {
	kill -TERM "$watcher" 2>/dev/null
	gone "$watcher"
}

# A terminal that goes away tells only the leader of its session, here Fermata.
test_hang_up_of_the_terminal_is_passed_on() {
	quiet_rule
	wrapper
	# shellcheck disable=SC2016 # for the inner shell
	on_terminal expect ready hang up -- "$place/f" sh -c '
		trap "exit 5" HUP; echo ready; while :; do sleep 0.02; done'
	expect_status 5
}

# A user of our own, whom only this test's mount namespace knows.
user_make() {
	echo 'root:x:0:0::/root:/bin/sh
live-test:x:12345:12345::/home/live-test:/bin/sh' >"$place/passwd"
	echo 'root:x:0:
live-test:x:12345:
helpers:x:23456:live-test' >"$place/group"
	if ! mount --bind "$place/passwd" /etc/passwd || ! mount --bind "$place/group" /etc/group; then
		fail "cannot replace /etc/passwd"
	fi
}

# shellcheck disable=SC2016 # for the inner shell
identity='echo "$(id -u) $(id -g) $(id -G) $HOME $USER $LOGNAME"; grep ^CapEff /proc/self/status'
identity_wanted='12345 12345 12345 23456 /home/live-test live-test live-test
CapEff:	0000000000000000'

test_runs_as_who_called_sudo() {
	quiet_rule
	user_make
	SUDO_UID=12345 SUDO_GID=12345 watch -- sh -c "$identity"
	expect_status 0
	same "who the command is" "$identity_wanted" "$(cat "$place/stdout")"
	SUDO_UID=nonsense SUDO_GID=12345 watch -- touch "$place/ran"
	expect_status 2
	expect_stderr SUDO_UID
	[[ ! -e $place/ran ]] || fail "it was run as somebody else"
	watch -- id -u
	same "without sudo" 0 "$(cat "$place/stdout")"
}

test_runs_as_a_given_user() {
	quiet_rule
	user_make
	watch --user live-test -- sh -c "$identity"
	same "by name" "$identity_wanted" "$(cat "$place/stdout")"
	SUDO_UID=0 SUDO_GID=0 watch --user 12345 -- sh -c "$identity"
	same "by number" "$identity_wanted" "$(cat "$place/stdout")"
	watch --user nobody-of-that-name -- true
	expect_status 2
	expect_stderr "there is no user 'nobody-of-that-name'"
	# what is not theirs is not theirs
	echo content >"$place/private"
	chmod 600 "$place/private"
	watch --user live-test -- cat "$place/private"
	expect_status 1
	expect_stderr "Permission denied"
	watch --user live-test -- "$place/private"
	expect_status 126
}

# Closed standard descriptors are not taken for something of Fermata's own.
test_closed_descriptors() {
	echo content >"$place/target"
	rule opens file_open alert TargetFilename "$place/target"
	local options
	run_options
	"$FERMATA" "${options[@]}" -- sh -c "exec 8<$place/target; exit 4" <&- >&- 2>&-
	same "status" 4 $?
	expect_alerts opens 1
}

# A caller that ignores its children's ends does not make us blind to ours; the command has it
# as the caller had.
test_ignored_children() {
	chain_rules
	trap '' CHLD
	watch -- grep SigIgn /proc/self/status
	trap - CHLD
	expect_status 0
	same "what the command ignores" 1 "$(($(sed 's/.*\t/0x/' "$place/stdout") >> 16 & 1))"
	same "warnings" "" "$(grep -i 'cannot\|not used' "$place/stderr")"
}
