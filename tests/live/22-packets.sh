#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What is seen of packets: names that are looked up, TLS clients that say hello, bytes that are
# sent, and by what name an address was looked up. Refused before they leave, on every tier.

# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

# Whether it is known which process sends: before 6.18 tier portable knows the session only.
senders_known() {
	local version
	version=$(uname -r)
	trampolines || [[ $(printf '%s\n' 6.18 "$version" | sort -V | head -n 1) == 6.18 ]]
}

# serve PORT: the outside takes what comes to that port.
serve() {
	port=$1
	receiver_start
}

bytes_received() {
	local got
	got=$(received) || {
		echo "$got" >&2
		exit 1
	}
	echo "${got#* }"
}

# attempt RESPONSE STATUS STDOUT VERDICT COMMAND...: of the rule whose event and fields are in
# `about`. Nothing arrives of what is refused.
attempt() {
	local response=$1 status_wanted=$2 said=$3 verdict=$4 before
	shift 4
	step "$response: $*"
	: >"$rules"
	alerts_forget
	rule packets "${about[0]}" "$response" "${about[@]:1}"
	before=$(bytes_received)
	[[ $status_wanted != 137 ]] || set -- stay "$@"
	watch -- "$SUBJECTS/packets" "$@"
	expect_status "$status_wanted"
	same "what the subject said" "$said" "$(<"$place/stdout")"
	look
	ask "alerts of the rule" 'map(select(.rule.name == "packets")) | length >= 1'
	ask "the first" "map(select(.rule.name == \"packets\"))[0] |
		.fermata.verdict == \"$verdict\" and .event.action == \"${about[0]}\" and
		.fermata.response.tier == \"packet\" and .fermata.response.after_effect == false"
	[[ $verdict == alerted ]] || same "what arrived" "$before" "$(bytes_received)"
}

# Every response to a question; over UDP who asks is told that it was refused.
test_query() {
	local about=(dns_query 'QueryName|endswith' .example)
	serve 53
	attempt alert 0 "done" alerted query udp $outside secret.example 16
	attempt deny 1 EPERM denied query udp $outside secret.example 16
	if senders_known; then
		attempt kill 137 "" killed query udp $outside secret.example 16
	else
		attempt kill 1 EPERM denied query udp $outside secret.example 16
	fi
	attempt kill-agent 137 "" killed query udp $outside secret.example 16
	attempt alert 0 "done" alerted query tcp $outside secret.example 1
	attempt deny 0 "done" denied query tcp $outside secret.example 1
	has_v6 || return 0
	attempt deny 1 EPERM denied query udp $outside_v6 secret.example 1
	attempt deny 0 "done" denied query tcp $outside_v6 secret.example 1
}

# refused_in_parts COMMAND...: what is in two segments is refused with the first, and the second
# finds the connection aborted, unless it is quicker.
refused_in_parts() {
	local before
	step "$*"
	: >"$rules"
	alerts_forget
	rule packets "${about[0]}" deny "${about[@]:1}"
	before=$(bytes_received)
	watch -- "$SUBJECTS/packets" "$@"
	[[ $(<"$place/stdout") == @(done|ECONNABORTED) ]] || fail "the subject said something else"
	# it may be sent again before it is aborted
	look
	ask "alerts" 'length >= 1 and all(.fermata.verdict == "denied")'
	same "what arrived" "$before" "$(bytes_received)"
}

# Of a question in two segments, or behind another, only a part is known: a rule that refuses takes it for what it
# is about, one that alerts does not.
test_query_in_parts() {
	local about=(dns_query 'QueryName|endswith' .example)
	serve 53
	refused_in_parts query split $outside secret.example 1
	refused_in_parts query tiny $outside secret.example 1
	refused_in_parts query second $outside secret.example 1
	rm -f "$rules"
	alerts_forget
	rule other dns_query alert 'QueryName|endswith' .example
	watch -- "$SUBJECTS/packets" query udp $outside www.example.org 1
	expect_status 0
	expect_alerts_in_all 0
}

