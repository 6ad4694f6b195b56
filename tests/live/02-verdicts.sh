#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What each response does to each act, on the tier that is tested, and what the alert says
# about it.

# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

# row RESPONSE STATUS STDOUT VERDICT SHELL: runs `subject` under the rule of the event
# ($name, $category, and the keys in `keys`) with that response.
row() {
	local response=$1 status_wanted=$2 word=$3 verdict=$4 shell=$5
	step "$name, $response: status $status_wanted, '$word', $verdict by $shell"
	: >"$rules"
	alerts_forget
	rule "$name" "$category" "$response" "${keys[@]}"
	watch -- "${subject[@]}"
	expect_status "$status_wanted"
	same "what the subject said" "$word" "$(<"$place/stdout")"
	expect_alert "$name" \
		".fermata.verdict == \"$verdict\"" \
		".fermata.response.asked == \"$response\"" \
		".fermata.response.done == \"$verdict\"" \
		".fermata.response.tier == \"$shell\"" \
		".fermata.response.condemned == $([[ $response == kill-agent ]] && echo true || echo false)" \
		".event.action == \"$category\""
	expect_alerts_in_all 1
}

test_file_open() {
	local name=opens category=file_open keys=(TargetFilename "$place/target")
	local subject=("$SUBJECTS/act" open "$place/target")
	echo content >"$place/target"
	if trampolines; then
		row alert 0 "done" alerted "$TIER"
		row deny 1 EPERM denied "$TIER"
		row kill 137 "" killed "$TIER"
		row kill-agent 137 "" killed "$TIER"
	elif marks_work; then
		row alert 0 "done" alerted sys_exit
		row deny 1 EPERM denied fanotify
		row kill 137 "" killed fanotify
		row kill-agent 137 "" killed fanotify
	else
		row alert 0 "done" alerted sys_exit
		row deny 137 "" killed sys_exit
		row kill 137 "" killed sys_exit
		row kill-agent 137 "" killed sys_exit
	fi
	expect_alert opens '.fermata.response.after_effect == false' '.event.outcome == "failure"'
}

# creates RESPONSE STATUS STDOUT VERDICT SHELL MADE: also whether the file is there after.
creates() {
	local made=$6
	rm -f "$place/made"
	row "${@:1:5}"
	same "the file is there" "$made" "$([[ -e $place/made ]] && echo yes || echo no)"
	# a file that is there although the process was killed: the alert says so
	[[ $2 != 137 ]] || expect_alert creates \
		".fermata.response.after_effect == $([[ $made == yes ]] && echo true || echo false)"
}

test_file_event() {
	local name=creates category=file_event keys=(TargetFilename "$place/made") subject way
	# with trampolines, the one is made by the hook of the other
	for way in create $(trampolines || echo mknod); do
		subject=("$SUBJECTS/act" "$way" "$place/made")
		if trampolines; then
			creates alert 0 "done" alerted "$TIER" yes
			creates deny 1 EPERM denied "$TIER" no
			creates kill 137 "" killed "$TIER" no
			creates kill-agent 137 "" killed "$TIER" no
		else
			creates alert 0 "done" alerted sys_exit yes
			creates deny 137 "" killed sys_exit yes
			creates kill 137 "" killed sys_exit yes
			creates kill-agent 137 "" killed sys_exit yes
		fi
	done
}

test_network_connection() {
	local name=connects category=network_connection keys=(DestinationIp "$outside")
	local subject=("$SUBJECTS/send" connect "$outside" "$port") shell=cgroup
	trampolines && shell=$TIER
	receiver_start
	row alert 0 "done" alerted "$shell"
	expect_received 1 6
	row deny 1 EPERM denied "$shell"
	row kill 137 "" killed "$shell"
	row kill-agent 137 "" killed "$shell"
	expect_received 1 6
}

# Decided on the image alone: where a hook can refuse, the caller lives.
test_process_creation_by_image() {
	local name=executes category=process_creation keys=(Image "$(realpath "$SUBJECTS/first")")
	local subject=("$SUBJECTS/act" exec "$SUBJECTS/first")
	row alert 0 "!" alerted tracepoint
	if trampolines; then
		row deny 1 EPERM denied "$TIER"
		row kill 137 "" killed "$TIER"
		row kill-agent 137 "" killed "$TIER"
	else
		row deny 137 "" killed tracepoint
		row kill 137 "" killed tracepoint
		row kill-agent 137 "" killed tracepoint
	fi
	expect_alert executes '.process.name == "first"' '.fermata.response.after_effect == false'
}

