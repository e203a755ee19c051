#!/usr/bin/env bats
# SYNs that are answered at the interface, beside what the stack answers.
load lib

nobody4=203.0.113.9 nobody6=2001:db8:9::9

setup_file() {
	make_network
	ip -n world route add local 10.0.0.0/8 dev lo
	ip -n world -6 route add local 2001:db8:1::/48 dev lo
	# A veth hands over frames that are sent back only to a peer with XDP.
	ip -n world link set out0 xdp obj build/foreign.bpf.o sec xdp.frags
	# Else checksums are left to the receiver.
	gw ethtool -K mail0 tx off >/dev/null
	gw sysctl -qw net.ipv4.tcp_syncookies=2
	mac=$(ip -n gateway -j link show mail0 | jq -r '.[].address')
	export mac
	start_smtpd 600
}

setup() { gw sysctl -qw net.ipv4.tcp_syncookies=2; }

# One SYN a minute of each CPU is let by, so that any other one is above.
answering() { # [lines of [gate]]
	limited 1/1h "${burst:-500}" $'answer_above = 1/1m\n'"${1:-}"
	attach
}

synack() { # destination source words of the tool
	world taskset -c 0 build/tests/synack -i out0 -m "$mac" -d "$1" \
		-s "$2" "${@:3}"
}

synacks() { # destination source; a line for each shape, and who answers it
	local shape before after
	synack "$1" "$2" -b plain >/dev/null # now the CPU is above
	before=$(counter answered) || :
	for shape in $(tool synack -l); do
		synack "$1" "$2" "$shape" | tr '\n' ' '
		after=$(counter answered) || :
		echo $((after - before))
		before=$after
	done
}

# What it is to the stack, byte for byte, and who answers.
compare() { # words of attach
	local pair shape
	for pair in "$gateway4 $nobody4" "$gateway6 $nobody6"; do
		answering 'answer = no'
		synacks $pair | sed 's/ [01]$//' >/run/stack
		expect "$(counter answered)" = 0
		answering "$1"
		synacks $pair >/run/both
		sed 's/ [01]$//' /run/both | diff /run/stack - | head -20
		expect "${PIPESTATUS[1]}" = 0
		expect "$(grep -c 'answered=1 check=ok' /run/stack)" -ge 14
		! grep check=bad /run/both
		cat /run/both
		passed_on='vlan fast-open md5 group'
		[[ $pair == *:* ]] && passed_on+=' extension' ||
			passed_on+=' ip-options broken'
		for shape in $(tool synack -l); do
			here=1
			[[ " $passed_on " != *" $shape "* ]] || here=0
			expect "$shape $(sed -n "s/^$shape .* //p" \
				/run/both)" = "$shape $here"
		done
	done
}

@test "an answer is the stack's, byte for byte: native" {
	compare ''
	expect "$(mw status --json | jq -r '.interfaces[0].xdp')" = native
}

@test "an answer is the stack's, byte for byte: generic" {
	compare 'native = no'
}

# The queue of the server is full, as nobody completes these.
fill_the_queue() {
	gw sysctl -qw net.ipv4.tcp_syncookies=1
	tool synflood syn -i out0 -d $gateway4 -c 1500 -t 9 -w 50 \
		-n 198.18.0.0/15 >&2
}

no_server() {
	pkill smtpd || :
	pkill -f share.py || :
	while [ -n "$(gw ss -Hltn 'sport = :25')" ]; do sleep 0.05; done
	rm -f /run/smtpd
}

connected() { # options of dial
	value connected "$(tool dial "$@")"
}

@test "peace: below the rate, and with an empty queue, nothing is answered" {
	limited 60/1m 500
	attach
	expect "$(connected -d $gateway4 -s 10.9.9.1 -n 100 -i 2000)" = 100
	expect "$(counter answered)" = 0
	# Above it the server's queue has room, and the kernel answers in full.
	gw sysctl -qw net.ipv4.tcp_syncookies=1
	answering
	expect "$(connected -d $gateway4 -s 10.9.9.1 -n 50 -i 5000)" = 50
	expect "$(counter answered)" = 0
	expect "$(mw status --json | jq -r '.answers | [.answer, .answered,
		.since_s, .last_s] | @csv')" = '"auto",0,,'
	[[ "$(mw status)" == *"answers      SYNs above 1/60s of a CPU: 0"* ]] ||
		mw status
}

