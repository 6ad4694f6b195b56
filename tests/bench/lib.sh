#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What the overhead gauges share: the configurations under which the workload runs, and
# its operations.

build=${BUILD:-build}
# shellcheck disable=SC2034 # for the gauges
operations=('open+close' 'open+read+close' 'fork+exit' 'fork+exec+exit' 'connect+accept+close'
	'udp send+recv')
# shellcheck disable=SC2034
configurations=(untagged tagged-10 tagged-1000 told recorded)

# rules COUNT: that many, over all kinds of events, of which none hits the workload.
rules() {
	local i kind
	for ((i = 0; i < $1; i++)); do
		printf -- '---\ntitle: %d\nname: rule_%d\nlevel: high\nresponse: kill\n' "$i" "$i"
		case $((i % 10)) in
		[0-3]) kind="file_open TargetFilename|startswith /never/path/$i/" ;;
		[4-6]) kind="process_creation CommandLine|contains never-said-$i" ;;
		[7-8]) kind="network_connection DestinationIp|cidr 198.18.$((i / 256)).$((i % 256))/32" ;;
		9) kind="file_event TargetFilename|endswith .never-$i" ;;
		esac
		# shellcheck disable=SC2086 # three words
		set -- "$1" $kind
		printf 'logsource: {product: linux, category: %s}\n' "$2"
		printf "detection: {selection: {%s: '%s'}, condition: selection}\n" "$3" "$4"
	done
}

# One rule for each kind of event of the workload, that hits each time and only tells.
rules_told() {
	local kind
	for kind in "file_open TargetFilename|startswith /tmp/" \
		"process_creation Image|endswith /workload" \
		"network_connection DestinationIp|cidr 127.0.0.0/8"; do
		# shellcheck disable=SC2086 # three words
		set -- $kind
		printf -- '---\ntitle: %s\nlevel: low\nresponse: alert\n' "$1"
		printf 'logsource: {product: linux, category: %s}\n' "$1"
		printf "detection: {selection: {%s: '%s'}, condition: selection}\n" "$2" "$3"
	done
}

# One rule about each kind of event, of which none hits anything.
rules_of_all() {
	local event response
	# shellcheck disable=SC2016 # for sed
	while read -r event; do
		response="kill"
		[[ $event != process_termination ]] || response="alert"
		printf -- '---\ntitle: %s\nlevel: high\nresponse: %s\n' "$event" "$response"
		printf 'logsource: {product: linux, category: %s}\n' "$event"
		printf "detection: {selection: {Image: /never/at/all}, condition: selection}\n"
	done < <("$build/fermata" rules fields --markdown | sed -n 's/^`\([a-z_]*\)`: .*/\1/p')
}

# What measure() runs of them: all.
works=()

# prepare PLACE: the folder of everything; made in /tmp, of such a name that the file of the
# workload has the path that the neighbours were measured with.
prepare() {
	place=$1
	mkdir -p "$place/w" || exit 1
	# what it executes is itself: from memory, so that no disk or host has a part in it
	cp "$build/bench/workload" "$place/workload" || exit 1
	mkfifo "$place/end" || exit 1
	rules 10 >"$place/10.yml"
	rules 1000 >"$place/1000.yml"
	rules_told >"$place/told.yml"
	rules_of_all >"$place/all.yml"
}

# watched RULES [OPTION]... -- COMMAND...: sets the array `command`, which runs that under
# Fermata, and then prints a line "peak KIB": Fermata's largest size.
watched() {
	command=("$build/fermata" run --quiet --alerts "$place/alerts.ndjson" --rules "$place/$1")
	[[ -z ${tier-} ]] || command+=(--tier "$tier")
	shift
	while [[ $1 != -- ]]; do
		command+=("$1")
		shift
	done
	# shellcheck disable=SC2016 # for the inner shell
	command+=(-- sh -c '"$@" && sed -n "s/^VmHWM:[^0-9]*\([0-9]*\) kB/peak\t\1/p" "/proc/$PPID/status"' sh
		"${@:2}")
}

# measure CONFIGURATION [--total]: what the workload prints, and what Fermata's size was.
measure() {
	local configuration=$1 work command watcher
	shift
	work=("$place/workload" "$@" "$place/w" "${works[@]}")
	rm -f "$place"/*.ndjson
	case $configuration in
	nothing) command=("${work[@]}") ;;
	untagged) watched 10.yml -- sh -c ": >$place/up; read -r x <$place/end" ;;
	untagged-all) watched all.yml -- sh -c ": >$place/up; read -r x <$place/end" ;;
	tagged-*) watched "${configuration#tagged-}.yml" -- "${work[@]}" ;;
	told) watched told.yml -- "${work[@]}" ;;
	recorded) watched 10.yml --record "$place/recording.ndjson" -- "${work[@]}" ;;
	esac
	if [[ $configuration == untagged* ]]; then
		"${command[@]}" >/dev/null 2>&1 &
		watcher=$!
		until [[ -e $place/up ]]; do sleep 0.1; done
		"${work[@]}"
		echo >"$place/end"
		wait "$watcher"
		rm "$place/up"
		return 0
	fi
	"${command[@]}" || return
	# figures of a recording that has not all of it say nothing
	[[ $configuration != recorded ]] || ! grep -m 1 '"loss":' "$place/recording.ndjson" >&2
}
