#!/usr/bin/env bats
# What charging on proof is good for: connections at once, the total, who has
# a history, blocks that grow.
load lib

setup_file() {
	make_network
	ip -n world route add local 10.0.0.0/8 dev lo
	for n in 1 2; do
		ip -n world -6 route add local 2001:db8:$n::/48 dev lo
	done
	gw sysctl -qw net.ipv4.tcp_syncookies=1
	start_smtpd 600
}

enforce() { # stdin: sections
	{
		printf '[gate]\nmode = enforce\n'
		cat
	} | configure
}

# Connections that the kernel has to port 25, in states of the given kind.
sockets() {
	gw ss -Htn state established state close-wait 'sport = :25' | wc -l
}

open_connections() {
	mw status --json | jq '.tables["source open"].connections'
}

# bash takes its time for loops under bats.
addresses() { # how many, their first half
	seq 0 $(($1 - 1)) | awk -v net="$2" \
		'{ printf "%s.%d.%d\n", net, $1 / 256, $1 % 256 }'
}

# Both agree, within 5 s: a connection is closed by the kernel in its time.
agree() { # connections
	for _ in {1..50}; do
		[ "$(sockets)" != "$1" ] || [ "$(open_connections)" != "$1" ] ||
			return 0
		sleep 0.1
	done
	echo "sockets $(sockets), counted $(open_connections), expected $1"
	return 1
}

connect() { # options of dial; the line that it prints
	tool dial -d $gateway4 "$@"
}

connected() { value connected "$(connect "$@")"; }

hold() { # name count options of dial: they are established when this returns
	local name=$1 count=$2 before
	shift 2
	before=$(sockets)
	background "$name" tool dial -d $gateway4 -n "$count" "$@"
	for _ in {1..100}; do
		[ "$(sockets)" -lt $((before + count)) ] || return 0
		sleep 0.05
	done
	return 1
}

@test "so many connections at once, of a source and of a netblock" {
	for hook in tracepoint sockops; do
		enforce <<-EOT
		[limit source]
		connections = 3
		[limit netblock]
		connections = 5
		EOT
		MAILWEIR_HOOK=$hook attach
		mw status | grep "handshake completes ($hook"
		hold first 3 -s 10.9.9.1 -k 4000 -i 1000
		first=$background
		expect "$(connected -s 10.9.9.1 -t 300)" = 0
		run -1 mw test 10.9.9.1
		[[ "$output" == *"3 of 3 connections open"* ]]
		hold second 2 -s 10.9.9.2 -k 4000 -i 1000
		second=$background
		expect "$(connected -s 10.9.9.3 -t 300)" = 0
		expect "$(connected -s 10.9.8.3 -t 300)" = 1
		run -1 mw test 10.9.9.3
		[[ "$output" == *"too many connections of the netblock"* ]]
		wait "$first" "$second"
		agree 0
		expect "$(connected -s 10.9.9.1 -t 300)" = 1
		expect "$(counter drop_open_source)" = 1
		expect "$(counter drop_open_netblock)" = 1
		agree 0
	done
}

@test "IPv6: a /64 is one source" {
	enforce <<-EOT
	[limit source]
	connections = 2
	EOT
	attach
	background six tool dial -d $gateway6 -s 2001:db8:1::1 -n 2 -k 2000
	sleep 0.5
	expect "$(value connected "$(tool dial -d $gateway6 \
		-s 2001:db8:1::2 -t 300)")" = 0
	expect "$(value connected "$(tool dial -d $gateway6 \
		-s 2001:db8:1:1::2 -t 300)")" = 1
	wait "$background"
	agree 0
}

@test "observe counts what would be dropped, and drops nothing" {
	enforce <<-EOT
	[limit source]
	connections = 1
	mode = observe
	EOT
	attach
	hold first 1 -s 10.9.9.1 -k 1500
	expect "$(connected -s 10.9.9.1 -t 300)" = 1
	expect "$(counter would_drop_open_source)" = 1
	expect "$(counter drop_open_source)" = 0
	wait "$background"
	agree 0
}

