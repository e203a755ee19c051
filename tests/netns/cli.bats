#!/usr/bin/env bats
# What is printed where, with which exit code, and that it can be read by
# machines: --json by jq, maps by bpftool.
load lib

commands=$(build/mailweir --help | awk '/^  [a-z]/ { print $1 }')

setup_file() {
	make_network
	printf '10.1.0.0/16\n192.88.2.7/24\n' >/run/drop.txt
	good_configuration
}

good_configuration() {
	configure <<-EOT
	[gate]
	mode = enforce
	charge = syn
	[limit source]
	rate = 60/1m
	burst = 5
	[list drop]
	action = block
	file = drop.txt
	EOT
}

setup() {
	mw detach -q 2>/dev/null || [ $? = 3 ]
	rm -rf "$MAILWEIR_STATE"
	good_configuration
}

# Nothing on one of the outputs: silent stdout|stderr
silent() {
	expect "$(cat "/run/$1")" = ""
}

both() { # exit code, command...
	local want=$1 got=0
	shift
	mw "$@" >/run/stdout 2>/run/stderr || got=$?
	cat /run/stdout /run/stderr
	expect "$got" = "$want"
}

@test "help goes to stdout and exits 0" {
	expect "$(wc -w <<<"$commands")" -ge 14
	for command in '' $commands; do
		# shellcheck disable=SC2086
		both 0 $command --help
		silent stderr
		grep -q 'Exit: 0 done' /run/stdout
		# shellcheck disable=SC2086
		both 0 help $command
		silent stderr
	done
	for command in $commands; do
		grep -q "^mailweir $command" <(mw $command --help)
	done
	both 0 --version
	grep -qE '^mailweir [0-9.]+$' /run/stdout
}

@test "wrong usage goes to stderr, names the word and exits 2" {
	while read -r word line; do
		# shellcheck disable=SC2086
		both 2 $line
		silent stdout
		grep -qF -- "$word" /run/stderr
		expect "$(wc -l </run/stderr)" = 1
	done <<-'EOT'
	frobnicate frobnicate
	--frob --frob
	--frob status --frob
	-x status -xq
	--config status --config
	extra check extra
	status stats status
	surplus known import surplus surplus
	import lists load drop --format plain
	interface attach
	nonsense test nonsense
	1.2.3 test 1.2.3
	1.2.3.4/33 block 1.2.3.4/33
	010.0.0.1 block 010.0.0.1
	/8 block 0.0.0.0/0
	1x block 10.0.0.1 --for 1x
	--for test 10.0.0.1 --for 1h
	load lists load
	explode lists explode
	stray reload stray
	PREFIX block
	EOT
}

@test "a word to block is a prefix, and no line of a list" {
	mw attach -q -c $CONF mail0
	for word in '192.0.2.0/24 reject' 'add a 192.0.2.1' '!192.0.2.1' \
		'192.0.2.1-192.0.2.9' AS64500 ''; do
		for command in block unblock; do
			both 2 $command "$word"
			silent stdout
			expect "$(wc -l </run/stderr)" = 1
			grep -qF -- "'$word': " /run/stderr
		done
	done
	expect "$(mw blocks --json | jq -c .blocks)" = '[]'
}

@test "without anything attached, exit 3 and what to do" {
	for line in reload confirm enforce observe detach status stats lists sources known \
		'known save' 'test 10.0.0.1' \
		'block 10.0.0.1' 'unblock 10.0.0.1' blocks \
		'lists load drop'; do
		# shellcheck disable=SC2086
		both 3 $line -c $CONF
		silent stdout
		grep -q 'mailweir attach DEV' /run/stderr
	done
}

@test "bare mailweir is status" {
	both 3
	mw attach -q -c $CONF mail0
	both 0
	silent stderr
	mw status >/run/status
	diff <(sed 's/loaded .* ago//' /run/status) \
		<(sed 's/loaded .* ago//' /run/stdout)
}

@test "test exits 0 for pass and 1 for drop, and says why" {
	mw attach -q -c $CONF mail0
	both 0 test 9.9.9.9
	grep -q '^pass 9.9.9.9' /run/stdout
	grep -q '5 of 5 left' /run/stdout
	both 1 test 10.1.2.3
	silent stderr
	grep -q '^drop 10.1.2.3' /run/stdout
	grep -q '10.1.0.0/16' /run/stdout
	grep -q 'drop.txt' /run/stdout
	grep -q 'drop_block_list' /run/stdout
	both 0 test 2001:db8::1
	mw block 2001:db8::/48 -q --why 'as told'
	both 1 test 2001:db8::1
	grep -q '2001:db8::/48' /run/stdout
	grep -q 'as told' /run/stdout
}

