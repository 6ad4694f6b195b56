#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Rules that are switched under an agent that acts all the time.

# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

# rules_of FILE FILLERS: one rule that matches every opening by what all its processes are,
# behind so many that match nothing, so that nothing has the same number in both files.
rules_of() {
	local number
	rules=$1
	for ((number = 0; number < $2; number++)); do
		rule "filler_$number" file_open alert 'TargetFilename|endswith' "/nowhere$number" \
			'Image|contains' "filler$number" 'ParentImage|endswith' "r$number"
	done
	rule opens_target file_open alert 'TargetFilename|endswith' /target \
		'Image|endswith' /opener 'CommandLine|contains' /target \
		'ParentImage|contains' e 'CurrentDirectory|startswith' "$PWD" AgentName switcher
}

test_each_opening_has_one_verdict() {
	local pause=20
	((patience == 60)) || pause=5000
	echo content >"$place/target"
	cp "$SUBJECTS/opener" "$place/opener"
	rules_of "$place/one.yml" 3
	rules_of "$place/other.yml" 40
	"$SUBJECTS/switcher" "$TIER" 50 "$place/one.yml" "$place/other.yml" opens_target \
		"$place/opener" "$place/target" "$pause" >"$place/stdout" || fail "status $?"
	sed -n 's/^# //p' "$place/stdout" | while IFS= read -r line; do
		note "$line"
	done
}