# Decided on the arguments: on every tier the program is killed before its first instruction.
test_process_creation_by_command_line() {
	local name=executes category=process_creation
	local keys=('Image|endswith' /first 'CommandLine|contains' ' the-argument')
	local subject=("$SUBJECTS/act" exec "$SUBJECTS/first" the-argument)
	row alert 0 "!" alerted tracepoint
	row deny 137 "" killed tracepoint
	row kill 137 "" killed tracepoint
	row kill-agent 137 "" killed tracepoint
	expect_alert executes \
		'.process.command_line | endswith("first the-argument")'
}

# The strongest response of all rules that match is carried out; each is told.
test_several_rules_on_one_act() {
	rule tells file_open alert TargetFilename "$place/target"
	rule kills file_open kill TargetFilename "$place/target"
	rule refuses file_open deny TargetFilename "$place/target"
	echo content >"$place/target"
	watch -- "$SUBJECTS/act" open "$place/target"
	expect_status 137
	expect_alert tells '.fermata.response.asked == "alert"'
	expect_alert kills '.fermata.response.asked == "kill"' '.fermata.verdict == "killed"'
	expect_alert refuses '.fermata.response.asked == "deny"'
}

# No way to open a file passes by, and every name of it is its resolved one.
test_every_way_of_opening() {
	local way
	rule opens file_open kill TargetFilename "$place/target"
	for way in open openat openat2 int80 creat handle; do
		echo content >"$place/target"
		if [[ $("$SUBJECTS/act" "$way" "$place/target") != "done" ]]; then
			step "$way does not work here even unwatched"
			continue
		fi
		step "$way"
		alerts_forget
		watch -- "$SUBJECTS/act" "$way" "$place/target"
		expect_status 137
		same "what the subject said" "" "$(<"$place/stdout")"
		expect_alert opens ".file.path == \"$place/target\""
	done
}

test_every_name_of_a_file() {
	local path
	mkdir "$place/folder"
	echo content >"$place/target"
	ln -s ../target "$place/folder/link"
	ln -s "$place" "$place/folder/up"
	rule opens file_open kill TargetFilename "$place/target"
	for path in "$place/folder/link" "$place/folder/../target" "/proc/self/root$place/target" \
		"$place//.//target" "$place/folder/up/folder/link"; do
		step "${path#"$place"}"
		alerts_forget
		watch -- "$SUBJECTS/act" open "$path"
		expect_status 137
		expect_alert opens ".file.path == \"$place/target\""
	done
}