# recorded CATEGORY FILTER COMMAND...: what jq makes of the recorded events of the category.
recorded() {
	local category=$1 filter=$2
	shift 2
	step "recorded: $*"
	rm -f "$place/recording"
	: >"$rules"
	alerts_forget
	rule never process_creation alert Image "$place/never"
	watch --record "$place/recording" -- "$@"
	events=$(jq -r "select(.category == \"$category\") | $filter" "$place/recording")
}

test_query_fields() {
	local program=null what='"\(.QueryName) \(.QueryType) \(.Resolver) \(.Protocol) \(.Image) \(.SourceIp == .Resolver) \(.SourcePort > 0)"'
	! senders_known || program=$SUBJECTS/packets
	serve 53
	recorded dns_query "$what" "$SUBJECTS/packets" query udp $outside www.Example.test 28
	same "over UDP" "www.Example.test AAAA $outside udp $program true true" "$events"
	recorded dns_query "$what" "$SUBJECTS/packets" query tcp $outside a.b.c.d.e.test 16
	same "over TCP" "a.b.c.d.e.test TXT $outside tcp $program true true" "$events"
	recorded dns_query "$what" "$SUBJECTS/packets" query udp $outside x 4711
	same "a label, a type that has no name" "x 4711 $outside udp $program true true" "$events"
	has_v6 || return 0
	recorded dns_query "$what" "$SUBJECTS/packets" query udp $outside_v6 www.test 255
	same "over IPv6" "www.test ANY $outside_v6 udp $program true true" "$events"
}

# The bytes of the name in the alert, as hexadecimal digits: as they are told where they are no UTF-8.
name_bytes() {
	local hex
	hex=$(jq -r '.dns.question.name_hex // empty' "$alerts")
	[[ $hex ]] || hex=$(jq -j .dns.question.name "$alerts" | od -An -tx1 | tr -d ' \n')
	echo "$hex"
}

# A name has any bytes: each but the dot, which separates labels, in labels of 63 at most. What is
# told of it is the same bytes, where JSON can say them, and harmless.
test_every_byte() {
	local byte name=() label='' hex='' wanted=() i
	serve 53
	rule asks dns_query alert 'QueryName|endswith' .bytes
	for byte in {1..255}; do
		((byte == 46)) || {
			label+="\\$(printf %03d "$byte")"
			hex+=$(printf %02x "$byte")
		}
		((byte % 63 && byte < 255)) || {
			name+=("$label")
			wanted+=("$hex")
			label='' hex=''
		}
	done
	for i in "${!name[@]}"; do
		label=${name[i]}
		step "$label"
		alerts_forget
		watch -- "$SUBJECTS/packets" query udp $outside "$label.bytes" 1
		same "what the subject said" "done" "$(<"$place/stdout")"
		expect_alerts_in_all 1
		same "the name in the alert" "${wanted[i]}2e6279746573" "$(name_bytes)"
		[[ $(tr -d '[:print:]\n' <"$place/stderr" | LC_ALL=C tr -d '\200-\377') == '' ]] ||
			fail "control bytes went to the terminal"
	done
}

test_hello() {
	local about=(tls_handshake 'ServerName|endswith' .example)
	serve 443
	attempt alert 0 "done" alerted hello whole $outside 443 www.example
	attempt deny 0 "done" denied hello whole $outside 443 www.example
	attempt deny 0 "done" denied hello junk $outside 443 www.example
	about=(tls_handshake 'Alpn|contains' h2)
	attempt deny 0 "done" denied hello whole $outside 443 www.example
}

# The program waits for an answer that does not come, and is killed.
test_hello_kills() {
	senders_known || skip "it is not known here which process sends"
	serve 443
	rule hello tls_handshake kill 'ServerName|endswith' .example
	watch -- "$SUBJECTS/packets" stay hello whole $outside 443 www.example
	expect_status 137
	expect_alert hello '.fermata.verdict == "killed"'
	rm -f "$rules"
	alerts_forget
	rule hello tls_handshake kill-agent 'ServerName|endswith' .example
	watch -- sh -c "$SUBJECTS/packets hello whole $outside 443 www.example; exec sleep 60"
	expect_status 137
	expect_alert hello '.fermata.verdict == "killed"' '.fermata.response.condemned'
}

