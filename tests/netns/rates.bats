#!/usr/bin/env bats
# What a limit lets through, counted in SYN-ACKs of the real stack.
load lib

setup_file() {
	make_network
	networks 198.51.100.10/32
	gw sysctl -qw net.ipv4.tcp_max_syn_backlog=16384
	start_smtpd
}

syns() { # synflood's options; the number answered
	local line
	line=$(tool synflood syn -i out0 -t 20 "$@")
	echo "$line" | tee /run/line >&2
	expect "$(value left "$line")" = 0
	value answered "$line"
}

write_limits() { # mode, lines of [limit source]; no netblock limit
	configure <<-EOT
	[gate]
	mode = $1
	charge = syn
	[limit source]
	$2
	$3
	EOT
}

limits() {
	write_limits "$@"
	attach
}

limits_now() { # the same, enforced, in what is attached
	write_limits enforce "$@"
	mw reload -q -c $CONF
}

@test "100 SYNs in a second at 60/1m, burst 5: 5 or 6 are answered" {
	limits enforce 'rate = 60/1m' 'burst = 5'
	for pair in "$gateway4 198.51.100.10" "$gateway6 2001:db8:9::1"; do
		read -r to from <<<"$pair"
		answered=$(syns -d "$to" -a "$from" -c 100 -r 100)
		seconds=$(value seconds "$(cut -d. -f1,2 --output-delimiter=' ' \
			/run/line)")
		expect "$answered" -ge 5
		# 6; more only where the machine took longer to send them.
		expect "$answered" -le $((5 + seconds))
	done
}

@test "1,000 sources with 3 each: all 3,000 are answered" {
	limits enforce 'rate = 60/1m' 'burst = 5'
	for ((i = 0; i < 1000; i++)); do
		echo "10.$((i / 250)).$((i % 250)).9"
	done >/run/thousand
	cat /run/thousand /run/thousand /run/thousand >/run/sources
	expect "$(syns -d $gateway4 -f /run/sources -c 3000 -r 1500)" = 3000
	expect "$(counter drop_limit_source)" = 0
}

# The same 90 attempts, by nine sources; nothing is refilled meanwhile.
ninety() {
	for i in 1 2 3 4 5 6 7 8 9; do echo "10.1.$i.1"; done >/run/nine
	syns -d $gateway4 -f /run/nine -c 90 -r 900
}

@test "observe passes all and counts what enforce drops" {
	limits enforce 'rate = 1/1h' 'burst = 4'
	expect "$(ninety)" = 36
	dropped=$(counter drop_limit_source)
	expect "$dropped" = 54
	limits observe 'rate = 1/1h' 'burst = 4'
	expect "$(ninety)" = 90
	expect "$(counter would_drop_limit_source)" = "$dropped"
	expect "$(counter drop_limit_source)" = 0
}

@test "one limit in observe does the same in an enforcing gate" {
	limits enforce 'rate = 1/1h' $'burst = 4\nmode = observe'
	expect "$(ninety)" = 90
	expect "$(counter would_drop_limit_source)" = 54
}

@test "switching from observe to enforce locks nobody out" {
	limits observe 'rate = 60/1m' 'burst = 2'
	expect "$(syns -d $gateway4 -a 10.2.2.2 -c 200 -r 1000)" = 200
	sed -i s/observe/enforce/ $CONF
	mw reload -q -c $CONF
	# 198 attempts were refused: if they were owed, it would be minutes.
	sleep 2.2
	expect "$(syns -d $gateway4 -a 10.2.2.2 -c 2 -r 100)" = 2
}

@test "a refused attempt is not charged" {
	limits enforce 'rate = 60/1m' 'burst = 2'
	expect "$(syns -d $gateway4 -a 10.2.2.2 -c 200 -r 1000)" -le 9
	sleep 2.2
	expect "$(syns -d $gateway4 -a 10.2.2.2 -c 2 -r 100)" = 2
}

@test "reload keeps what a source owes" {
	limits enforce 'rate = 1/1h' 'burst = 4'
	expect "$(syns -d $gateway4 -a 10.3.3.3 -c 10 -r 100)" = 4
	mw reload -q -c $CONF
	expect "$(syns -d $gateway4 -a 10.3.3.3 -c 10 -r 100)" = 0
	expect "$(counter drop_limit_source)" = 16
}

