#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Evasions, as tests/live/README.md lists them, of rules on the network: other forms of an
# address, and other ways out. A rule on the address refuses each, and nothing arrives.

# shellcheck source=tests/live/evasions.sh
. tests/live/evasions.sh

# sends FIELD VALUE ACCEPTS BYTES COMMAND...: unwatched, so much arrives; under a rule that
# refuses, nothing more.
sends() {
	local field=$1 value=$2 accepts=$3 bytes=$4
	shift 4
	"$@" >"$place/unwatched" 2>&1 || skip "it does not work here: $(<"$place/unwatched")"
	expect_received "$accepts" "$bytes"
	: >"$rules"
	alerts_forget
	rule reads network_connection deny "$field" "$value"
	watch -- "$@"
	[[ $(<"$place/stdout") != *done* ]] || fail "it was sent"
	expect_received "$accepts" "$bytes"
	expect_refused 1
}

# sent WAY: to the outside, by its address.
sent() {
	receiver_start
	sends DestinationIp "$outside" "$2" 6 "$SUBJECTS/send" "$1" "$outside" "$port"
}

test_udp_sendto() {
	sent sendto 0
}

test_sendmmsg() {
	sent sendmmsg 0
}

test_connected_udp() {
	sent connected 0
}

test_tcp_fastopen() {
	sent fastopen 1
}

test_ipv6_connect() {
	receiver_start
	has_v6 || skip "there is no IPv6 here"
	sends 'DestinationIp|cidr' 2001:db8::/32 1 6 "$SUBJECTS/send" connect "$outside_v6" "$port"
}

test_v4mapped_connect() {
	receiver_start
	sends DestinationIp "$outside" 1 6 "$SUBJECTS/send" connect "::ffff:$outside" "$port"
}

test_scoped_v6() {
	receiver_start
	ip address add fe80::9/64 dev lo nodad || skip "there is no IPv6 here"
	sends 'DestinationIp|cidr' fe80::/10 0 6 "$SUBJECTS/evade" scoped fe80::9 "$port"
}

# Somebody local who would send it on: that is a connection, too.
test_loopback_proxy() {
	receiver_start
	sends Loopback true 1 6 "$SUBJECTS/send" connect 127.0.0.1 "$port"
}

test_icmp_tunnel() {
	network_up
	same "unwatched" "done" "$("$SUBJECTS/sockets" socket 2 3 1)"
	rule reads socket_creation deny Family inet Type raw Protocol 1
	watch -- "$SUBJECTS/sockets" socket 2 3 1
	[[ $(<"$place/stdout") != "done" ]] || fail "the socket was made"
	look
	ask_number "refusals" 1 'map(select(.rule.name == "reads" and
		(.fermata.verdict | test("^(denied|killed)$")))) | length'
}

# A login on this host is a connection to it.
test_delegate_ssh_localhost() {
	port=22
	receiver_start
	sends DestinationPort 22 1 6 "$SUBJECTS/send" connect 127.0.0.1 22
	alerts_forget
	sends Loopback true 2 12 "$SUBJECTS/send" connect ::1 22
}