test_hello_fields() {
	local said='"\(.ServerName) \(.Alpn) \(.DestinationIp) \(.DestinationPort) \(.Loopback) \(.PrivateAddress) \(.SourceIp == .DestinationIp) \(.SourcePort > 0)"'
	serve 443
	recorded tls_handshake "$said" "$SUBJECTS/packets" hello whole $outside 443 www.Example.test
	same "whole" "www.Example.test h2,http/1.1 $outside 443 false false true true" "$events"
	recorded tls_handshake "$said" "$SUBJECTS/packets" hello junk $outside 443 www.test
	same "behind other extensions" "www.test h2,http/1.1 $outside 443 false false true true" "$events"
	recorded tls_handshake "$said" "$SUBJECTS/packets" hello bare 127.0.0.1 443 unsaid
	same "without extensions" "null null 127.0.0.1 443 true false true true" "$events"
}

# Half of a hello may say anything.
test_hello_in_parts() {
	local about=(tls_handshake 'ServerName|endswith' .example)
	serve 443
	refused_in_parts hello split $outside 443 www.elsewhere
	refused_in_parts hello tiny $outside 443 www.elsewhere
	refused_in_parts hello records $outside 443 www.elsewhere
}

# As real clients say it.
test_hello_of_openssl() {
	[[ $(type -P openssl) ]] || skip "needs openssl"
	serve 443
	rule hello tls_handshake alert ServerName www.example.test
	watch -- timeout 5 openssl s_client -connect $outside:443 -servername www.example.test \
		-alpn h2,http/1.1
	expect_alert hello '.tls.client.server_name == "www.example.test"' \
		'.fermata.tls.alpn == "h2,http/1.1"'
	! senders_known || ask "who" '.[0].process.executable | endswith("/openssl")'
}

