#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Rules that cannot be used: the message says where and why; nothing is started when none is
# left, or with --strict.

# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

# refused PLACE WORDS: the rules are refused by `run` and by `rules check`, with a message
# that has these words. PLACE is LINE, LINE:COLUMN, or empty: the file as a whole.
refused() {
	local line where=$rules
	[[ -z $1 ]] || where+=:$1
	[[ $1 != [0-9]* || $1 == *:* ]] || where+=':[0-9]*'
	"$FERMATA" run --strict --rules "$rules" -- touch "$place/ran" >"$place/stdout" 2>"$place/stderr"
	same "status of run" 2 $?
	[[ ! -e $place/ran ]] || fail "the command was started"
	line=$(grep -- "^$where: error: " "$place/stderr" | grep -F -m 1 -- "$2") ||
		fail "run: no message at $where with '$2'"
	"$FERMATA" rules check "$rules" >"$place/stdout" 2>"$place/stderr"
	same "status of rules check" 1 $?
	grep -qxF -- "$line" "$place/stderr" || fail "rules check does not say the same: $line"
}

# good_rule [FROM TO]: a rule that is good, but for TO instead of FROM.
good_rule() {
	local text='title: Good
name: good
logsource:
    product: linux
    category: file_open
detection:
    selection:
        TargetFilename: /etc/shadow
    condition: selection
response: alert'
	[[ $# == 0 || $text == *"$1"* ]] || fail "the rule has no '$1'"
	printf '%s\n' "${text/"${1-}"/"${2-}"}" >"$rules"
}

test_the_pattern_is_good() {
	good_rule
	"$FERMATA" rules check "$rules" >"$place/stdout" 2>"$place/stderr" || fail "it is not"
}

test_malformed() {
	good_rule 'product: linux' 'product: [linux'
	refused 5:13 "YAML"
	good_rule '    product' '	product'
	refused 4:1 "tab"
	echo 'just a text' >"$rules"
	refused 1:1 "a rule is a map"
	printf 'title: a\ntitle: b\n' >"$rules"
	refused 2:1 "'title' is here twice"
}

test_not_utf8() {
	good_rule '/etc/shadow' $'/etc/\xff'
	refused 8 "UTF-8"
	printf 'title: \xc3\x28\n' >"$rules"
	refused 1 "UTF-8"
	head -c 4096 "$FERMATA" >"$rules"
	refused 1 ""
}

test_huge() {
	good_rule
	head -c 5000000 /dev/zero | tr '\0' '#' >>"$rules"
	refused "" "limit of 4194304 bytes"
}

test_deeply_nested() {
	{
		printf 'title: '
		head -c 100000 /dev/zero | tr '\0' '['
	} >"$rules"
	refused 1 "nested deeper than the limit of 64"
}

test_alias_bomb() {
	{
		echo 'a: &a [x, x, x, x, x, x, x, x, x, x]'
		local level last=a
		for level in b c d e f g h i j; do
			echo "$level: &$level [*$last, *$last, *$last, *$last, *$last, *$last, *$last, *$last]"
			last=$level
		done
	} >"$rules"
	refused 1:4 "anchors and aliases are not supported"
}

test_unknown_words() {
	good_rule TargetFilename TargetFileName
	refused 8:9 "TargetFileName"
	good_rule TargetFilename 'TargetFilename|starts'
	refused 8:24 "starts"
	good_rule 'response: alert' 'response: explode'
	refused 10:11 "unknown response 'explode'"
	good_rule 'response: alert' 'response: freeze'
	refused 10:11 "not supported yet"
	good_rule 'response: alert' 'require: deny'
	refused 10:10 "needs a response that refuses or kills, not 'alert'"
	good_rule 'response: alert' 'response: deny
require: much'
	refused 11:10 "'require' is 'deny' or 'kill', not 'much'"
	good_rule 'condition: selection' 'condition: selektion'
	refused 9:16 "selektion"
	cp rules/maestro.yml "$place/maestro.yml"
	good_rule 'response: alert' 'maestro: {framework: v2, layer: tools-ekosystem}'
	refused 10 "unknown layer 'tools-ekosystem'"
	good_rule 'response: alert' 'maestro: {framework: v2, layer: tools-ecosystem, threats: [L9-T99]}'
	refused 10 "L9-T99"
}

test_other_products_are_skipped() {
	good_rule 'product: linux' 'product: windows'
	"$FERMATA" rules check "$rules" >"$place/stdout" 2>"$place/stderr"
	same "status" 0 $?
	expect_stdout "1 skipped"
}

test_over_the_limits() {
	local i
	for ((i = 0; i < 17; i++)); do
		printf "%s'*/%d/*/x'" "$([[ $i -gt 0 ]] && echo ,)" "$i"
	done >"$place/list"
	good_rule 'TargetFilename: /etc/shadow' "TargetFilename|contains|all: [$(sed "s/\*//g" "$place/list")]"
	refused 1:1 "more than 16 tests"
	# more rules than there can be
	{
		good_rule
		for ((i = 0; i < 4097; i++)); do
			echo '---'
			sed "s/^name:.*/name: rule_$i/" "$rules"
		done
	} >"$place/many"
	mv "$place/many" "$rules"
	refused "[0-9]*:[0-9]*" "limit of 4096 rules"
	# more steps than a correlation can have
	rm "$rules"
	rule step file_open alert TargetFilename /etc/shadow
	chain long alert 5m step step step step step step step step step
	refused "[0-9]*:[0-9]*" "8"
}

test_correlation_of_nothing() {
	rule step file_open alert TargetFilename /etc/shadow
	chain chained alert 5m step no_such_rule
	refused 24:11 "no_such_rule"
}

test_paths() {
	"$FERMATA" run --rules "$place/nowhere.yml" -- touch "$place/ran" 2>"$place/stderr"
	same "status of run" 2 $?
	expect_stderr "$place/nowhere.yml"
	"$FERMATA" rules check "$place/nowhere.yml" 2>"$place/stderr"
	same "status of rules check" 2 $?
	expect_stderr "$place/nowhere.yml"
	mkfifo "$place/fifo.yml"
	timeout 60 "$FERMATA" run --rules "$place/fifo.yml" -- touch "$place/ran" 2>"$place/stderr"
	same "status with a pipe that nobody writes to" 2 $?
	timeout 60 "$FERMATA" run --rules /dev/zero -- touch "$place/ran" 2>"$place/stderr"
	same "status with a device" 2 $?
	[[ ! -e $place/ran ]] || fail "the command was started"
}

# One bad file of several is left out, unless the caller is strict; with nothing but bad
# ones nothing is started.
test_one_bad_file() {
	mkdir "$place/folder"
	rules=$place/folder/a.yml
	good_rule TargetFilename Nonsense
	"$FERMATA" run --rules "$place/folder" -- touch "$place/ran" 2>"$place/stderr"
	same "status with nothing but bad files" 2 $?
	rules=$place/folder/b.yml
	good_rule
	"$FERMATA" run --strict --rules "$place/folder" -- touch "$place/ran" 2>"$place/stderr"
	same "status with --strict" 2 $?
	expect_stderr "a.yml:8:9: error"
	[[ ! -e $place/ran ]] || fail "the command was started"
	"$FERMATA" run --rules "$place/folder" --alerts "$place/alerts" -- cat /etc/shadow \
		>"$place/stdout" 2>"$place/stderr"
	same "status with one bad file" 0 $?
	expect_stderr "a.yml:8:9: error"
	expect_stderr "1 errors: the rules that have them are left out"
	grep -q '"name":"Good"' "$place/alerts" || fail "the rule that is left did not match"
}

# The same of a rule that can be read and not compiled, and of the correlations of it.
test_one_rule_over_a_limit() {
	local all
	printf -v all '%s, ' {a..q}
	{
		good_rule
		cat "$rules"
		echo '---'
		good_rule 'TargetFilename: /etc/shadow' "TargetFilename|contains|all: [${all%, }]"
		sed 's/^\(name\|title\):.*/\1: long/' "$rules"
	} >"$place/both"
	mv "$place/both" "$rules"
	chain chained alert 5m good long
	"$FERMATA" run --strict --rules "$rules" -- touch "$place/ran" 2>"$place/stderr"
	same "status with --strict" 2 $?
	[[ ! -e $place/ran ]] || fail "the command was started"
	"$FERMATA" run --rules "$rules" --alerts "$place/alerts" -- cat /etc/shadow \
		>"$place/stdout" 2>"$place/stderr"
	same "status" 0 $?
	expect_stderr "$rules:12:1: error: 'long' has a clause of more than 16 tests"
	expect_stderr "error: it is a correlation of 'long', which has errors"
	expect_stderr "2 errors: the rules that have them are left out"
	grep -q '"name":"Good"' "$place/alerts" || fail "the rule that is left did not match"
}

test_unreadable() {
	type -P setpriv >/dev/null || skip "needs setpriv"
	good_rule
	chmod 000 "$rules"
	cp "$FERMATA" "$place/fermata"
	setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$place/fermata" rules check "$rules" >"$place/stdout" 2>"$place/stderr"
	same "status of rules check" 3 $?
	expect_stderr "$rules: error: cannot open: Permission denied"
	setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$place/fermata" run --rules "$rules" -- touch "$place/ran" 2>"$place/stderr"
	same "status of run" 2 $?
	expect_stderr "Permission denied"
}

# Names that come from files and arguments do nothing to a terminal.
test_messages_are_escaped() {
	rules=$place/$'bad\e]0;name\a\n.yml'
	good_rule TargetFilename $'"Target\\e[31mName"'
	"$FERMATA" run --rules "$rules" -- true >"$place/stdout" 2>"$place/stderr"
	same "status" 2 $?
	if grep -q $'[\e\a]' "$place/stderr"; then
		fail "raw control characters in the message"
	fi
	expect_stderr 'bad\x1b]0;name'
}
