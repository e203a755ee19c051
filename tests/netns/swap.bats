#!/usr/bin/env bats
# Two lists that change places under a flood: no packet may see half of one,
# or none. SWAP_SECONDS: for how long (15).
load lib

setup_file() {
	make_network
	gw sysctl -qw net.ipv4.tcp_max_syn_backlog=16384
	start_smtpd 600
	# 50,000 neighbours, so that filling takes its time.
	awk 'BEGIN { for (i = 0; i < 50000; i++)
		printf "100.%d.%d.%d\n", i / 65536, i / 256 % 256, i % 256 }' \
		>/run/many
	cat - /run/many <<<$'10.1.0.1\n10.9.0.1' >/run/a
	cat - /run/many <<<$'10.2.0.1\n10.9.0.0/16' >/run/b
	configure <<-EOT
	[gate]
	mode = enforce
	charge = syn
	[list drop]
	action = block
	file = a
	EOT
	attach
}

# How many SYNs of a source were answered.
of() { # source
	sed -n "s/^source=$1 answered=//p" /run/flood
}

@test "a source in both lists is never passed while they swap" {
	printf '%s\n' 10.1.0.1 10.2.0.1 10.9.0.1 10.9.7.7 >/run/sources
	background flood tool synflood syn -v -i out0 -d $gateway4 \
		-f /run/sources -r 8000 -c 9000000 -t "${SWAP_SECONDS:-15}"
	swaps=0
	while kill -0 "$background" 2>/dev/null; do
		((swaps % 2)) && file=/run/a || file=/run/b
		mw lists load drop $file -q -c $CONF
		swaps=$((swaps + 1))
	done
	wait "$background"
	cat /run/flood
	echo "# $swaps swaps" >&3
	expect "$swaps" -ge 20
	expect "$(of 10.9.0.1)" = 0
	sent=$(value sent "$(head -n1 /run/flood)")
	expect "$(counter drop_block_list)" -ge $((sent / 4))
	# The oracle is awake: one list alone blocks each of these.
	expect "$(of 10.1.0.1)" -gt 0
	expect "$(of 10.2.0.1)" -gt 0
	expect "$(of 10.9.7.7)" -gt 0
}
