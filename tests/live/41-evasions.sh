#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Evasions, as tests/live/README.md lists them, by processes: ways to leave a tree, to be
# somebody else, and to execute what has no name. Whoever it is then, the secret is refused.

# shellcheck source=tests/live/evasions.sh
. tests/live/evasions.sh

# evades WAY [ARGUMENT]...: of the subject `evade`.
evades() {
	[[ -d $place/guarded ]] || secret_make
	refused "$place/guarded/secret" 1 "$SUBJECTS/evade" "$1" "$place/guarded/secret" "${@:2}"
}

test_double_fork() {
	evades double_fork
}

test_setsid() {
	evades setsid
}

test_daemonize() {
	evades daemonize
}

test_thread_fork() {
	evades thread_fork
}

test_vfork_exec() {
	evades vfork
}

test_posix_spawn() {
	evades spawn
}

test_clone3() {
	evades clone3
}

test_clone_parent() {
	evades clone_parent
}

# A cgroup that is not the agent's.
cgroup_make() {
	mkdir "$place/cgroups"
	mount -t cgroup2 none "$place/cgroups" 2>/dev/null || skip "no cgroup v2 here"
}

test_clone_into_cgroup() {
	cgroup_make
	evades clone_cgroup "$place/cgroups"
}

test_cgroup_move() {
	cgroup_make
	secret_make
	refused "$place/guarded/secret" 1 sh -c "echo 0 >$place/cgroups/cgroup.procs && exec cat $place/guarded/secret"
}

# The number of a process says nothing about it: an agent's that had been somebody else's, and
# the other way round.
test_pid_reuse_flood() {
	local old
	sh -c : &
	old=$!
	wait "$old"
	secret_make
	[[ $("$SUBJECTS/evade" pid "$place/guarded/secret" "$old") == "the secret" ]] ||
		skip "process numbers cannot be chosen here"
	by_pattern
	watch -- "$SUBJECTS/evade" pid "$place/guarded/secret" "$old"
	expect_refused 1 "$place/guarded/secret"
	expect_alert reads ".process.pid == $old"
	alerts_forget
	mkfifo "$place/go"
	exec 9<>"$place/go"
	: >"$place/stdout"
	watch_start -- sh -c "sh -c 'echo \$\$'; read -r line <$place/go"
	wait_until "a member has ended" test -s "$place/stdout"
	read -r old <"$place/stdout"
	step "the number $old"
	wait_until "a member has ended" gone "$old"
	same "somebody else, with the member's number" "the secret" \
		"$("$SUBJECTS/evade" pid "$place/guarded/secret" "$old")"
	echo >&9
	watch_wait
	expect_alerts_in_all 0
}

# unshared OPTION...: in namespaces of its own.
unshared() {
	secret_make
	unshare "$@" true 2>/dev/null || skip "there are no such namespaces here"
	refused "$place/guarded/secret" 1 unshare "$@" cat "$place/guarded/secret"
}

test_userns() {
	unshared --user --map-root-user
}

test_pidns() {
	unshared --pid --fork --mount-proc
}

test_netns() {
	unshared --net
}

test_mountns() {
	unshared --mount
}

test_setuid_child() {
	evades setuid
}

# By a program that may become anybody.
test_sudo_child() {
	local by
	secret_make
	for by in sudo su; do
		[[ -z $(type -P $by) ]] || break
	done
	[[ $(type -P $by) ]] || skip "needs sudo or su"
	if [[ $by == sudo ]]; then
		refused "$place/guarded/secret" 1 sudo -n -u nobody cat "$place/guarded/secret"
	else
		refused "$place/guarded/secret" 1 su -s /bin/sh -c "cat $place/guarded/secret" nobody
	fi
}

# What a rule says of the command line was true when it was executed.
test_argv_rewrite() {
	secret_make
	rewritten 'CommandLine|contains' "evade rewrite $place"
}

test_comm_rename() {
	secret_make
	rewritten 'Image|endswith' /evade
}

rewritten() {
	[[ $("$SUBJECTS/evade" rewrite "$place/guarded/secret") == "the secret" ]] || fail "it does not work"
	rule reads file_open deny 'TargetFilename|endswith' /secret "$@"
	watch -- "$SUBJECTS/evade" rewrite "$place/guarded/secret"
	expect_refused 1 "$place/guarded/secret"
	expect_alert reads ".process.command_line | contains(\"evade rewrite $place\")" '.process.name == "evade"'
}

