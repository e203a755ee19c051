#!/usr/bin/env bats
# Interfaces without a link header: their packets begin with the IP header.
# Here a tun interface; tests/kernel boots a kernel that has the other kinds.
load lib

setup_file() {
	make_hosts
	serve tunnel build/tests/tunnel /run/netns/gateway mail0 \
		/run/netns/world out0
	make_addresses
	networks 10.1.0.1/32 10.2.0.1/32 10.2.0.2/32 10.2.0.3/32
	networks 2001:db8:1::1/128 2001:db8:2::1/128
	start_smtpd
}

setup() {
	printf '10.1.0.0/16\n2001:db8:1::/48\n' >/run/drop.txt
	configure <<-EOT
	[gate]
	mode = enforce
	[limit source]
	rate = 1/1h
	burst = 3
	[list drop]
	action = block
	file = drop.txt
	EOT
	# tun has no native XDP.
	attach || [ $? = 4 ]
}

connected() { # source; of seven connections
	local to=$gateway4
	[[ $1 != *:* ]] || to=$gateway6
	value connected "$(tool dial -d $to -s "$1" -n 7 -i 60000 -t 600)"
}

@test "T10, P1: without mailweir, a tun interface answers everybody" {
	mw detach -q
	expect "$(connected 10.1.0.1)" = 7
	expect "$(connected 2001:db8:1::1)" = 7
}

@test "T10, P1: on a tun interface the block list and the burst hold" {
	expect "$(connected 10.1.0.1)" = 0
	expect "$(connected 10.2.0.1)" = 3
	expect "$(connected 2001:db8:1::1)" = 0
	expect "$(connected 2001:db8:2::1)" = 3
	expect "$(counter attempts)" -ge 28
	expect "$(counter connections)" = 6
}

@test "T10, P1: after a reload they hold as before" {
	expect "$(connected 10.2.0.1)" = 3
	mw reload -q -c $CONF || [ $? = 4 ]
	expect "$(connected 10.1.0.1)" = 0
	expect "$(connected 10.2.0.1)" = 0
	expect "$(connected 10.2.0.2)" = 3
}

# Says hello, and goodbye once its source is blocked.
talk() {
	exec 3<>/dev/tcp/192.0.2.25/25
	read -r -t 5 greeting <&3
	echo "$greeting" >/run/greeted
	until [ -e /run/blocked ]; do sleep 0.05; done
	printf 'QUIT\r\n' >&3
	read -r -t 5 goodbye <&3
	echo "$goodbye"
}

@test "T10, P1: a connection that is open when its source is blocked goes on" {
	export -f talk
	rm -f /run/blocked /run/greeted
	background talk world bash -c talk
	until [ -s /run/greeted ]; do sleep 0.05; done
	mw block -q 192.0.2.1
	expect "$(connected 192.0.2.1)" = 0
	touch /run/blocked
	wait "$background"
	[[ "$(cat /run/greeted /run/talk)" == 220*221* ]]
}

# One program for interfaces of both kinds, at attach and at every reload.
@test "T10, P1: beside a veth, each gets the program that fits" {
	ip -n gateway link add mail1 type veth peer name out1 netns world
	ip -n gateway link set mail1 up
	ip -n world link set out1 up
	ip -n gateway addr add 198.51.100.25/24 dev mail1
	ip -n world addr add 198.51.100.1/24 dev out1
	mw attach -q -c $CONF mail1 || [ $? = 4 ]
	for _ in {1..2}; do
		mw block -q 198.51.100.0/24
		expect "$(value connected "$(tool dial -d 198.51.100.25 \
			-s 198.51.100.1 -n 2 -t 300)")" = 0
		expect "$(connected 10.1.0.1)" = 0
		mw reload -q -c $CONF || [ $? = 4 ]
	done
	mw unblock -q 198.51.100.0/24
	expect "$(value connected "$(tool dial -d 198.51.100.25 \
		-s 198.51.100.1 -n 2 -t 300)")" = 2
	expect "$(connected 10.2.0.3)" = 3
}

@test "T10, P1: a type that mailweir does not know is refused, with why" {
	serve tunnel build/tests/tunnel /run/netns/gateway odd0 \
		/run/netns/world odd1 804 # ARPHRD_IEEE802154
	run ! mw attach -c $CONF odd0
	[[ "$output" == *"odd0: cannot be attached: mailweir does not know"* ]]
	[[ "$(mw status)" != *odd0* ]]
}
