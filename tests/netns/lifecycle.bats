#!/usr/bin/env bats
# Attach, reload, load, block, detach: what changes, what stays, what is left.
load lib

setup_file() {
	make_network
	networks 198.51.100.10/32
	start_smtpd
}

setup() {
	mw detach -q 2>/dev/null || [ $? = 3 ]
	rm -rf "$MAILWEIR_STATE"
	printf '10.1.0.0/16\n' >/run/drop.txt
	printf '10.2.0.0/16\n' >/run/more.txt
	configure <<-EOT
	[gate]
	mode = enforce
	charge = syn
	[limit source]
	rate = 1/1h
	burst = 700
	[list drop]
	action = block
	file = drop.txt
	[list more]
	action = block
	file = more.txt
	EOT
}

generation() {
	mw status --json | jq .generation
}

# What a failed command must leave as it was.
snapshot() {
	mw status --json
	loaded
}

# What is loaded, without what is said of it.
loaded() {
	mw lists --json | jq 'del(.. | .attempts?, .dropped?, .state?, .failed?)'
	find "$MAILWEIR_STATE" -type f -exec md5sum {} + | sort
	find "$MAILWEIR_BPFFS" ! -name 'refused_*' | sort
}

only_one_generation() {
	find "$MAILWEIR_BPFFS" -name 'gen_*' >/run/gens
	expect "$(wc -l </run/gens)" = 1
}

nothing_left() {
	mkdir -p "$MAILWEIR_STATE"
	expect "$(find "$MAILWEIR_BPFFS" -name '*mailweir*')" = ""
	expect "$(find "$MAILWEIR_STATE" -name '*.gen-*' -o -name '*.next')" = ""
	expect "$(gw bpftool net -j | jq '.[0].xdp | length')" = 0
}

@test "attach from a bare machine, detach leaves no pin and no program" {
	nothing_left
	run -3 mw detach
	run -0 mw attach -c $CONF mail0
	[[ "$output" == *"mail0: attached, native, generation 1"* ]]
	answered 10.3.0.1
	unanswered 10.1.0.1
	run -0 mw detach
	nothing_left
	answered 10.1.0.1
}

@test "attach again is a reload; another interface joins, one leaves" {
	mw attach -q -c $CONF mail0
	ip -n gateway link add mail1.5 type veth peer name peer1
	run -0 mw attach -c $CONF mail1.5 mail0
	only_one_generation
	expect "$(mw status --json | jq -c '[.interfaces[].name] | sort')" = \
		'["mail0","mail1.5"]'
	run -1 mw detach mail7
	[[ "$output" == *"mail7: not attached"* ]]
	run -0 mw detach mail1.5
	unanswered 10.1.0.1
	expect "$(mw status --json | jq '.interfaces | length')" = 1
	ip -n gateway link del mail1.5
}

@test "reload under a flood lets no listed packet through" {
	mw attach -q -c $CONF mail0
	background flood tool synflood syn -i out0 -d $gateway4 \
		-n 10.1.0.0/16 -r 20000 -c 160000 -t 8
	flood=$background
	background fair tool synflood syn -i out0 -d $gateway4 \
		-n 10.3.0.0/16 -r 100 -c 600 -t 8
	fair=$background
	reloads=0
	while kill -0 "$fair" 2>/dev/null; do
		mw reload -q -c $CONF
		mw lists load more -q -c $CONF
		reloads=$((reloads + 1))
	done
	wait "$flood" "$fair"
	cat /run/flood /run/fair
	echo "reloads: $reloads"
	expect "$reloads" -ge 5
	expect "$(value answered "$(cat /run/flood)")" = 0
	expect "$(value sent "$(cat /run/flood)")" -ge 50000
	expect "$(value answered "$(cat /run/fair)")" = \
		"$(value sent "$(cat /run/fair)")"
	expect "$(counter drop_block_list)" = \
		"$(value sent "$(cat /run/flood)")"
	only_one_generation
}

# What is kept for the next boot.
kept() {
	find "$MAILWEIR_STATE/lists" -type f -exec md5sum {} + | sort
}

