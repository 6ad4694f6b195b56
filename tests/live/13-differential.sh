#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The kernel side decides as the user side does, for every rule that it decides alone.
#
# EVENTS  how many are made up (default: 200,000, in guests what takes half a minute)
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

# differ WAY EVENTS [ARGUMENT]...
differ() {
	local program=$SUBJECTS/../differential/differential line
	[[ -x $program ]] || fail "there is no $program; make builds it"
	"$program" "$1" "$2" "$seed" "$corpus" "${@:3}" >"$place/stdout" || fail "SEED=$seed"
	note "SEED=$seed"
	sed -n 's/^# \([0-9].*\)/\1/p; s/^ok .*# SKIP \(.*\)/\1/p' "$place/stdout" |
		while IFS= read -r line; do
			note "$line"
		done
}

test_of_events_that_are_handed_to_it() {
	differ handed "${EVENTS:-$(events 200000 50000)}"
}

# In observe mode; the folder is the agent's to litter.
test_of_acts() {
	corpus=$(realpath -m "$corpus")
	network_up
	SUBJECTS=$(realpath "$SUBJECTS")
	mkdir "$place/stage" || fail "cannot make a folder"
	cd "$place/stage" || fail "cannot enter a folder"
	cp "$SUBJECTS/first" "$place/first"
	differ acting "$(events 20000 1000)" "$TIER" "$place/first"
}
