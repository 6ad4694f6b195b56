#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# More than is read: what is forbidden is refused all the same, and what could not be told is
# counted, to the last. FLOOD=200000 makes it longer, STOPPED=10 stops the reader for so many seconds.

# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

attempts=${FLOOD:-16000}
stopped=${STOPPED:-2}

# lost CAUSE FILE: what the alerts, or the recording, say was lost by that cause, in all.
lost() {
	grep -F '"loss"' "$2" | jq -s --arg cause "$1" \
		'map(if .schema then select(.loss == $cause) else .fermata.loss | select(.cause == $cause) end
			| .count) | add // 0'
}

# flood OPTION...: eight processes, and a reader that does not read. Sets `allowed` and `killed`.
flood() {
	: >"$place/allowed"
	: >"$place/forbidden"
	rule forbidden file_open deny TargetFilename "$place/forbidden"
	watch_start --quiet "$@" -- "$SUBJECTS/flood" 8 $((attempts / 8)) "$place/forbidden" "$place/allowed"
	wait_until "it has begun" grep -qs '"kind":"alert"' "$alerts"
	kill -STOP "$watcher"
	sleep "$stopped"
	kill -CONT "$watcher"
	wait_until "fermata ends" gone "$watcher"
	wait "$watcher"
	same "exit status" 0 $?
	[[ $(<"$place/stdout") =~ ^forbidden:\ 0\ ([0-9]+),\ allowed:\ ([0-9]+)\ 0,\ killed:\ ([0-9]+)$ ]] ||
		fail "the subject said something else"
	allowed=${BASH_REMATCH[2]} killed=${BASH_REMATCH[3]}
	same "refused, and killed for it" "$attempts" $((BASH_REMATCH[1] + killed))
	# a pre-emptible kernel that keeps fmod_ret from examining has it killed instead
	[[ $TIER == fmod_ret ]] || same "killed" 0 "$killed"
	((killed == 0)) || note "$killed of $attempts were killed, as the kernel skipped who refuses"
}

# Every refusal is an alert, or counted as one that was not told.
refusals_add_up() {
	local told missing
	told=$(grep -cF '"kind":"alert"' "$alerts")
	missing=$(lost verdict_ring "$alerts")
	note "$attempts refused: $told alerts, $missing lost"
	same "alerts and losses" "$attempts" $((told + missing))
	((missing > 0)) || note "the ring was never full"
}

test_refusals() {
	trampolines || marks_work || skip "nothing is refused here"
	flood
	refusals_add_up
}

# What is allowed is recorded, or counted as well, beside what else was not told then: the ends of
# processes.
test_recorded_too() {
	local told missing ended
	trampolines || marks_work || skip "nothing is refused here"
	flood --record "$place/recording"
	refusals_add_up
	told=$(grep -F '"file_open"' "$place/recording" | grep -cF "\"TargetFilename\":\"$place/allowed\"")
	ended=$(grep -cF '"process_termination"' "$place/recording")
	missing=$(lost telemetry_ring "$place/recording")
	ended=$((9 + killed - ended))
	note "$allowed allowed: $told recorded, $missing lost, with ends of $ended processes"
	same "records and losses" "$allowed" $((told + missing - ended))
}
