#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Sockets beside connections to the outside: who serves, what unusual sockets are made, who asks
# a local (unix) socket for something, or another machine by vsock, and what descriptors come from
# other processes.

# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

# attempt RESPONSE STATUS STDOUT VERDICT WAY...: of the rule whose event and fields are in `about`.
attempt() {
	local response=$1 status_wanted=$2 said=$3 verdict=$4
	shift 4
	step "$response: $*"
	: >"$rules"
	alerts_forget
	rule sockets "${about[0]}" "$response" "${about[@]:1}"
	watch -- "$SUBJECTS/sockets" "$@"
	expect_status "$status_wanted"
	same "what the subject said" "$said" "$(<"$place/stdout")"
	expect_alert sockets ".fermata.verdict == \"$verdict\"" ".event.action == \"${about[0]}\"" \
		".fermata.response.after_effect == $([[ $verdict == killed ]] && ! trampolines && echo true || echo false)"
	expect_alerts_in_all 1
}

# responses WAY...: what each response does to the act.
responses() {
	attempt alert 0 "done" alerted "$@"
	if trampolines; then
		attempt deny 1 EPERM denied "$@"
		attempt kill 137 "" killed "$@"
	else
		attempt deny 137 "" killed "$@"
		attempt kill 137 "" killed "$@"
	fi
}

# recorded FILTER WAY...: what jq makes of the events that are no programs' and files'.
recorded() {
	local filter=$1
	shift
	step "recorded: $*"
	rm -f "$place/recording"
	: >"$rules"
	rule never process_creation alert Image "$place/never"
	watch --record "$place/recording" -- "$SUBJECTS/sockets" "$@"
	[[ $(<"$place/stdout") == "done" ]] || return 1
	events=$(jq -r "select(.category // \"\" | test(\"^(network_listen|socket_|unix_|vsock_)\")) | $filter" \
		"$place/recording")
}

works80() {
	[[ $("$SUBJECTS/sockets" socket80 2 1 0) == "done" ]]
}

listening='"\(.Act) \(.SourceIp) \(.SourcePort) \(.Protocol) \(.Wildcard)"'

test_listen() {
	local about=(network_listen SourcePort 4711 Act bind)
	network_up
	responses bind 127.0.0.1 4711
	about=(network_listen SourcePort 4711 Act listen Wildcard true)
	responses listen 0.0.0.0 4711
	about=(network_listen SourceIp "::1" Act accept)
	responses accept ::1 4711
}

test_listen_fields() {
	network_up
	recorded "$listening" listen 127.0.0.1 4711
	same "bind and listen" "bind 127.0.0.1 4711 tcp false
listen 127.0.0.1 4711 tcp false" "$events"
	recorded "$listening" accept ::1 4712
	same "accept" "bind ::1 4712 tcp false
listen ::1 4712 tcp false
accept ::1 4712 tcp false" "$events"
	# who comes is known when the connection is taken
	recorded 'select(.Act == "accept") | "\(.DestinationIp) \((.DestinationPort // 0) > 0)"' accept 127.0.0.1 4715
	same "who was accepted" "$(trampolines && echo null false || echo 127.0.0.1 true)" "$events"
	recorded 'select(.Act == "accept") | .DestinationIp' accept ::1 4716
	same "who was accepted by IPv6" "$(trampolines && echo null || echo ::1)" "$events"
	recorded "$listening" listen :: 4713
	same "any address" "bind :: 4713 tcp true
listen :: 4713 tcp true" "$events"
	works80 || skip "there are no 32-bit system calls here"
	recorded "$listening" bind80 127.0.0.1 4714
	same "by a 32-bit call" "bind 127.0.0.1 4714 tcp false" "$events"
}

test_socket() {
	local about=(socket_creation Family netlink)
	responses socket 16 3 0
	about=(socket_creation Family inet Type raw Protocol 17)
	responses socket 2 3 17
}

test_socket_fields() {
	local made='"\(.Family) \(.Type) \(.Protocol)"'
	recorded "$made" socket 17 3 768
	same "packet" "packet raw 768" "$events"
	recorded "$made" socket 10 3 58
	same "raw" "inet6 raw 58" "$events"
	recorded "$made" socket 2 1 6
	same "a usual one" "" "$events"
	recorded "$made" socket 1 5 0
	same "a local one" "" "$events"
	if recorded "$made" socket 38 5 0; then
		same "cryptography" "alg seqpacket 0" "$events"
	fi
	works80 || skip "there are no 32-bit system calls here"
	recorded "$made" socket80 16 3 0
	same "by a 32-bit call" "netlink raw 0" "$events"
}

# serve KIND NAME: by somebody who is no agent; its pid is $server.
serve() {
	"$SUBJECTS/sockets" serve "$1" "$2" >"$place/server" &
	server=$!
	started+=("$server")
	wait_until "the server is ready" grep -q ready "$place/server"
}

asking='"\(.SocketPath) \(.Abstract) \(.PeerProcessId) \(.PeerImage)"'