@test "a reload keeps the last good copy of a refused list, and takes the others" {
	mw attach -q -c $CONF mail0
	kept >/run/before

	printf '10.1.0.0/16\n010.0.0.1\n1.2.3.4/33\n' >/run/drop.txt
	run -4 mw reload -c $CONF
	echo "$output"
	[[ "$output" == *"/run/drop.txt:2:"*"010.0.0.1"* ]]
	[[ "$output" == *"/run/drop.txt:3:"*"1.2.3.4/33"* ]]
	[[ "$output" == *"list drop: refused; the last good copy is used"* ]]
	diff <(grep drop /run/before) <(kept | grep drop)
	unanswered 10.1.0.1

	rm /run/drop.txt
	printf '10.2.0.0/16\n10.4.0.0/16\n' >/run/more.txt
	run -4 mw reload -c $CONF
	[[ "$output" == *"drop.txt"* ]]
	diff <(grep drop /run/before) <(kept | grep drop)
	unanswered 10.1.0.1
	unanswered 10.4.0.1
}

@test "a reload whose configuration is refused changes nothing" {
	mw attach -q -c $CONF mail0
	snapshot >/run/before
	sed -i s/burst/brust/ $CONF
	run -78 mw reload -c $CONF
	[[ "$output" == *"$CONF:6:"*"brust"* ]]
	diff /run/before <(snapshot)
	unanswered 10.1.0.1
}

@test "lists load swaps one list, from its file or another" {
	mw attach -q -c $CONF mail0
	# The other list's file is broken meanwhile: it is not looked at.
	echo nonsense >/run/drop.txt
	printf '10.4.0.0/16\n' >/run/next.txt
	mw lists load more /run/next.txt -q -c $CONF
	answered 10.2.0.1
	unanswered 10.4.0.1
	unanswered 10.1.0.1
	mw lists load more -q -c $CONF
	unanswered 10.2.0.1
	answered 10.4.0.1

	loaded >/run/before
	run -78 mw lists load drop -c $CONF
	[[ "$output" == *"/run/drop.txt:1:"*"nonsense"* ]]
	run -78 mw lists load nosuch -c $CONF
	[[ "$output" == *"nosuch"* ]]
	: >/run/next.txt
	run -78 mw lists load more /run/next.txt -c $CONF
	[[ "$output" == *"/run/next.txt"* ]]
	diff /run/before <(loaded)
}

@test "at boot a refused list's last good copy serves, and it is red" {
	mw attach -q -c $CONF mail0
	mw detach -q
	echo nonsense >/run/drop.txt
	run -4 mw attach -c $CONF mail0
	echo "$output"
	[[ "$output" == *"/run/drop.txt:1:"* ]]
	[[ "$output" == *"list drop"*"last good copy"* ]]
	unanswered 10.1.0.1
	unanswered 10.2.0.1
	answered 10.3.0.1
	run -4 mw status
	[[ "$output" == *drop*"last good copy"* ]]
	expect "$(mw lists --json | jq -r .lists.drop.state)" = \
		'last good copy'
	# The file is mended: all is well again.
	printf '10.1.0.0/16\n' >/run/drop.txt
	mw lists load drop -q -c $CONF
	run -0 mw status
}

@test "without a copy the rest is enforced and the list is red" {
	echo nonsense >/run/drop.txt
	run -4 mw attach -c $CONF mail0
	echo "$output"
	[[ "$output" == *"list drop"*"NOT enforced"* ]]
	answered 10.1.0.1
	unanswered 10.2.0.1
	run -4 mw status
	[[ "$output" == *"drop"* ]]
	printf '10.1.0.0/16\n' >/run/drop.txt
	run -0 mw reload -c $CONF
	unanswered 10.1.0.1
}

# The list drop with more lines to its section.
guarded() { # line...
	configure <<-EOT
	[gate]
	mode = enforce
	charge = syn
	[list drop]
	action = block
	file = drop.txt
	$(printf '%s\n' "$@")
	EOT
}

