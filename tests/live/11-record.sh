#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `run --record`: every event in one file, in order, with the verdicts of the alert log.

# What is in single quotes is for jq and inner shells.
# shellcheck disable=SC2016
# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

recording=$place/recording.ndjson

# recorded FILTER: what jq makes of the array of all lines.
recorded() {
	jq -s -r --arg place "$place" --arg subject "$SUBJECTS/acts" "$1" "$recording" ||
		fail "the recording is not JSON"
}

# A rule that nothing here breaks.
quiet_rule() {
	rule never file_open alert TargetFilename /nowhere/at/all
}

# Whether this tier sees connections on this kernel: a rule that nobody serves is told.
network_seen() {
	local rules=$place/connects.yml
	rule connects network_connection alert DestinationIp "$outside"
	[[ $("$FERMATA" run ${FERMATA_TIER:+--tier "$FERMATA_TIER"} --rules "$rules" -- true 2>&1) != *'not seen'* ]]
}

acts() {
	"$@" "$SUBJECTS/acts" "$place/a" "$place/b" "$outside" "$port"
}

# What the subject does, a line each: category, object, number of the process in order of
# appearance. Where a process is seen before it executes, so is the opening of the program.
acts_expected() {
	local opened=''
	! trampolines || opened="file_open $SUBJECTS/acts"
	cat <<-EOF
		${opened:+$opened 1}
		process_creation acts 1
		file_open $place/a 1
		file_event $place/b 1
		file_open $place/b 1
		process_termination acts 2
		${opened:+$opened 3}
		process_creation acts 3
		process_termination acts 3
		file_delete $place/b 1
		network_connection udp $outside $port 1
		network_send udp $outside $port 1
		network_connection tcp $outside $port 1
		process_termination acts 1
	EOF
}

# A layered file system opens the file that is below as well: told once here.
acts_recorded() {
	recorded 'map(select(.category)) | . as $all |
		(map(.ProcessId) | reduce .[] as $p ([]; if index($p) then . else . + [$p] end)) as $who |
		.[] | . as $e | [.category, (.TargetFilename //
			(if .Protocol then "\(.Protocol) \(.DestinationIp) \(.DestinationPort)" else "acts" end)),
			($who | index($e.ProcessId) + 1)] | join(" ")' | uniq
}

