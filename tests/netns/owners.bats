#!/usr/bin/env bats
# Blocks have owners: two jails, a ticket and the program's own do not undo each
# other.
load lib
load faults

setup_file() {
	make_network
	networks 10.4.0.1/32
}

block() { mw blocks --json | jq -c --arg p "$1" '.blocks[] | select(.prefix == $p)'; }
ends_in() { block "$1" | jq '.expires_in_s // "never"'; }
owners() { block "$1" | jq -r '[.owners[].by] | sort | join(" ")'; }

@test "the longest of all owners counts, and each ends its own" {
	mw attach -q -c $CONF mail0
	run -0 mw block 10.5.0.1 --by jail1 --for 1h --why 'sasl'
	run -0 mw block 10.5.0.1 --by jail2 --for 10m --why 'spam'
	[[ "$output" == *"1 blocked"* ]]
	expect "$(owners 10.5.0.1)" = 'jail1 jail2'
	expect "$(ends_in 10.5.0.1)" -gt 3500
	expect "$(block 10.5.0.1 | jq -r .why)" = sasl
	run -0 mw blocks
	[[ "$output" == *"jail1,jail2"*sasl* ]]
	# The longer one's ban ends: what the other one wants stays.
	run -1 mw unblock 10.5.0.1 --by jail1
	echo "$output"
	[[ "$output" == *"no longer blocked by jail1, and blocked by jail2"* ]]
	drops mail0 10.5.0.1
	expect "$(ends_in 10.5.0.1)" -le 600
	expect "$(block 10.5.0.1 | jq -r .why)" = spam
	# Who has none there ends nothing.
	for whose in '--by jail1' ''; do
		run -1 mw unblock 10.5.0.1 $whose
		[[ "$output" == *"not blocked by"*"blocked by jail2"*--all* ]]
		drops mail0 10.5.0.1
	done
	run -0 mw unblock 10.5.0.1 --by jail2
	passes mail0 10.5.0.1
	run -1 mw unblock 10.5.0.1 --by jail2
	[[ "$output" == *"10.5.0.1: not blocked"* ]]
}

@test "--all ends everybody's" {
	mw attach -q -c $CONF mail0
	for by in a b c d e f g h; do mw block -q 10.5.0.1 --by $by; done
	# For more there is no room, which is told; nothing is changed.
	run -1 mw block 10.5.0.1 --by i
	[[ "$output" == *"8 owners"* ]]
	expect "$(owners 10.5.0.1)" = 'a b c d e f g h'
	run -0 mw unblock 10.5.0.1 --all
	passes mail0 10.5.0.1
	expect "$(mw blocks --json | jq -c .blocks)" = '[]'
	mw block -q 10.5.0.1 --by i
	expect "$(owners 10.5.0.1)" = i
}

@test "the owner is who calls, behind sudo who that is" {
	mw attach -q -c $CONF mail0
	mw block -q 10.5.0.1
	expect "$(owners 10.5.0.1)" = "$(id -un)"
	SUDO_USER=anna mw block -q 10.5.0.1
	expect "$(owners 10.5.0.1)" = "anna $(id -un)"
	SUDO_USER=anna run -1 mw unblock 10.5.0.1
	drops mail0 10.5.0.1
	run -0 mw unblock 10.5.0.1
	passes mail0 10.5.0.1
	for name in '' 'a b' $'a\tb' 0123456789012345678901234567890123; do
		run -2 mw block 10.5.0.1 --by "$name"
		[[ "$output" == *--by* ]]
	done
	run -2 mw block 10.5.0.1 --all
	run -2 mw blocks --by me
}

@test "owners survive detach and reboot, each with its end" {
	mw attach -q -c $CONF mail0
	mw block -q 10.5.0.1 --by ticket --why 'ticket 12'
	mw block -q 10.5.0.1 --by jail --for 10m
	mw block -q 10.6.0.1 --by jail --for 2s
	mw detach -q
	mw attach -q -c $CONF mail0
	expect "$(owners 10.5.0.1)" = 'jail ticket'
	reboot
	mw attach -q -c $CONF mail0
	expect "$(owners 10.5.0.1)" = 'jail ticket'
	expect "$(ends_in 10.5.0.1)" = '"never"'
	run -1 mw unblock 10.5.0.1 --by ticket
	expect "$(ends_in 10.5.0.1)" -le 600
	expect "$(ends_in 10.5.0.1)" -gt 500
	sleep 2
	expect "$(owners 10.6.0.1)" = ''
	passes mail0 10.6.0.1
}

# Over its limit as often as [block] takes.
over() { # address
	tool dial -d $gateway4 -s "$1" -n 2 -i 20000 -t 300
	sleep 1.2
	tool dial -d $gateway4 -s "$1" -n 1 -t 300
}

escalating() {
	start_smtpd
	configure <<-EOT
	[gate]
	mode = enforce
	[limit source]
	rate = 1/1s
	burst = 2
	[block]
	after = 2 times in 1h
	for = 10m
	growing = 4
	EOT
	mw attach -q -c $CONF mail0
}

@test "a jail's unban does not end the program's block, a person's unblock does" {
	escalating
	mw block -q 10.4.0.1 --by jail --for 1s
	sleep 1.2
	over 10.4.0.1
	expect "$(owners 10.4.0.1)" = mailweir
	mw block -q 10.4.0.1 --by jail --for 1h
	expect "$(owners 10.4.0.1)" = 'jail mailweir'
	run -1 mw unblock 10.4.0.1 --by jail
	expect "$(owners 10.4.0.1)" = mailweir
	expect "$(ends_in 10.4.0.1)" -le 600
	drops mail0 10.4.0.1
	run -0 mw unblock 10.4.0.1
	passes mail0 10.4.0.1
}

@test "unblock forgives: the next block is as long as the first" {
	escalating
	over 10.4.0.1
	expect "$(ends_in 10.4.0.1)" -le 600
	mw unblock -q 10.4.0.1
	sleep 2
	# One time over is one, not the next of three.
	tool dial -d $gateway4 -s 10.4.0.1 -n 2 -i 20000 -t 300
	expect "$(owners 10.4.0.1)" = ''
	sleep 1.2
	tool dial -d $gateway4 -s 10.4.0.1 -n 1 -t 300
	expect "$(owners 10.4.0.1)" = mailweir
	expect "$(ends_in 10.4.0.1)" -le 600
}
