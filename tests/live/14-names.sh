#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Acts on two names: renaming, linking. By every way there is, what each response does to
# them, and both names in the alert.

# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

# attempt RESPONSE STATUS STDOUT VERDICT DONE: runs `way` on $place/from and $place/to under a
# rule of $category with that response; DONE: whether the name `to` is there after.
attempt() {
	step "$1: status $2, '$3', $4; $place/to: $5"
	: >"$rules"
	alerts_forget
	rm -f "$place/from" "$place/to"
	echo content >"$place/from"
	rule acts "$category" "$1" SourceFilename "$place/from" TargetFilename "$place/to"
	watch -- "$SUBJECTS/act" "$way" "$place/from" "$place/to"
	expect_status "$2"
	same "what the subject said" "$3" "$(<"$place/stdout")"
	same "the new name is there" "$5" "$([[ -e $place/to ]] && echo yes || echo no)"
	expect_alert acts ".fermata.verdict == \"$4\"" ".event.action == \"$category\"" \
		".file.path == \"$place/to\"" "$source == \"$place/from\"" \
		".fermata.response.after_effect == $([[ $2 == 137 && $5 == yes ]] && echo true || echo false)"
	expect_alerts_in_all 1
}

responses() {
	local category=$1 way=$2 source=$3
	attempt alert 0 "done" alerted yes
	if trampolines; then
		attempt deny 1 EPERM denied no
		attempt kill 137 "" killed no
		attempt kill-agent 137 "" killed no
	else
		attempt deny 137 "" killed yes
		attempt kill 137 "" killed yes
		attempt kill-agent 137 "" killed yes
	fi
}

test_file_rename() {
	responses file_rename rename .fermata.file.source
}

test_file_link() {
	responses file_link link .fermata.file.source
}

test_file_symlink() {
	responses file_symlink symlink .file.target_path
}