test_every_event_in_order() {
	local member
	echo content >"$place/a"
	quiet_rule
	network_up
	acts watch --record "$recording" --agent tester --profile trial --
	expect_status 0
	same "events" "$(acts_expected | sed '/^$/d' | if network_seen; then cat; else grep -v ^network; fi)" \
		"$(acts_recorded)"
	same "the head" "fermata 1 $(cat /proc/sys/kernel/random/boot_id) 64" \
		"$(recorded '.[0] | "\(.recording) \(.schema) \(.boot_id) \(.policy_sha256 | length)"')"
	same "times go on" true "$(recorded 'map(select(.category).time) | . == sort')"
	# who acted, at each event
	for member in 'Image == $subject' 'CommandLine | startswith($subject)' \
		'ParentImage | length > 0' 'AgentName == "tester"' 'AgentProfile == "trial"' \
		'AgentSession | length == 16' 'User == "root"' 'UserId == 0' 'schema == 1' \
		'["@timestamp"] | test("^2[0-9-]+T[0-9:]+[.][0-9]{9}Z$")'; do
		same "$member" "[]" "$(recorded "map(select(.category and .Access != [\"exec\"])) |
			map(select(.$member | not)) | map(.category) | @json")"
	done
	same "its cgroup" true "$(recorded '.[1:] | map(.CgroupPath) | unique |
		length == 1 and (.[0] | test("/fermata-[0-9a-f]{16}$"))')"
	same "guids of a process" true "$(recorded '.[1:] | group_by(.ProcessId) |
		map(map(.ProcessGuid) | unique | length) | . == [1, 1, 1]')"
	same "the child's parent is the first" true "$(recorded '.[1:] | map(select(.category == "process_creation")) |
		.[1].ParentProcessGuid == .[0].ProcessGuid and .[1].ParentImage == $subject')"
	same "nothing was decided" 0 "$(recorded 'map(select(.matches or .verdict or .steps)) | length')"
}

# verdicts_told: of the alert log; verdicts_recorded: of the recording. The same form.
verdicts_told() {
	told '.[] | select(.event.kind == "alert") |
		"\(.rule.name) \(.fermata.verdict) \(.file.path // .destination.ip // .process.executable)"' | sort
}

verdicts_recorded() {
	recorded '.[] | select(.matches) | . as $e | .matches[] |
		"\(.) \($e.verdict) \($e.TargetFilename // $e.DestinationIp // $e.Image)"' | sort
}

test_verdicts_are_those_of_the_alert_log() {
	network_seen || skip "connections are not seen on this tier of this kernel"
	echo content >"$place/a"
	network_up
	rule reads_a file_open alert TargetFilename "$place/a"
	rule step_b file_open alert TargetFilename "$place/b"
	rule sends network_connection alert DestinationIp "$outside" Protocol udp
	rule refuses network_connection deny DestinationIp "$outside" Protocol udp
	rule connects network_connection kill DestinationIp "$outside" Protocol tcp
	chain b_then_send alert 5m step_b sends
	# needs the user side
	rule inner file_event alert 'TargetFilename' "${place%/*}/*/b"
	acts watch --record "$recording" --
	expect_status 137
	same "verdicts" "$(verdicts_told)" "$(verdicts_recorded)"
	same "alerts" 5 "$(told length)"
	same "steps are told as such" '["step_b"] ["sends"]' \
		"$(recorded 'map(select(.steps) | .steps | @json) | join(" ")')"
	same "the datagram was refused" '["denied"]' \
		"$(recorded '.[] | select(.Protocol == "udp") | .done | @json')"
	same "its rules" '["b_then_send","refuses"]' \
		"$(recorded '.[] | select(.Protocol == "udp") | .matches | sort | @json')"
	same "the end" 9 "$(recorded 'map(select(.category == "process_termination"))[-1].Signal')"
	rm "$alerts" "$recording"
	acts watch --record "$recording" --mode observe --
	expect_status 0
	# an event has one verdict, that of the strongest rule
	same "verdicts of who only observes" "$(verdicts_told | grep -v b_then_send)" \
		"$(verdicts_recorded | grep -v b_then_send)"
	same "what would be done" would-kill "$(recorded '.[] | select(.Protocol == "tcp") | .verdict')"
}

# A program that the agent is kept from executing is not what it acts as from then on.
test_a_refused_program() {
	trampolines || skip "nothing is refused before it is executed on this tier"
	rule refuses process_creation deny Image "$SUBJECTS/acts"
	watch --record "$recording" -- sh -c '"$0" child; cat /dev/null' "$SUBJECTS/acts"
	same "it was refused" '["denied"]' "$(recorded '.[] | select(.matches) | .done | @json')"
	same "what other events say of it" 0 \
		"$(recorded 'map(select(.Image == $subject and (.matches | not))) | length')"
}

test_names_of_any_bytes() {
	local name=$'\x01\n"\\\xff\xe2\x80\xae'
	quiet_rule
	echo content >"$place/$name"
	watch --record "$recording" -- "$SUBJECTS/act" open "$place/$name"
	same "bytes" "$(printf '%s' "$place/$name" | od -An -v -tx1 | tr -d ' \n')" \
		"$(recorded '.[] | select(.TargetFilename_hex) | .TargetFilename_hex')"
	! LC_ALL=C grep -q -P '[\x00-\x09\x0b-\x1f\x7f]' "$recording" || fail "raw control characters"
	iconv -f UTF-8 -t UTF-32 "$recording" >/dev/null || fail "the recording is not UTF-8"
}

test_a_busy_agent() {
	local each=20000
	quiet_rule
	echo content >"$place/a"
	watch --record "$recording" -- sh -c '"$0" open "$1" "$2" & "$0" open "$1" "$2"; wait' \
		"$SUBJECTS/acts" "$each" "$place/a"
	expect_status 0
	same "losses" 0 "$(grep -c '"loss":' "$recording")"
	same "opens" $((2 * each)) "$(grep -c "\"TargetFilename\":\"$place/a\"" "$recording")"
	note "$(wc -c <"$recording" | awk '{ printf "%.1f", $1 / 1048576 }') MB for $((2 * each)) opens"
}

test_runs_are_appended() {
	quiet_rule
	watch --record "$recording" -- true
	watch --record "$recording" -- true
	same "heads" 2 "$(recorded 'map(select(.recording)) | length')"
	same "sessions" 2 "$(recorded 'map(.AgentSession | values) | unique | length')"
	same "mode" 600 "$(stat -c %a "$recording")"
}

test_places_that_are_refused() {
	quiet_rule
	"$FERMATA" run --rules "$rules" --record "$place/no/where" -- touch "$place/ran" 2>"$place/stderr"
	same "status" 2 $?
	expect_stderr "cannot write a recording to '$place/no/where'; nothing was started"
	"$FERMATA" run --rules "$rules" --alerts "$place/one" --record "$place/one" -- touch "$place/ran" \
		2>"$place/stderr"
	same "status with one file for both" 2 $?
	ln -s elsewhere "$place/link"
	"$FERMATA" run --user 12345 --rules "$rules" --record "$place/link" -- touch "$place/ran" \
		2>"$place/stderr"
	same "status with a link" 2 $?
	expect_stderr "a part of '$place/link' is a symbolic link"
	"$FERMATA" run --rules "$rules" --record /dev/full -- touch "$place/ran" 2>"$place/stderr"
	same "status with a full device" 3 $?
	expect_stderr "cannot write a recording to '/dev/full'; nothing was started"
	[[ ! -e $place/ran && ! -e $place/elsewhere ]] || fail "something was started or made"
}

test_a_full_disk() {
	local often=2000
	quiet_rule
	echo content >"$place/a"
	mkdir "$place/disk"
	mount -t tmpfs -o size=64k none "$place/disk" || fail "cannot mount"
	recording=$place/disk/recording.ndjson
	"$FERMATA" run --rules "$rules" --record "$recording" -- \
		sh -c '"$0" open "$1" "$2"; sleep 600; echo survived' "$SUBJECTS/acts" "$often" "$place/a" \
		>"$place/stdout" 2>"$place/stderr"
	same "status with stop" 137 $?
	expect_stderr "'$recording' does not take the recording; stopping the agent (--on-log-failure stop)"
	same "standard output" "" "$(cat "$place/stdout")"
	same "the last byte ends a line" "" "$(tail -c 1 "$recording")"
	check "there are events" [ "$(recorded length)" -gt 10 ]
	rm "$recording"
	"$FERMATA" run --rules "$rules" --alerts "$alerts" --record "$recording" --on-log-failure continue -- \
		sh -c '"$0" open "$1" "$2"; until grep -q recording "$3"; do sleep 0.1; done; echo survived' \
		"$SUBJECTS/acts" "$often" "$place/a" "$alerts" >"$place/stdout" 2>"$place/stderr"
	same "status with continue" 0 $?
	expect_stdout survived
	expect_stderr "'$recording' does not take the recording; going on, as --on-log-failure says"
	expect_stderr "the recording did not take an event"
	same "events that are there and those that are told as lost" true \
		"$(jq -s --argjson there "$(recorded 'map(select(.TargetFilename == ($place + "/a"))) | length')" \
			--argjson often "$often" 'map(select(.fermata.loss.cause == "recording").fermata.loss.count) |
			add + $there >= $often' "$alerts")"
	umount "$place/disk"
}