# Each way that a connection ends, from either side.
@test "exact over close, reset, timeout and the death of either process" {
	enforce <<-EOT
	[limit source]
	connections = 1000
	EOT
	attach
	connect -s 10.9.9.1 -n 50 -i 1000 -k 50
	agree 0
	connect -s 10.9.9.1 -n 50 -i 1000 -k 50 -R
	agree 0
	# the client dies
	hold victims 20 -s 10.9.9.1 -k 60000 -i 1000
	agree 20
	pkill -KILL -P "$background" || kill -KILL "$background"
	agree 0
	# the server dies with connections open, and another takes its place
	hold victims 20 -s 10.9.9.2 -k 3000 -i 1000
	agree 20
	pkill -KILL smtpd
	agree 0
	start_smtpd 600
	# the client's host is gone: keepalive gives up
	hold victims 5 -s 10.9.9.3 -k 60000 -i 1000
	agree 5
	ip -n world link set out0 down
	sleep 1
	agree 0
	kill -KILL "$background"
	ip -n world link set out0 up
	ip -n world -6 addr replace 2001:db8:25::1/64 dev out0 nodad
	ip -n world -6 route replace 2001:db8::/32 dev out0
	# The kernel takes its time to see a link.
	until [ "$(connected -s 10.9.9.4 -t 200)" = 1 ]; do sleep 0.1; done
}

@test "attaching to a busy server, reload and restart: as many as there are" {
	enforce <<-EOT
	[limit source]
	connections = 12
	EOT
	mw detach -q 2>/dev/null || [ $? = 3 ]
	hold before 10 -s 10.9.9.1 -k 8000 -i 1000
	before=$background
	attach
	agree 10
	expect "$(connected -s 10.9.9.1 -n 5 -i 1000 -t 300 -k 600)" = 2
	mw reload -q -c $CONF
	agree 10
	# another length of source: counted anew
	sed -i 's/connections/ipv4_prefix_length = 24\n&/' $CONF
	mw reload -q -c $CONF
	agree 10
	expect "$(connected -s 10.9.9.77 -n 5 -i 1000 -t 300 -k 600)" = 2
	mw detach -q
	mw attach -q -c $CONF mail0
	agree 10
	wait "$before"
	agree 0
	# from charge = syn, which counts none, and back
	sed -i 's/\[gate\]/&\ncharge = syn/; /connections/d' $CONF
	sed -i 's/ipv4_prefix.*/rate = 1000\/1s\nburst = 1000/' $CONF
	mw reload -q -c $CONF
	hold meanwhile 4 -s 10.9.9.1 -k 3000 -i 1000
	sed -i '/charge = syn/d' $CONF
	mw reload -q -c $CONF
	agree 4
	wait "$background"
	agree 0
}

# Processes and packets close at the same time on both CPUs.
@test "ten thousand connections from a thousand sources, and none stays" {
	enforce <<-EOT
	[limit source]
	connections = 1000
	EOT
	attach
	addresses 1000 10.5 >/run/sources
	background one tool dial -d $gateway4 -f /run/sources -n 5000 \
		-i 300 -t 5000 -k 3
	tool dial -d $gateway4 -f /run/sources -n 5000 -i 300 -t 5000 -k 3 \
		-R >/run/two
	wait "$background"
	cat /run/one /run/two
	got=$(($(value connected "$(cat /run/one)") +
		$(value connected "$(cat /run/two)")))
	expect "$got" -ge 9900
	expect "$(counter connections)" -ge "$got"
	expect "$(counter connections_missed)" = 0
	agree 0
}

# The state of so many days ago.
day() { # days [hour]
	date -u -d "-$1 days" +%Y-%m-%dT"${2:-12}"
}

known_file() { # stdin: SOURCE FIRST LAST
	cat >/run/rows
	mkdir -p "$MAILWEIR_STATE"
	{
		echo "mailweir known 1 $(wc -l </run/rows)"
		cat /run/rows
	} >"$MAILWEIR_STATE/known"
}

attach_with_state() {
	mw attach -q -c $CONF mail0
}

