#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A kernel side that is loaded once and adopted by run after run: nothing of an earlier run
# shows in a later one.

# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

# Where the driver has not loaded one, the test does.
pinned_up() {
	[[ -z ${FERMATA_PINNED-} ]] || return 0
	mount -t bpf none /sys/fs/bpf || fail "cannot mount a bpffs"
	export FERMATA_REAL=$FERMATA FERMATA_PINNED=/sys/fs/bpf/fermata
	FERMATA=$SUBJECTS/resident
	"$FERMATA" load "$TIER" "$FERMATA_PINNED" rules || fail "cannot load and pin"
}

test_each_run_has_its_own_rules_and_session() {
	pinned_up
	chain_rules
	receiver_start
	# shellcheck disable=SC2016 # for the inner shell
	watch -- sh -c 'cat "$0"; "$1" connect 203.0.113.9 4242' "$place/secret" "$SUBJECTS/send"
	expect_status 137
	expect_alert secret_then_outside '.fermata.response.condemned'
	# the same session is not condemned any more, and has read nothing
	alerts_forget
	watch -- "$SUBJECTS/send" connect "$outside" "$port"
	expect_status 0
	check "nothing was told" [ ! -s "$alerts" ]
	# other rules
	: >"$rules"
	rule opens file_open alert TargetFilename "$place/secret"
	# shellcheck disable=SC2016 # for the inner shell
	watch -- sh -c 'cat "$0"; "$1" connect 203.0.113.9 4242' "$place/secret" "$SUBJECTS/send"
	expect_status 0
	expect_alert opens
	expect_alerts_in_all 1
	# less than the smallest image, after a larger one
	"$FERMATA" run --rules rules --quiet -- true || fail "the shipped rules: status $?"
	watch -- cat "$place/secret"
	expect_alerts opens 2
}

# What a run that was killed left in the rings, in the counters and in its row is not told
# by the next, nor missed.
test_a_run_that_was_killed() {
	local member first=$alerts
	pinned_up
	rule opens file_open alert TargetFilename "$place/target"
	echo content >"$place/target"
	# shellcheck disable=SC2016 # for the inner shell
	watch_start -- sh -c 'echo $$ >"$0.pid"; until [ -e "$0.go" ]; do sleep 0.02; done
		for i in 1 2 3 4 5; do cat "$0"; done; : >"$0.done"; exec sleep 600' "$place/target"
	wait_until "the agent runs" test -s "$place/target.pid"
	kill -STOP "$watcher"
	: >"$place/target.go"
	wait_until "nobody reads what it does" test -e "$place/target.done"
	kill -KILL "$watcher"
	wait "$watcher"
	member=$(cat "$place/target.pid")
	wait_until "the agent is killed with it" gone "$member"
	check "the killed run told nothing" [ ! -s "$alerts" ]
	alerts=$place/second.ndjson
	watch -- cat "$place/target"
	expect_status 0
	expect_alert opens '.fermata.seq == 1'
	expect_alerts_in_all 1
	check "the log of the first is as it was" [ ! -s "$first" ]
}

# A ring has one reader.
test_one_owner_at_a_time() {
	local first
	pinned_up
	rule opens file_open alert TargetFilename "$place/target"
	# shellcheck disable=SC2016 # for the inner shell
	watch_start -- sh -c ': >"$0.runs"; until [ -e "$0.go" ]; do sleep 0.02; done' "$place/target"
	first=$watcher
	wait_until "the first runs" test -e "$place/target.runs"
	alerts=$place/second.ndjson
	watch -- touch "$place/made"
	expect_status 3
	expect_stderr "$FERMATA_PINNED"
	check "the second was not started" [ ! -e "$place/made" ]
	"$FERMATA" unload "$FERMATA_PINNED" && fail "it was unloaded under its owner"
	: >"$place/target.go"
	watcher=$first
	watch_wait
	expect_status 0
}

# Loading, pinning and removing: all or nothing.
test_pinning() {
	local place_of=/sys/fs/bpf/another
	pinned_up
	rule opens file_open alert TargetFilename "$place/target"
	"$FERMATA" load "$TIER" "$place_of" rules || fail "cannot load and pin"
	FERMATA_PINNED=$place_of watch -- true
	"$FERMATA" load "$TIER" "$place_of" rules 2>"$place/stderr" && fail "pinned twice"
	expect_stderr "File exists"
	check "it is as it was" [ -e "$place_of/about" ]
	# not pinned to its end, or by another version
	rm "$place_of/about"
	FERMATA_PINNED=$place_of watch -- touch "$place/made"
	expect_status 3
	check "nothing was started" [ ! -e "$place/made" ]
	"$FERMATA" unload "$place_of" || fail "cannot unload"
	check "nothing is left" [ ! -e "$place_of" ]
	"$FERMATA" load "$TIER" "$place/no-bpffs" rules 2>"$place/stderr" && fail "pinned outside of a bpffs"
	check "nothing is left there" [ ! -e "$place/no-bpffs" ]
	"$FERMATA" load "$TIER" /sys/fs/bpf/with.dot rules 2>"$place/stderr" && fail "a name that bpffs does not take"
	check "nothing is left of it" [ ! -e /sys/fs/bpf/with.dot ]
}

test_who_outlives_a_session() {
	rule opens file_open alert TargetFilename "$place/target"
	"$SUBJECTS/retag" "$rules" "$TIER" >"$place/stdout" || fail "$(cat "$place/stdout")"
}