# Tasks that are pre-empted inside of a program keep the kernel from running it for others.
test_open_in_a_crowd() {
	local by
	echo secret >"$place/secret"
	echo other >"$place/other"
	rule reads file_open deny TargetFilename "$place/secret"
	watch --quiet -- "$SUBJECTS/crowd" "$place/secret" "$place/other" 2
	[[ $(<"$place/stdout") != *read* ]] || fail "the file could be read"
	by=$(told 'map(select(.rule.name == "reads") | .fermata.response.tier) | group_by(.) |
		map("\(.[0]): \(length)") | join(", ")')
	[[ $by ]] || fail "nothing was refused"
	note "status $status, alerts by $by"
}

# removes RESPONSE STATUS STDOUT VERDICT SHELL LEFT: also whether it is still there after.
removes() {
	mkdir -p "$place/gone"
	row "${@:1:5}"
	same "it is still there" "$6" "$([[ -e $place/gone ]] && echo yes || echo no)"
	[[ $2 != 137 ]] || expect_alert removes \
		".fermata.response.after_effect == $([[ $6 == yes ]] && echo false || echo true)"
}

test_file_delete() {
	local name=removes category=file_delete keys=(TargetFilename "$place/gone")
	local subject=("$SUBJECTS/act" rmdir "$place/gone")
	if trampolines; then
		removes alert 0 "done" alerted "$TIER" no
		removes deny 1 EPERM denied "$TIER" yes
		removes kill 137 "" killed "$TIER" yes
		removes kill-agent 137 "" killed "$TIER" yes
	else
		removes alert 0 "done" alerted sys_exit no
		removes deny 137 "" killed sys_exit no
		removes kill 137 "" killed sys_exit no
		removes kill-agent 137 "" killed sys_exit no
	fi
}

# However the path is given: one line for each way, below the folder a/b.
test_delete_paths() {
	local ways way deleted='' number=0
	rule removes file_delete alert 'TargetFilename|endswith' /a/file
	mkdir -p "$place/a/b/c"
	mount -t tmpfs none "$place/a/b/c"
	mkdir "$place/a/b/c/d"
	# the last two go up from the root of a mount
	ways="unlink $place/a/file
unlink $place//./a///file
unlink ../file
unlink ./.././../a/file
unlink80 $place/a/file
unlinkat $place/a file
unlinkat $place/a/b ../file
unlinkat $place a/./file
unlinkat $place/a/b/c ../../file
unlinkat $place/a/b/c/d ../../../file"
	while read -r way; do
		deleted+=": >$place/a/file; $SUBJECTS/act $way && ! [ -e $place/a/file ] || echo '$way'"$'\n'
		number=$((number + 1))
	done <<<"$ways"
	watch -- sh -c "cd $place/a/b || exit; $deleted"
	umount "$place/a/b/c"
	same "what was left, and what was said" "$(yes "done" | head -n "$number")" "$(<"$place/stdout")"
	same "alerts" "$number" "$(told "map(select(.rule.name == \"removes\" and
		.file.path == \"$place/a/file\" and .event.action == \"file_delete\" and
		.event.type == [\"deletion\"])) | length")"
	# what cannot be told is no reason to let it pass
	rm -f "$rules" "$alerts"
	rule removes file_delete kill 'TargetFilename|endswith' /a/file
	: >"$place/a/file"
	watch -- "$SUBJECTS/act" unlink "$place/a/b/../file"
	expect_status 137
}

# What doctor promises of this tier is what the tests above show.
test_doctor_agrees() {
	local events
	[[ -z ${FERMATA_TIER-} ]] || skip "doctor tells of the strongest tier, not of $FERMATA_TIER"
	events=$(doctor_json |
		jq -r '.events | to_entries[] | .key + "=" + .value.strength + ", " + .value.shell')
	if trampolines; then
		same "doctor" "process_creation=deny, $TIER
process_termination=alert only, tracepoint
file_open=deny, $TIER
file_event=deny, $TIER
file_delete=deny, $TIER
file_rename=deny, $TIER
file_link=deny, $TIER
file_symlink=deny, $TIER
file_attribute=deny, $TIER
network_connection=deny, $TIER
network_send=deny, packet
dns_query=deny, packet
tls_handshake=deny, packet
network_listen=deny, $TIER
socket_creation=deny, $TIER
unix_connection=deny, $TIER
vsock_connection=deny, $TIER
process_access=deny, $TIER
process_signal=deny, $TIER
privilege_change=deny, $TIER
keyring=deny, $TIER
ipc_handover=deny, $TIER
mount=deny, $TIER
namespace_change=kill after the act, sys_exit
kernel_module=deny, $TIER
bpf_use=deny, $TIER
io_uring=deny, $TIER
memory_exec=deny, $TIER" "$events"
	else
		same "doctor" "process_creation=kill, tracepoint
process_termination=alert only, tracepoint
file_open=kill, sys_exit
file_event=kill after the act, sys_exit
file_delete=kill after the act, sys_exit
file_rename=kill after the act, sys_exit
file_link=kill after the act, sys_exit
file_symlink=kill after the act, sys_exit
file_attribute=kill after the act, sys_exit
network_connection=deny, cgroup
network_send=deny, packet
dns_query=deny, packet
tls_handshake=deny, packet
network_listen=kill after the act, sys_exit
socket_creation=kill after the act, sys_exit
unix_connection=kill after the act, sys_exit
vsock_connection=kill after the act, sys_exit
process_access=kill after the act, sys_exit
process_signal=kill after the act, tracepoint
privilege_change=kill after the act, sys_exit
keyring=kill after the act, sys_exit
ipc_handover=kill, sys_exit
mount=kill after the act, sys_exit
namespace_change=kill after the act, sys_exit
kernel_module=kill after the act, sys_exit
bpf_use=kill after the act, sys_exit
io_uring=kill after the act, sys_exit
memory_exec=kill after the act, sys_exit" "$events"
	fi
}

# What doctor tells of fields that are not known is what the events of this tier lack.
test_doctor_tells_what_is_not_known() {
	local gaps
	[[ -z ${FERMATA_TIER-} ]] || skip "doctor tells of the strongest tier, not of $FERMATA_TIER"
	gaps=$(doctor_json | jq -r '.fields_not_known[] | .event + "." + .field')
	if trampolines; then
		same "gaps" "network_listen.DestinationIp
network_listen.DestinationPort" "$gaps"
		return
	fi
	grep -qx network_connection.SourceIp <<<"$gaps" || fail "the own address is known"
	grep -qx file_delete.TargetFilename <<<"$gaps" || fail "paths are resolved"
	receiver_start
	rule connects network_connection alert DestinationPort "$port"
	watch -- "$SUBJECTS/send" connect $outside "$port"
	expect_alert connects '.source.ip == null'
}

# strengths COMMAND...: what `rules check` by that command says of the two rules, here and elsewhere.
strengths() {
	"$@" rules check --json "$rules" | jq -r '.strengths[] | .title + ": " +
		([.strength | .here // "-", .lsm, .fmod_ret, .portable] | join(", "))'
}

test_rules_check_tells_strength() {
	local here=deny
	trampolines || here='kill after the act'
	rule removes file_delete deny 'TargetFilename|endswith' /a/file
	rule argues process_creation kill 'CommandLine|contains' never-said
	[[ -n ${FERMATA_TIER-} ]] || same "strengths" "removes: $here, deny, deny, kill after the act
argues: kill, kill, kill, kill" "$(strengths "$FERMATA")"
	chmod 644 "$rules"
	# the program may be where only root gets
	cp "$FERMATA" "$place/fermata"
	same "strengths without privilege" "removes: -, deny, deny, kill after the act
argues: -, kill, kill, kill" "$(strengths setpriv --reuid 65534 --clear-groups "$place/fermata")"
	setpriv --reuid 65534 --clear-groups "$place/fermata" rules check "$rules" >"$place/stdout"
	expect_stdout "kill after the act"
}

# The fields of an open that are not its path.
test_open_fields() {
	local numbers
	cp "$SUBJECTS/first" "$place/program"
	echo content >"$place/target"
	numbers=$(stat -c '%d %i' "$place/target")
	rule there file_open alert Device "${numbers% *}" Inode "${numbers#* }" Access read
	rule executes file_open alert TargetFilename "$place/program" Access exec
	rule reads file_open alert TargetFilename "$place/program" Access read
	# shellcheck disable=SC2016 # for the inner shell
	watch -- sh -c 'cat "$1"; "$2"; cat "$2" >/dev/null' sh "$place/target" "$place/program"
	expect_alert there ".fermata.file.device == ${numbers% *}"
	# without trampolines the opens of an exec are not seen
	if trampolines; then
		expect_alert executes '.process.executable | endswith("sh")'
	fi
	expect_alert reads '.process.executable | endswith("/cat")'
}

# What must be had and is not: nothing is started. What is had: it runs.
test_requirements() {
	local wanted=3
	rule opens file_open kill TargetFilename "$place/target"
	rule executes process_creation deny 'CommandLine|contains' never-said
	trampolines && wanted=0
	watch --require kill -- true
	expect_status 0
	# arguments are known when it is too late to refuse, on any tier
	watch --require deny -- touch "$place/made"
	expect_status 3
	expect_stderr "'executes' requires deny, and gets on tier $TIER: kill"
	check "nothing was started" [ ! -e "$place/made" ]
	# a rule's own requirement, about an event that trampolines refuse
	: >"$rules"
	rule opens file_open kill TargetFilename "$place/target"
	sed -i 's/^response: kill/&\nrequire: deny/' "$rules"
	watch -- true
	expect_status "$wanted"
	watch --require much -- true
	expect_status 2
}

# Where the opener is killed with the file open, who shares its descriptors dies as well.
test_shared_descriptors() {
	echo "the secret" >"$place/secret"
	# a file that no rule names: one that is named is refused
	rule reads file_open kill 'TargetFilename|endswith' "${place##*/}/secret"
	watch -- "$SUBJECTS/share" "$place/secret"
	same "what was read" "" "$(<"$place/stdout")"
	if trampolines; then
		expect_status 0
		expect_alert reads '.fermata.response.condemned == false'
	else
		expect_status 137
		expect_alert reads '.fermata.response.condemned'
	fi
	# a process with threads, or a child of its own, shares with nobody else
	alerts_forget
	# shellcheck disable=SC2016 # for the inner shell
	watch -- sh -c 'cat "$0"; exit 5' "$place/secret"
	expect_status 5
	expect_alert reads '.fermata.response.condemned == false'
}
