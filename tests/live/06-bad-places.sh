#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Places where Fermata cannot work, or in which something is missing that it can do
# without; logs that cannot be written; names that are made to confuse.

# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

test_no_privilege() {
	type -P setpriv >/dev/null || skip "needs setpriv"
	rule never file_open alert TargetFilename /nowhere/at/all
	cp "$FERMATA" "$place/fermata"
	setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$place/fermata" run --rules "$rules" -- touch "$place/ran" 2>"$place/stderr"
	same "status" 3 $?
	expect_stderr "privilege (root"
	setpriv --reuid=65534 --regid=65534 --clear-groups "$place/fermata" doctor 2>"$place/stderr"
	same "status of doctor" 3 $?
	expect_stderr "privilege (root"
	# root without the capability is not enough either
	setpriv --bounding-set=-sys_admin \
		"$FERMATA" run --rules "$rules" -- touch "$place/ran" 2>"$place/stderr"
	same "status without CAP_SYS_ADMIN" 3 $?
	expect_stderr "privilege (root"
	[[ ! -e $place/ran ]] || fail "the command was started"
}

test_kernel_without_type_information() {
	rule never file_open alert TargetFilename /nowhere/at/all
	mount -t tmpfs none /sys/kernel/btf || fail "cannot hide /sys/kernel/btf"
	watch -- touch "$place/ran"
	expect_status 3
	expect_stderr "/sys/kernel/btf/vmlinux"
	[[ ! -e $place/ran ]] || fail "the command was started"
}

# What is not needed: locked memory, and these file systems.
test_little_locked_memory() {
	chain_rules
	receiver_start
	ulimit -l 0
	watch -- sh -c "cat $place/secret; $SUBJECTS/send connect $outside $port"
	expect_status 137
	expect_received 0 0
}

test_missing_file_systems() {
	local mounted type target
	chain_rules
	receiver_start
	while read -r _ target type _; do
		case $type in
		bpf | tracefs | debugfs | securityfs | cgroup | cgroup2) mounted+=("$target") ;;
		esac
	done < <(tac /proc/mounts)
	for target in "${mounted[@]}"; do
		umount -l "$target" || fail "cannot unmount $target"
	done
	if grep -q -E ' (bpf|tracefs|debugfs|securityfs|cgroup|cgroup2) ' /proc/mounts; then
		fail "something is still mounted"
	fi
	step "without: ${mounted[*]}"
	watch -- sh -c "cat $place/secret; $SUBJECTS/send connect $outside $port"
	expect_status 137
	expect_received 0 0
	expect_alerts secret_then_outside 1
}

# Without a cgroup nothing kills the agent when Fermata is killed.
test_no_cgroup() {
	rule never file_open alert TargetFilename /nowhere/at/all
	echo 1:name=none:/ >"$place/cgroup"
	# shellcheck disable=SC2016 # for the inner shell
	sh -c 'mount --bind "$1" /proc/$$/cgroup && shift && exec "$@"' sh "$place/cgroup" \
		"$FERMATA" run --rules "$rules" ${FERMATA_TIER:+--tier "$FERMATA_TIER"} -- true \
		2>"$place/stderr"
	status=$?
	if trampolines; then
		expect_status 0
		expect_stderr "cannot make a cgroup for the agent: if fermata is killed, it will go on"
	else
		expect_status 3
		expect_stderr "cannot make a cgroup for the agent, which network rules need"
	fi
}

# Alerts that cannot be written. -----------------------------------------------------------

test_alerts_file_cannot_be_opened() {
	local file
	rule never file_open alert TargetFilename /nowhere/at/all
	mkdir "$place/ro" "$place/folder"
	mount -t tmpfs -o ro none "$place/ro" || fail "cannot mount"
	ln -s "$place/elsewhere" "$place/link"
	echo "somebody's" >"$place/held"
	exec 8<"$place/held"
	flock 8
	for file in "$place/no/such/folder/alerts" "$place/folder" "$place/ro/alerts" "$place/held" ""; do
		"$FERMATA" run --rules "$rules" --alerts "$file" -- touch "$place/ran" \
			>"$place/stdout" 2>"$place/stderr"
		same "status with '$file'" 2 $?
		expect_stderr "cannot write alerts to '$file'; nothing was started"
		[[ ! -e $place/ran ]] || fail "the command was started"
	done
	umount "$place/ro"
}

