#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What a run costs and whether it keeps what it takes.

# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

# Figures to read, with the shipped rules; nothing is asserted about time.
test_cost_of_a_run() {
	local tier=() times=() size before after count=5
	[[ -z ${FERMATA_TIER-} ]] || tier=(--tier "$FERMATA_TIER")
	for ((i = 0; i < count; i++)); do
		before=$(date +%s%N)
		"$FERMATA" run "${tier[@]}" --rules rules -- true 2>"$place/stderr" || fail "status $?"
		after=$(date +%s%N)
		times+=($(((after - before) / 1000000)))
	done
	mapfile -t times < <(printf '%s\n' "${times[@]}" | sort -n)
	# what the process itself says of its largest size, while it runs
	# shellcheck disable=SC2016 # for the inner shell
	"$FERMATA" run "${tier[@]}" --rules rules -- \
		sh -c 'grep VmHWM "/proc/$PPID/status"' >"$place/size" || fail "status $?"
	size=$(awk '{ printf "%.1f", $2 / 1024 }' "$place/size")
	note "run -- true: ${times[$((count / 2))]} ms (median of $count), $size MB"
}

test_valgrind() {
	type -P valgrind >/dev/null || skip "needs valgrind"
	local options what
	if grep -q 'ASAN\|asan_' "$FERMATA"; then
		skip "a sanitized program does not run in valgrind"
	fi
	chain_rules
	receiver_start
	run_options
	"$SUBJECTS/pidfds" "$place/pidfds" >"$place/pidfds.ready" &
	started+=($!)
	wait_until "pidfds is ready" grep -q ready "$place/pidfds.ready"
	# bpf(2) writes where valgrind does not look: only leaks are judged; by what it says,
	# as an exit status of valgrind's would be one of the children that fermata tries out
	PIDFDS=$place/pidfds LD_PRELOAD=$SUBJECTS/pidfds.so \
		valgrind --leak-check=full --show-leak-kinds=all --undef-value-errors=no \
		--log-file="$place/valgrind" --trace-children=no --child-silent-after-fork=yes \
		"$FERMATA" "${options[@]}" -- \
		sh -c "cat $place/secret; $SUBJECTS/send connect $outside $port" \
		>"$place/stdout" 2>"$place/stderr"
	status=$?
	what=$(sed -n 's/^==[0-9]*== //p' "$place/valgrind")
	same "status with $what" 137 "$status"
	expect_alerts secret_then_outside 1
	expect_received 0 0
	[[ $what == *"All heap blocks were freed"* ]] || fail "$what"
	note "$(grep -o 'total heap usage.*frees' <<<"$what")"
}