# started RULE-FIELDS... -- COMMAND...: a rule on programs refuses what the command executes,
# which unwatched says "!" (the subject `first`).
started() {
	local fields=()
	while [[ $1 != -- ]]; do
		fields+=("$1")
		shift
	done
	shift
	same "what is said unwatched" '!' "$("$@" </dev/null)"
	: >"$rules"
	alerts_forget
	rule reads process_creation deny "${fields[@]}"
	watch -- "$@"
	[[ $(<"$place/stdout") != *!* ]] || fail "it was executed"
	expect_refused 1
}

# Longer than what is kept of it: the program is known all the same.
test_long_argv() {
	started 'Image|endswith' /first -- "$SUBJECTS/evade" padding "$SUBJECTS/first" 100000 last
}

# What is behind the first 4096 bytes is not seen, but that there is something.
test_argv_padding() {
	started 'CommandLine|contains' ' evil' 'Image|endswith' /first -- \
		"$SUBJECTS/evade" padding "$SUBJECTS/first" 3000 evil
	started CommandLineTruncated true 'Image|endswith' /first -- \
		"$SUBJECTS/evade" padding "$SUBJECTS/first" 5000 evil
}

# By another name it does the same, and that is what rules are about.
test_renamed_binary() {
	secret_make
	cp "$SUBJECTS/act" "$place/tool"
	mv "$place/tool" "$place/notes.txt"
	same "unwatched" "done" "$("$place/notes.txt" open "$place/guarded/secret")"
	by_pattern
	watch -- "$place/notes.txt" open "$place/guarded/secret"
	[[ $(<"$place/stdout") != "done" ]] || fail "it was opened"
	expect_refused 1 "$place/guarded/secret"
	expect_alert reads ".process.executable == \"$place/notes.txt\""
}

# What the agent makes and then executes is a chain of two steps.
test_copied_binary() {
	local script="cp $SUBJECTS/first $place/made && $place/made"
	same "unwatched" '!' "$(sh -c "$script")"
	rm "$place/made"
	rule makes file_event alert 'TargetFilename|startswith' "$place/"
	rule executes process_creation alert 'Image|startswith' "$place/"
	chain reads kill 5m makes executes
	watch -- sh -c "$script"
	[[ $(<"$place/stdout") != *!* ]] || fail "it was executed"
	expect_alert reads '.fermata.verdict == "killed"' ".process.executable == \"$place/made\"" \
		".fermata.evidence[0].file.path == \"$place/made\""
}

test_memfd_exec() {
	started ImageMemfd true -- "$SUBJECTS/evade" memfd "$SUBJECTS/first"
}

test_fexecve() {
	started 'Image|endswith' /first -- "$SUBJECTS/evade" fexecve "$SUBJECTS/first"
}

test_deleted_exec() {
	started ImageDeleted true -- "$SUBJECTS/evade" deleted "$SUBJECTS/first"
}

# A rule on what interprets finds scripts that are executed by their own name.
test_interpreter_script() {
	printf '#!/bin/sh\necho !\n' >"$place/script"
	chmod 755 "$place/script"
	started 'Interpreter|contains' sh -- "$place/script"
	started 'CommandLine|contains' "$place/script" -- "$place/script"
}

test_ld_preload() {
	secret_make
	refused "$place/guarded/secret" 1 env LD_PRELOAD="$SUBJECTS/pidfds.so" cat "$place/guarded/secret"
}

test_ld_so_direct() {
	local loader=/lib64/ld-linux-x86-64.so.2
	[[ -x $loader ]] || skip "needs $loader"
	secret_make
	refused "$place/guarded/secret" 1 "$loader" "$(type -P cat)" "$place/guarded/secret"
	expect_alert reads ".process.command_line | endswith(\"cat $place/guarded/secret\")"
}

# The memory of another process is a file as well.
test_proc_mem_write() {
	local other
	"$SUBJECTS/processes" wait >"$place/other" &
	other=$!
	started+=("$other")
	wait_until "the other process is there" grep -q ready "$place/other"
	same "unwatched" "done" "$("$SUBJECTS/processes" mem "$other")"
	rule reads file_open deny 'TargetFilename|startswith' /proc/ 'TargetFilename|endswith' /mem
	watch -- "$SUBJECTS/processes" mem "$other"
	[[ $(<"$place/stdout") != "done" ]] || fail "it was opened"
	expect_refused 1 "/proc/$other/mem"
}
