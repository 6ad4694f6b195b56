#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Acts on other processes (process_access, process_signal), on privileges (privilege_change) and
# on keys (keyring).

# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

# attempt RESPONSE STATUS STDOUT VERDICT WAY...: of the rule whose event and fields are in
# `about`; options of run are in `how`.
how=()
attempt() {
	local response=$1 status_wanted=$2 said=$3 verdict=$4
	shift 4
	step "$response: $*"
	: >"$rules"
	alerts_forget
	rule acts "${about[0]}" "$response" "${about[@]:1}"
	watch "${how[@]}" -- "$SUBJECTS/processes" "$@"
	expect_status "$status_wanted"
	same "what the subject said" "$said" "$(<"$place/stdout")"
	expect_alert acts ".fermata.verdict == \"$verdict\"" ".event.action == \"${about[0]}\"" \
		".fermata.response.after_effect == $([[ $verdict == killed ]] && ! trampolines && echo true || echo false)"
	expect_alerts_in_all 1
}

# responses WAY...: what each response does to the act.
responses() {
	attempt alert 0 "done" alerted "$@"
	if trampolines; then
		attempt deny 1 "${refusal:-EPERM}" denied "$@"
		attempt kill 137 "" killed "$@"
	else
		# what sees no more than the end of the call is to be tried, not the filter
		how=(--seccomp off)
		attempt deny 137 "" killed "$@"
		attempt kill 137 "" killed "$@"
		how=()
	fi
}

# recorded CATEGORY FILTER WAY...: what jq makes of the events.
recorded() {
	local category=$1 filter=$2
	shift 2
	step "recorded: $*"
	rm -f "$place/recording"
	: >"$rules"
	rule never process_creation alert Image "$place/never"
	watch --record "$place/recording" -- "$SUBJECTS/processes" "$@"
	events=$(jq -r "select(.category == \"$category\") | $filter" "$place/recording")
	[[ $(<"$place/stdout") == "done" ]]
}

works80() {
	[[ $("$SUBJECTS/processes" kill80 $$ 0) == "done" ]]
}

# bystander: starts a process that is no agent's; its pid is $other, a byte of it at $address.
bystander() {
	"$SUBJECTS/processes" wait >"$place/other" &
	other=$!
	started+=("$other")
	wait_until "the other process is there" grep -q ready "$place/other"
	read -r _ address <"$place/other"
}

program=$(realpath "$SUBJECTS/processes")

test_access() {
	local about
	bystander
	about=(process_access TargetImage "$program" Mode attach)
	responses seize "$other"
	about=(process_access TargetProcessId "$other")
	responses readv "$other" "$address"
}

test_ways_of_access() {
	local reach='"\(.TargetProcessId) \(.TargetImage) \(.TargetTagged) \(.Mode)"' way tagged=false
	bystander
	trampolines || tagged=null
	for way in attach seize getfd; do
		recorded process_access "$reach" "$way" "$other" || fail "$way does not work"
		same "$way" "$other $program $tagged attach" "$events"
	done
	for way in readv writev; do
		recorded process_access "$reach" "$way" "$other" "$address" || fail "$way does not work"
		if trampolines; then
			same "$way" "$other $program $tagged attach" "$events"
		else
			# the call has nothing left that leads to it but the number
			same "$way" "$other null null attach" "$events"
		fi
	done
	recorded process_access "$reach" traceme
	same "traceme" 1 "$(wc -l <<<"$events")"
	[[ $events == *" traceme" ]] || fail "traceme: $events"
	if trampolines; then
		recorded process_access "$reach" mem "$other" || fail "mem does not work"
		[[ $events == "$other $program false "* ]] || fail "mem: $events"
	fi
}

# Tier portable refuses the calls to trees that run starts.
test_access_is_refused_by_a_filter() {
	trampolines && skip "trampolines refuse it themselves"
	bystander
	rule acts process_access deny Mode attach
	watch -- "$SUBJECTS/processes" seize "$other"
	expect_status 1
	same "what the subject said" EPERM "$(<"$place/stdout")"
	expect_alerts_in_all 0
}

