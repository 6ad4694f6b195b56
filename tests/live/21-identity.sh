#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Identity beside path: a file that a rule names is known by any name that it is opened by.

# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

# The secret is in a folder of its own, in a file system of its own.
secret_make() {
	mkdir -p "$place/disk"
	mount -t tmpfs none "$place/disk" || fail "cannot mount a tmpfs"
	mkdir -p "$place/disk/home/.keys"
	echo "the secret" >"$place/disk/home/.keys/id_test"
	secret=$place/disk/home/.keys/id_test
}

# opened_as RULE NAME COMMAND...: the agent reads the secret by another name, which is told
# with the name that the rule has for it (OTHER, a filter).
opened_as() {
	local opened=$1 other=$2
	shift 2
	step "as $opened, known as $other"
	alerts_forget
	watch -- "$@"
	expect_status 0
	same "what was read" "the secret" "$(<"$place/stdout")"
	expect_alert names ".file.path == \"$opened\"" ".fermata.file.other_path == \"$other\"" \
		'.fermata.verdict == "alerted"'
	expect_alerts_in_all 1
}

# refused_as COMMAND...: the same under a rule that refuses: nothing is read.
refused_as() {
	step "refused: $*"
	alerts_forget
	watch -- "$@"
	same "what was read" "" "$(grep -h 'the secret' "$place/stdout" "$place/stderr")"
	expect_alert names ".fermata.verdict == \"denied\" or .fermata.verdict == \"killed\"" \
		'.fermata.response.after_effect == false'
}

# by_path RESPONSE, by_pattern RESPONSE: the rule.
by_path() {
	: >"$rules"
	rule names file_open "$1" TargetFilename "$secret"
}

by_pattern() {
	: >"$rules"
	rule names file_open "$1" 'TargetFilename|endswith' /.keys/id_test
}

test_hard_link_made_before() {
	secret_make
	ln "$secret" "$place/disk/link"
	by_path alert
	opened_as "$place/disk/link" "$secret" cat "$place/disk/link"
	by_path deny
	refused_as cat "$place/disk/link"
}

# By its own name it has no other.
test_its_own_name() {
	secret_make
	by_path alert
	watch -- cat "$secret"
	expect_alert names ".file.path == \"$secret\"" '.fermata.file.other_path == null'
	# another file in its place is another file
	alerts_forget
	mv "$secret" "$secret.old"
	rm "$secret.old"
	echo "something else" >"$place/disk/other"
	watch -- cat "$place/disk/other"
	expect_alerts_in_all 0
}

test_bind_mount() {
	local script="mount --bind $place/disk/home/.keys $place/elsewhere && cat $place/elsewhere/id_test"
	secret_make
	mkdir "$place/elsewhere"
	by_path alert
	opened_as "$place/elsewhere/id_test" "$secret" unshare -m sh -c "$script"
	by_pattern alert
	# the path within the file system, as the folder has no name that rules know
	opened_as "$place/elsewhere/id_test" /home/.keys/id_test unshare -m sh -c "$script"
	by_pattern deny
	refused_as unshare -m sh -c "$script"
}

test_mount_that_is_attached_nowhere() {
	secret_make
	[[ $("$SUBJECTS/mounts" detached "$place/disk/home/.keys" id_test) == "the secret" ]] ||
		skip "there is no open_tree(2) here"
	by_path alert
	opened_as /id_test "$secret" "$SUBJECTS/mounts" detached "$place/disk/home/.keys" id_test
	by_pattern deny
	refused_as "$SUBJECTS/mounts" detached "$place/disk/home/.keys" id_test
}

test_chroot() {
	secret_make
	by_path alert
	watch -- "$SUBJECTS/mounts" chroot "$place/disk/home/.keys" id_test
	expect_alert names ".file.path == \"$secret\""
	by_path deny
	refused_as "$SUBJECTS/mounts" chroot "$place/disk/home/.keys" id_test
}

test_folder_renamed() {
	local script="mv $place/disk/home/.keys $place/disk/home/k && cat $place/disk/home/k/id_test"
	secret_make
	by_path alert
	opened_as "$place/disk/home/k/id_test" "$secret" sh -c "$script"
	mv "$place/disk/home/k" "$place/disk/home/.keys"
	by_path deny
	refused_as sh -c "$script"
}

# What rules name by a pattern is found below the homes of users.
test_folder_renamed_below_a_home() {
	local script="mv $place/disk/home/.keys $place/disk/home/k && cat $place/disk/home/k/id_test"
	secret_make
	sed "s|^root:.*|root:x:0:0::$place/disk/home:/bin/sh|" /etc/passwd >"$place/passwd"
	mount --bind "$place/passwd" /etc/passwd || fail "cannot replace /etc/passwd"
	: >"$rules"
	rule names file_open alert TargetFilename '*/.keys/id_*'
	opened_as "$place/disk/home/k/id_test" "$secret" sh -c "$script"
	umount /etc/passwd
}

# An agent's own links and renames: the file keeps the name that rules look at.
test_renamed_and_linked_by_the_agent() {
	local script
	secret_make
	for script in "mv $secret $place/disk/x" "ln $secret $place/disk/x" \
		"mv $secret $place/disk/y && mv $place/disk/y $place/disk/x"; do
		if ! trampolines; then
			# found before, by its name
			by_path alert
		else
			by_pattern alert
		fi
		opened_as "$place/disk/x" "$secret" sh -c "$script && cat $place/disk/x"
		[[ -e $secret ]] || mv "$place/disk/x" "$secret"
		rm -f "$place/disk/x"
	done
	trampolines || by_path deny
	trampolines && by_pattern deny
	refused_as sh -c "mv $secret $place/disk/x && cat $place/disk/x"
}

# A recording has the other name, and what is replayed is what was decided.
test_is_recorded() {
	local response
	secret_make
	ln "$secret" "$place/disk/link"
	by_path alert
	for response in alert deny; do
		by_path "$response"
		rm -f "$place/recording"
		watch --record "$place/recording" -- cat "$place/disk/link"
		same "the other name" "$secret" "$(jq -r "select(.TargetFilename == \"$place/disk/link\") |
			.OtherFilename" "$place/recording")"
		"$FERMATA" replay --json --rules "$rules" "$place/recording" >"$place/replayed" ||
			fail "replay: $?"
		same "what replay makes of it" "names $response" \
			"$(jq -r 'select(.rule) | "\(.rule.title) \(.verdict)"' "$place/replayed")"
	done
}
