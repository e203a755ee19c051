#!/usr/bin/env bats
# A real Postfix behind mailweir. While one address floods and another is
# listed, all the mail of a polite one arrives; Postfix's own log is the
# witness.
load lib

postfix=/run/postfix
polite4=198.51.100.10 flooder4=198.51.101.10 listed4=203.0.113.77
polite6=2001:db8:1::10 flooder6=2001:db8:2::10 listed6=2001:db8:bad::77

setup_file() {
	command -v postfix >/dev/null || skip "no postfix on this machine"
	make_network
	networks $polite4/32 $flooder4/32 $listed4/32 \
		$polite6/128 $flooder6/128 $listed6/128
	start_postfix
	printf '%s\n' 203.0.113.0/24 2001:db8:bad::/48 >/run/drop.txt
	configure <<-EOT
	[gate]
	mode = enforce
	[limit source]
	rate = 60/1m
	burst = 20
	[list drop]
	action = block
	file = drop.txt
	EOT
	attach
}

teardown_file() {
	gw postfix -c $postfix/etc stop 2>/dev/null || :
}

# Debian's Postfix with its own configuration and queue; mail for example.com
# is discarded when it has been accepted and queued.
start_postfix() {
	mkdir -p $postfix/etc $postfix/queue $postfix/data
	chown postfix $postfix/data
	cp /usr/share/postfix/master.cf.dist $postfix/etc/master.cf
	# No chroot: the fifth column.
	sed -i -E 's/^(([^ #]+ +){4})y/\1n/' $postfix/etc/master.cf
	cat >$postfix/etc/main.cf <<-EOT
	compatibility_level = 3.6
	queue_directory = $postfix/queue
	data_directory = $postfix/data
	maillog_file = $postfix/log
	maillog_file_prefixes = /run
	inet_interfaces = all
	inet_protocols = all
	myhostname = gateway.example.com
	mydestination = example.com
	local_transport = discard:
	local_recipient_maps =
	alias_maps =
	smtpd_peername_lookup = no
	EOT
	gw postfix -c $postfix/etc start 2>&1 3>&- 4>&-
	until grep -q 'daemon started' $postfix/log; do sleep 0.1; done
}

# Connections that Postfix has seen from there.
connections() { # address
	grep -cF " connect from unknown[$1]" $postfix/log || :
}

# Mail sent from that address through real SMTP sessions, one each.
send_mail() { # family address gateway messages name
	world ip -"$1" route replace "$3" dev out0 src "$2"
	background "mail-$5" world timeout 30 smtp-source -"$1" -c -m "$4" \
		-s 1 -w 1 -f "$5@sender.example" -t me@example.com "$3":25
}

arrived() { # name
	local id
	sed -n "s/.* \([0-9A-F]*\): from=<$1@sender.example>.*/\1/p" \
		$postfix/log | sort -u >/run/ids
	# What is in the queue is sent when its discard is in the log.
	while read -r id; do
		grep -F " $id: " $postfix/log | grep -c 'status=sent' || :
	done </run/ids | grep -c 1
}

all_arrive() { # family gateway polite flooder listed
	local flood seconds polite blocked

	background flood tool synflood connect -d "$2" -a "$4" -r 50 -c 400 \
		-t 20 -m
	flood=$background
	background blocked tool synflood connect -d "$2" -a "$5" -r 5 -c 30 \
		-t 20 -m
	blocked=$background
	send_mail "$1" "$3" "$2" 15 "polite$1"
	polite=$background
	wait "$polite" "$flood" "$blocked"
	sleep 1 # for Postfix to write its log

	cat /run/flood /run/blocked
	expect "$(arrived "polite$1")" = 15
	expect "$(connections "$3")" = 15

	expect "$(value connected "$(cat /run/blocked)")" = 0
	expect "$(connections "$5")" = 0

	# Burst and rate, and no more; one for the second that has begun.
	seconds=$(value seconds "$(cut -d. -f1 </run/flood)")
	expect "$(value attempted "$(cat /run/flood)")" = 400
	expect "$(connections "$4")" -ge $((20 + seconds - 1))
	expect "$(connections "$4")" -le $((20 + seconds + 1))
}

@test "IPv4: polite mail arrives, a flood gets its rate, the listed nothing" {
	all_arrive 4 $gateway4 $polite4 $flooder4 $listed4
}

@test "IPv6: polite mail arrives, a flood gets its rate, the listed nothing" {
	all_arrive 6 $gateway6 $polite6 $flooder6 $listed6
}

@test "what was dropped is counted for its reason, and no other" {
	mw stats
	expect "$(counter drop_block_list)" -ge 60
	expect "$(counter drop_limit_source)" -ge 700
	expect "$(counter drop_malformed)" = 0
	expect "$(counter drop_limit_netblock)" = 0
	expect "$(mw stats --json | jq .lists.drop.dropped)" = \
		"$(counter drop_block_list)"
}

@test "known import: who mailed, by Postfix's own log" {
	cp $postfix/log /run/mail.log
	run -0 mw known import /run/mail.log
	[[ "$output" == *"2 addresses are regular"* ]] # who was accepted, once each
	mw known --json >/run/known
	jq -e ".sources[] | select(.source == \"$polite4\") | .regular" /run/known
	expect "$(jq ".sources[] | select(.source == \"$listed4\")" \
		/run/known)" = ''
	# It connected, and sent nothing.
	expect "$(jq ".sources[] | select(.source == \"$flooder4\") |
		.regular" /run/known)" = false
}

@test "without mailweir the same flood is served: the oracle is awake" {
	mw detach -q
	tool synflood connect -d $gateway4 -a $listed4 -r 50 -c 20 -t 20 -m
	sleep 1
	expect "$(connections $listed4)" = 20
}