# Each way of sending is added up, byte for byte.
test_ways_of_sending() {
	local way before sum
	serve 4242
	for way in write send sendmsg sendmmsg sendfile splice vmsplice zerocopy datagram; do
		before=$(bytes_received)
		recorded network_send '[.Bytes, .TotalBytes] | @csv' \
			"$SUBJECTS/packets" send $way $outside 4242 300000
		same "$way: what the subject said" "done" "$(<"$place/stdout")"
		# datagrams have no end, so that what came in the last second is not told
		sum=$(awk -F, '{ sum += $1; total = $2 } END { print sum, total }' <<<"$events")
		if [[ $way == datagram ]]; then
			((${sum% *} > 300000 - 65536 && ${sum% *} == ${sum#* })) ||
				fail "$way: $sum of 300000"
		else
			same "$way: sum of all, and total" "300000 300000" "$sum"
		fi
		[[ $way == datagram ]] || same "$way: what arrived" $((before + 300000)) "$(bytes_received)"
	done
}

test_send_fields() {
	local sent='"\(.DestinationIp) \(.DestinationPort) \(.Protocol) \(.Bytes) \(.TotalBytes) \(.Loopback) \(.PrivateAddress) \(.SourceIp == .DestinationIp) \(.SourcePort > 0)"'
	serve 4242
	recorded network_send "$sent" "$SUBJECTS/packets" send write $outside 4242 5
	same "a few bytes" "$outside 4242 tcp 5 5 false false true true" "$events"
	recorded network_send "$sent" "$SUBJECTS/packets" send datagram 127.0.0.1 4242 7
	same "a datagram" "127.0.0.1 4242 udp 7 7 true false true true" "$events"
	has_v6 || return 0
	recorded network_send "$sent" "$SUBJECTS/packets" send write $outside_v6 4242 9
	same "over IPv6" "$outside_v6 4242 tcp 9 9 false false true true" "$events"
}

# Above a volume nothing leaves: at most a step, and the packet that reaches it, is more.
test_volume() {
	local arrived
	serve 4242
	rule volume network_send deny 'TotalBytes|gte' 1000000
	watch -- "$SUBJECTS/packets" send write $outside 4242 500000
	expect_status 0
	expect_alerts_in_all 0
	watch -- timeout 20 "$SUBJECTS/packets" send write $outside 4242 30000000
	((status)) || fail "all of it was sent"
	expect_alert volume '.fermata.verdict == "denied"'
	arrived=$(($(bytes_received) - 500000))
	note "$arrived bytes arrived of 30000000, where 1000000 may"
	((arrived >= 900000 && arrived < 1000000 + 2 * 65536)) || fail "$arrived bytes arrived"
	# it is added up over sockets, and kills
	: >"$rules"
	alerts_forget
	rule volume network_send kill-agent 'TotalBytes|gte' 1000000
	watch -- sh -c "for i in 1 2 3 4 5 6; do
		$SUBJECTS/packets send sendfile $outside 4242 300000 || exit; done; echo all"
	expect_status 137
	expect_alert volume '.fermata.verdict == "killed"' '.fermata.response.condemned'
	[[ $(<"$place/stdout") != *all* ]] || fail "all of it was sent"
}

# So much to one address, after a secret was read: the kernel decides, with the packet.
test_volume_after_a_secret() {
	local before arrived
	echo content >"$place/secret"
	serve 4242
	rule secret file_open alert TargetFilename "$place/secret"
	rule volume network_send alert 'TotalBytes|gte' 200000
	chain exfiltration kill-agent 5m secret volume
	watch -- "$SUBJECTS/packets" send write $outside 4242 400000
	expect_status 0
	before=$(bytes_received)
	watch -- sh -c "cat $place/secret; $SUBJECTS/packets send write $outside 4242 100000 && echo little
		$SUBJECTS/packets stay send write $outside 4242 400000"
	expect_status 137
	same "what was sent" "content
done
little" "$(<"$place/stdout")"
	arrived=$(($(bytes_received) - before))
	((arrived >= 100000 && arrived < 200000 + 2 * 65536)) || fail "$arrived bytes arrived"
	expect_alert exfiltration '.fermata.verdict == "killed"' '.fermata.response.condemned' \
		'.fermata.response.tier == "packet"'
}

# The sum of a correlation, on the user side.
test_sum_of_a_correlation() {
	senders_known || skip "it is not known here which process sends"
	serve 4242
	rule sends network_send alert DestinationPort 4242
	cat >>"$rules" <<-EOF
		---
		title: much
		name: much
		level: high
		response: kill
		correlation:
		    type: value_sum
		    rules: [sends]
		    group-by: [AgentSession]
		    timespan: 5m
		    condition: { field: Bytes, gte: 250000 }
	EOF
	watch -- "$SUBJECTS/packets" send write $outside 4242 200000
	expect_status 0
	expect_alerts much 0
	watch -- "$SUBJECTS/packets" stay send write $outside 4242 300000
	expect_status 137
	look
	ask "alerts of the sum" 'map(select(.rule.name == "much")) | length >= 1'
}

# dns_start: a resolver of this host, and what is asked of it.
dns_start() {
	[[ $(type -P dnsmasq) ]] || skip "needs dnsmasq"
	network_up
	ip address add 203.0.113.77/32 dev lo
	dnsmasq --no-daemon --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file= \
		--bind-interfaces --listen-address=$outside --address=/bad.example/203.0.113.77 \
		--address=/bad.example/2001:db8::77 --cname=alias.example,bad.example \
		--address=/good.example/$outside >"$place/dnsmasq" 2>&1 &
	started+=($!)
	wait_until "dnsmasq listens" grep -q started "$place/dnsmasq"
	echo "nameserver $outside" >"$place/resolv.conf"
	mount --bind "$place/resolv.conf" "$(realpath /etc/resolv.conf)" || skip "no resolv.conf"
	echo "hosts: dns" >"$place/nsswitch.conf"
	mount --bind "$place/nsswitch.conf" /etc/nsswitch.conf || skip "no nsswitch.conf"
	port=4242
	"$SUBJECTS/receiver" 4242 >"$place/receiver" &
	started+=($!)
	wait_until "the receiver is ready" grep -q ready "$place/receiver"
}

# Who has looked a name up is not let connect to its address, by whatever program.
test_hostname() {
	senders_known || skip "connections are not seen here"
	dns_start
	rule bad network_connection deny 'DestinationHostname|endswith' bad.example
	watch -- sh -c "getent ahosts good.example >/dev/null && $SUBJECTS/send connect $outside 4242
		getent ahosts bad.example >/dev/null && $SUBJECTS/send connect 203.0.113.77 4242
		$SUBJECTS/send sendto 203.0.113.77 4242"
	same "what the subject said" "done
EPERM
EPERM" "$(<"$place/stdout")"
	# getent itself connects, to find out which address is the best
	look
	ask "alerts" 'length >= 2'
	ask "the name" 'all(.destination.domain == "bad.example" and
		(.destination.ip | . == "203.0.113.77" or . == "2001:db8::77"))'
	# another session has not looked it up
	alerts_forget
	watch -- "$SUBJECTS/send" connect 203.0.113.77 4242
	same "what the subject said" "done" "$(<"$place/stdout")"
	expect_alerts_in_all 0
}

# Also by another name of it, and of what is sent.
test_hostname_of_what_is_sent() {
	dns_start
	recorded network_send '"\(.DestinationPort) \(.DestinationHostname)"' \
		sh -c "getent ahostsv4 bad.example >/dev/null; $SUBJECTS/packets send write 203.0.113.77 4242 5"
	same "what was sent" "53 null
4242 bad.example" "$events"
}

# What is asked of a resolver of this host, which asks others, is asked by the agent.
test_query_of_this_host() {
	local before
	serve 53
	rule tunnel dns_query deny 'QueryName|endswith' .tunnel.example QueryType TXT
	before=$(bytes_received)
	watch -- "$SUBJECTS/packets" query udp 127.0.0.1 c2VjcmV0.tunnel.example 16
	same "what the subject said" "EPERM" "$(<"$place/stdout")"
	expect_alert tunnel '.fermata.verdict == "denied"' '.server.ip == "127.0.0.1"'
	same "what arrived" "$before" "$(bytes_received)"
}

# Many names of one domain.
test_tunnel() {
	serve 53
	rule asks dns_query alert 'QueryName|endswith' .tunnel.example
	cat >>"$rules" <<-EOF
		---
		title: tunnel
		name: tunnel
		level: high
		response: kill-agent
		correlation:
		    type: value_count
		    rules: [asks]
		    group-by: [AgentSession]
		    timespan: 5m
		    condition: { field: QueryName, gte: 10 }
	EOF
	watch -- sh -c "for i in 1 2 3 4 5 6 7 8 9; do
			$SUBJECTS/packets query udp $outside \$i.tunnel.example 16
			$SUBJECTS/packets query udp $outside \$i.tunnel.example 16
		done; $SUBJECTS/packets stay query udp $outside x.tunnel.example 16"
	expect_status 137
	same "questions that were let pass" 18 "$(grep -c "done" "$place/stdout")"
	expect_alerts tunnel 1
}

# Who sends on a socket that another process of the session has made is who is told.
test_sender() {
	trampolines || skip "on tier portable it is who connected"
	serve 4242
	recorded network_send '"\(.Image | split("/") | last) \(.Bytes)"' \
		bash -c "exec 7<>/dev/tcp/$outside/4242; printf 123 >&7; printf 12345 | cat >&7"
	same "who sent" "bash 3
cat 5" "$events"
}

# What is recorded is judged alike later.
test_recorded() {
	serve 53
	: >"$rules"
	rule asks dns_query alert 'QueryName|endswith' .example
	rule sends network_send alert 'Bytes|gte' 10
	watch --record "$place/recording" -- "$SUBJECTS/packets" query udp $outside www.example 1
	expect_alerts asks 1 sends 1
	same "replay" "asks sends" "$("$FERMATA" replay --json --rules "$rules" "$place/recording" |
		jq -r '.rule.title // empty' | xargs)"
}
