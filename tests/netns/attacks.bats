#!/usr/bin/env bats
# What somebody tries who knows how the kernel makes connections.
load lib

# Addresses of nobody: no kernel answers for them.
nobody4=203.0.113.9 nobody6=2001:db8:9::9

setup_file() {
	make_network
	ip -n world route add local 10.0.0.0/8 dev lo
	gw sysctl -qw net.ipv4.tcp_syncookies=1
	start_smtpd 280
}

segments() { # words of the tool
	tool segments "$1" -i out0 "${@:2}"
}

# Where more SYNs come than the server has places, it answers with cookies for a
# few seconds, and takes those of the last two minutes.
cookie_mode() {
	tool synflood syn -i out0 -d $gateway4 -n 198.18.0.0/15 -c 600 -t 9 \
		-w 50 >&2
}

cookies() { # server source; five, in /run/cookies
	cookie_mode
	segments cookies -d "$1" -s "$2" -c 5 >/run/cookies
	[ -s /run/cookies ]
}

# Five cookies of a source, and one after the other: three rounds with them,
# one with a FIN, two when the source is blocked. What each made.
rounds() { # server source
	local round flags
	cookies "$@"
	for round in 1 2 3 fin block block; do
		flags=
		[ $round != fin ] || flags=-F
		[ $round != block ] || mw block -q "$2"
		# shellcheck disable=SC2086 # none, or one
		value greeted "$(segments replay -d "$1" -s "$2" $flags \
			-w 400 </run/cookies)"
	done | paste -sd' '
}

@test "P2: a cookie's ACK makes as many connections as its source may have" {
	for charge in handshake syn; do
		for hook in tracepoint sockops; do
			limited 1/1h 3 "charge = $charge"
			MAILWEIR_HOOK=$hook attach
			for pair in "$gateway4 $nobody4" "$gateway6 $nobody6"; do
				echo "charge = $charge, $hook, $pair"
				# shellcheck disable=SC2086 # two words
				expect "$(rounds $pair)" = '3 0 0 0 0 0'
			done
			mw stats | awk '$2 != 0'
			run -0 mw status
		done
	done
}

@test "P2, P13: a cookie's ACK behind NAT64 is its IPv4 source's" {
	limited 1/1h 3
	attach
	expect "$(rounds $gateway6 64:ff9b::203.0.113.9)" = '3 0 0 0 0 0'
	expect "$(mw blocks --json | jq -r '.blocks[].prefix')" = $nobody4
	mw unblock -q $nobody4
}

@test "P2: who is blocked makes none out of the cookies that it has" {
	limited 1/1s 100
	for hook in tracepoint sockops; do
		MAILWEIR_HOOK=$hook attach
		cookies $gateway4 $nobody4
		mw block -q 203.0.113.0/24
		expect "$(value greeted "$(segments replay -d $gateway4 \
			-s $nobody4 </run/cookies)")" = 0
		expect "$(counter drop_block)" = 5
		expect "$(counter connections)" = 0
		mw unblock -q 203.0.113.0/24
		expect "$(value greeted "$(segments replay -d $gateway4 \
			-s $nobody4 </run/cookies)")" = 5
		expect "$(counter connections)" = 5
		expect "$(counter attempts_ack)" = 10
	done
}

# Its client takes the connection for established, and would wait for minutes.
@test "P2: a cookie is not refused for what others did since its SYN" {
	configure <<-EOT
	[gate]
	mode = enforce
	[limit netblock]
	rate = 1/1h
	burst = 2
	EOT
	attach
	cookie_mode
	for n in 1 2 3 4; do
		segments cookies -d $gateway4 -s 203.0.113.$n -c 1 >/run/c$n
	done
	for round in 1 2; do
		for n in 1 2 3 4; do
			value greeted "$(segments replay -d $gateway4 \
				-s 203.0.113.$n -w 400 </run/c$n)"
		done
	done | paste -sd' ' | tee /run/greeted
	expect "$(cat /run/greeted)" = '1 1 1 1 0 0 0 0'
	expect "$(counter drop_limit_netblock)" = 4
}

