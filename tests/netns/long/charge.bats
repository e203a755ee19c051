#!/usr/bin/env bats
# charge = handshake under floods as long and as fast as the claims say: part
# of make check-handshake. What make check does of it is in ../handshake.bats.
load ../lib

seconds=${HANDSHAKE_SECONDS:-60}

setup_file() {
	make_network
	ip -n world route add local 10.0.0.0/8 dev lo
	gw sysctl -qw net.ipv4.tcp_syncookies=1
	mount -t bpf bpf /run/bpf
	bpftool prog load build/foreign.bpf.o /run/bpf/foreign
	start_smtpd 3600
	quiet
}

# Whoever is named answers the SYN-ACK with a reset, which makes room for the
# next; behind a firewall that lets in what was asked for, and where there is
# nobody, nothing answers.
quiet() {
	local syn_ack='tcp flags & (syn | ack) == syn | ack'
	world nft add table inet quiet
	world nft 'add chain inet quiet in { type filter hook prerouting priority 0; }'
	world nft "add rule inet quiet in $syn_ack socket wildcard 0 accept"
	world nft "add rule inet quiet in $syn_ack drop"
}
resetting() { world nft delete table inet quiet; }

# This machine without mailweir: somebody's XDP program, which only passes.
plain() {
	mw detach -q 2>/dev/null || [ $? = 3 ]
	gw bpftool net attach xdp pinned /run/bpf/foreign dev mail0 overwrite
}

with_mailweir() {
	gw bpftool net detach xdp dev mail0 2>/dev/null || :
	attach
}

# From two processes, so that both CPUs have some.
flood() { # a second, seconds, synflood's options
	local n each=$(($1 / 2))
	floods=()
	for n in 0 1; do
		background flood.$n exec nsenter --net=/run/netns/world \
			build/tests/synflood syn -i out0 -d $gateway4 \
			-r $each -c $((each * $2)) -t "$2" -w 0 "${@:3}"
		floods+=("$background")
	done
}

# sent: how many it made; per_second: of them.
flood_ended() {
	local n line
	wait "${floods[@]}"
	sent=0 per_second=0
	for n in 0 1; do
		line=$(cat /run/flood.$n)
		echo "$line"
		sent=$((sent + $(value sent "$line")))
		per_second=$((per_second + $(awk -F '[= ]' \
			'{ printf "%d", $2 / $10 }' <<<"$line")))
	done
}

# 10.9.9.9 connects while somebody names it: how often that was served. A busy
# machine loses some SYNs; a mail server tries for half a minute and longer.
victim() { # count microseconds
	tool dial -d $gateway4 -s 10.9.9.9 -n "$1" -i "$2" -t 30000 |
		tee /run/victim
	served=$(value connected "$(cat /run/victim)")
	p99=$(awk -F = '{ print $NF }' /run/victim)
}

# highest: the rate of the last step at which each of 50 connections in 10 s
# was served. Where the machine makes no more, that is the last.
find_highest() {
	plain
	highest=0
	for step in 50000 100000 150000 200000 300000 400000 600000; do
		flood $step 10 -a 10.9.9.9
		victim 50 190000
		flood_ended
		figure "victim: without mailweir, $per_second forged SYN/s" \
			"(of $step): $served of 50 served, p99 $p99 us"
		[ "$served" = 50 ] || break
		highest=$step
		[ "$per_second" -ge $((step * 9 / 10)) ] || break
	done
	expect $highest -gt 0
}

# The limit lets through one connection more in all: were forged SYNs charged,
# some would be refused.
victim_under() { # a second, synflood's options
	limited 1/1h $((seconds + 1))
	with_mailweir
	flood "$1" "$seconds" "${@:2}"
	victim "$seconds" 1000000
	flood_ended
	attempts=$(counter attempts)
	forged=$((forged + attempts))
	figure "victim: $per_second forged SYN/s (of $1): $served of" \
		"$seconds served, p99 $p99 us; $attempts attempts," \
		"$(counter pass_conforms) passed," \
		"$(counter connections) connections"
	expect "$(counter pass_conforms)" = "$attempts"
	expect "$served" = "$seconds"
	expect "$(counter connections)" = "$seconds"
	expect "$(counter connections_over)" = 0
	# Rows of nobody else, and an hour of debt for each connection.
	mw sources --json >/run/sources
	expect "$(jq -r '.sources[].source' /run/sources)" = 10.9.9.9
	expect "$(jq '.sources[0].debt_ns / 3600e9 | round' \
		/run/sources)" = "$seconds"
}