@test "answer = no: nothing is answered" {
	answering 'answer = no'
	fill_the_queue
	expect "$(counter answered)" = 0
	expect "$(mw status --json | jq -r .answers.answer)" = no
	[[ "$(mw status)" == *"answers      no"* ]]
}

# Both CPUs are above the rate, and cookies are sent always.
above() { # destination
	tool synflood syn -i out0 -d "$1" -c 200 -t 9 -w 50 \
		-n 198.18.0.0/15 >&2
	before=$(counter answered)
	expect "$before" -ge 190
}

charged_once() { # charge
	expect "$(connected -d $gateway4 -s 10.9.9.1 -n 20 -i 2000 -t 900)" = 20
	expect "$(connected -d $gateway6 -s 2001:db8:1::1 -n 20 -i 2000 \
		-t 900)" = 20
	for source in 10.9.9.1 2001:db8:1::1; do
		mw test $source >/run/test
		left=$(sed -n 's/.*: \([0-9]*\) of 500 left.*/\1/p' /run/test)
		expect "$left" -le 480
		# A SYN that is sent again is charged again, at the SYN.
		expect "$left" -ge "$([ "$1" = syn ] && echo 470 || echo 480)"
	done
	[ "$1" = syn ] || expect "$(counter connections)" = 40
}

@test "connections are made by answers, and each is charged once" {
	for mode in '' 'native = no'; do
		for charge in handshake syn; do
			answering "charge = $charge"$'\n'"$mode"
			above $gateway4
			charged_once $charge
			expect "$(counter answered)" -ge $((before + 39))
			expect "$(counter attempts_ack)" = 40
			mw status >/run/status
			grep 'answers .*, since .*: [0-9]* answered' /run/status
			expect "$(mw status --json |
				jq .answers.since_s)" -le 30
		done
	done
}

@test "connections are made while the queue of the server is full" {
	for charge in handshake syn; do
		answering "charge = $charge"
		fill_the_queue
		background flood tool synflood syn -i out0 -d $gateway4 -t 9 \
			-w 50 -n 198.18.0.0/15 -r 3000 -c 9000
		charged_once $charge
		wait "$background" || :
		expect "$(counter answered)" -ge 5000
		expect "$(counter attempts_ack)" -ge 20
	done
}

@test "limits and blocks hold for who is answered" {
	for charge in handshake syn; do
		burst=3 answering "charge = $charge"
		above $gateway4
		expect "$(connected -d $gateway4 -s 10.9.9.2 -n 9 -i 20000 \
			-t 500)" = 3
		expect "$(counter answered)" -ge $((before + 2))
		expect "$(counter answered)" -le $((before + 3))
		mw block -q 10.9.9.3
		expect "$(connected -d $gateway4 -s 10.9.9.3 -n 2 -t 300)" = 0
		expect "$(counter drop_block)" = 2
		expect "$(counter answered)" -le $((before + 3))
	done
}

