#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What the live tests share. Each test is a function test_NAME of a file tests/live/NN-*.sh
# that runs in a process, a mount namespace and a network namespace of its own, with
# $place as its folder; `tests/live/run` sees to that. A test passes when its function
# returns 0; `fail` and `skip` end it.
#
# From the driver: FERMATA (program), SUBJECTS (folder of compiled subjects), TIER (the
# tier that is tested), FERMATA_TIER (set: passed to `run` as --tier).

set -u

place=${place:?}

# The outside: addresses kept for documentation, made local by `network_up`.
outside=203.0.113.9
outside_v6=2001:db8::9
port=4242

may_skip= # set: the loss `skipped`, which is an upper bound, is no failure
# from 7.0 on programs of tracepoints are pre-empted (README, Pre-emption)
[[ $TIER != portable || $(uname -r) == [56].* ]] || may_skip=1
rules=$place/rules.yml
alerts=$place/alerts.ndjson
status=
started=()
last_step=

# Whatever does not happen within this time, in seconds, will not happen; what is to happen
# at once has that much. An emulated processor is much slower.
patience=60 at_once=2
if [[ $(</proc/cpuinfo) == *QEMU* ]]; then
	# shellcheck disable=SC2034 # for the tests
	patience=300 at_once=20
fi

# note WORDS: told with the result. step WORDS: told when the test fails after it.
note() {
	printf '# %s\n' "$*"
}

step() {
	last_step=$*
	printf -- '- %s\n' "$*"
}

# fail WHAT: ends the test, with what there is to see.
fail() {
	local file
	echo "failed: $*"
	for file in stdout stderr; do
		[[ -s $place/$file ]] || continue
		echo "--- $file:"
		head -c 4000 "$place/$file" | cat -v
	done
	if [[ -s $alerts ]]; then
		echo "--- alerts:"
		jq -c '[.rule.name, .event.reason, .fermata.response]' "$alerts" 2>&1 | head -n 20
	fi
	exit 1
}

# skip WHY
skip() {
	answers
	echo "skip: $*"
	exit 77
}

# check WHAT COMMAND...: the command succeeds.
check() {
	local what=$1
	shift
	"$@" || fail "$what"
}

# same WHAT WANTED GOT
same() {
	[[ $2 == "$3" ]] || fail "$1: wanted '$2', got '$3'"
}

# wait_until WHAT COMMAND...: tries until it succeeds. Between, it reads what never comes,
# rather than start a program.
exec {never}<> <(:)
wait_until() {
	local what=$1 end=$((SECONDS + patience))
	shift
	until "$@"; do
		((SECONDS < end)) || fail "waited $patience s for this: $what"
		read -r -t 0.02 -u "$never"
	done
}

# The runs of this test load the kernel side, also where others adopt one that is pinned.
load_anew() {
	FERMATA=${FERMATA_REAL:-$FERMATA}
}

trampolines() {
	[[ $TIER != portable ]]
}

# What doctor says of this kernel, of the strongest tier. Where all is loaded anew for it, that takes
# long.
doctor_json() {
	[[ -s $DOCTOR ]] || "$FERMATA" doctor --json >"$DOCTOR" || fail "doctor: exit status $?"
	cat "$DOCTOR"
}

# Whether tier portable refuses the opening of files that rules name.
marks_work() {
	[[ $TIER == portable && $(doctor_json | jq .shells.fanotify.works) == true ]]
}

# Rules -----------------------------------------------------------------------------