@test "a more generous limit serves at once who the old one kept out" {
	limits enforce 'rate = 1/1d' 'burst = 2'
	expect "$(syns -d $gateway4 -a 10.3.3.4 -c 9 -r 100)" = 2
	limits_now 'rate = 60/1m' 'burst = 30'
	mw test 10.3.3.4
	expect "$(syns -d $gateway4 -a 10.3.3.4 -c 9 -r 100)" = 9
}

@test "addresses of one IPv6 /64 are one source, of another /64 another" {
	limits enforce 'rate = 1/1h' 'burst = 4'
	expect "$(syns -d $gateway6 -n 2001:db8:a:b::/64 -c 100 -r 500)" = 4
	expect "$(syns -d $gateway6 -n 2001:db8:a:c::/64 -c 100 -r 500)" = 4
}

@test "sources of one netblock share its limit, others do not pay" {
	configure <<-EOT
	[gate]
	mode = enforce
	charge = syn
	[limit source]
	rate = 1/1h
	burst = 2
	[limit netblock]
	rate = 1/1h
	burst = 20
	EOT
	attach
	for ((i = 0; i < 100; i++)); do echo "10.7.7.$i"; done >/run/hundred
	expect "$(syns -d $gateway4 -f /run/hundred -c 100 -r 500)" = 20
	expect "$(counter drop_limit_netblock)" = 80
	expect "$(syns -d $gateway4 -a 10.7.8.1 -c 5 -r 100)" = 2
	expect "$(syns -d $gateway6 -n 2001:db8:a::/48 -c 100 -r 500)" = 20
	expect "$(syns -d $gateway6 -a 2001:db8:b::1 -c 5 -r 100)" = 2
}

@test "allow passes, block drops, limit has its own rate; allow goes first" {
	printf '10.8.0.0/24\n' >/run/partners
	printf '10.8.0.0/16\n' >/run/drop
	printf '10.9.0.0/16\n' >/run/dialup
	configure <<-EOT
	[gate]
	mode = enforce
	charge = syn
	[limit source]
	rate = 1/1h
	burst = 4
	[list partners]
	action = allow
	file = partners
	[list drop]
	action = block
	file = drop
	[list dialup]
	action = limit
	rate = 1/1h
	burst = 1
	file = dialup
	EOT
	attach
	expect "$(syns -d $gateway4 -a 10.8.0.1 -c 50 -r 500)" = 50
	expect "$(syns -d $gateway4 -a 10.8.1.1 -c 50 -r 500)" = 0
	expect "$(syns -d $gateway4 -a 10.9.1.1 -c 50 -r 500)" = 1
	expect "$(syns -d $gateway4 -a 10.10.1.1 -c 50 -r 500)" = 4
	mw stats --json | jq -e '.counters | .pass_allow_list == 50 and
		.drop_block_list == 50 and .drop_limit_list == 49 and
		.drop_limit_source == 46 and .pass_conforms == 5'
}

@test "an observed block list lets through what others do not drop" {
	printf '10.8.0.0/24\n' >/run/trial
	printf '10.8.0.0/25\n' >/run/drop
	configure <<-EOT
	[gate]
	mode = enforce
	charge = syn
	[list trial]
	action = block
	mode = observe
	file = trial
	[list drop]
	action = block
	file = drop
	EOT
	attach
	expect "$(syns -d $gateway4 -a 10.8.0.200 -c 50 -r 500)" = 50
	expect "$(counter would_drop_block_list)" = 50
	run -0 mw test 10.8.0.200
	[[ "$output" == *"only observes"*"would drop: block list"* ]]
	[[ "$output" == *"would_drop_block_list"* ]]
	mw test 10.8.0.200 --json | jq -e '.would_drop and
		.counters == ["pass_conforms", "would_drop_block_list"]'
	expect "$(syns -d $gateway4 -a 10.8.0.100 -c 50 -r 500)" = 0
	expect "$(counter drop_block_list)" = 50
}
