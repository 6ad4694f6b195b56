#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Processes that run already when they are tagged.

# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

test_a_running_process_with_all_its_threads() {
	local said
	rule marker file_open alert 'TargetFilename|contains' /marker-
	said=$("$SUBJECTS/seeding" "$rules" "$place" "$TIER") || fail "$said"
	note "$(sed -n 's/^# //p' <<<"$said")"
}