@test "5,000,000 forged SYNs cost those that they name nothing" {
	forged=0
	find_highest
	for ((i = 0; i < 65536; i++)); do
		echo "10.9.$((i / 256)).$((i % 256))"
	done >/run/victims
	victim_under 100000 -a 10.9.9.9
	victim_under $highest -a 10.9.9.9
	victim_under 100000 -f /run/victims
	resetting
	figure 'victim: the same, and whom they name answers with resets'
	victim_under 10000 -a 10.9.9.9
	victim_under 30000 -a 10.9.9.9
	quiet
	figure "victim: $forged forged SYNs in all"
	[ "$seconds" -lt 60 ] || expect $forged -ge 5000000
}

# One a second at 10/1m, burst 10, while others are forged; 30 of 120 conform.
offender_under() { # charge, least, most
	for per_second in 1000 10000 100000; do
		limited 10/1m 10 "charge = $1"
		with_mailweir
		flood $per_second $((seconds * 2)) -n 10.128.0.0/9
		tool dial -d $gateway4 -s 10.9.9.9 -n $((seconds * 2)) \
			-i 1000000 -t 700 >/run/offender
		flood_ended
		admitted=$(value connected "$(cat /run/offender)")
		figure "amnesia: charge = $1, $per_second forged SYN/s:" \
			"$admitted of $((seconds * 2)) admitted;" \
			"$(counter source_evicted) evicted," \
			"$(counter source_no_room) without room"
		expect "$admitted" -ge $(($2 * seconds / 60))
		expect "$admitted" -le $((10 + ($3 - 10) * seconds / 60))
		[ "$1" = syn ] || expect "$(counter connections)" = "$admitted"
	done
}

@test "an offender is not forgotten under a flood of forged sources" {
	offender_under handshake 25 30
}

@test "charge = syn: an offender is next to never forgotten" {
	offender_under syn 25 36
}

# 500 polite senders, one of which connects 50 times a second, all told.
polite() { # name, forged a second
	flood "$2" $((seconds / 5)) -n 10.128.0.0/9
	tool dial -d $gateway4 -f /run/polite -n $((seconds * 10)) -i 20000 \
		-t 3000 >/run/line
	flood_ended
	value connected "$(cat /run/line)" >>"/run/harm.$1.connected"
	value median_us "$(cat /run/line)" >>"/run/harm.$1.median"
	value p99_us "$(cat /run/line)" >>"/run/harm.$1.p99"
	echo "$1: $(cat /run/line)"
	rates="${rates:-} $per_second"
}

median() {
	sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# Each is first in every other round; what an attach leaves to do is done
# before it is measured.
polite_under() { # forged a second
	local what name order='plain mailweir'
	rates=
	rm -f /run/harm.*
	for _ in {1..8}; do
		for name in $order; do
			if [ "$name" = mailweir ]; then
				with_mailweir
			else
				plain
			fi
			sleep 1
			polite "$name" "$1"
		done
		order="${order#* } ${order% *}"
	done
	for name in plain mailweir; do
		for what in connected median p99; do
			eval "${name}_$what=$(median /run/harm.$name.$what)"
		done
	done
	figure "harm: $1 forged SYN/s, in 8 rounds each, alternating:$rates"
	for name in plain mailweir; do
		figure "harm: $name: connected of $((seconds * 10)):" \
			"$(paste -sd ' ' /run/harm.$name.connected); p99 in us:" \
			"$(paste -sd ' ' /run/harm.$name.p99)"
	done
	# shellcheck disable=SC2154 # eval sets them
	figure "harm: medians: plain $plain_connected, $plain_median us, p99" \
		"$plain_p99; mailweir $mailweir_connected, $mailweir_median" \
		"us, p99 $mailweir_p99"
	expect "$mailweir_connected" -ge "$plain_connected"
	expect "$mailweir_p99" -le $((2 * plain_p99))
}

@test "a polite sender fares no worse than on plain Linux" {
	limited 60/1m 30
	for i in {0..499}; do
		echo "10.1.$((i / 250)).$((i % 250))"
	done >/run/polite
	polite_under 20000
	polite_under 100000
}
