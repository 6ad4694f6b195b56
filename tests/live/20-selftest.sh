#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `fermata selftest`, which does the looking itself.

# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

# selftest [OPTION]...: in a folder of its own, with a way to this host.
selftest() {
	local options=(selftest)
	network_up
	mkdir -p "$place/temporary"
	[[ -z ${FERMATA_TIER-} ]] || options+=(--tier "$FERMATA_TIER")
	TMPDIR=$place/temporary "$FERMATA" "${options[@]}" "$@" >"$place/stdout" 2>"$place/stderr"
	status=$?
}

# Everything that is promised comes, each event is among what is tried, and nothing is left.
test_all_is_as_promised() {
	local events
	load_anew
	selftest --json
	cp "$place/stdout" "$place/json"
	jq -r '.canaries[] | select(.proof == "failed") | "\(.name): \(.result)"' "$place/json" >"$place/stdout"
	expect_status 0
	same "what failed" "" "$(<"$place/stdout")"
	same "what is wrong" "" "$(<"$place/stderr")"
	events=$(doctor_json | jq -r '.events | keys[]' | sort)
	same "events" "$events" "$(jq -r '.canaries[].event' "$place/json" | sort -u)"
	note "$(jq -r '"\(.held) as promised, \(."not tried") not tried, \(."not here") not on this kernel"' "$place/json")"
	note "not tried: $(jq -r '[.canaries[] | select(.proof == "not tried") | .name] | join(", ")' "$place/json")"
	# what can be done in no guest and on no host here: modules, vsock, 32-bit calls, handles
	same "not tried, without a reason that is known" "" "$(jq -r '.canaries[] |
		select(.proof == "not tried" and (.name | test("^(load_module|connect_vsock|compat_read|handle_read|make_key)$") | not)) |
		"\(.name): \(.result)"' "$place/json")"
	same "what is left" "" "$(ls -A "$place/temporary")"
}

test_in_words() {
	load_anew
	selftest
	expect_status 0
	expect_stdout "tier $TIER"
	grep -Eq '^  open +file_open +seen, (denied|killed)$' "$place/stdout" || fail "no line of 'open'"
	grep -Eq '^[0-9]+ as promised, 0 failed, [0-9]+ not tried, [0-9]+ not on this kernel$' "$place/stdout" ||
		fail "no count"
}

# Where what is done does not come out of the pipe, the answer is no.
test_what_is_not_seen_fails() {
	load_anew
	LD_PRELOAD=$SUBJECTS/liar.so selftest
	expect_status 1
	grep -Eq '^  rename +file_rename +FAILED: it was done, and is not in the alert log$' "$place/stdout" ||
		fail "it does not say that 'rename' failed"
	grep -Eq ' 1 failed, ' "$place/stdout" || fail "something else failed"
}

test_who_may() {
	load_anew
	cp "$FERMATA" "$place/fermata"
	setpriv --reuid 65534 --clear-groups "$place/fermata" selftest >"$place/stdout" 2>"$place/stderr"
	same "exit status of nobody" 3 $?
	expect_stderr "privilege"
	"$FERMATA" selftest extra >"$place/stdout" 2>"$place/stderr"
	same "exit status of bad usage" 2 $?
	"$FERMATA" selftest --tier other >"$place/stdout" 2>"$place/stderr"
	same "exit status of a tier that there is not" 2 $?
}

is_laid_out() {
	[[ $(ls -A "$place/temporary") ]]
}

# It can be interrupted, and leaves nothing.
test_interrupted() {
	load_anew
	network_up
	mkdir -p "$place/temporary"
	TMPDIR=$place/temporary env --default-signal=INT "$FERMATA" selftest >"$place/stdout" 2>"$place/stderr" &
	watcher=$!
	started+=("$watcher")
	wait_until "it has begun" is_laid_out
	kill -INT "$watcher"
	wait "$watcher"
	same "exit status" 130 $?
	same "what is left" "" "$(ls -A "$place/temporary")"
}
