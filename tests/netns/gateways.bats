#!/usr/bin/env bats
# Where the handshake completes is not where the packet came in: containers,
# redirected ports, proxies. And what never came in through the gate.
load lib

# The gateway has a container, box, on a bridge with a neighbour, and one on
# the wire itself, mac.
box4=172.22.1.253 box6=fd00:22::253 mac4=192.0.2.26

setup_file() {
	command -v nft >/dev/null || skip 'no nft here'
	make_network
	ip -n world route add local 10.0.0.0/8 dev lo
	ip -n world -6 route add local 2001:db8:1::/48 dev lo
	gw sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	gw sysctl -qw net.ipv4.tcp_syncookies=1
	ip -n gateway link add brm type bridge
	ip -n gateway link set brm up
	ip -n gateway addr add 172.22.1.1/24 dev brm
	ip -n gateway addr add fd00:22::1/64 dev brm nodad
	container box $box4 $box6
	container neighbour 172.22.1.7 fd00:22::7
	serve box_smtpd nsenter --net=/run/netns/box build/tests/smtpd 25 280
	serve gw_smtpd gw build/tests/smtpd 2525 280
}

container() { # name IPv4 IPv6
	ip netns add "$1"
	ip netns exec "$1" sysctl -qw net.ipv6.conf.default.accept_dad=0
	ip -n gateway link add "v$1" type veth peer name eth0 netns "$1"
	ip -n gateway link set "v$1" master brm up
	ip -n "$1" link set lo up
	ip -n "$1" link set eth0 up
	ip -n "$1" addr add "$2/24" dev eth0
	ip -n "$1" addr add "$3/64" dev eth0 nodad
	ip -n "$1" route add default via 172.22.1.1
	ip -n "$1" -6 route add default via fd00:22::1
}

inside() { # container command...
	nsenter --net=/run/netns/"$1" "${@:2}"
}

# As Docker and its like write it.
nat() { # what becomes of IPv4, and of IPv6
	gw nft -f - <<-EOT
	table ip n {
		chain c {
			type nat hook prerouting priority dstnat;
			iifname != "brm" tcp dport 25 $1
		}
	}
	table ip6 n {
		chain c {
			type nat hook prerouting priority dstnat;
			iifname != "brm" tcp dport 25 $2
		}
	}
	EOT
}

end() { # process in the background...
	local process
	for process; do
		pkill -KILL -P "$process" || kill -KILL "$process" || :
	done
}

proxy() { # words of proxy
	serve proxy gw build/tests/proxy "$@"
	echo "$background" >/run/proxy_process
}

# The ways to a mail server.
directly() { :; }

by_dnat() { nat "dnat to $box4:25" "dnat to [$box6]:25"; }

by_dnat_beside_a_proxy() {
	by_dnat
	proxy 25 280 $box4 25
}

by_proxy() { proxy 25 280 $box4 25; }

by_redirect() { nat 'redirect to :2525' 'redirect to :2525'; }

by_redirect_beside_a_listener() {
	by_redirect
	proxy 25 280 127.0.0.1 2525 127.0.0.1
}

way() { # name
	gw nft flush ruleset
	[ ! -e /run/proxy_process ] || end "$(cat /run/proxy_process)"
	rm -f /run/proxy_process
	"$1"
}

ways=(by_dnat by_dnat_beside_a_proxy by_proxy by_redirect
	by_redirect_beside_a_listener)

connect() { # options of dial; the line that it prints
	tool dial -d $gateway4 "$@"
}

connected() { value connected "$(connect "$@")"; }

# Of seven connections, one after the other, so many are established, and those
# are charged and remembered by the address that came over the wire.
charged() { # destination source count
	local before
	before=$(counter connections)
	expect "$(value connected "$(tool dial -d "$1" -s "$2" -n 7 -i 100000 \
		-t 300)")" = "$3"
	expect "$(counter connections)" = $((before + $3))
	run -1 mw test "$2"
	mw known --json | jq -e --arg source "$2" \
		'.sources[] | select(.source | startswith($source))'
}

@test "T11, T12: a handshake counts wherever on this machine it completes" {
	for hook in tracepoint sockops; do
		for way in "${ways[@]}"; do
			echo "$hook $way"
			limited 1/1h 5
			way "$way"
			MAILWEIR_HOOK=$hook attach
			charged $gateway4 10.9.9.9 5
			charged $gateway6 2001:db8:1:: 5
			expect "$(counter connections)" = 10
			expect "$(counter connections_elsewhere)" = 0
			run -0 mw status
		done
	done
}

@test "a container with an interface of its own on the wire" {
	ip netns add mac
	ip -n gateway link add mac0 link mail0 type macvlan mode bridge
	ip -n gateway link set mac0 netns mac
	ip -n mac link set lo up
	ip -n mac link set mac0 up
	ip -n mac addr add $mac4/24 dev mac0
	ip -n mac route add default via 192.0.2.1
	serve mac_smtpd inside mac build/tests/smtpd 25 280
	limited 1/1h 5
	way directly
	attach
	charged $mac4 10.9.9.9 5
	end "$background"
	ip netns del mac
}

