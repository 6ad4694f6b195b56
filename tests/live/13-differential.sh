#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The kernel side decides as the user side does, for every rule that it decides alone.
#
# EVENTS  how many are made up (default: 200,000, in guests what takes about a minute)
# SEED    of a run that is to be repeated; it is told

# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

corpus=../shared/corpus/sigma-linux
seed=${SEED:-$SRANDOM}

# events NATIVE EMULATED
events() {
	if ((patience > 60)); then
		echo "$2"
	else
		echo "$1"
	fi
}

test_of_events_that_are_handed_to_it() {
	local program=$SUBJECTS/../differential/differential
	[[ -x $program ]] || fail "there is no $program; make builds it"
	"$program" "${EVENTS:-$(events 200000 20000)}" "$seed" "$corpus" >"$place/stdout" ||
		fail "SEED=$seed"
	note "SEED=$seed"
	sed -n 's/^# \([0-9].*\)/\1/p; s/^ok .*# SKIP \(.*\)/\1/p' "$place/stdout" |
		while IFS= read -r line; do
			note "$line"
		done
}