# ways CATEGORY SOURCE: each line of standard input is a way of doing it, from $place/a/from to
# $place/b/to, in the folder a. All are told alike.
ways() {
	local category=$1 source=$2 way script='' number=0
	mkdir -p "$place/a" "$place/b"
	rule acts "$category" alert 'TargetFilename|endswith' /b/to
	while read -r way; do
		script+="rm -f ../b/to; : >from; $SUBJECTS/act $way && [ -e ../b/to ] || echo '$way'"$'\n'
		number=$((number + 1))
	done
	watch -- sh -c "cd $place/a || exit; $script"
	same "what was said" "$(yes "done" | head -n "$number")" "$(<"$place/stdout")"
	same "alerts" "$number" "$(told "map(select(.file.path == \"$place/b/to\" and
		$source == \"$3\" and .event.action == \"$category\")) | length")"
}

test_ways_of_renaming() {
	ways file_rename .fermata.file.source "$place/a/from" <<-EOF
		rename $place/a/from $place/b/to
		rename from ../b/to
		rename ./..//a/from ./../b/./to
		rename80 $place/a/from $place/b/to
		renameat $place/a $place/b from to
		renameat . .. from b/to
	EOF
}

test_ways_of_linking() {
	ways file_link .fermata.file.source "$place/a/from" <<-EOF
		link $place/a/from $place/b/to
		link from ../b/to
		link80 $place/a/from $place/b/to
		linkat $place/a $place/b from to
		linkat $place .. a/from b/to
	EOF
}

# What is written into a symbolic link is told as it is.
test_ways_of_linking_symbolically() {
	ways file_symlink .file.target_path ../a/./from <<-EOF
		symlink ../a/./from $place/b/to
		symlink ../a/./from ../b/to
		symlink80 ../a/./from $place/b/to
		symlinkat ../a/./from $place/b to
		symlinkat ../a/./from .. b/to
	EOF
}

# In an exchange each of the two names becomes the other's.
test_exchange() {
	echo 1 >"$place/from"
	echo 2 >"$place/to"
	rule forth file_rename alert SourceFilename "$place/from" TargetFilename "$place/to"
	rule back file_rename alert SourceFilename "$place/to" TargetFilename "$place/from"
	watch -- "$SUBJECTS/act" exchange "$place/from" "$place/to"
	expect_status 0
	expect_alert forth
	expect_alert back
	if trampolines; then
		rm "$rules" "$alerts"
		rule back file_rename deny SourceFilename "$place/to" TargetFilename "$place/from"
		watch -- "$SUBJECTS/act" exchange "$place/from" "$place/to"
		expect_stdout EPERM
		expect_alert back '.fermata.verdict == "denied"'
	fi
}

# Names as long as names can be, on both sides, and every byte but NUL and slash in them.
test_long_and_strange_names() {
	local long strange
	long=$(printf 'n%.0s' {1..255})
	strange=$'\x01\x1b[31m\x7f\xff\n"\\'
	mkdir -p "$place/$long/$long" "$place/to"
	: >"$place/$long/$long/$long"
	: >"$place/$strange"
	rule acts file_rename alert 'TargetFilename|contains' /to/
	watch -- sh -c "$SUBJECTS/act rename \"\$1/\$2/\$2/\$2\" \"\$1/to/\$2\"; $SUBJECTS/act rename \"\$1/\$3\" \"\$1/to/\$3\"" \
		sh "$place" "$long" "$strange"
	expect_stdout "done"
	same "the long one" 1 "$(told "map(select(.file.path == \"$place/to/$long\" and
		.fermata.file.source == \"$place/$long/$long/$long\")) | length")"
	same "the strange one" "$(printf '%s/%s' "$place" "$strange" | od -An -tx1 | tr -d ' \n')" \
		"$(told 'map(select(.fermata.file.source_hex)) | .[0].fermata.file.source_hex')"
	[[ $(<"$place/stderr") != *$'\x1b[31m'* ]] || fail "a terminal escape was printed"
}

test_names_are_recorded() {
	: >"$place/from"
	rule never file_open alert TargetFilename "$place/never"
	watch --record "$place/recording" -- sh -c "cd $place &&
		$SUBJECTS/act link from second && $SUBJECTS/act rename second third &&
		$SUBJECTS/act symlink third fourth"
	expect_status 0
	same "events" "file_link $place/from $place/second
file_rename $place/second $place/third
file_symlink third $place/fourth" "$(jq -r 'select(.SourceFilename) |
		"\(.category) \(.SourceFilename) \(.TargetFilename)"' "$place/recording")"
}

# every_byte BYTE...: all bytes but those and NUL.
every_byte() {
	local byte
	for byte in {1..255}; do
		[[ " $* " == *" $byte "* ]] || printf '%b' "\\x$(printf %02x "$byte")"
	done
}

# told_bytes FIELD: what the one alert says of it, as hexadecimal digits; as such where it is no UTF-8.
told_bytes() {
	local hex
	hex=$(jq -r "${1}_hex // empty" "$alerts")
	[[ $hex ]] || hex=$(jq -j "$1" "$alerts" | od -An -v -tx1 | tr -d ' \n')
	echo "$hex"
}

hexadecimal() {
	od -An -v -tx1 | tr -d ' \n'
}

# harmless: what went to the terminal are printable characters.
harmless() {
	[[ $(tr -d '\n' <"$place/stderr" | tr -d '[:print:]\200-\377') == '' ]] ||
		fail "control bytes went to the terminal"
	[[ $(iconv -f utf-8 -t utf-8 "$place/stderr" 2>&1 >/dev/null) == '' ]] ||
		fail "what went to the terminal is no UTF-8"
}

# A name of a file has any byte but NUL and slash, an argument any but NUL.
test_every_byte() {
	local skip name
	for skip in 0 1; do
		# 127 of them are a name, as all would be too long
		name=$(every_byte 47 | dd bs=127 count=1 skip=$skip status=none && echo x)
		: >"$place/${name%x}"
		rm -f "$rules" "$alerts"
		rule opens file_open alert 'TargetFilename|startswith' "$place/"
		# shellcheck disable=SC2016 # for the inner shell
		watch -- sh -c 'exec cat <"$1"' sh "$place/${name%x}"
		same "alerts" 1 "$(told length)"
		same "the name" "$(printf %s "$place/${name%x}" | hexadecimal)" "$(told_bytes .file.path)"
		harmless
	done
	name=$(every_byte && echo x)
	rm -f "$rules" "$alerts"
	rule executes process_creation alert 'Image|endswith' /true
	watch -- "$(type -P true)" "${name%x}"
	same "alerts" 1 "$(told length)"
	same "the arguments" "$(printf '%s %s' "$(type -P true)" "${name%x}" | hexadecimal)" \
		"$(told_bytes .process.command_line)"
	harmless
}