@test "P2: cookies of who conforms are let by, each charged once" {
	limited 1/1h 300
	attach
	background flood tool synflood syn -i out0 -d $gateway4 -t 9 -w 50 \
		-n 198.18.0.0/15 -r 5000 -c 30000
	expect "$(value connected "$(tool dial -d $gateway4 -s 10.9.9.9 \
		-n 200 -i 10000 -t 5000)")" = 200
	wait "$background" || :
	expect "$(counter connections)" = 200
	run -0 mw test 10.9.9.9
}

# Opens a connection, and says more on it once its source is blocked: all of
# that is answered, and nothing was dropped.
goes_on() { # server prefix
	rm -f /run/blocked /run/session
	world bash -c '
		exec 3<>"/dev/tcp/$0/25"
		read -r -t 5 line <&3 && echo "$line"
		until [ -e /run/blocked ]; do sleep 0.05; done
		for word in EHLO MAIL RCPT QUIT; do
			printf "%s x\r\n" $word >&3
			read -r -t 5 line <&3 && echo "$line"
		done' "$1" >/run/session 2>&1 3>&- &
	session=$!
	until grep -q 220 /run/session; do sleep 0.05; done
	mw block -q "$2"
	touch /run/blocked
	wait $session
	cat /run/session
	expect "$(grep -c ^250 /run/session)" = 3
	grep ^221 /run/session
	expect "$(counter drop_block)" = 0
	mw unblock -q "$2"
}

# Rule 1: what is established is not touched.
@test "P2: a connection goes on when its source is blocked" {
	ip -n world addr replace 192.0.2.77/24 dev out0
	for charge in handshake syn; do
		for hook in tracepoint sockops; do
			echo "$charge, $hook"
			limited 1/1h 3 "charge = $charge"
			MAILWEIR_HOOK=$hook attach
			goes_on 192.0.2.25 192.0.2.0/24
			goes_on $gateway6 2001:db8::/32
		done
	done
}

@test "P2: a connection out of a cookie goes on when its source is blocked" {
	limited 1/1h 3
	attach
	ip -n world addr replace 192.0.2.77/24 dev out0
	before=$(gw sysctl -n net.ipv4.tcp_syncookies)
	gw sysctl -qw net.ipv4.tcp_syncookies=2 # every one is
	goes_on 192.0.2.25 192.0.2.0/24
	goes_on $gateway6 2001:db8::/32
	gw sysctl -qw net.ipv4.tcp_syncookies="$before"
}

@test "P2: the same where the server is in a container, or on another port" {
	command -v nft >/dev/null || skip 'no nft here'
	gw sysctl -qw net.ipv4.ip_forward=1
	ip netns add box
	ip -n gateway link add vbox type veth peer name eth0 netns box
	ip -n gateway link set vbox up
	ip -n gateway addr add 172.22.1.1/24 dev vbox
	ip -n box link set lo up
	ip -n box link set eth0 up
	ip -n box addr add 172.22.1.253/24 dev eth0
	ip -n box route add default via 172.22.1.1
	nsenter --net=/run/netns/box sysctl -qw net.ipv4.tcp_syncookies=1
	serve box nsenter --net=/run/netns/box build/tests/smtpd 25 280
	serve other gw build/tests/smtpd 2525 280
	for rule in 'dnat to 172.22.1.253:25' 'redirect to :2525'; do
		gw nft -f - <<-EOT
		flush ruleset
		table ip n {
			chain c {
				type nat hook prerouting priority dstnat;
				iifname "mail0" tcp dport 25 $rule
			}
		}
		EOT
		for hook in tracepoint sockops; do
			echo "$rule, $hook"
			limited 1/1h 3
			MAILWEIR_HOOK=$hook attach
			# Five SYNs come in before the first is charged, and
			# are good for one connection each.
			got=$(rounds $gateway4 $nobody4)
			echo "$got"
			[[ "$got" =~ ^[345]\ 0\ 0\ 0\ 0\ 0$ ]]
			gw nft flush ruleset
		done
	done
}