# expect_refused FILE: as the alert log of a run for another user, with nothing started.
expect_refused() {
	timeout --kill-after=5 20 "$FERMATA" run --user 12345 --rules "$rules" --alerts "$1" -- \
		touch "$place/home/ran" >"$place/stdout" 2>"$place/stderr"
	same "status with '$1'" 2 $?
	expect_stderr "cannot write alerts to '$1'; nothing was started"
	[[ ! -e $place/home/ran ]] || fail "the command was started"
}

# What the agent prepared where root will write. A run for root itself is as before.
test_alerts_where_the_agent_can_write() {
	local file
	rule never file_open alert TargetFilename /nowhere/at/all
	mkdir "$place/home" "$place/theirs"
	echo precious >"$place/theirs/file"
	ln -s ../theirs/file "$place/home/link"
	ln -s ../theirs/new "$place/home/new"
	ln -s ../theirs "$place/home/folder"
	chown -R -h 12345 "$place/home"
	for file in link new folder/new; do
		expect_refused "$place/home/$file"
		expect_stderr "a part of '$place/home/$file' is a symbolic link"
		expect_stderr "name the file itself"
	done
	ln "$place/theirs/file" "$place/home/hard"
	mkfifo "$place/home/fifo"
	echo "somebody's" >"$place/home/foreign"
	chown 12345 "$place/home/fifo"
	chown 23456 "$place/home/foreign"
	exec 8<>"$place/home/fifo"
	for file in hard fifo foreign; do
		expect_refused "$place/home/$file"
		expect_stderr "'$place/home/$file' is neither a file of root's or of that user's"
	done
	exec 8>&-
	expect_refused "$place/home/fifo"
	same "what is not theirs" "precious" "$(cat "$place/theirs/"*)"
	same "what is somebody's" "somebody's" "$(cat "$place/home/foreign")"
	: >"$place/home/own"
	chown 12345 "$place/home/own"
	for file in "$place/home/own" "$place/home/made" "$place/theirs/made" /dev/null; do
		alerts=$file
		watch --user 12345 -- true
		expect_status 0
	done
	alerts=$place/home/new
	watch -- true
	expect_status 0
	check "root's own link leads somewhere" [ -e "$place/theirs/new" ]
}

# What opens the target, says so, and goes on for long.
# shellcheck disable=SC2016 # for the inner shell
opener='cat "$0" >&2; i=0; while [ $i -lt 100 ]; do sleep 0.02; i=$((i + 1)); done; echo survived'

test_alerts_to_a_full_device() {
	alerts=/dev/full
	echo content >"$place/target"
	rule opens file_open alert TargetFilename "$place/target"
	"$FERMATA" run --rules "$rules" --alerts /dev/full -- sh -c "$opener" "$place/target" \
		>"$place/stdout" 2>"$place/stderr"
	same "status with stop" 137 $?
	same "standard output" "" "$(cat "$place/stdout")"
	expect_stderr "'/dev/full' does not take alerts; stopping the agent (--on-log-failure stop): No space left"
	expect_stderr "ALERTED" # told on the terminal at least
	"$FERMATA" run --rules "$rules" --alerts /dev/full --on-log-failure continue -- \
		sh -c "$opener" "$place/target" >"$place/stdout" 2>"$place/stderr"
	same "status with continue" 0 $?
	expect_stdout survived
	expect_stderr "'/dev/full' does not take alerts; going on, as --on-log-failure says: No space left"
	expect_stderr "ALERTED"
	"$FERMATA" run --rules "$rules" --on-log-failure perhaps -- true 2>"$place/stderr"
	same "status with nonsense" 2 $?
	alerts=
}