# rule NAME CATEGORY RESPONSE [KEY VALUE]...: adds a rule whose selection has these keys.
rule() {
	local name=$1 category=$2 response=$3
	shift 3
	{
		printf -- '---\ntitle: %s\nname: %s\nlevel: high\nresponse: %s\n' \
			"$name" "$name" "$response"
		printf 'logsource:\n    product: linux\n    category: %s\n' "$category"
		printf 'detection:\n    condition: selection\n    selection:\n'
		while (($#)); do
			printf "        %s: '%s'\n" "$1" "$2"
			shift 2
		done
	} >>"$rules"
}

# chain NAME RESPONSE TIMESPAN STEP...: adds a correlation.
chain() {
	local name=$1 response=$2 timespan=$3 step
	shift 3
	{
		printf -- '---\ntitle: %s\nname: %s\nlevel: critical\nresponse: %s\n' \
			"$name" "$name" "$response"
		printf 'correlation:\n    type: temporal_ordered\n    group-by: [AgentSession]\n'
		printf '    timespan: %s\n    rules:\n' "$timespan"
		for step; do
			printf '        - %s\n' "$step"
		done
	} >>"$rules"
}

# The chain of most tests: the file $place/secret is read, then outside is connected to.
chain_rules() {
	chain_rules_of kill-agent 5m
}

# chain_rules_of RESPONSE TIMESPAN
chain_rules_of() {
	echo "the secret" >"$place/secret"
	rule reads_secret file_open alert TargetFilename "$place/secret" 'Access' read
	rule connects_outside network_connection alert \
		'DestinationIp|cidr' 203.0.113.0/24
	rule connects_outside_v6 network_connection alert \
		'DestinationIp|cidr' 2001:db8::/32
	chain secret_then_outside "$1" "$2" reads_secret connects_outside
	chain secret_then_outside_v6 "$1" "$2" reads_secret connects_outside_v6
}

# Runs -------------------------------------------------------------------------------

# run_options: the options of `fermata run` that every test gives.
run_options() {
	options=(run --rules "$rules" --alerts "$alerts")
	[[ -z ${FERMATA_TIER-} ]] || options+=(--tier "$FERMATA_TIER")
}

# watch [OPTION]... -- COMMAND...: runs the command under Fermata. Sets `status`; what it
# prints is in $place/stdout and $place/stderr. Lost records fail the test.
watch() {
	local options
	run_options
	"$FERMATA" "${options[@]}" "$@" >"$place/stdout" 2>"$place/stderr" </dev/null
	status=$?
	nothing_left
	no_losses
}

# watch_start [OPTION]... -- COMMAND...: the same in the background; its pid is $watcher.
watch_start() {
	local options
	run_options
	# the shell has its background ignore what a keyboard sends
	env --default-signal=INT,QUIT "$FERMATA" "${options[@]}" "$@" \
		>"$place/stdout" 2>"$place/stderr" </dev/null &
	watcher=$!
	started+=("$watcher")
}

# watch_wait: until that has ended. Sets `status`.
watch_wait() {
	wait_until "fermata ends" gone "$watcher"
	wait "$watcher"
	status=$?
	nothing_left
	no_losses
}

# The words of a child of the test, or of another process: it lives no more.
gone() {
	local line
	IFS= read -r line <"/proc/$1/stat" || return 0
	[[ ${line##*) } == [ZX]* ]]
} 2>/dev/null

# The alert log's own refusals, which a full disk makes, are for the test to judge.
nothing_left() {
	[[ $(<"$place/stderr") != *'could not be removed'* ]] || fail "a cgroup is left"
}

# Without jq, which takes long to start. What an agent says has its quotes escaped.
only_alerts() {
	local record
	[[ -e $alerts ]] || return 0
	while IFS= read -r record; do
		[[ $record == *'"kind":"alert"'* ]] || return
	done <"$alerts"
}

no_losses() {
	local losses expected=alert_log
	only_alerts && return
	[[ ! $may_skip ]] || expected='alert_log|skipped'
	losses=$(jq -c --arg expected "$expected" 'select(.event.kind != "alert" and .fermata.loss and
		(.fermata.loss.cause | test("^(" + $expected + ")$") | not))' "$alerts") ||
		fail "the alerts are not JSON"
	[[ -z $losses ]] || fail "records that are no alerts: $losses"
}

# told FILTER...: what jq makes of the array of all alerts, for each filter.
told() {
	local filter all=''
	[[ -e $alerts ]] || : >"$alerts"
	for filter; do
		all+="${all:+,}($filter)"
	done
	jq -s -r --arg place "$place" "$all" "$alerts"
}

# What is expected of alerts is asked when the test ends, all of it at once: to start jq
# takes longer than what is tested.
questions='' asked=() looks=0

# look: what is asked from here on is about the alerts that there are now.
look() {
	local records=''
	[[ ! -s $alerts ]] || records=$(<"$alerts")
	printf '[%s]\n' "${records//$'\n'/,}" >>"$place/looks"
	looks=$((looks + 1))
}

# ask WHAT FILTER: it is to be true of the array of all alerts.
ask() {
	questions+="${questions:+,} (.[$((looks - 1))] | try [$2] catch [.] | select(. != [true])
		| \"${#asked[@]} \\(.)\")"
	asked+=("${last_step:+$last_step: }$1")
}

# answers: the test fails if one of them is not true.
answers() {
	local number value wrong=()
	[[ $questions ]] || return 0
	jq -s -r --arg place "$place" "$questions" "$place/looks" >"$place/answers" ||
		fail "jq does not understand these: ${asked[*]}"
	while read -r number value; do
		wrong+=("${asked[number]}: $value")
	done <"$place/answers"
	questions=''
	((${#wrong[@]} == 0)) || fail "$(printf '%s\n' "${wrong[@]}")"
}

# ask_number WHAT NUMBER FILTER: it is to have that value.
ask_number() {
	ask "$1: wanted $2" "$3 | if . == $2 then true else . end"
}

# expect_alerts RULE NUMBER [RULE NUMBER]...
expect_alerts() {
	look
	while (($#)); do
		ask_number "alerts of $1" "$2" "map(select(.rule.name == \"$1\")) | length"
		shift 2
	done
}

# expect_alerts_in_all NUMBER: those that no rule has told included.
expect_alerts_in_all() {
	look
	ask_number "alerts in all" "$1" length
}

# expect_alert RULE FILTER...: there is one alert of the rule, and the filters are true of it.
expect_alert() {
	local name=$1 filter
	shift
	look
	ask_number "alerts of $name" 1 "map(select(.rule.name == \"$name\")) | length"
	for filter; do
		ask "$name: $filter" "map(select(.rule.name == \"$name\"))[0] | $filter"
	done
}

# alerts_forget: what comes from here on is the first.
alerts_forget() {
	: >"$alerts"
}

# expect_status NUMBER
expect_status() {
	same "exit status" "$1" "$status"
}

# expect_stdout TEXT, expect_stderr TEXT: what was printed has it.
expect_stdout() {
	[[ $(<"$place/stdout") == *"$1"* ]] || fail "standard output lacks '$1'"
}

expect_stderr() {
	[[ $(<"$place/stderr") == *"$1"* ]] || fail "standard error lacks '$1'"
}

# Network ----------------------------------------------------------------------------

network_up() {
	printf '%s\n' "link set lo up" "address add $outside/32 dev lo" |
		ip -batch - || fail "cannot make $outside local"
	ip address add "$outside_v6/128" dev lo nodad 2>/dev/null
	# data in a SYN, in both directions, without a cookie
	echo 519 >/proc/sys/net/ipv4/tcp_fastopen
}

has_v6() {
	[[ $(ip -6 address show dev lo) == *"$outside_v6"* ]]
}

# Starts the receiver that plays the outside.
receiver_start() {
	network_up
	"$SUBJECTS/receiver" "$port" >"$place/receiver" &
	started+=($!)
	wait_until "the receiver is ready" grep -q ready "$place/receiver"
}

# received: connections and bytes that the receiver got so far.
received() {
	local accepts bytes
	exec 9<>"/dev/tcp/$outside/$port" || fail "the receiver does not answer"
	printf '?' >&9
	read -r -t "$patience" accepts bytes <&9 || fail "the receiver does not answer"
	exec 9>&-
	echo "$accepts $bytes"
}

# expect_received ACCEPTS BYTES
expect_received() {
	same "connections and bytes that arrived outside" "$1 $2" "$(received)"
}

# Clean-up ---------------------------------------------------------------------------

tidy() {
	local pid target
	for pid in "${started[@]}"; do
		kill -KILL "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	# what a test mounted in its folder, in this mount namespace only
	while read -r _ target _; do
		[[ $target != "$place"/* ]] || umount -l "$target"
	done </proc/self/mounts
}