# 1: as a client, 2: as a server, 0x400: every listener does it, 0x200: without
# a cookie. The server is to be one that began to listen so.
fast_server() { # value of net.ipv4.tcp_fastopen
	[ -z "${fast:-}" ] || fast_end
	gw sysctl -qw net.ipv4.tcp_fastopen="$1"
	rm -f /run/fast # else it tells of the last server
	serve fast gw build/tests/smtpd 2526 280
	fast=$background
}

fast_end() {
	pkill -TERM -P "$fast" || kill -TERM "$fast"
	wait "$fast" || :
	fast=
}

fast_limited() { # hook
	limited 1/1h 3 'ports = 2526'
	MAILWEIR_HOOK=$1 attach
}

# One after the other, six of them, each from a port of its own: sets opened to
# whom the server greeted.
fast_port=$((20000 + 1000 * BATS_TEST_NUMBER))
fast_open() { # destination source text [option]
	local line
	opened=
	for _ in 1 2 3 4 5 6; do
		fast_port=$((fast_port + 2))
		line=$(segments fastopen -d "$1" -s "$2" -p 2526 -c 1 \
			-P $fast_port -T "$3" -w 300 "${@:4}")
		opened+=$(value greeted "$line")
	done
}

whole=$'EHLO x\r\nMAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n.\r\nQUIT\r\n'

@test "P5: a Fast Open connection is charged once, whoever completes it" {
	fast_server 0x403
	for hook in tracepoint sockops; do
		for pair in "$gateway4 $nobody4" "$gateway6 $nobody6"; do
			# -: the server is through before the client says more.
			for option in '' -A; do
				echo "$hook $pair $option"
				fast_limited $hook
				# shellcheck disable=SC2086 # words
				fast_open $pair "$whole" $option
				expect $opened = 111000
				expect "$(counter connections)" = 3
				run -1 mw test "${pair#* }"
			done
		done
	done
	fast_end
}

# They are no more at once than the server's queue for Fast Open lets by.
@test "P5: who never completes the handshake is charged when it ends" {
	for hook in tracepoint sockops; do
		fast_server 0x403
		fast_limited $hook
		fast_open $gateway4 $nobody4 $'EHLO x\r\n'
		expect $opened = 111111
		expect "$(counter connections)" = 0
		fast_end
		expect "$(counter connections)" = 6
		run -1 mw test $nobody4
		expect "$(mw status --json |
			jq '.tables["source open"].connections')" = 0
		fast_server 0x403
		fast_open $gateway4 $nobody4 "$whole"
		expect $opened = 000000
		fast_end
	done
}

# Why its SYN alone is not charged: only the kernel knows whose cookie it has.
@test "P5: who forges a cookie charges nobody" {
	fast_server 0x403
	for hook in tracepoint sockops; do
		fast_limited $hook
		fast_open $gateway4 $nobody4 "$whole" -B
		expect $opened = 000000
		expect "$(counter connections)" = 0
		run -0 mw test $nobody4
		fast_open $gateway4 $nobody4 "$whole"
		expect $opened = 111000
	done
	fast_end
}

@test "P5: without a cookie it proves nothing until it is acknowledged" {
	fast_server 0x603
	for hook in tracepoint sockops; do
		fast_limited $hook || expect $? = 4
		fast_open $gateway4 $nobody4 "$whole" -N
		expect $opened = 111111
		expect "$(counter connections)" = 0
		run -0 mw test $nobody4
		run -4 mw status
		[[ "$output" == *"net.ipv4.tcp_fastopen"*"0x200"* ]]
		fast_open $gateway4 $nobody4 $'EHLO x\r\n' -N -A
		expect $opened = 111000
		expect "$(counter connections)" = 3
	done
	gw sysctl -qw net.ipv4.tcp_fastopen=1
	fast_end
}
