#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Programs that people use, as they are: what is recorded of their processes, files and peers is what
# strace, which is between them and Fermata, says they did in the same run.
#
# What differs, and is let pass:
# - a file that the kernel opens to execute it is no call of the program's (Access is `exec`)
# - io_uring: strace sees nothing of it, so that what is recorded may be more
# - strace's own doings, and those of its child before that executes the program

# shellcheck source=tests/live/lib.sh
. tests/live/lib.sh

# needs COMMAND...
needs() {
	local command
	for command in strace "$@"; do
		[[ $(type -P "$command") ]] || skip "needs $command"
	done
}

# strace_account: its account in lines "exec THREAD NAME", "open THREAD PATH", "peer THREAD ADDRESS
# PORT" and "tree PARENT CHILD".
strace_account() {
	awk '
	# a call that others interrupt in the account is put together again
	/<unfinished \.\.\.>$/ {
		sub(/ *<unfinished \.\.\.>$/, ""); begun[$1] = $0; next
	}
	/^[0-9]+ +<\.\.\. [a-z0-9_]+ resumed>/ {
		thread = $1; sub(/^[0-9]+ +<\.\.\. [a-z0-9_]+ resumed>/, ""); $0 = begun[thread] $0
	}
	{ thread = $1; sub(/^[0-9]+ +/, "") }
	/^execve(at)?\(/ && / = 0$/ {
		match($0, /"([^"\\]|\\.)*"/); print "exec", thread, substr($0, RSTART + 1, RLENGTH - 2)
	}
	/^(open|openat|openat2|creat)\(/ && !/O_PATH/ && match($0, / = [0-9]+<.*>(\(deleted\))?$/) {
		path = substr($0, RSTART, RLENGTH); sub(/^ = [0-9]+</, "", path)
		sub(/>(\(deleted\))?$/, "", path); sub(/<(char|block) [0-9a-f:]+$/, "", path)
		if (path ~ /^\//) print "open", thread, path
	}
	/^(connect|sendto|sendmsg|sendmmsg)\(/ && match($0, /sin6?_port=htons\([0-9]+\)/) {
		port = substr($0, RSTART, RLENGTH); gsub(/^[^(]*|[^0-9]/, "", port)
		address = ""
		if (match($0, /inet_addr\("[^"]*"\)/)) address = substr($0, RSTART + 11, RLENGTH - 13)
		else if (match($0, /inet_pton\(AF_INET6, "[^"]*"/)) address = substr($0, RSTART + 21, RLENGTH - 22)
		if (address != "") print "peer", thread, address, port
	}
	# who creates a process is the process, whichever of its threads
	/^(clone|clone3|fork|vfork)\(/ && match($0, / = [0-9]+$/) {
		child = substr($0, RSTART + 3); process = thread in leader ? leader[thread] : thread
		if (/CLONE_THREAD/) leader[child] = process
		else print "tree", process, child
	}' "$1" | sort -u
}

# recorded_account: the same of the recording.
recorded_account() {
	jq -r 'if .category == "process_creation" then "exec \(.ThreadId) \(.OriginalFileName)"
		elif .category == "file_open" and (.Access // "" | tostring | contains("exec") | not) then
			"open \(.ThreadId) \(.TargetFilename)"
		elif .category == "network_connection" then
			"peer \(.ThreadId) \(.DestinationIp) \(.DestinationPort)"
		elif .category == "process_termination" then "tree \(.ParentProcessId) \(.ProcessId)"
		else empty end' "$1" | sort -u
}

# compared COMMAND...: runs it, and compares what the two say. In `missing` and `more` is what only
# one of them has.
compared() {
	local tracer
	rm -f "$place/recording" "$place/trace"
	: >"$rules"
	rule never process_creation alert Image "$place/never"
	watch --record "$place/recording" -- strace -f -y -s 4096 -o "$place/trace" \
		-e trace=execve,execveat,open,openat,openat2,creat,connect,sendto,sendmsg,sendmmsg,clone,clone3,fork,vfork \
		"$@"
	tracer=$(jq -r 'select(.category == "process_creation") | .ProcessId' "$place/recording" | head -n 1)
	recorded_account "$place/recording" >"$place/recorded"
	strace_account "$place/trace" >"$place/traced"
	# its child is that of strace; what threads create is their process's
	missing=$(comm -23 "$place/traced" "$place/recorded" | own "$tracer")
	more=$(comm -13 "$place/traced" "$place/recorded" | own "$tracer")
	note "$(wc -l <"$place/traced") facts of ${1##*/}: $(cut -d' ' -f1 "$place/traced" | sort | uniq -c | xargs)"
}

# own TRACER: without what strace does itself.
own() {
	awk -v tracer="$1" '$2 != tracer && !($1 == "tree" && $3 == tracer)'
}

# alike COMMAND...
alike() {
	compared "$@"
	same "what strace tells and is not recorded" "" "$missing"
	same "what is recorded and strace does not tell" "" "$more"
}

test_busybox() {
	needs busybox
	alike busybox sh -c "busybox ls / >/dev/null; busybox cat /etc/passwd | busybox wc -l >$place/lines"
}

# https_start: a web server with TLS at $outside:4433, whose certificate is $place/cert.
https_start() {
	needs openssl
	network_up
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$place/key" -out "$place/cert" -days 2 \
		-subj /CN=www.example.test -addext "subjectAltName=DNS:www.example.test,IP:$outside" \
		>"$place/request" 2>&1 || fail "openssl makes no certificate"
	openssl s_server -accept 4433 -key "$place/key" -cert "$place/cert" -www >"$place/server" 2>&1 &
	started+=($!)
	wait_until "the web server accepts" grep -q ACCEPT "$place/server"
}

test_curl() {
	needs curl
	https_start
	alike curl -s --cacert "$place/cert" --resolve www.example.test:4433:$outside \
		-o "$place/page" https://www.example.test:4433/
	[[ -s $place/page ]] || fail "curl got nothing"
}

test_python_requests() {
	needs python3
	/usr/bin/python3 -c 'import requests' 2>/dev/null || skip "needs python3-requests"
	https_start
	alike /usr/bin/python3 -c 'import requests, sys
print(requests.get("https://203.0.113.9:4433/", verify=sys.argv[1]).status_code)' "$place/cert"
	[[ $(<"$place/stdout") == 200 ]] || fail "python got nothing"
}

test_python_asyncio() {
	needs python3
	python3 -c 'import asyncio' 2>/dev/null || skip "needs python3 with its library"
	receiver_start
	cat >"$place/program.py" <<-EOF
		import asyncio, sys

		async def send(i):
		    reader, writer = await asyncio.open_connection("$outside", $port)
		    writer.write(b"hello")
		    await writer.drain()
		    writer.close()

		async def main():
		    await asyncio.gather(*(send(i) for i in range(20)))
		    program = await asyncio.create_subprocess_exec("cat", "/etc/passwd", stdout=asyncio.subprocess.PIPE)
		    out, _ = await program.communicate()
		    print(len(out) > 0)

		asyncio.run(main())
	EOF
	alike python3 "$place/program.py"
	[[ $(<"$place/stdout") == True ]] || fail "python did not do it"
}

test_node() {
	local node_program='const fs = require("fs"), net = require("net");
fs.readFile("/etc/passwd", (e, d) => { if (e) throw e;
	require("child_process").execFile("cat", ["/etc/group"], () => {
		const s = net.connect(4242, "203.0.113.9", () => { s.end("hello"); console.log("ok"); }); }); });'
	needs node
	receiver_start
	alike node -e "$node_program"
	[[ $(<"$place/stdout") == ok ]] || fail "node did not do it"
	# what it does by io_uring strace does not see
	compared env UV_USE_IO_URING=1 node -e "$node_program"
	same "with io_uring: what strace tells and is not recorded" "" "$missing"
	[[ $(<"$place/stdout") == ok ]] || fail "node did not do it"
}

test_git_clone() {
	needs git
	network_up
	mkdir -p "$place/served" "$place/home"
	export HOME=$place/home GIT_CONFIG_GLOBAL=$place/gitconfig
	git config --global user.email nobody@example.test
	git config --global user.name nobody
	git config --global --add safe.directory '*'
	git init -q "$place/served/project" || fail "git init"
	cp README.md "$place/served/project"
	(cd "$place/served/project" && git add . && git commit -qm first) || fail "git commit"
	git daemon --reuseaddr --export-all --base-path="$place/served" --listen=$outside --port=9418 \
		>"$place/daemon" 2>&1 &
	started+=($!)
	wait_until "git daemon serves" git ls-remote -q "git://$outside/project"
	alike git clone -q "git://$outside/project" "$place/clone"
	[[ -s $place/clone/README.md ]] || fail "nothing was cloned"
}

test_gcc() {
	needs gcc
	printf '#include <stdio.h>\nint main(void) { puts("hi"); return 0; }\n' >"$place/hi.c"
	alike gcc -O2 -o "$place/hi" "$place/hi.c"
	[[ $("$place/hi") == hi ]] || fail "gcc made nothing"
}

test_static_go() {
	needs go
	network_up
	mkdir "$place/go"
	cat >"$place/go/main.go" <<-EOF
		package main

		import (
		    "fmt"
		    "net"
		    "os"
		    "os/exec"
		    "sync"
		)

		func main() {
		    var all sync.WaitGroup
		    for i := 0; i < 20; i++ {
		        all.Add(1)
		        go func() {
		            defer all.Done()
		            os.ReadFile("/etc/passwd")
		            if c, err := net.Dial("tcp", "$outside:$port"); err == nil {
		                c.Close()
		            }
		        }()
		    }
		    all.Wait()
		    out, err := exec.Command("/bin/cat", "/etc/group").Output()
		    fmt.Println(len(out) > 0, err)
		}
	EOF
	(cd "$place/go" && HOME=$place CGO_ENABLED=0 GO111MODULE=off go build -o ../program main.go) ||
		fail "go build"
	"$SUBJECTS/receiver" "$port" >"$place/receiver" &
	started+=($!)
	wait_until "the receiver is ready" grep -q ready "$place/receiver"
	alike "$place/program"
	[[ $(<"$place/stdout") == "true <nil>" ]] || fail "the program did not do it"
}

test_ssh() {
	needs ssh ssh-keygen /usr/sbin/sshd
	network_up
	mkdir -p "$place/ssh" /run/sshd 2>/dev/null || skip "there is no /run/sshd"
	ssh-keygen -q -t ed25519 -N '' -f "$place/ssh/host" || fail "ssh-keygen"
	ssh-keygen -q -t ed25519 -N '' -f "$place/ssh/user" || fail "ssh-keygen"
	cp "$place/ssh/user.pub" "$place/ssh/authorized"
	printf '%s\n' "Port 2222" "ListenAddress $outside" "HostKey $place/ssh/host" "UsePAM no" \
		"StrictModes no" "AuthorizedKeysFile $place/ssh/authorized" "PermitRootLogin yes" \
		>"$place/ssh/config"
	/usr/sbin/sshd -D -e -f "$place/ssh/config" >"$place/sshd" 2>&1 &
	started+=($!)
	wait_until "sshd listens" grep -q listening "$place/sshd"
	alike ssh -F none -p 2222 -i "$place/ssh/user" -o StrictHostKeyChecking=no \
		-o UserKnownHostsFile="$place/ssh/known" root@$outside "echo there"
	grep -q there "$place/stdout" || fail "ssh did not get there"
}