@test "a list that shrank is refused, unless forced" {
	seq 1 100 | sed 's/^/10.1.0./' >/run/drop.txt
	guarded
	mw attach -q -c $CONF mail0
	seq 1 49 | sed 's/^/10.1.0./' >/run/drop.txt
	loaded >/run/before
	run -78 mw lists load drop -c $CONF
	[[ "$output" == *"/run/drop.txt: 49 prefixes where 100 are in force"* ]]
	[[ "$output" == *"max_shrink = 50%"*--force* ]]
	diff /run/before <(loaded)
	run -4 mw status
	[[ "$output" == *"RED: list drop: its last load was refused"* ]]
	run -4 mw reload -c $CONF
	[[ "$output" == *"/run/drop.txt: 49 prefixes where 100 are in force"* ]]
	[[ "$output" == *"max_shrink = 50%"*--force* ]]
	unanswered 10.1.0.99
	run -0 mw reload -c $CONF --force
	answered 10.1.0.99
	seq 1 25 | sed 's/^/10.1.0./' >/run/drop.txt
	run -0 mw reload -c $CONF
	seq 1 2 | sed 's/^/10.1.0./' >/run/drop.txt
	run -0 mw lists load drop -c $CONF --force
	guarded 'min_entries = 3'
	run -4 mw reload -c $CONF
	[[ "$output" == *"2 prefixes, fewer than min_entries = 3"* ]]
}

@test "what is excluded is not blocked" {
	printf '10.1.0.0/16\n!10.1.7.0/24\n' >/run/drop.txt
	printf '10.1.9.9\n' >/run/ours.txt
	guarded 'except = ours.txt'
	mw attach -q -c $CONF mail0
	unanswered 10.1.0.1
	answered 10.1.7.1
	answered 10.1.9.9
	unanswered 10.1.9.8
	echo nonsense >/run/ours.txt
	run -4 mw reload -c $CONF
	[[ "$output" == *"/run/ours.txt:1: 'nonsense'"* ]]
	answered 10.1.9.9
}

@test "a list that is too old is enforced and red" {
	guarded 'expires = 1d'
	touch -d '2 days ago' /run/drop.txt
	run -4 mw attach -c $CONF mail0
	[[ "$output" == *"list drop: /run/drop.txt is 2d old"* ]]
	unanswered 10.1.0.1
	run -4 mw status
	touch /run/drop.txt
	run -0 mw lists load drop -c $CONF
	run -0 mw status
}

@test "block and unblock, one and many, with what is wrong by line" {
	mw attach -q -c $CONF mail0
	answered 10.5.0.1
	mw block 10.5.0.0/16 --why 'ticket 7' -q
	unanswered 10.5.0.1
	[[ "$(mw blocks)" == *"10.5.0.0/16"*never*"ticket 7"* ]]
	printf '10.6.0.0/16\n2001:db8:6::/48\n10.7.7.7\n' | mw block - -q
	unanswered 10.6.0.1
	unanswered 10.7.7.7
	answered 10.7.7.8
	expect "$(mw blocks --json | jq '.blocks | length')" = 4
	printf '10.6.0.0/16\n10.7.7.7\n' | mw unblock - -q
	answered 10.6.0.1
	answered 10.7.7.7
	unanswered 10.5.0.1

	snapshot >/run/before
	run -1 mw unblock 10.99.0.0/16
	[[ "$output" == *"10.99.0.0/16"* ]]
	run -2 mw block 10.0.0.256
	[[ "$output" == *"10.0.0.256"* ]]
	run -1 bash -c "printf '10.20.0.0/16\n300.1.1.1\n' | build/mailweir block -"
	echo "$output"
	[[ "$output" == *":2:"*"300.1.1.1"* ]]
	diff /run/before <(snapshot)
}

@test "a block with --for ends by itself, in the kernel" {
	mw attach -q -c $CONF mail0
	mw block 10.5.0.0/16 --for 2s -q
	unanswered 10.5.0.1
	mw block 10.5.6.0/24 --for 1h -q
	sleep 2.2
	answered 10.5.0.1
	unanswered 10.5.6.1
}

@test "blocks and copies survive a reboot, blocks with an expiry do not" {
	mw attach -q -c $CONF mail0
	mw block 10.5.0.0/16 --why 'for good' -q
	mw block 10.6.0.0/16 --for 1h -q
	# A reboot empties the BPF file system and detaches.
	gw bash -c "for l in $(pins)/link_*; do
		bpftool link detach pinned \$l; done"
	umount -l "$MAILWEIR_BPFFS"
	mount -t bpf bpf "$MAILWEIR_BPFFS"
	answered 10.5.0.1
	mw attach -q -c $CONF mail0
	unanswered 10.5.0.1
	[[ "$(mw blocks)" == *"10.5.0.0/16"*never*"for good"* ]]
	mw unblock 10.5.0.0/16 -q
	answered 10.5.0.1
}

