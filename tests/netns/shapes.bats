#!/usr/bin/env bats
# Whatever Linux answers with a SYN-ACK, mailweir must see. The oracle is the
# real stack: each shape of an attempt is put to it plain, and again through
# mailweir with the sender blocked; and a port that is not guarded keeps every
# answer, but for what hides its port.
load lib

ask() { # port; prints the shapes that were answered
	tool shapes run -p "$1" "out0" "$mac" 192.0.2.1 $gateway4 \
		2001:db8:25::1 $gateway6 all >/run/asked || return
	sed -n 's/ answered$//p' /run/asked | sort
}

listed() { # answered|malformed|short
	build/tests/shapes list "$1" | sort
}

# What mailweir leaves of the answers in /run/want, in /run/all where the port
# is not guarded, else in /run/guarded.
leave() {
	comm -23 /run/want <(listed malformed) >/run/all
	comm -23 /run/all <(listed short) >/run/guarded
	expect "$(wc -l </run/guarded)" -ge 75
}

setup_file() {
	make_network 9000
	for dev in all default mail0; do
		gw sysctl -qw net.ipv6.conf.$dev.seg6_enabled=1 \
			net.ipv6.conf.$dev.rpl_seg_enabled=1
	done
	serve listen gw build/tests/shapes listen -s 200 25 26
	configure <<-EOT
	[gate]
	mode = enforce
	charge = syn
	EOT
}

setup() {
	mac=$(mac_of mail0)
	listed answered >/run/want
	leave
}

mac_of() {
	ip -n gateway -j link show "$1" | jq -r '.[0].address'
}

block_senders() {
	mw block 192.0.2.1 -q
	mw block 2001:db8:25::1 -q
}

@test "without mailweir, Linux answers these shapes and no others" {
	ask 25 >/run/got
	diff /run/want /run/got
}

@test "attached at MTU 9000, natively, what is not blocked is answered" {
	attach
	expect "$(mw status --json | jq -r '.interfaces[0].xdp')" = native
	ask 25 >/run/got
	diff /run/guarded /run/got
}

@test "a blocked sender is answered nothing, whatever the shape" {
	block_senders
	ask 25 >/run/got
	expect "$(cat /run/got)" = ""
	expect "$(counter drop_block)" -ge 75
}

@test "a port that is not guarded answers a blocked sender" {
	ask 26 >/run/got
	diff /run/all /run/got
}

@test "observing, a blocked sender is answered, malformed ones too" {
	sed -i 's/enforce/observe/' $CONF
	mw reload -q -c $CONF
	ask 25 >/run/got
	diff /run/want /run/got
}

# A bridge has no native XDP. It takes other shapes than a bare veth does, and
# strips a tag before mailweir counts them: the plain answers are asked for
# first, and nothing else may be missing from them.
bridge() {
	ip -n gateway link add br0 mtu 9000 type bridge
	ip -n gateway link set mail0 master br0
	ip -n gateway addr flush dev mail0
	ip -n gateway link set br0 up
	ip -n gateway addr add $gateway4/24 dev br0
	ip -n gateway addr add $gateway6/64 dev br0
	mac=$(mac_of br0)
	ask 25 >/run/want
	leave
}

@test "the same in generic mode, on a bridge" {
	sed -i 's/observe/enforce/' $CONF
	mw detach -q
	bridge
	rm -rf "$MAILWEIR_STATE"
	run -4 mw attach -c $CONF br0
	[[ "$output" == *"br0: no native XDP here"*generic* ]]
	ask 25 >/run/got
	expect "$(comm -23 /run/guarded /run/got)" = ""
	block_senders
	ask 25 >/run/got
	expect "$(cat /run/got)" = ""
	ask 26 >/run/got
	expect "$(comm -23 /run/all /run/got)" = ""
}