fresh() { # no state, nothing attached
	mw detach -q 2>/dev/null || [ $? = 3 ]
	rm -rf "$MAILWEIR_STATE"
}

is_regular() { # address: true, false, or null
	mw known --json |
		jq -r ".sources[] | select(.source == \"$1\") | .regular"
}

total() { # rate burst
	enforce <<-EOT
	[limit total]
	rate = $1
	burst = $2
	EOT
}

@test "twenty thousand strangers at ten times the ceiling: all regular ones pass" {
	total 200/1s 200
	fresh
	addresses 20000 10.128 >/run/strangers
	addresses 50 10.200 >/run/friends
	# Half of the strangers were here yesterday, once.
	{
		head -n 10000 /run/strangers |
			sed "s/$/ $(day 1) $(day 1)/"
		sed "s/$/ $(day 3) $(day 1)/" /run/friends
	} | known_file
	attach_with_state
	expect "$(mw status --json | jq '.tables.history.regular')" = 50
	background flood tool dial -d $gateway4 -f /run/strangers -n 20000 \
		-i 500 -t 300
	sleep 0.5
	tool dial -d $gateway4 -f /run/friends -n 300 -i 30000 -t 900 |
		tee /run/friendly
	wait "$background"
	cat /run/flood
	mw stats | awk '$2 != 0'
	expect "$(value connected "$(cat /run/friendly)")" = 300
	# What a slow machine stretches is the ceiling's, not the friends'.
	expect "$(counter drop_limit_total)" -ge 10000
	expect "$(value connected "$(cat /run/flood)")" -ge 1000
	expect "$(value connected "$(cat /run/flood)")" -le 6000
}

@test "with a history of one day the same friends do not" {
	total 1/1h 2
	fresh
	printf '10.200.0.1 %s %s\n' "$(day 1)" "$(day 1)" | known_file
	attach_with_state
	expect "$(connected -s 10.9.9.1 -n 4 -i 1000 -t 300)" = 2
	expect "$(connected -s 10.200.0.1 -t 300)" = 0
	run -1 mw test 10.200.0.1
	[[ "$output" == *"over the total limit"* ]]
	[[ "$output" == *"not two days yet"* ]]
	expect "$(counter drop_limit_total)" = 3
}

@test "two days make a regular source, one does not, a month without ends it" {
	total 1000/1s 1000
	fresh
	known_file <<-EOT
	10.1.0.1 $(day 1) $(day 1)
	10.1.0.2 $(day 32) $(day 31)
	10.1.0.3 $(day 40) $(day 29)
	10.1.0.4 $(day 2 05) $(day 2 23)
	10.1.0.5 $(day 3 23) $(day 2 01)
	2001:db8:1::/64 $(day 4) $(day 2)
	EOT
	attach_with_state
	expect "$(is_regular 10.1.0.1)" = false
	expect "$(is_regular 10.1.0.2)" = "" # faded
	expect "$(is_regular 10.1.0.3)" = true
	expect "$(is_regular 10.1.0.4)" = false # one day
	expect "$(is_regular 10.1.0.5)" = false # around midnight
	expect "$(is_regular 2001:db8:1::/64)" = true
	expect "$(connected -s 10.1.0.1)" = 1
	expect "$(connected -s 10.1.0.6)" = 1
	expect "$(is_regular 10.1.0.1)" = true
	expect "$(is_regular 10.1.0.6)" = false
	# It survives reload, and detach and attach, which is as a reboot.
	mw reload -q -c $CONF
	expect "$(is_regular 10.1.0.1)" = true
	mw detach -q
	cp "$MAILWEIR_STATE/known" /run/kept
	attach_with_state
	expect "$(is_regular 10.1.0.1)" = true
	expect "$(is_regular 10.1.0.6)" = false
	expect "$(is_regular 2001:db8:1::/64)" = true
	mw known save
	diff /run/kept "$MAILWEIR_STATE/known"
	# A SYN is no connection.
	tool synflood syn -i out0 -d $gateway4 -a 10.1.0.7 -c 3 -t 9
	expect "$(is_regular 10.1.0.7)" = ""
}

