#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What the tests of evasions share: a secret in $place/guarded, and a rule `reads` that refuses
# it. An evasion is tried unwatched first, where it has to work.

# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

secret_make() {
	mkdir "$place/guarded"
	echo "the secret" >"$place/guarded/secret"
}

# by_pattern, by_path: the rule. Only of a path can the file be found before it is opened.
by_pattern() {
	: >"$rules"
	alerts_forget
	rule reads file_open deny 'TargetFilename|endswith' /secret Access read
}

by_path() {
	: >"$rules"
	alerts_forget
	rule reads file_open deny TargetFilename "$place/guarded/secret"
}

# secrets_in FILE: how many times it is there.
secrets_in() {
	grep -ao "the secret" "$1" | wc -l
}

# expect_refused TIMES [PATH]: nothing was read, and each try is told.
expect_refused() {
	same "secrets that were read" 0 "$(cat "$place/stdout" "$place/stderr" | secrets_in -)"
	look
	ask_number "refusals" "$1" 'map(select(.rule.name == "reads" and
		(.fermata.verdict | test("^(denied|killed)$")) and
		.fermata.response.after_effect == false)) | length'
	[[ ! ${2-} ]] || ask "the path" "map(select(.rule.name == \"reads\").file.path) | unique == [\"$2\"]"
}

# refused PATH TIMES COMMAND...: the command reads the secret so many times, and does not when a
# rule refuses it: one by a pattern, and on tier portable one by its path as well.
refused() {
	local path=$1 times=$2
	shift 2
	"$@" >"$place/unwatched" 2>&1 </dev/null
	[[ $(<"$place/unwatched") != *ENOSYS* ]] || skip "there is no such call here"
	same "secrets that are read unwatched" "$times" "$(secrets_in "$place/unwatched")"
	by_pattern
	watch -- "$@"
	expect_refused "$times" "$path"
	if [[ $path == "$place/guarded/secret" ]] && marks_work; then
		step "by its path"
		by_path
		watch -- "$@"
		expect_refused "$times" "$path"
	fi
}

# refused_act WAY: of opening it, by the subject that says "done" when it could.
refused_act() {
	same "unwatched" "done" "$("$SUBJECTS/act" "$1" "$place/guarded/secret" || skip "$1 does not work here")"
	by_pattern
	watch -- "$SUBJECTS/act" "$1" "$place/guarded/secret"
	[[ $(<"$place/stdout") != *done* ]] || fail "it was opened"
	expect_refused 1 "$place/guarded/secret"
}

# refused_racing KEY VALUE WAY ARGUMENT...: the subject `race` gets the secret unwatched, and
# never under a rule on files with that key. Its alerts may be more than can be told.
refused_racing() {
	local key=$1 value=$2
	shift 2
	"$SUBJECTS/race" "$1" "${RACE_SECONDS:-1}" "${@:2}" >"$place/unwatched" || fail "race $1: $?"
	[[ $(<"$place/unwatched") =~ ^[1-9] ]] || fail "no race was won unwatched: $(<"$place/unwatched")"
	# where the rule has it, which is where whoever watches finds it
	[[ $1 != rename || -d $2 ]] || mv "$3" "$2"
	: >"$rules"
	alerts_forget
	rule reads "${category:-file_open}" deny "$key" "$value"
	watch_racing -- "$SUBJECTS/race" "$1" "${RACE_SECONDS:-1}" "${@:2}"
	[[ $1 != rename || -d $2 ]] || mv "$3" "$2"
	[[ $(<"$place/stdout") =~ ^0\ [1-9] ]] || fail "what the race got: $(<"$place/stdout")"
	grep -q '"verdict":"\(denied\|killed\)"' "$alerts" || fail "no refusal was told"
	note "${1}: $(<"$place/stdout") (got, refused or other)"
}

# watch_racing: as watch; that alerts are lost and counted is no failure.
watch_racing() {
	local options
	run_options
	"$FERMATA" "${options[@]}" --quiet "$@" >"$place/stdout" 2>"$place/stderr" </dev/null
	status=$?
	nothing_left
}
