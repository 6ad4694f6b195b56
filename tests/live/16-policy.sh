#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `run --policy`: compiled rules from a file do what the rules do that they were made of.

# What is in single quotes is for jq and inner shells.
# shellcheck disable=SC2016
# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

policy=$place/policy.img

# Alerts without what differs from run to run.
alerts_told() {
	jq -S -c 'select(.event.kind == "alert") | del(.["@timestamp"], .event.id, .event.sequence, .event.reason,
		.process, .user, .gen_ai, .fermata.response.latency_ns, .file.inode, .fermata.process,
		.fermata.evidence[]?["@timestamp"], .fermata.evidence[]?.process, .fermata.policy.generation)' \
		"$alerts"
}

# act_under OPTION...: the same acts of an agent under these rules; prints the alerts.
act_under() {
	rm -f "$alerts"
	"$FERMATA" run ${FERMATA_TIER:+--tier "$FERMATA_TIER"} "$@" --alerts "$alerts" -- sh -c \
		'cat "$0" "$1" >/dev/null; cat "$2"' "$place/secret" "$place/inner/x" "$place/refused" \
		>"$place/stdout" 2>"$place/stderr"
	status=$?
	alerts_told
}

test_the_same_alerts() {
	local wanted got wanted_status
	echo secret | tee "$place/secret" "$place/refused" >/dev/null
	mkdir "$place/inner"
	echo content >"$place/inner/x"
	rule secret file_open alert TargetFilename "$place/secret"
	rule inner file_open alert TargetFilename "${place%/*}/*/inner/x"
	chain both alert 5m secret inner
	rule refused file_open deny TargetFilename "$place/refused"
	check "building" "$FERMATA" rules build -o "$policy" "$rules" >/dev/null
	wanted=$(act_under --rules "$rules")
	wanted_status=$status
	got=$(act_under --policy "$policy")
	same "alerts" "$wanted" "$got"
	same "status" "$wanted_status" "$status"
	same "their number" 2 "$(wc -l <<<"$got")"
	same "the refused file" "" "$(cat "$place/stdout")"
}

test_a_damaged_file() {
	local byte
	rule secret file_open alert TargetFilename "$place/secret"
	check "building" "$FERMATA" rules build -o "$policy" "$rules" >/dev/null
	byte=$(od -An -tu1 -j3000 -N1 "$policy")
	printf '%b' "\\x$(printf %x $((byte ^ 1)))" |
		dd of="$policy" bs=1 seek=3000 conv=notrunc status=none
	"$FERMATA" run --policy "$policy" -- touch "$place/ran" 2>"$place/stderr"
	same "status" 2 $?
	expect_stderr "cannot use '$policy': it is damaged"
	[[ ! -e $place/ran ]] || fail "the command was started"
}