@test "check needs no root and changes nothing" {
	chmod 755 /run
	run -0 setpriv --reuid 65534 --regid 65534 --clear-groups \
		build/mailweir check -c $CONF
	[[ "$output" == *"2 entries in 2 lines of /run/drop.txt"* ]]
	[[ "$output" == *"1 with host bits masked"* ]]
	run ! test -e /run/bpf/mailweir
	run ! test -e "$MAILWEIR_STATE"
}

@test "a configuration error is one line with file, line and a remedy" {
	while IFS='|' read -r line change what; do
		good_configuration
		sed -i "$change" $CONF
		both 78 check -q -c $CONF
		silent stdout
		grep -q "^mailweir: $CONF:$line: .*$what" /run/stderr
	done <<-'EOT'
	2|s/enforce/enforced/|observe
	3|s/syn/ack/|handshake or syn
	4|s/source/sauce/|source
	5|s/60/sixty/|60/1m
	6|s/burst/brust/|burst
	8|s/block/stop/|block
	9|s/drop.txt/nosuch.txt/|nosuch
	EOT
	both 78 check -c /run/nothing.conf
	grep -q '/run/nothing.conf: cannot be read' /run/stderr
}

@test "a list's errors come with its file and line, ten and a count" {
	for ((i = 1; i <= 25; i++)); do echo "300.0.0.$i"; done >/run/drop.txt
	both 78 check -c $CONF
	expect "$(grep -c '/run/drop.txt:[0-9]*: ' /run/stderr)" = 10
	grep -q '25' /run/stderr
	printf '10.1.0.0/16\n192.88.2.7/24\n' >/run/drop.txt
}

@test "every command's --json is one document with a version" {
	mw attach -c $CONF mail0 --json >/run/stdout
	for line in '' "check -c $CONF" "attach -c $CONF mail0" \
		"reload -c $CONF" "lists load drop -c $CONF" stats lists \
		sources known 'test 9.9.9.9' 'block 10.9.0.0/16' blocks \
		'unblock 10.9.0.0/16' status detach; do
		# shellcheck disable=SC2086
		both 0 $line --json
		silent stderr
		expect "$(jq -s -c 'map(.version)' /run/stdout)" = '[1]'
	done
	echo nonsense >/run/drop.txt
	for line in 'attach nosuch0' frobnicate status 'check -c /nosuch' \
		"check -c $CONF" 'block 1.2.3' 'lists load'; do
		# shellcheck disable=SC2086
		mw $line --json >/run/stdout 2>/run/stderr && return 1
		cat /run/stdout
		silent stderr
		jq -s -e 'map([.version, (.errors[0] | length > 5)]) ==
			[[1, true]]' /run/stdout
	done
	printf '10.1.0.0/16\n192.88.2.7/24\n' >/run/drop.txt
	mw attach -q -c $CONF mail0
	both 0 block 10.9.1.1/16 --json
	jq -s -e '.[0].warnings[0] | contains("host bits")' /run/stdout
}

@test "bpftool shows counters by field name and lists by name" {
	mw attach -q -c $CONF mail0
	tool synflood syn -i out0 -d $gateway4 -a 10.1.1.1 -c 7 -t 5
	pins=$(pins)
	dump="bpftool map dump pinned $pins/counters"
	expect "$($dump | grep -c '"drop_block_list":')" -ge 1
	# The README's sum over CPUs.
	sum=$($dump | awk -F'[":,]+' '/_|packets|attempts/ { n[$2] += $3 }
		END { print n["drop_block_list"] }')
	expect "$sum" = 7
	bpftool map dump pinned "$pins/lists" >/run/lists
	grep -q '"name": "drop"' /run/lists
	grep -q '"action": "block"' /run/lists
}

@test "quiet says only what is wrong; warnings go to stderr" {
	both 0 attach -q -c $CONF mail0
	silent stdout
	silent stderr
	both 0 block 10.9.0.0/16 -q
	silent stdout
	silent stderr
	both 0 reload -c $CONF
	silent stderr
	grep -q 'mail0' /run/stdout
	both 0 block 10.9.1.1/16 -q
	grep -q 'host bits' /run/stderr
}
