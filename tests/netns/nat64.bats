#!/usr/bin/env bats
# IPv4 behind NAT64 (RFC 6052) is IPv4: for lists, blocks, limits, and in words.
load lib

setup_file() {
	make_network
	networks 10.1.0.1/32 10.2.0.1/32
	for v4 in 10.1.0.1 10.2.0.1 10.2.0.2 10.2.0.3 8.8.8.8 9.9.9.9; do
		networks 64:ff9b::$v4/128 2001:db8:64::$v4/128
	done
	# 10.1.0.1 and 8.8.8.8 behind a /32, 9.9.9.9 behind a /64
	networks 2001:32:a01:1::/128 2001:32:808:808::/128 \
		2001:db8:40:0:9:909:900::/128
	start_smtpd
}

setup() {
	printf '10.1.0.0/16\n' >/run/drop.txt
	gate 64:ff9b::/96
	attach
}

gate() { # nat64
	limited 1/1h 3 "nat64 = $1"
	printf '[list drop]\naction = block\nfile = drop.txt\n' >>$CONF
}

connected() { # source; of five connections
	local to=$gateway4
	[[ $1 != *:* ]] || to=$gateway6
	value connected "$(tool dial -d $to -s "$1" -n 5 -i 60000 -t 300)"
}

@test "P13: each address behind NAT64 has its own limit" {
	expect "$(connected 64:ff9b::8.8.8.8)" = 3
	expect "$(connected 64:ff9b::9.9.9.9)" = 3
	mw sources | grep '^source *8.8.8.8 '
	mw sources | grep '^source *9.9.9.9 '
	expect "$(counter connections)" = 6
}

@test "P13: IPv4 and the same address behind NAT64 are one source" {
	expect "$(connected 10.2.0.1)" = 3
	expect "$(connected 64:ff9b::10.2.0.1)" = 0
	run -1 mw test 64:ff9b::10.2.0.1
	[[ "$output" == "drop 64:ff9b::a02:1: "*"judged as 10.2.0.1"* ]]
	expect "$(mw test 64:ff9b::10.2.0.1 --json | jq -r .judged_as)" = \
		10.2.0.1
	run -1 mw test 10.2.0.1
}

@test "P13: IPv4 lists hold behind NAT64" {
	expect "$(connected 64:ff9b::10.1.0.1)" = 0
	run -1 mw test 64:ff9b::10.1.0.1
	[[ "$output" == *"block list"*"prefix 10.1.0.0/16"* ]]
	expect "$(connected 64:ff9b::10.2.0.2)" = 3
}

@test "P13: a list that names what is behind NAT64 holds for IPv4" {
	printf '64:ff9b::10.2.0.0/112\n64:ff9b::/64\n' >/run/drop.txt
	run -0 mw reload -c $CONF
	[[ "$output" == *"64:ff9b::/64: who comes through NAT64 is judged as"* ]]
	expect "$(connected 10.2.0.1)" = 0
	expect "$(connected 64:ff9b::10.2.0.2)" = 0
	expect "$(connected 64:ff9b::8.8.8.8)" = 3
	mw lists export drop | grep -x 10.2.0.0/16
}

@test "P13: blocks of either kind hold, and end, for both" {
	mw block -q 8.8.8.0/24
	expect "$(connected 64:ff9b::8.8.8.8)" = 0
	mw unblock -q 64:ff9b::8.8.8.0/120
	expect "$(connected 64:ff9b::8.8.8.8)" = 3
	mw block -q 64:ff9b::10.2.0.1
	expect "$(mw blocks --json | jq -r '.blocks[].prefix')" = 10.2.0.1
	expect "$(connected 10.2.0.1)" = 0
	run -1 mw block 64:ff9b::/96
	[[ "$output" == *"64:ff9b::/96: is an IPv4 /0 by NAT64"* ]]
	run -0 mw block 64:ff9b::/64
	[[ "$output" == *"who comes through NAT64 is judged as IPv4"* ]]
	expect "$(connected 64:ff9b::10.2.0.3)" = 3
	mw unblock -q 10.2.0.1
	mw unblock -q 64:ff9b::/64
}

@test "P13: who is imported as IPv4 is regular behind NAT64" {
	printf '64:ff9b::9.9.9.9\n' | mw known import -q -
	mw known | grep '^9.9.9.9 '
	[[ "$(mw test 9.9.9.9)" == *regular* ]]
	[[ "$(mw test 64:ff9b::9.9.9.9)" == *regular* ]]
}

@test "P13: prefixes of this network's own NAT64" {
	expect "$(connected 2001:db8:64::10.1.0.1)" = 3
	gate '2001:db8:64::/96, 2001:db8:65::/96'
	attach
	expect "$(connected 2001:db8:64::10.1.0.1)" = 0
	expect "$(connected 64:ff9b::10.1.0.1)" = 0
	expect "$(connected 2001:db8:64::8.8.8.8)" = 3
	mw status | grep '^nat64 .*64:ff9b::/96, 2001:db8:64::/96, 2001:db8:65'
}

@test "P13: prefixes of other lengths" {
	gate '2001:32::/32, 2001:db8:40::/64'
	attach
	expect "$(connected 2001:32:a01:1::)" = 0
	expect "$(connected 2001:32:808:808::)" = 3
	expect "$(connected 8.8.8.8)" = 0
	mw block -q 9.9.9.0/24
	expect "$(connected 2001:db8:40:0:9:909:900::)" = 0
	mw unblock -q 2001:db8:40:0:9:909::/96
	expect "$(connected 2001:db8:40:0:9:909:900::)" = 3
	run -1 mw test 2001:32:a01:1::
	[[ "$output" == *"judged as 10.1.0.1"* ]]
	mw status | grep '^nat64 .*2001:32::/32, 2001:db8:40::/64'
}

@test "P13: blocks that were kept before as IPv6 hold for IPv4" {
	mw block -q 2001:32:808:808:: --why early
	expect "$(mw blocks --json | jq -r '.blocks[].prefix')" = \
		2001:32:808:808::
	mw detach -q
	gate 2001:32::/32
	mw attach -q -c $CONF mail0 || [ $? = 4 ]
	expect "$(mw blocks --json | jq -r '.blocks[].prefix')" = 8.8.8.8
	run -1 mw test 2001:32:808:808::
	[[ "$output" == *"judged as 8.8.8.8"*early* ]]
	mw unblock -q 8.8.8.8
}
