#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Agents and their modes: observed instead of stopped, their names, several at a time.

# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

test_observe_stops_nothing() {
	chain_rules
	receiver_start
	rule kills process_creation kill 'Image|endswith' /first
	rule refuses file_event deny TargetFilename "$place/made"
	# shellcheck disable=SC2016 # for the inner shell
	watch --mode observe -- sh -c 'cat "$1" && "$2/send" connect 203.0.113.9 4242 &&
		"$2/first" && "$2/act" create "$3" && echo survived' \
		sh "$place/secret" "$SUBJECTS" "$place/made"
	expect_status 0
	expect_stdout survived
	expect_received 1 6
	check "the file was made" test -e "$place/made"
	expect_alert secret_then_outside \
		'.fermata.verdict == "would-kill-agent"' \
		'.fermata.response.simulated' \
		'.fermata.response.asked == "kill-agent" and .fermata.response.done == "alerted"' \
		'.fermata.response.condemned == false' \
		'.event.outcome == "success"' \
		'.fermata.evidence | length == 2'
	expect_alert kills '.fermata.verdict == "would-kill"' '.fermata.response.simulated'
	expect_alert refuses '.fermata.verdict == "would-deny"' '.fermata.response.simulated'
	expect_stderr "WOULD-KILL-AGENT"
}

test_names() {
	echo content >"$place/target"
	rule any file_open alert TargetFilename "$place/target"
	rule coder file_open alert TargetFilename "$place/target" AgentName coder
	rule profiled file_open alert TargetFilename "$place/target" 'AgentProfile|startswith' strict
	rule shells file_open alert TargetFilename "$place/target" AgentName sh
	watch --agent coder --profile strict-one -- cat "$place/target"
	expect_alert any '.gen_ai.agent.name == "coder" and .fermata.profile == "strict-one"'
	expect_alerts coder 1 profiled 1 shells 0
	alerts_forget
	# without a name: the command's
	# shellcheck disable=SC2016 # for the inner shell
	watch -- /bin/sh -c 'cat "$0"' "$place/target"
	expect_alert any '.gen_ai.agent.name == "sh" and .fermata.profile == null' \
		'.gen_ai.agent.id | length == 16'
	expect_alerts shells 1 coder 0 profiled 0
}

# Two runs at the same time see each their own, and share no state: what one has read does
# not count against the other.
test_two_at_a_time() {
	local first second first_alerts
	load_anew
	chain_rules
	receiver_start
	rule both process_creation alert 'CommandLine|contains' run-of-
	first_alerts=$place/first.ndjson
	alerts=$first_alerts
	# shellcheck disable=SC2016 # for the inner shell
	watch_start --agent one -- sh -c ': run-of-one; cat "$0"; : >"$0.read"
		until [ -e "$0.sent" ]; do sleep 0.02; done' "$place/secret"
	first=$watcher
	alerts=$place/second.ndjson
	wait_until "the first has read" test -e "$place/secret.read"
	# shellcheck disable=SC2016 # for the inner shell
	watch --agent two -- sh -c ': run-of-two; "$1" connect 203.0.113.9 4242' sh "$SUBJECTS/send"
	second=$status
	: >"$place/secret.sent"
	watcher=$first
	same "status of the second" 0 "$second"
	expect_alert both '.gen_ai.agent.name == "two"' \
		'.process.command_line | contains("run-of-two")'
	expect_alerts secret_then_outside 0
	expect_received 1 6
	alerts=$first_alerts
	watch_wait
	expect_status 0
	expect_alert both '.gen_ai.agent.name == "one"' \
		'.process.command_line | contains("run-of-one")'
	expect_alerts secret_then_outside 0
}

# An agent inside an agent's tree: the inner Fermata works, and the outer one sees both.
test_rules_on_parents() {
	rule child process_creation alert 'ParentImage|endswith' /dash 'Image|endswith' /first
	rule grandchild process_creation alert 'ParentCommandLine|contains' the-parent 'Image|endswith' /first
	[[ $(realpath /bin/sh) == */dash ]] || skip "/bin/sh is not dash"
	# shellcheck disable=SC2016 # for the inner shell
	watch -- sh -c '"$1"; : the-parent' sh "$SUBJECTS/first"
	expect_status 0
	expect_alert child '.process.parent.name == "dash"'
	expect_alerts grandchild 1
	alerts_forget
	watch -- "$SUBJECTS/first"
	expect_alerts child 0
}

# In a pid namespace, ids are told as seen from there, and name who is to be killed.
test_pid_namespace() {
	local options
	# what the kernel side cannot decide alone: the user side kills
	rule confirmed process_creation kill 'CommandLine|startswith|cased' 'sleep 6'
	run_options
	# shellcheck disable=SC2016 # for the inner shell
	unshare --pid --fork --mount-proc "$FERMATA" "${options[@]}" -- \
		sh -c 'echo $$ >"$0"; sleep 601; exit 3' "$place/pid" \
		>"$place/stdout" 2>"$place/stderr" </dev/null
	status=$?
	expect_status 3
	expect_alert confirmed '.fermata.response.done == "killed"' \
		".process.parent.pid == $(cat "$place/pid")" '.process.pid < 100'
}