@test "another XDP program is named and left alone" {
	bpftool prog load build/foreign.bpf.o /run/bpf/foreign
	gw bpftool net attach xdp pinned /run/bpf/foreign dev mail0
	run -1 mw attach -c $CONF mail0
	echo "$output"
	[[ "$output" == *"mail0"*"another XDP program"*"'foreign'"* ]]
	expect "$(find "$MAILWEIR_STATE" -name '*.gen-*' -o -name '*.next')" = ""
	expect "$(gw bpftool net -j | jq '.[0].xdp | length')" = 1
	gw bpftool net detach xdp dev mail0
	rm /run/bpf/foreign
	nothing_left
}

@test "the second of two commands waits, says for whom, and gives up" {
	mw attach -q -c $CONF mail0
	background holder flock /run/bpf/mailweir sleep 60
	holder=$background
	sleep 0.3
	started=$SECONDS
	run -1 mw reload -c $CONF
	echo "$output"
	[[ "$output" == *"waiting for 'flock /run/bpf/mailweir sleep 60"* ]]
	[[ "$output" == *"gave up after 5 s"* ]]
	expect $((SECONDS - started)) -ge 5
	expect "$(generation)" = 1
	pkill -f 'sleep 60'
	wait "$holder" || :

	background holder flock /run/bpf/mailweir sleep 1
	run -0 mw reload -c $CONF
	expect "$(generation)" = 2
}

@test "an interface that is gone is red; its successor can be attached" {
	ip -n gateway link add mail1 type veth peer name peer1
	mw attach -q -c $CONF mail0 mail1
	ip -n gateway link del mail1
	run -4 mw status
	[[ "$output" == *"mail1"* ]]
	unanswered 10.1.0.1
	ip -n gateway link add mail1 type veth peer name peer1
	run -0 mw attach -c $CONF mail1
	run -0 mw status
	expect "$(mw status --json | jq '.interfaces | length')" = 2
	mw detach -q
	nothing_left
	ip -n gateway link del mail1
}

xdp_of_mail1() { # as status says, of each interface of that name
	mw status --json |
		jq -r '[.interfaces[] | select(.name == "mail1").xdp] | sort[]'
}

@test "P12: an interface in another network namespace is gone, and red" {
	ip -n gateway link add mail1 type veth peer name peer1
	mw attach -q -c $CONF mail0 mail1
	number=$(ip -n gateway -j link show mail1 | jq '.[0].ifindex')
	ip -n gateway link set mail1 netns world
	run -4 mw status
	[[ "$output" == *"mail1 "*" gone, "* ]]
	[[ "$output" == *"RED: mail1: "*"another network namespace"* ]]
	expect "$(xdp_of_mail1)" = gone

	# A successor with its name and its number is another one.
	ip -n gateway link add mail1 index "$number" type veth peer name peer2
	run -4 mw attach -c $CONF mail1
	expect "$(xdp_of_mail1)" = $'gone\nnative'
	[[ "$(gw ip link show mail1)" == *xdp* ]]
	run -4 mw status
	mw detach -q
	nothing_left
	ip -n gateway link del mail1
	ip -n world link del mail1
}

@test "P12: a program that was detached by hand is gone, and red" {
	mw attach -q -c $CONF mail0
	bpftool link detach pinned "$(find /run/bpf/mailweir -name link_mail0)"
	answered 10.1.0.1
	run -4 mw status
	[[ "$output" == *"mail0 "*" gone, "* ]]
	[[ "$output" == *"RED: mail0: its program was detached"* ]]
	run -4 mw reload -c $CONF
	mw attach -q -c $CONF mail0
	unanswered 10.1.0.1
	mw status
	mw detach -q
	nothing_left
}

@test "a wrong interface or a configuration attaches nothing" {
	run -1 mw attach -c $CONF mail9
	[[ "$output" == *"mail9: no such interface"* ]]
	nothing_left
	run -1 mw attach -c $CONF mail0 mail9
	nothing_left
	sed -i 's/charge = syn/charge = handshakes/' $CONF
	run -78 mw attach -c $CONF mail0
	echo "$output"
	[[ "$output" == *"$CONF:3:"*handshake* ]]
	nothing_left
}
