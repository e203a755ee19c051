#!/usr/bin/env bats
# kill -9 before every system call that changes something: afterwards it is as
# before or as asked for, the next command works, and nothing is left behind.
# Every twelfth call, from a random one on (MW_SEED), or with KILL_EVERY=1, as
# make check-kill has it, every one.
load lib
every=${KILL_EVERY:-12} seed=${MW_SEED:-$((RANDOM))}

changes='bpf\(BPF_(OBJ_PIN|LINK_|PROG_LOAD|MAP_CREATE|MAP_UPDATE_BATCH|MAP_DELETE)|mkdir|rename|unlink|rmdir|fsync'

setup_file() {
	make_network
	networks 192.0.2.77/32
	start_smtpd 600
	background open tool dial -d $gateway4 -s 192.0.2.77 -n $open -k 600000
	configure <<-EOT
	[gate]
	mode = enforce
	[limit source]
	connections = 1000
	[list drop]
	action = block
	file = drop.txt
	EOT
}

# Connections that are there all the time.
open=3

open_are_counted() {
	expect "$(mw status --json | jq '.tables["source open"].connections')" \
		= $open
}

setup() {
	mw detach -q 2>/dev/null || [ $? = 3 ]
	rm -rf "$MAILWEIR_STATE"
	list a
}

list() { # a|b
	declare -A other=([a]=10.1.0.0/16 [b]=10.2.0.0/16)
	printf '%s\n' "${other[$1]}" 10.9.0.0/16 >/run/drop.txt
}

# What of the lists, and of what is blocked by hand, is answered.
seen() {
	answers 10.1.0.1 10.2.0.1 10.9.0.1 10.5.0.1
}

# The calls of a command at which to kill it: "NAME NUMBER", the how many'th
# of its name it is.
kill_points() { # command...
	gw strace -qq -o /run/trace build/mailweir "$@"
	awk -v changes="^($changes)" '
		match($0, /^[a-z0-9_]+\(/) {
			name = substr($0, 1, RLENGTH - 1)
			n[name]++
			if ($0 ~ changes)
				print name, n[name]
		}' /run/trace >/run/all
	expect "$(wc -l </run/all)" -ge 3
	awk "NR % $every == $seed % $every" /run/all >/run/points
	echo "# $1: $(wc -l </run/points) of $(wc -l </run/all) points," \
		"seed $seed" >&3
}

kill_at() { # call number command...
	local call=$1 number=$2
	shift 2
	run -137 gw strace -qq -o /run/killed \
		-e inject="$call:signal=KILL:when=$number" build/mailweir "$@"
}

# What holds after any kill and a command that came after it.
clean() {
	expect "$(find "$MAILWEIR_STATE" -name '*.gen-*' -o -name '*.next')" = ""
	expect "$(find "$MAILWEIR_BPFFS" -name 'gen_*' | wc -l)" = "${1:-1}"
}

nothing_left() {
	clean 0
	expect "$(find "$MAILWEIR_BPFFS" -name '*mailweir*')" = ""
	expect "$(gw bpftool net -j | jq '.[0].xdp | length')" = 0
}

each_point() { # what to do, with the call and its number
	local call number
	while read -r call number <&9; do
		# Not in a condition: that would switch off errexit in it.
		echo "killed at $call $number"
		"$@" "$call" "$number"
	done 9</run/points
}

# What is seen when a or b is in force.
a=0101 b=1001

attach_killed() {
	local got
	kill_at "$1" "$2" attach -q -c $CONF mail0
	got=$(seen)
	expect "$got" = $a -o "$got" = 1111
	if [ "$got" = $a ]; then
		mw status || expect $? = 4 # connections are not noticed yet
	else
		run -3 mw status
	fi
	mw attach -q -c $CONF mail0
	clean
	open_are_counted
	expect "$(seen)" = $a
	mw detach -q
	nothing_left
}

@test "attach" {
	kill_points attach -q -c $CONF mail0
	mw detach -q
	each_point attach_killed
}

# Goes from a to b and back: what is in force after a kill is the next start.
swap_killed() { # command words, then call and number
	local got want copy number=${*: -1} call=${*: -2:1}
	got=$(seen)
	if [ "$got" = $a ]; then list b; else list a; fi
	kill_at "$call" "$number" "${@:1:$#-2}"
	got=$(seen)
	expect "$got" = $a -o "$got" = $b
	mw status || expect $? = 4 # connections are not noticed yet
	# Any command that writes settles what was left.
	mw block 10.77.0.0/16 -q
	clean
	open_are_counted
	expect "$(seen)" = "$got"
	copy=$(tail -n +2 "$MAILWEIR_STATE/lists/drop" | head -n1)
	[ "$got" = $a ] && want=10.1.0.0/16 || want=10.2.0.0/16
	expect "$copy" = "$want"
	expect "$(bpftool map dump -j pinned "$(pins)/lists" |
		jq '[.[].formatted.value | select(.name | startswith("drop"))]
			| length')" = 1
}

@test "reload" {
	mw attach -q -c $CONF mail0
	kill_points reload -q -c $CONF
	each_point swap_killed reload -q -c $CONF
	mw detach -q
	nothing_left
}

@test "lists load" {
	mw attach -q -c $CONF mail0
	kill_points lists load drop -q -c $CONF
	each_point swap_killed lists load drop -q -c $CONF
	mw detach -q
	nothing_left
}

block_killed() {
	kill_at "$1" "$2" block 10.5.0.0/16 -q
	got=$(seen)
	expect "$got" = $a -o "$got" = 0100
	mw blocks
	mw block 10.5.0.0/16 -q
	expect "$(seen)" = 0100
	mw unblock 10.5.0.0/16 -q
	expect "$(seen)" = $a
	clean
}

@test "block" {
	mw attach -q -c $CONF mail0
	kill_points block 10.5.0.0/16 -q
	mw unblock 10.5.0.0/16 -q
	each_point block_killed
}

detach_killed() {
	local got
	mw attach -q -c $CONF mail0
	kill_at "$1" "$2" detach -q
	got=$(seen)
	expect "$got" = $a -o "$got" = 1111
	mw detach -q || expect $? = 3
	nothing_left
	expect "$(seen)" = 1111
}

@test "detach" {
	mw attach -q -c $CONF mail0
	kill_points detach -q
	each_point detach_killed
}