test_unix_stream() {
	local about
	mkdir "$place/run"
	serve stream "$place/run/socket"
	about=(unix_connection SocketPath "$place/run/socket")
	responses connect "$place/run/socket"
	about=(unix_connection 'PeerImage|endswith' /sockets Abstract false)
	responses connect "$place/run/../run/socket"
	ln -s "$place/run" "$place/link"
	recorded "$asking" connect "$place/link/socket"
	same "by a link" "$place/run/socket false $server $(realpath "$SUBJECTS/sockets")" "$events"
	works80 || skip "there are no 32-bit system calls here"
	recorded "$asking" connect80 "$place/run/socket"
	same "by a 32-bit call" "$place/run/socket false $server $(realpath "$SUBJECTS/sockets")" "$events"
}

test_unix_abstract() {
	local about=(unix_connection SocketPath fermata-test Abstract true)
	serve stream @fermata-test
	responses connect @fermata-test
	recorded "$asking" connect @fermata-test
	same "fields" "fermata-test true $server $(realpath "$SUBJECTS/sockets")" "$events"
}

test_unix_datagram() {
	local way about=(unix_connection SocketPath "$place/socket")
	serve dgram "$place/socket"
	responses sendto "$place/socket"
	for way in sendto sendmsg sendmmsg; do
		recorded "$asking" "$way" "$place/socket"
		same "$way" "$place/socket false null null" "$events"
	done
	# to be connected is told where no hook is in the sending alone
	recorded "$asking" connected "$place/socket"
	same "connected" "$place/socket false null null" "$(sort -u <<<"$events")"
	works80 || skip "there are no 32-bit system calls here"
	recorded "$asking" sendto80 "$place/socket"
	same "by a 32-bit call" "$place/socket false null null" "$events"
}

# Few, as nobody takes them out of the queue.
test_unix_datagrams() {
	local about=(unix_connection SocketPath "$place/socket")
	serve dgram "$place/socket"
	serve dgram "$place/other"
	attempt alert 0 "done" alerted sendmmsg2 "$place/other" "$place/socket"
	if trampolines; then
		attempt deny 1 ECANCELED denied sendmmsg2 "$place/other" "$place/socket"
	else
		attempt deny 137 "" killed sendmmsg2 "$place/other" "$place/socket"
	fi
	attempt kill 137 "" killed sendmmsg2 "$place/other" "$place/socket"
	recorded "$asking" sendmmsg2 "$place/other" "$place/socket"
	same "two messages" "$place/other false null null
$place/socket false null null" "$events"
}

test_unix_datagram_abstract() {
	serve dgram @fermata-test
	recorded "$asking" sendto @fermata-test
	same "fields" "fermata-test true null null" "$events"
}

# A connection that is not waited for has been asked for.
test_vsock_that_is_begun() {
	[[ $("$SUBJECTS/sockets" vsock_begun 1 4711) == EINPROGRESS ]] ||
		skip "vsock connects to nobody here"
	rule sockets vsock_connection kill DestinationCid 1 DestinationPort 4711
	watch -- "$SUBJECTS/sockets" vsock_begun 1 4711
	expect_status 137
	expect_alert sockets '.fermata.verdict == "killed"' '.fermata.vsock.cid == 1'
}

test_vsock() {
	local said
	said=$("$SUBJECTS/sockets" vsock 1 4711)
	[[ $said != EAFNOSUPPORT ]] || skip "this kernel has no vsock"
	rule sockets vsock_connection deny DestinationCid 1 DestinationPort 4711
	watch -- "$SUBJECTS/sockets" vsock 1 4711
	if trampolines; then
		same "what the subject said" EPERM "$(<"$place/stdout")"
		expect_alert sockets '.fermata.verdict == "denied"' '.fermata.vsock.cid == 1' \
			'.destination.port == 4711'
	elif [[ $said == "done" ]]; then
		expect_status 137
		expect_alert sockets '.fermata.verdict == "killed"' '.fermata.vsock.cid == 1'
	else
		skip "nobody listens on this machine, and tier portable sees connections that are made"
	fi
}

# The shipped rules on services that do the work for an agent, outside of its tree.
test_work_handed_over() {
	local name connects='' rules=rules/sandbox-escape/work_handed_over.yml
	cp "$SUBJECTS/sockets" "$place/dockerd"
	for name in run/docker.sock systemd/private tmux-0/default run/journal; do
		mkdir -p "$place/${name%/*}"
		serve stream "$place/$name"
		connects+="$SUBJECTS/sockets connect $place/$name"$'\n'
	done
	"$place/dockerd" serve stream "$place/engine" >"$place/server" &
	started+=($!)
	wait_until "the engine is ready" grep -q ready "$place/server"
	watch -- sh -c "$connects $SUBJECTS/sockets connect $place/engine"
	same "what the subjects said" "$(yes "done" | head -n 5)" "$(<"$place/stdout")"
	expect_alerts "Container engine asked over its socket" 2 \
		"Service manager or message bus asked" 1 "Terminal multiplexer of somebody else asked" 1
	expect_alerts_in_all 4
}