@test "SYNPROXY before the server: its connections are charged, too" {
	way directly
	gw nft -f - <<-EOT || skip 'no SYNPROXY here'
	table ip s {
		chain r {
			type filter hook prerouting priority raw;
			iifname "mail0" tcp dport 25 tcp flags syn notrack
		}
		chain i {
			type filter hook input priority filter;
			iifname "mail0" tcp dport 25 ct state invalid,untracked \
				synproxy mss 1460 wscale 7 timestamp sack-perm
			ct state invalid drop
		}
	}
	EOT
	gw sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0
	serve syn_smtpd gw build/tests/smtpd 25 280
	limited 1/1h 5
	attach
	charged $gateway4 10.9.9.9 5
	end "$background"
}

open_connections() { # that many, within 5 s
	for _ in {1..50}; do
		[ "$(mw status --json |
			jq '.tables["source open"].connections')" != "$1" ] ||
			return 0
		sleep 0.1
	done
	mw status
	return 1
}

@test "T11: connections at once, of a source and a netblock, in a container" {
	configure <<-EOT
	[gate]
	mode = enforce
	[limit source]
	connections = 3
	[limit netblock]
	connections = 5
	EOT
	for way in by_dnat by_redirect; do
		way "$way"
		for hook in tracepoint sockops; do
			MAILWEIR_HOOK=$hook attach
			background first tool dial -d $gateway4 -s 10.9.9.1 \
				-n 3 -i 1000 -k 100000
			first=$background
			open_connections 3
			expect "$(connected -s 10.9.9.1 -t 300)" = 0
			background second tool dial -d $gateway4 -s 10.9.9.2 \
				-n 2 -i 1000 -k 100000
			second=$background
			open_connections 5
			expect "$(connected -s 10.9.9.3 -t 300)" = 0
			expect "$(connected -s 10.9.8.3 -t 300)" = 1
			mw reload -q -c $CONF # and they stay counted
			open_connections 5
			end "$first" "$second"
			open_connections 0
			expect "$(connected -s 10.9.9.1 -t 300)" = 1
			expect "$(counter drop_open_source)" = 1
			expect "$(counter drop_open_netblock)" = 1
			open_connections 0
		done
	done
}

@test "T11: the total, [block] and histories of a container's connections" {
	way by_dnat
	configure <<-EOT
	[gate]
	mode = enforce
	[limit source]
	rate = 1/1h
	burst = 3
	[limit total]
	rate = 1/1h
	burst = 6
	[block]
	after = 1 time in 1h
	for = 10m
	EOT
	mw detach -q 2>/dev/null || [ $? = 3 ]
	rm -rf "$MAILWEIR_STATE"
	mkdir -p "$MAILWEIR_STATE"
	printf 'mailweir known 1 1\n10.9.7.7 %s %s\n' \
		"$(date -u -d '-9 days' +%Y-%m-%dT12)" \
		"$(date -u -d '-2 days' +%Y-%m-%dT12)" >"$MAILWEIR_STATE/known"
	mw attach -q -c $CONF mail0
	expect "$(connected -s 10.9.1.1 -n 5 -i 30000 -t 300)" = 3
	mw blocks | grep '^10.9.1.1 .*over its limit 1 time in 1h'
	expect "$(connected -s 10.9.2.2 -n 5 -i 30000 -t 300)" = 3
	# Strangers have had their six, the one with a history has not.
	expect "$(connected -s 10.9.3.3 -t 300)" = 0
	expect "$(connected -s 10.9.7.7 -t 300)" = 1
	mw known --json | jq -e '.sources[] | select(.source == "10.9.7.7") |
		.last > now - 7200'
	expect "$(counter drop_limit_total)" = 1
}

past() { # by an interface that is not attached; so many connect
	value connected "$(tool dial -d 198.51.100.25 -n 20)"
}