test_signal() {
	local about
	bystander
	about=(process_signal TargetImage "$program" Signal 23)
	responses kill "$other" 23
}

test_ways_of_signalling() {
	local way signalled='"\(.TargetProcessId) \(.TargetImage) \(.TargetTagged) \(.Signal)"'
	bystander
	for way in kill tkill tgkill queue pidfd; do
		recorded process_signal "$signalled" "$way" "$other" 23 || fail "$way does not work"
		same "$way" "$other $program false 23" "$events"
	done
	# none, and one within the session
	recorded process_signal "$signalled" kill "$other" 0
	same "signal 0" "" "$events"
	: >"$rules"
	rule never process_creation alert Image "$place/never"
	rm "$place/recording"
	watch --record "$place/recording" -- sh -c 'sleep 600 & kill $! && wait'
	same "signals within" "" "$(jq -r 'select(.category == "process_signal")' "$place/recording")"
	works80 || skip "there are no 32-bit system calls here"
	recorded process_signal "$signalled" kill80 "$other" 23
	same "by a 32-bit call" "$other $program false 23" "$events"
}

# A timer of somebody else's interrupts who runs there, and sends its signal from within.
test_signals_of_a_timer() {
	"$SUBJECTS/processes" timer >"$place/timer" &
	started+=($!)
	wait_until "the timer runs" grep -q ready "$place/timer"
	rule acts process_signal kill 'Signal|gte' 1
	watch -- "$SUBJECTS/processes" spin
	expect_status 0
	same "what the subject said" "done" "$(<"$place/stdout")"
	expect_alerts_in_all 0
}

changed='"\(.Kind) \(.OldUser) \(.NewUser) \(.OldGroup) \(.NewGroup)"'

test_privileges() {
	local about
	about=(privilege_change Kind user NewUser 4711)
	responses user 4711
	about=(privilege_change Kind group NewGroup 4711 OldGroup 0)
	responses group 4711
	about=(privilege_change Kind capabilities)
	responses capabilities
	about=(privilege_change Capabilities sys_admin NewUser 0)
	attempt alert 0 "done" alerted regain 4711
}

test_privilege_fields() {
	local gained
	recorded privilege_change "$changed" user 4711
	same "user" "user 0 4711 0 0" "$events"
	recorded privilege_change "$changed" user 0
	same "the same user" "" "$events"
	recorded privilege_change "$changed" group 4711
	same "group" "group 0 0 0 4711" "$events"
	recorded privilege_change "$changed + \" \(.Capabilities | length)\"" capabilities
	same "capabilities" "capabilities 0 0 0 0 0" "$events"
	gained=$(jq -n "$(sed -n 's/^CapEff:[[:space:]]*\(.*\)/"\1"/p' /proc/self/status) | ascii_downcase | explode |
		map(if . > 57 then . - 87 else . - 48 end) | map([range(4) as \$b | (. / pow(2; \$b) | floor) % 2] | add) | add")
	recorded privilege_change "$changed + \" \(.Capabilities | length)\"" regain 4711
	same "and back" "user 0 4711 0 0 0
user 4711 0 0 0 $gained" "$events"
	works80 || skip "there are no 32-bit system calls here"
	recorded privilege_change "$changed" user80 4711
	same "by a 32-bit call" "user 0 4711 0 0" "$events"
}

keys_work() {
	[[ $("$SUBJECTS/processes" add_key fermata-test) == "done" ]]
}

test_keys() {
	local about used='"\(.KeyType) \(.Description) \(.Use)"'
	keys_work || skip "there are no keys here"
	about=(keyring KeyType user Description fermata-test Use create)
	responses add_key fermata-test
	recorded keyring "$used" add_key fermata-test
	[[ $events == *"user fermata-test create"* ]] || fail "create: $events"
	recorded keyring "$used" read_key fermata-test
	if trampolines; then
		[[ $events == *"user fermata-test read"* ]] || fail "read: $events"
	else
		[[ $events == *"null null read"* ]] || fail "read: $events"
	fi
}