@test "who is blocked or goes over its limit begins anew" {
	enforce <<-EOT
	[limit source]
	rate = 1/1h
	burst = 2
	[list drop]
	action = block
	file = drop.txt
	EOT
	echo 10.7.0.0/16 >/run/drop.txt
	fresh
	known_file <<-EOT
	10.1.0.1 $(day 3) $(day 1)
	10.1.0.2 $(day 3) $(day 1)
	10.2.0.1 $(day 3) $(day 1)
	10.3.0.1 $(day 3) $(day 1)
	10.7.0.1 $(day 3) $(day 1)
	EOT
	attach_with_state
	expect "$(is_regular 10.7.0.1)" = ""
	mw block -q 10.2.0.0/16 --for 1h
	expect "$(is_regular 10.2.0.1)" = ""
	mw unblock -q 10.2.0.0/16
	echo 10.3.0.0/16 >>/run/drop.txt
	mw lists load drop -q -c $CONF --force
	expect "$(is_regular 10.3.0.1)" = ""
	expect "$(connected -s 10.1.0.1 -n 2 -i 50000 -t 300)" = 2
	expect "$(is_regular 10.1.0.1)" = true
}

@test "a bad file of histories is told, and the gate is guarded" {
	total 1/1h 2
	fresh
	mkdir -p "$MAILWEIR_STATE"
	echo 'mailweir known 9 0' >"$MAILWEIR_STATE/known"
	run -4 mw attach -c $CONF mail0
	[[ "$output" == *"$MAILWEIR_STATE/known:1:"* ]]
	[[ "$output" == *"kept as $MAILWEIR_STATE/known.refused"* ]]
	expect "$(mw known --json | jq '.sources | length')" = 0
	# What is saved now does not take its place.
	mw detach -q
	grep '^mailweir known 9' "$MAILWEIR_STATE/known.refused"
	# Nor is it a reason that it cannot be read.
	rm -r "$MAILWEIR_STATE/known"
	mkdir "$MAILWEIR_STATE/known"
	run -4 mw attach -c $CONF mail0
	[[ "$output" == *"$MAILWEIR_STATE/known: cannot be read"* ]]
	run -4 mw detach -q
}

@test "another length of sources: the histories are kept as a file" {
	total 1000/1s 1000
	fresh
	printf '10.1.0.1 %s %s\n' "$(day 3)" "$(day 1)" | known_file
	attach_with_state
	printf '[limit source]\nconnections = 9\nipv4_prefix_length = 24\n' \
		>>$CONF
	mw reload -q -c $CONF
	expect "$(mw known --json | jq '.sources | length')" = 0
	sed -i s/24/32/ $CONF
	mw reload -q -c $CONF
	grep '^10.1.0.1 ' "$MAILWEIR_STATE/known.old"
	# A detach whose save fails says so.
	rm "$MAILWEIR_STATE/known"
	mkdir "$MAILWEIR_STATE/known"
	run -4 mw detach
	[[ "$output" == *"$MAILWEIR_STATE/known"*"cannot be written"* ]]
}

@test "known import: from addresses and from a log, now and before attach" {
	total 1/1h 1
	fresh
	printf '10.1.0.1\n2001:db8:1::77\n' | mw known import -c $CONF
	attach_with_state
	expect "$(is_regular 10.1.0.1)" = true
	expect "$(is_regular 2001:db8:1::/64)" = true
	run -1 mw known import <<<'10.1.0.0/24'
	[[ "$output" == *"standard input:1:"* ]]
	cat >/run/mail.log <<-'EOT'
	Nov 24 10:00:00 mx postfix/smtpd[77]: 4F2A1B: client=mail.example[10.1.0.2]
	Nov 24 10:00:01 mx postfix/qmgr[9]: 4F2A1B: from=<a@example>, size=9, nrcpt=1 (queue active)
	Nov 24 10:00:02 mx postfix/smtpd[77]: NOQUEUE: reject: RCPT from unknown[10.1.0.3]: 554 5.7.1
	EOT
	mw known import /run/mail.log
	expect "$(is_regular 10.1.0.2)" = true
	expect "$(is_regular 10.1.0.3)" = ""
	grep '^10.1.0.2 ' "$MAILWEIR_STATE/known"
	run -2 mw known importt
	[[ "$output" == *"import or save"* ]]
}