test_alerts_to_a_full_disk() {
	local lines
	echo content >"$place/target"
	rule opens file_open alert TargetFilename "$place/target"
	mkdir "$place/disk"
	mount -t tmpfs -o size=64k none "$place/disk" || fail "cannot mount"
	alerts=$place/disk/alerts.ndjson
	# more alerts than there is room for; the disk is full somewhere in one of them
	# shellcheck disable=SC2016 # for the inner shell
	watch -- sh -c 'i=0; while [ $i -lt 300 ]; do read -r x <"$0"; i=$((i + 1)); done
		sleep 600; echo survived' "$place/target"
	expect_status 137
	expect_stderr "does not take alerts; stopping the agent"
	same "standard output" "" "$(cat "$place/stdout")"
	lines=$(wc -l <"$alerts")
	check "there are alerts ($lines)" [ "$lines" -gt 10 ]
	same "numbered without a gap" "$lines" "$(jq -s '.[-1].fermata.seq' "$alerts")"
	same "the last byte ends a line" "" "$(tail -c 1 "$alerts")"
	rm "$alerts"
	umount "$place/disk"
}

# Names that are made to confuse. --------------------------------------------------------------

# Every byte a name can have, in one file name and in one argument.
every_byte() {
	local code
	for code in {1..255}; do
		[[ $code == 47 ]] || printf '%b' "\\x$(printf %02x "$code")"
	done
}

hex() {
	od -An -v -tx1 | tr -d ' \n'
}

# expect_harmless: what was printed has no control characters and is UTF-8.
expect_harmless() {
	if LC_ALL=C grep -q -P '[\x00-\x08\x0b-\x1f\x7f]' "$place/stderr"; then
		fail "raw control characters on standard error"
	fi
	iconv -f UTF-8 -t UTF-32 "$place/stderr" >/dev/null || fail "standard error is not UTF-8"
	if grep -q -P '[\x{80}-\x{9f}\x{202e}]' "$place/stderr"; then
		fail "control characters of 8 bits on standard error"
	fi
}

test_every_byte_in_names() {
	local name
	name=$(LC_ALL=C every_byte && echo x)
	name=${name%x}
	rule opens file_open alert 'TargetFilename|startswith' "$place/all"
	mkdir "$place/all"
	echo content >"$place/all/$name"
	watch -- "$SUBJECTS/act" open "$place/all/$name"
	expect_status 0
	expect_alert opens \
		".file.path_hex == \"$(printf %s "$place/all/$name" | hex)\"" \
		".process.command_line_hex == \"$(printf %s "$SUBJECTS/act open $place/all/$name" | hex)\"" \
		'.file.path | contains("�")'
	same "lines of the log" 1 "$(wc -l <"$alerts")"
	same "readable lines" 1 "$(wc -l <"$place/stderr")"
	expect_harmless
}

test_names_that_imitate() {
	local name
	# a second line, a second record, colours, a right-to-left override, an overlong slash
	for name in $'x\n12:00:00 KILLED     critical  nothing happened' '","rule":{"name":"other"},"x":"' \
		$'\e[2J\e[31mred' $'\xe2\x80\xaetxt.exe' $'\xc0\xaf\xed\xa0\x80\xff' $'\xc2\x9b31m'; do
		rm -f "$alerts" "$rules"
		mkdir -p "$place/odd"
		echo content >"$place/odd/$name"
		rule opens file_open alert 'TargetFilename|startswith' "$place/odd/"
		watch --agent "$name" -- cat "$place/odd/$name"
		expect_status 0
		expect_alerts opens 1
		same "names that are told" 1 "$(told 'map(.rule.name) | length')"
		same "the bytes of the name" "$(printf %s "$place/odd/$name" | hex)" \
			"$(told '.[0].file.path_hex // (.[0].file.path | tojson | fromjson)' |
				if iconv -f UTF-8 -t UTF-8 <<<"$name" >/dev/null 2>&1; then
					head -c -1 | hex
				else
					head -c -1
				fi)"
		same "readable lines" 1 "$(wc -l <"$place/stderr")"
		expect_harmless
	done
}