# hand_out together|each FILE...: by somebody who is no agent, its pid is $server, at
# $place/hands.
hand_out() {
	"$SUBJECTS/handover" serve "$1" "$place/hands" "${@:2}" >"$place/server" &
	server=$!
	started+=("$server")
	wait_until "the server is ready" grep -q ready "$place/server"
}

# handover RESPONSE STATUS STDOUT VERDICT WAY...: of the file $place/file.
handover() {
	local event=ipc_handover
	step "$1: $*"
	: >"$rules"
	alerts_forget
	rule receives "$event" "$1" TargetFilename "$place/file" Received true PeerProcessId "$server" "${about[@]}"
	watch -- "$SUBJECTS/handover" "${@:5}"
	expect_status "$2"
	same "what the subject said" "$3" "$(<"$place/stdout")"
	expect_alert receives ".fermata.verdict == \"$4\"" ".event.action == \"$event\"" \
		".file.path == \"$place/file\"" '.fermata.response.after_effect == false' \
		".fermata.peer.pid == $server" ".fermata.peer.executable == \"$(realpath "$SUBJECTS/handover")\""
	expect_alerts_in_all 1
}

test_handover() {
	local about=(Kind scm_rights)
	echo content >"$place/file"
	hand_out together "$place/file"
	handover alert 0 "done" alerted recvmsg "$place/hands" 1
	if trampolines; then
		handover deny 1 withheld denied recvmsg "$place/hands" 1
	else
		handover deny 137 "" killed recvmsg "$place/hands" 1
	fi
	handover kill 137 "" killed recvmsg "$place/hands" 1
	about=(Kind pidfd_getfd)
	handover alert 0 "done" alerted getfd "$server" 100
	if trampolines; then
		handover deny 1 EPERM denied getfd "$server" 100
	else
		handover deny 137 "" killed getfd "$server" 100
	fi
	handover kill 137 "" killed getfd "$server" 100
}

# handed WANTED WAY...: what is recorded of descriptors that came, and of files that were opened
# by that.
handed() {
	local wanted=$1
	shift
	step "handed: $*"
	rm -f "$place/recording"
	: >"$rules"
	rule never process_creation alert Image "$place/never"
	watch --record "$place/recording" -- "$SUBJECTS/handover" "$@"
	same "what the subject said" "done" "$(<"$place/stdout")"
	same "events" "$wanted" "$(jq -r --arg place "$place" --arg image "$(realpath "$SUBJECTS/handover")" '
		select(.category == "ipc_handover" or (.category == "file_open" and
			(.TargetFilename | startswith($place + "/")))) | .category + " " +
		((.TargetFilename // "nothing") | ltrimstr($place + "/")) + " " + (.Kind // (.Access | join("+"))) +
		(if .Created then " created" else "" end) +
		(if .PeerImage == $image then " \(.PeerProcessId)" else "" end)' "$place/recording")"
}

test_ways_of_handing_over() {
	local way wanted
	echo content >"$place/file"
	hand_out together "$place/file" pipe "new:$place/new" memory "path:$place/file"
	wanted="ipc_handover file scm_rights $server
file_open file read
ipc_handover nothing scm_rights $server
ipc_handover new scm_rights $server
file_open new read+write
ipc_handover nothing scm_rights $server
ipc_handover file scm_rights $server"
	for way in $(ways80 recvmsg recvmsg80 socketcall); do
		handed "$wanted" "$way" "$place/hands" 5
	done
	for way in $(ways80 getfd getfd80); do
		handed "ipc_handover file pidfd_getfd $server
file_open file read" "$way" "$server" 100
		handed "ipc_handover nothing pidfd_getfd $server" "$way" "$server" 101
	done
}

test_many_messages() {
	local way
	echo content >"$place/file"
	hand_out each "$place/file" pipe "$place/file"
	for way in $(ways80 recvmmsg recvmmsg80); do
		handed "ipc_handover file scm_rights $server
file_open file read
ipc_handover nothing scm_rights $server
ipc_handover file scm_rights $server
file_open file read" "$way" "$place/hands" 3
	done
}

# ways80 WAY...: those that this kernel has.
ways80() {
	if works80; then
		echo "$@"
	else
		echo "$1"
	fi
}

# Whoever opened it: to have a secret's descriptor is to have read it.
test_secret_handed_over() {
	local way
	chain_rules
	receiver_start
	hand_out together "$place/secret"
	for way in "recvmsg $place/hands 1" "getfd $server 100"; do
		step "$way"
		alerts_forget
		watch -- sh -c "$SUBJECTS/handover $way; exec $SUBJECTS/send connect $outside $port"
		[[ $(<"$place/stderr") != *'gets: not seen'* ]] || skip "connections are not seen here"
		if [[ $way == getfd* ]] && ! trampolines; then
			# what rules on opened files cannot see in time is refused
			same "what the subjects said" "EPERM
done" "$(<"$place/stdout")"
			expect_alerts secret_then_outside 0
		else
			expect_status 137
			same "what the subjects said" "done" "$(<"$place/stdout")"
			expect_alert secret_then_outside '.fermata.response.condemned'
		fi
	done
}