@test "P9: what never came in through the gate is charged to nobody" {
	way by_dnat
	ip -n gateway link add mail1 type veth peer name out1 netns world
	ip -n gateway link set mail1 up
	ip -n world link set out1 up
	ip -n gateway addr add 198.51.100.25/24 dev mail1
	ip -n world addr add 198.51.100.1/24 dev out1
	serve here_smtpd gw build/tests/smtpd 25 280
	here=$background
	configure <<-EOT
	[gate]
	mode = enforce
	[limit source]
	rate = 1/1h
	burst = 30
	[limit netblock]
	connections = 1000
	[limit total]
	rate = 1/1h
	burst = 10
	EOT
	for hook in tracepoint sockops; do
		MAILWEIR_HOOK=$hook attach
		# Over lo, between containers, to one from the gateway itself,
		# and in through an interface that is not attached.
		gw build/tests/dial -d 127.0.0.1 -n 20
		gw build/tests/dial -d 127.0.0.1 -s 127.0.0.2 -n 20
		gw build/tests/dial -d ::1 -n 20
		gw build/tests/dial -d $gateway4 -n 20
		inside neighbour build/tests/dial -d $box4 -n 20
		inside neighbour build/tests/dial -d $box6 -n 20
		gw build/tests/dial -d $box4 -n 20
		expect "$(past)" = 20
		gw nft flush ruleset
		expect "$(past)" = 20
		way by_dnat
		mw stats | awk '$2 != 0'
		expect "$(counter connections)" = 0
		# To the gateway's own port 25, and not from itself.
		expect "$(counter connections_elsewhere)" = 20
		run -4 mw status
		[[ "$output" == *"20 connections to a guarded port came past"* ]]
		mw reload -q -c $CONF
		run -0 mw status
		expect "$(mw sources --json | jq '.sources | length')" = 0
		open_connections 0
		background held gw build/tests/dial -d 127.0.0.1 -n 5 -k 100000
		sleep 0.3
		mw reload -q -c $CONF
		open_connections 0
		expect "$(connected -s 10.9.9.9 -n 8 -i 20000)" = 8
		expect "$(counter connections)" = 8
		end "$background"
	done
	end "$here"
}

gw2() { nsenter --net=/run/netns/gateway2 "$@"; }
mw2() {
	MAILWEIR_BPFFS=/run/bpf2 MAILWEIR_STATE=/run/state2 \
		gw2 build/mailweir "$@"
}

@test "T11: two gateways on one kernel: to each its own" {
	way by_dnat
	limited 1/1h 5
	attach
	ip netns add gateway2
	mkdir -p /run/bpf2
	ip -n gateway2 link set lo up
	ip -n gateway2 link add mail2 type veth peer name out2 netns world
	ip -n gateway2 link set mail2 up
	ip -n world link set out2 up
	ip -n gateway2 addr add 203.0.113.25/24 dev mail2
	ip -n world addr add 203.0.113.1/24 dev out2
	ip -n gateway2 route add default via 203.0.113.1
	serve second gw2 build/tests/smtpd 25 280
	mw2 attach -q -c $CONF mail2
	expect "$(connected -s 10.9.9.9 -n 8 -i 30000 -t 400)" = 5
	expect "$(counter connections)" = 5
	expect "$(mw2 stats --json | jq .counters.connections)" = 0
	expect "$(value connected "$(tool dial -d 203.0.113.25 -s 10.9.8.8 \
		-n 8 -i 30000 -t 400)")" = 5
	expect "$(counter connections)" = 5
	expect "$(mw2 stats --json | jq .counters.connections)" = 5
	run -0 mw test 10.9.8.8
	run -1 mw2 test 10.9.8.8
	mw2 detach -q
	end "$background"
}

# "All is well" is said of what was seen only.
@test "P9: whom an allow list names may come past the gate" {
	way directly
	ip -n gateway link add mail3 type veth peer name out3 netns world
	ip -n gateway link set mail3 up
	ip -n world link set out3 up
	ip -n gateway addr add 198.51.102.25/24 dev mail3
	ip -n world addr add 198.51.102.1/24 dev out3
	serve past_smtpd gw build/tests/smtpd 25 280
	echo 198.51.102.0/24 >/run/inside
	limited 1/1h 5
	printf '[list inside]\naction = allow\nfile = inside\n' >>$CONF
	attach
	expect "$(value connected "$(tool dial -d 198.51.102.25 -n 5)")" = 5
	expect "$(counter connections_elsewhere)" = 0
	run -0 mw status
	end "$background"
}

@test "P4: handshakes that are completed elsewhere are red" {
	way directly
	serve idle_smtpd gw build/tests/smtpd 25 280
	limited 1/1h 5
	attach
	expect "$(connected -s 10.9.9.9 -n 2)" = 2
	run -0 mw status
	# As of senders whose mail server is another host.
	tool segments acks -i out0 -d $gateway4 -s 203.0.113.9 -c 300
	expect "$(counter handshakes)" -ge 300
	run -4 mw status
	[[ "$output" == *" senders completed a handshake, and less than"* ]]
	mw reload -q -c $CONF
	run -0 mw status
	end "$background"
}

@test "P16: connections that the kernel has no memory for are red" {
	most=$(gw sysctl -n net.core.optmem_max) || skip 'no sysctl of a gateway'
	way directly
	serve poor_smtpd gw build/tests/smtpd 25 280
	limited 1/1h 5
	attach
	gw sysctl -qw net.core.optmem_max=200
	expect "$(connected -s 10.9.9.9 -n 7)" = 7
	gw sysctl -qw net.core.optmem_max="$most"
	run -4 mw status
	[[ "$output" == *"charged to nobody"*"net.core.optmem_max"* ]]
	mw reload -q -c $CONF
	expect "$(connected -s 10.9.9.9 -n 7 -i 50000 -t 300)" = 5
	run -0 mw status
	end "$background"
}