escalating() { # lines of [block]
	enforce <<-EOT
	[limit source]
	rate = 1/1s
	burst = 2
	[block]
	after = 2 times in 1h
	$1
	EOT
}

# Two connections empty the bucket, one more a second later does it again.
twice_over() { # address
	expect "$(connected -s "$1" -n 2 -i 20000 -t 300)" = 2
	sleep 1.1
	expect "$(connected -s "$1" -t 300)" = 1
}

block_left() { # address: whole seconds, rounded
	mw blocks --json | jq ".blocks[] | select(.prefix == \"$1\") |
		.expires_in_s + 1"
}

@test "a block that the program made survives detach and known save" {
	escalating 'for = 10m'
	attach
	twice_over 10.4.0.1
	mw known save -q
	grep "^10.4.0.1	" "$MAILWEIR_STATE/blocks"
	rm "$MAILWEIR_STATE/blocks"
	mw detach -q
	mw attach -q -c $CONF mail0
	expect "$(block_left 10.4.0.1)" -ge 580
	unanswered 10.4.0.1
}

@test "who comes to its limit again and again is blocked, ever longer" {
	for hook in tracepoint sockops; do
		escalating $'for = 2s\nmax = 5s'
		MAILWEIR_HOOK=$hook attach
		twice_over 10.4.0.1
		run -0 mw blocks
		[[ "$output" == *"10.4.0.1 "*"over its limit 2 times in 1h"* ]]
		expect "$(block_left 10.4.0.1)" -le 2
		unanswered 10.4.0.1
		answered 10.4.0.2
		expect "$(counter blocked)" = 1
		run -1 mw test 10.4.0.1
		[[ "$output" == *"run-time block"* ]]
		sleep 2.2
		twice_over 10.4.0.1
		expect "$(block_left 10.4.0.1)" -ge 3
		sleep 4.2
		twice_over 10.4.0.1
		expect "$(block_left 10.4.0.1)" -ge 4
		expect "$(counter blocked)" = 3
		# An operator can end it.
		mw unblock -q 10.4.0.1
		sleep 2
		expect "$(connected -s 10.4.0.1 -t 300)" = 1
	done
}

@test "IPv6: the /64 is blocked" {
	escalating 'for = 1h'
	attach
	expect "$(value connected "$(tool dial -d $gateway6 -n 2 -i 20000 \
		-s 2001:db8:1::1)")" = 2
	sleep 1.1
	tool dial -d $gateway6 -s 2001:db8:1::2
	run -0 mw blocks
	[[ "$output" == *"2001:db8:1::/64 "*"over its limit"* ]]
}

@test "forged SYNs and refused attempts block nobody" {
	escalating 'for = 1h'
	# On a busy machine a second passes during the test.
	sed -i 's#1/1s#1/1m#' $CONF
	attach
	expect "$(connected -s 10.4.0.1 -n 2 -i 20000 -t 300)" = 2
	expect "$(counter times_over)" = 1
	tool synflood syn -i out0 -d $gateway4 -a 10.4.0.1 -c 500 -r 1000 -t 9
	expect "$(connected -s 10.4.0.1 -n 3 -i 1000 -t 200)" -le 1
	expect "$(counter blocked)" = 0
	expect "$(mw blocks --json | jq '.blocks | length')" = 0
}

@test "a block of the operator's is not made shorter" {
	escalating 'for = 1s'
	sed -i s/enforce/observe/ $CONF
	attach
	mw block -q 10.4.0.1 --why mine
	for _ in {1..6}; do connect -s 10.4.0.1 -n 2 -i 1000; done
	expect "$(counter blocked)" = 0
	mw blocks --json | jq -e '.blocks[0].why == "mine"'
}

