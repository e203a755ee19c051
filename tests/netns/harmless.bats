#!/usr/bin/env bats
# Nothing but an attempt on a guarded port is dropped: not one packet, of
# sources that are over their limit, listed and blocked by hand.
load lib

bad4=198.51.100.10 bad6=2001:db8:1::10

setup_file() {
	make_network
	networks $bad4/32 $bad6/128
	start_smtpd
	printf '%s\n' $bad4 $bad6 >/run/bad.txt
	configure <<-EOT
	[gate]
	mode = enforce
	charge = syn
	[limit source]
	rate = 1/1h
	burst = 1
	[limit netblock]
	rate = 1/1h
	burst = 1
	[list bad]
	action = block
	file = bad.txt
	EOT
	serve sink gw sh -c 'echo ready; exec socat -u \
		TCP6-LISTEN:26,ipv6only=0,fork,reuseaddr \
		SYSTEM:"wc -c >>/run/sizes"'
	serve udp gw sh -c 'echo ready; exec socat -u UDP6-RECV:25,ipv6only=0 \
		OPEN:/run/datagrams,creat,append'
	serve out world sh -c 'echo ready; exec socat \
		TCP6-LISTEN:25,ipv6only=0,fork,reuseaddr \
		SYSTEM:"echo 220 here"'
	# Connections that are there before mailweir is, and stay.
	for n in 4 6; do
		mkfifo /run/say$n
		background said$n talk $n
	done
	until grep -q ^220 /run/said4 && grep -q ^220 /run/said6; do
		sleep 0.1
	done
	attach
	mw block $bad4 -q
	mw block $bad6 -q
}

talk() { # 4|6: what is said into /run/sayN goes to the mail server
	local to="TCP4:$gateway4:25,bind=$bad4"
	[ "$1" = 4 ] || to="TCP6:[$gateway6]:25,bind=[$bad6]"
	# Held open for reading and writing: there is no end of file.
	world socat -t 5 - "$to" <>/run/say"$1"
}

setup() {
	dropped >/run/before
}

# What the kernel says was dropped by XDP on mail0, and what mailweir says.
dropped() {
	gw ethtool -S mail0 |
		awk '/xdp_drops/ { n += $2; seen = 1 } END { if (seen) print n }'
	mw stats --json | jq '[.counters | to_entries[] |
		select(.key | startswith("drop_")) | .value] | add'
}

# Nothing was dropped since setup, in the eyes of both.
unharmed() {
	dropped >/run/after
	expect "$(sort -u /run/after | wc -l)" = 1
	diff /run/before /run/after
}

@test "the sources are dropped on the guarded port" {
	for pair in "$gateway4 $bad4" "$gateway6 $bad6"; do
		read -r to from <<<"$pair"
		line=$(tool synflood connect -d "$to" -a "$from" -c 5 -t 9 -r 9)
		expect "$(value connected "$line")" = 0
	done
	expect "$(counter drop_block)" -ge 10
	run ! diff /run/before <(dropped)
}

@test "a connection that was open before it was blocked goes on" {
	for n in 4 6; do
		for ((i = 0; i < 2000; i++)); do echo NOOP; done >/run/say$n
		for ((i = 0; i < 100; i++)); do
			sleep 0.1
			[ "$(grep -c ^250 /run/said$n)" -lt 2000 ] || break
		done
		expect "$(grep -c ^250 /run/said$n)" = 2000
	done
	unharmed
}

@test "a connection over its limit goes on, and ends in order" {
	mw unblock $bad4 -q
	printf '192.0.2.99\n' >/run/other.txt
	mw lists load bad /run/other.txt -q -c $CONF
	line=$(tool synflood connect -d $gateway4 -a $bad4 -c 1 -t 9 -m)
	expect "$(value greeted "$line")" = 1
	line=$(tool synflood connect -d $gateway4 -a $bad4 -c 1 -t 9 -m)
	expect "$(value connected "$line")" = 0
	dropped >/run/before
	for ((i = 0; i < 2000; i++)); do echo NOOP; done >/run/say4
	echo QUIT >/run/say4
	for ((i = 0; i < 100; i++)); do
		sleep 0.1
		! grep -q ^221 /run/said4 || break
	done
	expect "$(grep -c ^250 /run/said4)" = 4000
	expect "$(grep -c ^221 /run/said4)" = 1
	unharmed
	mw block $bad4 -q
	mw lists load bad -q -c $CONF
}

@test "ping, IPv4 and IPv6, with fragments" {
	for to in "$gateway4 -I $bad4" "$gateway6 -I $bad6"; do
		# shellcheck disable=SC2086
		world ping -q -c 300 -i 0.002 -W 5 $to | grep ' 0% packet loss'
		# shellcheck disable=SC2086
		world ping -q -c 50 -i 0.002 -s 4000 -W 5 $to |
			grep ' 0% packet loss'
	done
	unharmed
	expect "$(counter pass_later_fragment)" -ge 200
}

@test "ARP and neighbour discovery, in both directions" {
	for ((i = 0; i < 5; i++)); do
		for where in gateway world; do
			ip -n $where neigh flush all
		done
		world ping -q -c 1 -W 2 -I $bad4 $gateway4
		world ping -q -c 1 -W 2 -I $bad6 $gateway6
		for where in gateway world; do
			ip -n $where neigh flush all
		done
		gw ping -q -c 1 -W 2 $bad4
		gw ping -q -c 1 -W 2 $bad6
	done
	unharmed
}

@test "UDP to the guarded port" {
	world socat -u - UDP4:$gateway4:25,bind=$bad4 < <(
		for ((i = 0; i < 200; i++)); do printf 4; sleep 0.002; done)
	world socat -u - "UDP6:[$gateway6]:25,bind=[$bad6]" < <(
		for ((i = 0; i < 200; i++)); do printf 6; sleep 0.002; done)
	sleep 0.3
	expect "$(tr -d 6 </run/datagrams | wc -c)" = 200
	expect "$(tr -d 4 </run/datagrams | wc -c)" = 200
	unharmed
}

@test "TCP to another port, in bulk" {
	head -c 20000000 /dev/zero | world socat -u - \
		TCP4:$gateway4:26,bind=$bad4
	head -c 20000000 /dev/zero | world socat -u - \
		"TCP6:[$gateway6]:26,bind=[$bad6]"
	for ((i = 0; i < 50; i++)); do
		sleep 0.1
		[ "$(wc -l </run/sizes)" -lt 2 ] || break
	done
	expect "$(sort -u /run/sizes)" = 20000000
	unharmed
}

@test "the gateway's own mail to a blocked host" {
	expect "$(gw socat -u TCP4:$bad4:25 -)" = '220 here'
	expect "$(gw socat -u "TCP6:[$bad6]:25" -)" = '220 here'
	unharmed
}
