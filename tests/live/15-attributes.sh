#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What is said of a file beside its content: by every way of changing it, what is told of
# it, and what each response does.

# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

# attempt RESPONSE STATUS STDOUT VERDICT MODE: what the mode of the file is after.
attempt() {
	step "$1: status $2, '$3', $4, mode $5"
	: >"$rules"
	alerts_forget
	echo content >"$place/file"
	chmod 644 "$place/file"
	rule changes file_attribute "$1" TargetFilename "$place/file" SetuidBit true
	watch -- "$SUBJECTS/act" chmod "$place/file" 4755
	expect_status "$2"
	same "what the subject said" "$3" "$(<"$place/stdout")"
	same "the mode" "$5" "$(stat -c %a "$place/file")"
	expect_alert changes ".fermata.verdict == \"$4\"" '.event.action == "file_attribute"' \
		".file.path == \"$place/file\"" '.fermata.file.mode == 2541' \
		".fermata.response.after_effect == $([[ $2 == 137 && $5 == 4755 ]] && echo true || echo false)"
	expect_alerts_in_all 1
}

test_chmod() {
	attempt alert 0 "done" alerted 4755
	if trampolines; then
		attempt deny 1 EPERM denied 644
		attempt kill 137 "" killed 644
	else
		attempt deny 137 "" killed 4755
		attempt kill 137 "" killed 4755
	fi
	# a mode without the bit is another matter
	alerts_forget
	watch -- "$SUBJECTS/act" chmod "$place/file" 755
	expect_alerts_in_all 0
}

# ways MEMBERS: each line of standard input is a way of doing it to the file, by its path or in
# its folder, that is told with those members: a filter of the recording's.
ways() {
	local way script='' number=0
	echo content >"$place/file"
	rule never process_creation alert Image "$place/never"
	while read -r way; do
		script+="$SUBJECTS/act $way || echo '$way'"$'\n'
		number=$((number + 1))
	done
	watch --record "$place/recording" -- sh -c "cd $place || exit; $script"
	same "what was said" "$(yes "done" | head -n "$number")" "$(<"$place/stdout")"
	same "events" "$number" "$(jq -s --arg file "$place/file" "map(select(
		.category == \"file_attribute\" and .TargetFilename == \$file and $1)) | length" "$place/recording")"
	same "others" "$number" "$(jq -s 'map(select(.category == "file_attribute")) | length' "$place/recording")"
}

test_ways_of_changing_the_mode() {
	ways '.Change == "mode" and .Mode == 416 and .SetuidBit == false and .Owner == null' <<-EOF
		chmod $place/file 640
		chmod ./../${place##*/}/file 640
		fchmod file 640
		fchmodat file 640
	EOF
}

test_ways_of_changing_the_owner() {
	ways '.Change == "owner" and .Owner == 12 and .Group == null and .Mode == null' <<-EOF
		chown $place/file 12 -1
		lchown file 12 -1
		fchown $place/file 12 -1
		fchownat file 12 -1
	EOF
}

test_ways_of_setting_an_attribute() {
	setfattr_works || skip "the file system has no extended attributes"
	ways '.Change == "xattr" and .AttributeName == "security.fermata-test"' <<-EOF
		setxattr $place/file security.fermata-test
		fsetxattr file security.fermata-test
	EOF
}

setfattr_works() {
	echo >"$place/file"
	[[ $("$SUBJECTS/act" setxattr "$place/file" security.fermata-test) == "done" ]]
}

test_ways_of_setting_length_and_times() {
	ways '(.Change == "size" or .Change == "times")' <<-EOF
		truncate $place/file
		truncate file
		utimes $place/file
		futimens file
	EOF
	same "what was changed" "size size times times" "$(jq -r 'select(.category == "file_attribute") |
		.Change' "$place/recording" | paste -sd ' ')"
}

test_a_way_for_old_programs() {
	local fields=(TargetFilename "$place/file" Change mode Mode 416)
	echo content >"$place/file"
	[[ $("$SUBJECTS/act" chmod80 "$place/file" 640) == "done" ]] || skip "there are no 32-bit system calls here"
	rule changes file_attribute alert "${fields[@]}"
	watch -- "$SUBJECTS/act" chmod80 "$place/file" 640
	expect_alert changes
}
