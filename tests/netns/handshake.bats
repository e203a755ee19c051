#!/usr/bin/env bats
# charge = handshake: connections are charged, forged SYNs are not. For longer
# and under more: long/charge.bats, by make check-handshake.
load lib

# The gateway's addresses are on a bridge: mail0, its port, is judged natively,
# br0 itself only generically. All of 10/8 and some of 2001:db8::/32 are world.
setup_file() {
	make_network
	ip -n world route add local 10.0.0.0/8 dev lo
	for n in 1 2 3; do
		ip -n world -6 route add local 2001:db8:$n::/48 dev lo
	done
	ip -n gateway link add br0 type bridge
	ip -n gateway addr flush dev mail0
	ip -n gateway link set mail0 master br0
	ip -n gateway link set br0 up
	ip -n gateway addr add $gateway4/24 dev br0
	ip -n gateway addr add $gateway6/64 dev br0 nodad
	ip -n gateway route replace default via 192.0.2.1
	ip -n gateway -6 route replace default via 2001:db8:25::1
	gw sysctl -qw net.ipv4.tcp_syncookies=1
	start_smtpd 600
}

# One after the other from each source in turn; which were established, as 0
# and 1. A connection is over before the next begins.
dialled() { # destination count source...
	local to=$1 count=$2 source
	for source in "${@:3}"; do
		for ((i = 0; i < count; i++)); do echo "$source"; done
	done >/run/sources
	tool dial -d "$to" -f /run/sources -n $((count * ($# - 2))) -i 20000 \
		-t 400 -v | head -n1 | fold -w "$count" | paste -sd' '
}

# 1 an hour, burst 3; a netblock 5; what is on the list 1.
same_limits() { # charge
	configure <<-EOT
	[gate]
	mode = enforce
	charge = $1
	[limit source]
	rate = 1/1h
	burst = 3
	[limit netblock]
	rate = 1/1h
	burst = 5
	[list slow]
	action = limit
	rate = 1/1h
	burst = 1
	file = slow
	EOT
	printf '10.3.0.0/16\n2001:db8:3::/48\n' >/run/slow
}

same_verdicts() { # charge hook device
	echo "charge = $1, $2, $3"
	same_limits "$1"
	mw detach -q 2>/dev/null || [ $? = 3 ]
	MAILWEIR_HOOK=$2 mw attach -q -c $CONF "$3" || [ $? = 4 ]
	if [ "$1" = handshake ]; then
		mw status | grep "handshake completes ($2"
	fi
	expect "$(dialled $gateway4 5 10.1.0.1 10.1.0.2 10.2.0.1 10.3.0.1 \
		10.3.1.2)" = '11100 11000 11100 10000 10000'
	expect "$(dialled $gateway6 5 2001:db8:1::1 2001:db8:1:1::2 \
		2001:db8:2::1 2001:db8:3::1)" = '11100 11000 11100 10000'
}

@test "the same verdicts, however it is charged and wherever it hangs" {
	for device in mail0 br0; do
		same_verdicts handshake tracepoint $device
		same_verdicts handshake sockops $device
		same_verdicts syn none $device
	done
}

# 10.9.9.9 connects eight times, as often as its limit lets it, while a flood
# names it, or the next one of a file; none may fail.
victim_under() { # a second, flood's options
	background flood tool synflood syn -i out0 -d $gateway4 -t 10 -w 100 \
		-r "$1" -c $(($1 * 4)) "${@:2}"
	tool dial -d $gateway4 -s 10.9.9.9 -n 8 -i 500000 -t 5000 |
		tee /run/victim
	wait "$background" || :
	expect "$(value connected "$(cat /run/victim)")" = 8
}

@test "forged SYNs cost the address that they name nothing" {
	limited 120/1m 5
	attach
	for rate in 1000 10000 50000; do
		victim_under $rate -a 10.9.9.9
	done
	for ((i = 0; i < 65536; i++)); do
		echo "10.9.$((i / 256)).$((i % 256))"
	done >/run/victims
	victim_under 20000 -f /run/victims
	mw stats | awk '$2 != 0'
	# Each connection once, and nobody else's.
	expect "$(counter connections)" = 32
	expect "$(counter drop_limit_source)" = 0
	expect "$(mw sources --json | jq '.sources | length')" -le 1
	expect "$(counter attempts)" -ge 160000
}

# What it shows the absence of.
@test "charge = syn: the same flood keeps the address out" {
	limited 60/1m 5 'charge = syn'
	attach
	background flood tool synflood syn -i out0 -d $gateway4 -t 9 \
		-w 100 -a 10.9.9.9 -r 1000 -c 5000
	sleep 1
	expect "$(dialled $gateway4 3 10.9.9.9)" = 000
	wait "$background" || :
}

@test "an offender is not forgotten under a flood of forged sources" {
	limited 60/1m 10
	attach
	background flood tool synflood syn -i out0 -d $gateway4 -t 20 -w 100 \
		-n 10.128.0.0/9 -r 60000 -c 300000
	tool dial -d $gateway4 -s 10.9.9.9 -n 50 -i 100000 -t 700 |
		tee /run/offender
	wait "$background" || :
	got=$(value connected "$(cat /run/offender)")
	# 10 at once, one more each second
	expect "$got" -ge 13
	expect "$got" -le 15
	expect "$(counter source_evicted)" = 0
	expect "$(counter source_no_room)" = 0
}

@test "what was opened beyond the burst is paid for" {
	limited 1/1s 3
	attach
	# All SYNs first: charged once the bucket is read by nobody any more.
	tool dial -d $gateway4 -s 10.9.9.9 -n 40 -i 0 -t 700 | tee /run/many
	got=$(value connected "$(cat /run/many)")
	over=$(counter connections_over)
	mw stats | awk '$2 != 0'
	expect "$got" -ge 3
	expect "$over" = $((got - 3))
	debt=$(mw sources --json | jq '.sources[0].debt_ns / 1e9 | round')
	expect "$debt" -le "$got"
	expect "$debt" -ge $((got - 3))
}

@test "a netblock owes no more than its burst" {
	configure <<-EOT
	[gate]
	mode = enforce
	[limit netblock]
	rate = 1/1s
	burst = 3
	EOT
	attach
	for i in {1..40}; do echo 10.9.9.$i; done >/run/many
	tool dial -d $gateway4 -f /run/many -n 40 -i 0 -t 700
	debt=$(mw sources --json | jq '.sources[] | select(.level ==
		"netblock") | .debt_ns / 1e9 | ceil')
	expect "$debt" -le 3
	sleep 3
	expect "$(dialled $gateway4 1 10.9.9.77)" = 1
}

@test "observe charges what enforce would let in" {
	limited 1/1h 3
	sed -i s/enforce/observe/ $CONF
	attach
	expect "$(dialled $gateway4 6 10.9.9.9)" = 111111
	expect "$(counter connections)" = 6
	expect "$(counter connections_over)" = 3
	expect "$(counter would_drop_limit_source)" = 3
	debt=$(mw sources --json | jq '.sources[0].debt_ns / 3600e9 | round')
	expect "$debt" = 3
}

@test "connections to other ports, elsewhere and of others count nothing" {
	limited 1/1h 1
	attach
	gw build/tests/smtpd 26 30 >/run/other 2>&1 </dev/null 3>&- &
	# One of the gateway's own, over lo: it did not come in by mail0.
	gw build/tests/dial -d 127.0.0.1
	expect "$(counter connections)" = 0
	until [ -s /run/other ]; do sleep 0.05; done
	tool dial -d $gateway4 -p 26 -s 10.9.9.9 -n 3
	expect "$(counter connections)" = 0
	# The same port in another network namespace.
	world build/tests/smtpd 25 30 >/run/third 2>&1 </dev/null 3>&- &
	until [ -s /run/third ]; do sleep 0.05; done
	tool dial -d 127.0.0.1 -n 3
	expect "$(counter connections)" = 0
}

@test "without syncookies, and where nothing connects: told" {
	limited 1/1h 3
	gw sysctl -qw net.ipv4.tcp_syncookies=0
	mw detach -q 2>/dev/null || :
	run -4 mw attach -c $CONF mail0
	[[ "$output" == *"tcp_syncookies is 0"* ]]
	run -4 mw status
	[[ "$output" == *"RED: net.ipv4.tcp_syncookies is 0"* ]]
	gw sysctl -qw net.ipv4.tcp_syncookies=1
	run -0 mw status
	# Forged ones, which somebody listens to.
	tool synflood syn -i out0 -d $gateway4 -n 10.0.0.0/8 -c 200 -t 9
	run -0 mw status
	# Nobody listens here, as where a host behind answers.
	sed -i 's/\[gate\]/&\nports = 2525/' $CONF
	run -4 mw reload -q -c $CONF
	run -4 mw status
	[[ "$output" == *"RED: 200 attempts were let by and none became"* ]]
	[[ "$output" == *"charge = syn"* ]]
	sed -i /2525/d $CONF
	mw reload -q -c $CONF
	tool dial -d $gateway4 -s 10.9.9.9
	run -0 mw status
}

@test "a reload keeps the debts and never charges twice or not at all" {
	limited 1/1h 3
	attach
	expect "$(dialled $gateway4 2 10.9.9.9)" = 11
	mw reload -q -c $CONF
	expect "$(dialled $gateway4 3 10.9.9.9)" = 100
	sed -i 's/rate = .*/rate = 1000000\/1s/; s/burst.*/burst = 1000000/' $CONF
	mw reload -q -c $CONF
	before=$(counter connections)
	background many tool dial -d $gateway4 -s 10.9.8.8 -n 4000 -i 1000 \
		-t 3000
	for i in {1..12}; do mw reload -q -c $CONF; done
	wait "$background"
	cat /run/many
	got=$(value connected "$(cat /run/many)")
	expect "$got" = 4000
	expect "$(counter connections)" = $((before + got))
}

@test "from syn to handshake and back" {
	limited 1/1h 3 'charge = syn'
	attach
	[ ! -e "$(pins)"/opened ]
	sed -i 's/charge = syn/charge = handshake/' $CONF
	mw reload -q -c $CONF
	[ -e "$(pins)"/opened ]
	expect "$(dialled $gateway4 5 10.9.7.7)" = 11100
	sed -i 's/charge = handshake/charge = syn/' $CONF
	mw reload -q -c $CONF
	[ ! -e "$(pins)"/opened ]
	expect "$(counter connections)" = 3
	expect "$(dialled $gateway4 5 10.9.6.6)" = 11100
	expect "$(counter connections)" = 3
	mw detach -q
	[ ! -e "$MAILWEIR_BPFFS"/mailweir ]
}

@test "P11: a hook that somebody detached is red, and reload makes another" {
	limited 1/1h 3
	mw detach -q 2>/dev/null || [ $? = 3 ]
	MAILWEIR_HOOK=sockops mw attach -q -c $CONF mail0
	expect "$(dialled $gateway4 5 10.9.5.1)" = 11100
	bpftool link detach pinned \
		"$(pins)"/hook_sockops
	run -4 mw status
	echo "$output" | grep '^RED: connections are not charged'
	mw reload -q -c $CONF
	run -0 mw status
	expect "$(dialled $gateway4 5 10.9.5.2)" = 11100
	expect "$(counter connections)" = 6
}

@test "T13: connections of an MPTCP listener are charged once, and counted" {
	[ "$(gw cat /proc/sys/net/mptcp/enabled 2>/dev/null)" = 1 ] ||
		skip 'this kernel has no MPTCP'
	limited 1/1h 5 'ports = 26'
	sed -i 's/burst = 5/&\nconnections = 3/' $CONF
	attach
	serve mptcp gw build/tests/smtpd 26 30 128 mptcp
	tool dial -d $gateway4 -p 26 -s 10.9.4.1 -n 10 -i 100000 -t 300 |
		tee /run/line
	expect "$(value connected "$(cat /run/line)")" = 5
	expect "$(counter connections)" = 5
	background held tool dial -d $gateway4 -p 26 -s 10.9.4.2 -n 5 \
		-i 100000 -t 300 -k 2000
	wait "$background"
	expect "$(value connected "$(cat /run/held)")" = 3
	until ! mw status | grep 'sources with open'; do sleep 0.1; done
}