@test "observe counts the blocks that enforce would make" {
	escalating 'for = 1h'
	sed -i s/enforce/observe/ $CONF
	attach
	twice_over 10.4.0.1
	expect "$(counter blocked)" = 1
	expect "$(connected -s 10.4.0.1 -t 300)" = 1
	expect "$(counter would_drop_block)" = 1
}

@test "a limit that only observes blocks nobody" {
	escalating 'for = 1h'
	sed -i 's/burst = 2/&\nmode = observe/' $CONF
	attach
	connect -s 10.4.0.1 -n 8 -i 200000
	expect "$(counter connections)" = 8
	expect "$(counter blocked)" = 0
}

@test "what it made is found after the section is gone" {
	escalating 'for = 1h'
	attach
	twice_over 10.4.0.1
	unanswered 10.4.0.1
	sed -i '/\[block\]/,$d' $CONF
	mw reload -q -c $CONF
	sleep 2 # so that it owes nothing
	unanswered 10.4.0.1
	mw block -q 10.6.0.1
	mw unblock -q 10.6.0.1
	unanswered 10.4.0.1
	mw unblock -q 10.4.0.1
	sleep 2
	answered 10.4.0.1
}

@test "a table that is nearly full is red; a full one refuses, and says so" {
	escalating 'for = 1h'
	attach
	addresses 59000 10.64 | mw block -q - --for 1h
	run -4 mw status
	[[ "$output" == *"RED: 59000 run-time blocks, room is for 65536"* ]]
	addresses 6537 10.80 >/run/more
	run -1 mw block -q - --for 1h </run/more
	[[ "$output" == *"10.80.25.136: not blocked, nor the 0 after it: "* ]]
	[[ "$output" == *"the table of blocks is full"* ]]
	# What the program would add is counted.
	twice_over 10.4.0.1
	expect "$(counter blocked_no_room)" = 1
	expect "$(counter blocked)" = 0
	mw unblock -q 10.64.0.0
	sleep 1.1
	connect -s 10.4.0.1
	sleep 1.1
	connect -s 10.4.0.1
	expect "$(counter blocked)" = 1
	run -4 mw status
}

@test "blocks that have ended make room, by reload and by the timer" {
	escalating 'for = 1h'
	attach
	for command in "reload -q -c $CONF" 'known save -q'; do
		addresses 60000 10.64 | mw block -q - --for 1s
		run -4 mw status
		sleep 1.1
		# Ended, and in the table still.
		expect "$(mw blocks --json | jq '.blocks | length')" = 0
		run -4 mw status
		# shellcheck disable=SC2086 # words
		mw $command || expect $? = 4
		run -0 mw status
	done
}

@test "a hook that is lost is red, and a reload makes it anew" {
	enforce <<-EOT
	[limit source]
	rate = 1000/1s
	burst = 1000
	connections = 3
	EOT
	attach
	hold first 2 -s 10.9.9.1 -k 3000 -i 1000
	rm "$(pins)"/{hook_*,opened,*_open,opened_sockets}
	run -4 mw status
	[[ "$output" == *"RED: connections are not charged; 'mailweir reload'"* ]]
	# No other command does it by halves, nor a reload that fails.
	run -0 mw block -q 10.77.0.0/16
	run -4 mw status
	run -1 gw strace -qq -o /dev/null -e inject=mkdir:error=ENOSPC \
		build/mailweir reload -q -c $CONF
	run -0 mw block -q 10.78.0.0/16
	run -4 mw status
	[[ "$output" == *"RED: connections are not charged; 'mailweir reload'"* ]]
	mw reload -q -c $CONF
	run -0 mw status
	agree 2
	for _ in {1..5}; do expect "$(connected -s 10.9.9.2 -t 300)" = 1; done
	wait "$background"
	agree 0
}

@test "from another network namespace nothing is changed" {
	enforce <<-EOT
	[limit source]
	rate = 1/1h
	burst = 2
	EOT
	attach
	run -1 world build/mailweir reload -c $CONF
	[[ "$output" == *"another network namespace"* ]]
	expect "$(mw status --json | jq .generation)" = 1
	expect "$(connected -s 10.9.9.1 -n 4 -i 20000 -t 300)" = 2
}
