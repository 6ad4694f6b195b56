#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Correlations of other types than chains: the kernel counts and remembers before the act
# goes on, the user side does the rest shortly after it.

# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

# correlation NAME RESPONSE BLOCK: adds one, its block in braces.
correlation() {
	printf -- '---\ntitle: %s\nname: %s\nlevel: critical\nresponse: %s\ncorrelation: {%s}\n' \
		"$1" "$1" "$2" "$3" >>"$rules"
}

# steps NAME...: files a, b and c, and for each NAME a rule about that file.
steps() {
	local name
	for name in a b c; do
		echo "this is $name" >"$place/$name"
	done
	for name; do
		rule "$name" file_open alert TargetFilename "$place/$name"
	done
}

# reads NAME...: an agent that reads these one after another, each by a program of its own.
reads() {
	# shellcheck disable=SC2016 # for the inner shell
	watch -- sh -c 'cd "$0"; for name; do cat "$name"; done; echo survived' "$place" "$@"
}

by_kernel='.fermata.response.tier != "user" and .fermata.verdict == "killed"'

test_event_count() {
	steps a b
	correlation counted kill-agent 'type: event_count, rules: [a, b], timespan: 5m, condition: {gte: 3}'
	reads a c b a c
	expect_status 137
	same "what was read" $'this is a\nthis is c\nthis is b' "$(<"$place/stdout")"
	expect_alerts_in_all 1
	expect_alert counted "$by_kernel" '.fermata.correlation.type == "event_count"' \
		'.fermata.correlation.value == 3' '.fermata.response.after_effect == false' \
		'[.fermata.evidence[].step] == ["a", "b", "a"]'
	expect_stderr "counted (event_count 3, after cat["
}

# Two are not enough, and two sessions are no one.
test_event_count_not_reached() {
	steps a
	correlation counted kill-agent 'type: event_count, rules: [a], timespan: 5m, condition: {gt: 2}'
	reads a a b
	expect_status 0
	reads a a b
	expect_status 0
	expect_alerts_in_all 0
}

test_temporal() {
	steps a b
	correlation both kill 'type: temporal, rules: [a, b], timespan: 5m'
	reads b c a c
	expect_status 0
	same "what was read" $'this is b\nthis is c\nthis is c\nsurvived' "$(<"$place/stdout")"
	expect_alerts_in_all 1
	expect_alert both "$by_kernel" '[.fermata.evidence[].step] == ["b", "a"]'
}

# A count that is a step of a chain: the kernel counts, the user side follows the chain.
test_chain_of_a_count() {
	steps a b
	correlation many alert 'type: event_count, rules: [a], timespan: 5m, condition: {gte: 2}'
	correlation after_many kill-agent 'type: temporal_ordered, rules: [many, b], timespan: 5m'
	# shellcheck disable=SC2016 # for the inner shell
	watch -- sh -c 'cd "$0"; cat b a a b; exec sleep 1000' "$place"
	expect_status 137
	expect_alerts_in_all 1
	expect_alert after_many '.fermata.response.tier == "user"' \
		'[.fermata.evidence[].step] == ["many", "b"]'
}

# Grouped by a field, it is the user side's.
test_groups_of_values() {
	steps a b c
	correlation several kill-agent 'type: value_count, rules: [a, b, c], group-by: [ProcessId], timespan: 5m, condition: {field: TargetFilename, gte: 3}'
	reads a b c
	expect_status 0
	expect_alerts_in_all 0
	# shellcheck disable=SC2016 # for the inner shell
	watch -- sh -c 'cd "$0"; cat a b c; exec sleep 1000' "$place"
	expect_status 137
	expect_alerts_in_all 1
	expect_alert several '.fermata.response.tier == "user"' '.fermata.correlation.value == 3' \
		'.fermata.correlation.group_by == ["ProcessId"]' '.fermata.evidence | length == 3'
}
