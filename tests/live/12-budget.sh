#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What the verifier goes through, and what the maps take, is no more than was recorded for
# this kernel in tests/budget.tsv.

# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

# within TIER
within() {
	local status loaded
	"$SUBJECTS/budget" "$1" rules tests/budget.tsv >"$place/stdout"
	status=$?
	((status != 77)) || skip "$(tail -n 1 "$place/stdout")"
	((status == 0)) || fail "$(grep -v '^#' "$place/stdout")"
	loaded=$(sed -n 's/^# \(loaded.*\)/\1/p' "$place/stdout")
	[[ -z $loaded ]] || note "tier $1: $loaded"
}

test_of_the_tested_tier() {
	within "$TIER"
}

# The portable tier works everywhere.
test_of_the_portable_tier() {
	[[ $TIER != portable ]] || skip "it is the tested one"
	within portable
}