@test "the ACK of an answer makes as many connections as its source may have" {
	for charge in handshake syn; do
		for pair in "$gateway4 $nobody4" "$gateway6 $nobody6"; do
			burst=3 answering "charge = $charge"
			above $gateway4
			tool segments cookies -i out0 -d ${pair% *} \
				-s ${pair#* } -c 3 >/run/cookies
			expect "$(counter answered)" -ge $((before + 2))
			for _ in 1 2 3; do
				value greeted "$(tool segments replay -i out0 \
					-d ${pair% *} -s ${pair#* } -w 300 \
					</run/cookies)"
			done | paste -sd' ' >/run/greeted
			expect "$(cat /run/greeted)" = '3 0 0'
		done
	done
}

@test "observe answers, too, and drops nothing" {
	answering
	sed -i 's/enforce/observe/; s/^burst = .*/burst = 1/' $CONF
	attach
	fill_the_queue
	expect "$(counter answered)" -ge 1000
	expect "$(connected -d $gateway4 -s 10.9.9.1 -n 5 -i 20000)" = 5
	expect "$(counter pass_observed)" -ge 4
}

@test "an address that is not the gateway's is not answered for" {
	answering
	above $gateway4
	ip -n world route add 192.0.2.99/32 via $gateway4 dev out0
	expect "$(value answered "$(tool synflood syn -i out0 -d 192.0.2.99 \
		-c 50 -t 9 -n 198.18.0.0/15)")" = 0
	expect "$(counter answered)" = "$before"
	# After a reload it is, if it has become one.
	ip -n gateway addr add 192.0.2.99/32 dev mail0
	mw reload -q -c $CONF
	tool synflood syn -i out0 -d 192.0.2.99 -c 50 -t 9 -n 198.18.0.0/15
	expect "$(counter answered)" -ge $((before + 48))
	ip -n gateway addr del 192.0.2.99/32 dev mail0
	ip -n world route del 192.0.2.99/32
}

# Where SYNs go elsewhere the listener here sends no cookie itself.
@test "a redirected port is left to the kernel, also with a listener here" {
	command -v nft >/dev/null || skip 'no nft here'
	gw nft -f - <<-EOT
	table ip n {
		chain c {
			type nat hook prerouting priority dstnat;
			iifname "mail0" tcp dport 25 redirect to :2525
		}
	}
	EOT
	# A server that has sent no cookie yet.
	no_server
	serve other gw build/tests/smtpd 2525 280
	start_smtpd 600
	for cookies in 1 2; do
		gw sysctl -qw net.ipv4.tcp_syncookies=$cookies
		answering
		expect "$(connected -d $gateway4 -s 10.9.9.1 -n 20 -i 2000)" = 20
		expect "$(counter answered)" = 0
	done
	gw nft flush ruleset
}

# What a native program sends back on such a veth is lost.
@test "a veth whose other end takes no frames is left to the kernel" {
	ip -n world link set out0 xdp off
	answering
	fill_the_queue
	expect "$(counter answered)" = 0
	gw sysctl -qw net.ipv4.tcp_syncookies=2
	expect "$(connected -d $gateway4 -s 10.9.9.7 -n 20 -i 2000)" = 20
	answering 'native = no'
	above $gateway4
	expect "$(connected -d $gateway4 -s 10.9.9.7 -n 20 -i 2000)" = 20
	ip -n world link set out0 xdp obj build/foreign.bpf.o sec xdp.frags
}

@test "several listeners share a port, and all are answered for" {
	no_server
	cat >/run/share.py <<-'EOT'
	import select, socket
	servers = []
	for address in ("192.0.2.25", "192.0.2.25", "192.0.2.25"):
	    s = socket.socket()
	    for option in (socket.SO_REUSEPORT, socket.SO_REUSEADDR):
	        s.setsockopt(socket.SOL_SOCKET, option, 1)
	    s.bind((address, 25))
	    s.listen(64)
	    servers.append(s)
	print("listens", flush=True)
	while True:
	    for s in select.select(servers, [], [])[0]:
	        s.accept()[0].close()
	EOT
	serve share gw python3 -u /run/share.py
	answering
	above $gateway4
	expect "$(connected -d $gateway4 -s 10.9.9.4 -n 60 -i 2000 -t 900)" = 60
	expect "$(counter answered)" -ge $((before + 50))
	no_server
	start_smtpd 600
}

# A cookie to a connection that one end has forgotten would end in silence.
@test "a SYN that belongs to a connection is the stack's" {
	answering
	above $gateway4
	world python3 - >/run/held 2>&1 3>&- <<-'EOT' &
	import socket, time
	s = socket.create_connection(("192.0.2.25", 25),
	    source_address=("10.9.9.8", 5555))
	print(s.recv(99).decode(), flush=True)
	time.sleep(5)
	EOT
	until grep -q ^220 /run/held; do sleep 0.05; done
	before=$(counter answered)
	for _ in 1 2 3; do
		expect "$(synack $gateway4 10.9.9.8 -P 5555 mss)" = \
			"mss answered=0"
	done
	expect "$(counter answered)" = "$before"
	[[ "$(synack $gateway4 10.9.9.8 -P 5557 mss)" == *answered=1* ]]
	expect "$(counter answered)" = $((before + 1))
}

@test "regulars are left to the kernel, as many as the rate" {
	limited 1/1h 500 'answer_above = 1/1m'
	mw detach -q 2>/dev/null || [ $? = 3 ]
	rm -rf "$MAILWEIR_STATE"
	echo 10.9.9.5 | mw known import -q -c $CONF
	mw attach -q -c $CONF mail0
	gw sysctl -qw net.ipv4.tcp_syncookies=2
	synack $gateway4 $nobody4 -b plain >/run/out # now CPU 0 is above
	before=$(counter answered)
	world taskset -c 0 build/tests/dial -d $gateway4 -s 10.9.9.5 -n 1
	expect "$(counter answered)" = "$before"
	world taskset -c 0 build/tests/dial -d $gateway4 -s 10.9.9.5 -n 1
	expect "$(counter answered)" = $((before + 1))
}
