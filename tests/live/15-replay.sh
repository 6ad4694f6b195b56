#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `replay` of a recording gives the verdicts of the session: each event's rules, and the
# strongest response that they asked for.

# What is in single quotes is for jq and inner shells.
# shellcheck disable=SC2016
# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

recording=$place/recording.ndjson

# A line for each match of each event, "LINE RULE", and for each event "LINE asked RESPONSE".
verdicts_recorded() {
	jq -r 'select(.matches) | . as $e | (.matches[] | "\(input_line_number) \(.)"),
		"\(input_line_number) asked \(.asked)"' "$recording" | sort
}

verdicts_replayed() {
	"$FERMATA" replay --json --rules "$rules" "$recording" 2>"$place/replay.stderr" | jq -s -r '
		["alert", "tag", "deny", "freeze", "quarantine", "kill", "kill-agent"] as $order |
		group_by(.line)[] | (.[] | "\(.line) \(.rule.id // .rule.title)"),
		"\(.[0].line) asked \(max_by(.verdict as $v | $order | index($v)).verdict)"' | sort
}

folded_recorded() {
	jq -s 'map(.folded // [] | length) | add' "$recording"
}

folded_replayed() {
	"$FERMATA" replay --json --quiet --rules "$rules" "$recording" | jq .folded
}

# expect_replay MATCHES: the replay is the session, which had at least so many matches.
expect_replay() {
	local recorded
	recorded=$(verdicts_recorded)
	(($(grep -vc ' asked ' <<<"$recorded") >= $1)) || fail "too few matches: $recorded"
	same "verdicts" "$recorded" "$(verdicts_replayed)"
	same "folded" "$(folded_recorded)" "$(folded_replayed)"
	same "what was not understood" "" "$(cat "$place/replay.stderr")"
}

# Rules of every kind: names, wildcards that the user side confirms, steps, numbers, what
# is negated, facts of programs.
all_rules() {
	echo content >"$place/a"
	echo secret >"$place/secret"
	rule reads_a file_open alert TargetFilename "$place/a" Access read
	rule inner file_open alert TargetFilename "${place%/*}/*/secret"
	rule reads_secret file_open alert TargetFilename "$place/secret"
	rule tool process_creation alert 'Image|endswith' /acts 'CommandLine|contains' "$place"
	rule ended process_termination alert 'RuntimeMs|gte' 0 'ParentImage|endswith' /acts
	rule udp network_connection alert Protocol udp
	rule to_outside network_connection alert 'DestinationIp|cidr' 203.0.113.0/24 PrivateAddress false
	rule cased file_event alert 'TargetFilename|cased' "$place/b"
	chain read_then_outside alert 5m reads_secret to_outside
	chain three alert 5m reads_secret ended udp
	# is decided by the user side
	rule marked file_open alert 'TargetFilename' "${place%/*}/*/secret" Access read
	chain marked_then_outside alert 5m marked to_outside
}

acts() {
	"$@" "$SUBJECTS/acts" "$place/a" "$place/b" "$outside" "$port"
}

test_a_session() {
	all_rules
	network_up
	watch --record "$recording" -- sh -c \
		'for i in 1 2 3; do cat "$1" >/dev/null; "$0" "$2" "$3" "$4" "$5"; done' \
		"$SUBJECTS/acts" "$place/secret" "$place/a" "$place/b" "$outside" "$port"
	expect_replay 12
}

# What is refused and killed, at the strength of this tier.
test_refusals() {
	all_rules
	network_up
	rule refuses network_connection deny DestinationIp "$outside" Protocol udp
	rule kills file_event kill TargetFilename "$place/b"
	acts watch --record "$recording" --
	expect_replay 3
}

test_the_agent_is_killed() {
	network_up
	chain_rules
	watch --record "$recording" -- sh -c 'cat "$1"; "$0" connect "$2" "$3" self; echo survived' \
		"$SUBJECTS/send" "$place/secret" "$outside" "$port"
	[[ $status == 137 ]] || skip "connections are not seen on this tier of this kernel"
	expect_replay 1
}

# Files that rules name are refused by a mark, before their event has all its fields.
test_marked_files() {
	marks_work || skip "no marks on this tier"
	echo secret >"$place/secret"
	rule refuses file_open deny TargetFilename "$place/secret"
	rule elsewhere file_open alert 'TargetFilename|endswith' /secret Created 'false'
	rule any file_open alert 'TargetFilename|startswith' "$place"
	watch --record "$recording" -- sh -c 'cat "$0"; cat "$0"; : <"$1"' "$place/secret" "$place/stdout"
	same "refused" 2 "$(jq -s 'map(select(.tier == "fanotify")) | length' "$recording")"
	expect_replay 2
}

# Many at once: what the recording has out of order is put in order.
test_a_crowd() {
	all_rules
	watch --record "$recording" -- sh -c '
		for i in 1 2 3 4; do
			(for j in 1 2 3 4 5 6 7 8; do "$0" open 50 "$1"; cat "$2"; done) >/dev/null &
		done
		wait' "$SUBJECTS/acts" "$place/a" "$place/secret"
	expect_replay 32
}

test_other_rules() {
	local other=$place/other.yml
	echo content >"$place/a"
	rule reads_a file_open alert TargetFilename "$place/a"
	watch --record "$recording" -- cat "$place/a"
	sed 's/response: alert/response: kill/' "$rules" >"$other"
	same "what changes" '["reads_a","changes","alert","kill"]' \
		"$("$FERMATA" replay --json --rules "$other" --diff "$rules" "$recording" |
			jq -c '[.rule.title, .change, .was, .verdict]')"
	same "the same rules" "" "$("$FERMATA" replay --json --rules "$rules" --diff "$rules" "$recording")"
}
