#!/usr/bin/env bats
# A true error is told with its true cause, its true name and what helps.
load lib
load faults

nobody() { # command...
	gw setpriv --reuid 65534 --regid 65534 --clear-groups \
		build/mailweir "$@"
}

@test "U18: what an older version attached is named, and detach takes it off" {
	another mailB
	mw attach -q -c $CONF mail0
	mw block 10.5.0.0/16 -q
	pins=$(pins)
	mv "$pins" "$MAILWEIR_BPFFS/mailweir/v1"
	for line in status reload blocks 'test 10.3.0.1' 'block 10.6.0.0/16' \
		'lists load drop' 'known save' 'attach mail0' 'attach mailB'; do
		run mw $line -c $CONF
		echo "$line: $status $output"
		expect "$status" != 0
		[[ "$output" == *v1* || "$output" == *'older version'* ]]
		[[ "$output" == *"'mailweir detach'"* ]]
		told 'mailweir attach DEV' 'not ours to replace'
		drops mail0 10.1.0.1 10.5.0.1
	done
	run -0 mw detach
	[[ "$output" == *"mail0: detached"* ]]
	unguarded mail0
	nothing_left
	mw attach -q -c $CONF mail0
	drops mail0 10.1.0.1 10.5.0.1
}

@test "U19: everybody but root is told to be root" {
	mw attach -q -c $CONF mail0
	chmod 755 /run
	for line in '' status stats lists sources blocks known 'known save' \
		'test 10.3.0.1' 'block 10.5.0.1' 'unblock 10.5.0.1' reload \
		'lists load drop' 'attach mail0' detach; do
		run -1 nobody $line -c $CONF
		echo "$line: $output"
		[[ "$output" == *"be root"* ]]
		told 'not attached' 'mailweir attach DEV'
		run -1 nobody $line --json -c $CONF
		jq -e '.errors[0] | contains("be root")' <<<"$output"
	done
	guarded mail0
}

# The installed configuration is this one, and scripts/run attaches with it.
run_script() { # word...
	mkdir -p /run/etc/lists.d /run/up /run/work
	mount -t bpf bpf "$MAILWEIR_BPFFS"
	gw unshare --mount bash -c 'mount -t overlay -o \
		lowerdir=/etc,upperdir=/run/up,workdir=/run/work etc /etc
		mkdir -p /etc/mailweir
		cp -r /run/etc/* /etc/mailweir
		scripts/run "$@"' run "$@"
}

@test "U22: scripts/run finds every file that the configuration names" {
	mkdir -p /run/etc/lists.d
	printf '10.1.0.0/16\n10.9.0.0/16\n' >/run/etc/lists.d/drop.txt
	printf '10.9.9.9\n' >/run/etc/lists.d/ours.txt
	printf '10.2.0.0\t10.2.255.255\t64500\tZZ\tEXAMPLE\n' \
		>/run/etc/lists.d/asn.tsv
	cat >/run/etc/mailweir.conf <<-EOT
	[gate]
	mode = enforce
	[asn]
	table=lists.d/asn.tsv
	[list drop]
	action = block
	file = lists.d/drop.txt
	except	=	lists.d/ours.txt
	[list as]
	action = block
	asn = 64500
	EOT
	run -0 run_script --enforce mail0
	guarded mail0
	drops mail0 10.9.9.8
	passes mail0 10.9.9.9
	mw detach -q
	umount -l "$MAILWEIR_BPFFS"
	# With another mode than the installed one it is a copy.
	run -0 run_script mail0
	expect "$(mw status --json | jq -r .mode)" = observe
	expect "$(mw lists --json | jq .lists.as.ipv4)" = 1
	expect "$(mw test 10.9.9.9 --json | jq -r .reason)" != 'block list'
	expect "$(mw test 10.9.9.8 --json | jq -r .reason)" = 'block list'
}

@test "U22: of a list and its exceptions the file that is refused is named" {
	printf '10.9.9.9\n' >/run/ours.txt
	sed -i '/drop.txt/a except = ours.txt' $CONF
	mw attach -q -c $CONF mail0
	mw detach -q
	rm /run/ours.txt
	run -4 mw attach -c $CONF mail0
	echo "$output"
	[[ "$output" == *"/run/ours.txt"* ]]
	told '/run/drop.txt was refused' 'its file is refused'
	run -4 mw status
	[[ "$output" == *"RED: list drop: "* ]]
	told '/run/drop.txt was refused'
}

@test "U23: unblock of an address in a list names the list" {
	mw attach -q -c $CONF mail0
	for word in 10.1.7.7 10.1.7.0/24; do
		run -1 mw unblock $word
		echo "$output"
		[[ "$output" == *"$word: no block, but in the list drop; take "* ]]
		[[ "$output" == *except*'action = allow'*'mailweir reload'* ]]
	done
	run -1 mw unblock 10.77.0.1
	[[ "$output" == *"10.77.0.1: not blocked; 'mailweir blocks'"* ]]
}

@test "U23: unblock of an address inside a block names the block" {
	mw attach -q -c $CONF mail0
	mw block -q 2001:db8:1:2::/64
	mw block -q 10.5.0.0/16
	mw block -q 10.6.0.0/16 --for 1h
	while read -r word block; do
		run -1 mw unblock "$word"
		echo "$output"
		[[ "$output" == *"$word"*"$block"* ]]
		run -1 mw unblock - <<<"$word"
		[[ "$output" == *"$word"*"$block"* ]]
		run -1 mw unblock "$word" --json
		jq -e --arg block "$block" '.errors[0] | contains($block)' \
			<<<"$output"
	done <<-EOT
	2001:db8:1:2::25 2001:db8:1:2::/64
	10.5.7.7 10.5.0.0/16
	10.5.7.0/24 10.5.0.0/16
	10.6.7.7 10.6.0.0/16
	EOT
	drops mail0 10.5.7.7
	run -1 mw unblock 10.77.0.1
	told 10.5.0.0/16
	# One inside another: the innermost.
	mw block -q 10.5.7.0/24
	run -1 mw unblock 10.5.7.7
	[[ "$output" == *10.5.7.0/24* ]]
}

@test "U31: who cannot follow connections is not told to charge SYNs for want of rights" {
	mount -t bpf bpf "$MAILWEIR_BPFFS"
	for caps in -bpf,-sys_admin -perfmon,-sys_admin; do
		run -1 gw setpriv --bounding-set=$caps --inh-caps=$caps \
			build/mailweir attach -c $CONF mail0
		echo "$caps: $output"
		[[ "$output" == *"ermi"* ]]
		told 'charge = syn' 'on this kernel'
	done
	for n in 4 6 7 8 12 16; do
		run few "$n" attach -c $CONF mail0
		echo "$n: $status $output"
		expect "$status" = 0 || told 'charge = syn' 'on this kernel' \
			'no cgroup2'
	done
	gw strace -qq -e trace=bpf -o /run/trace build/mailweir attach -q \
		-c $CONF mail0
	for call in PROG_LOAD LINK_CREATE RAW_TRACEPOINT_OPEN MAP_CREATE; do
		mw detach -q || expect $? = 3
		point=$(ordinal bpf BPF_$call first)
		[ "$point" != 0 ] || continue
		run broken "bpf:error=ENOMEM:when=$point+" attach -c $CONF mail0
		echo "$call: $status $output"
		expect "$status" != 0
		told 'charge = syn' 'on this kernel'
		nothing_left
	done
}

@test "U31: a block that failed is not said to be in force" {
	mw attach -q -c $CONF mail0
	gw strace -qq -e trace=bpf -o /run/trace build/mailweir block -q 10.5.0.1
	awk '/^bpf/ { n++ } /OBJ_GET,|MAP_(UPDATE|LOOKUP)_ELEM/ { print n }' \
		/run/trace >/run/points
	while read -r point <&9; do
		mw unblock -q 10.5.0.1 || expect $? = 1
		run broken "bpf:error=ENOMEM:when=$point" block 10.5.0.1
		echo "$point: $status $output"
		expect "$status" = 0 || told
		if [[ "$output" == *'not blocked'* ]]; then
			told 'in force'
			passes mail0 10.5.0.1
		fi
	done 9</run/points
	# A table that is full says how far it came.
	seq 0 69999 | awk '{ printf "11.%d.%d.%d\n", $1 / 65536,
		$1 / 256 % 256, $1 % 256 }' >/run/many.txt
	run -1 mw block - </run/many.txt
	echo "$output"
	[[ "$output" == *'not blocked'* ]]
	told 'a reboot will not know'
	expect "$(kept_blocks | wc -l)" = \
		"$(mw blocks --json | jq '.blocks | length')"
}

@test "U31: an interface and its other name are one" {
	ip -n gateway link property add dev mail0 altname postoffice
	run -0 mw attach -c $CONF mail0 postoffice
	guarded mail0
	expect "$(interfaces)" = mail0
	run -0 mw attach -q -c $CONF postoffice
	expect "$(interfaces)" = mail0
	run -0 mw detach postoffice
	unguarded mail0
	nothing_left
	run -0 mw attach -q -c $CONF postoffice mail0 mail0
	guarded mail0
	mw detach -q mail0
	nothing_left
}

@test "U31: lists load beside a bad copy of another list names that one" {
	mw attach -q -c $CONF mail0
	echo nonsense >"$MAILWEIR_STATE/lists/more"
	drop 10.4.0.0/16
	run mw lists load drop -c $CONF
	echo "$status: $output"
	[[ "$output" == *"$MAILWEIR_STATE/lists/more"* ]]
	told 'list drop: refused'
	drops mail0 10.2.0.1
	# One refused list holds up no other.
	drops mail0 10.4.0.1
	expect "$status" = 0 -o "$status" = 4
	grep -q 10.2.0.0/16 "$MAILWEIR_STATE/lists/more"
}

@test "U31: what a wrong option is called" {
	for line in 'status -xq' 'status -qx' '-x status' 'block -qx 10.5.0.1'; do
		run -2 mw $line
		echo "$output"
		[[ "$output" == *"'-x'"* ]]
		told "'status'" "'block'" "'-xq'"
	done
}

@test "U31: lists load of a list that is another in the configuration says so" {
	mw attach -q -c $CONF mail0
	sed -i '/list drop/,/drop.txt/s/action = block/action = allow/' $CONF
	run -78 mw lists load drop -c $CONF
	echo "$output"
	[[ "$output" == *"list drop"*"action"*"'mailweir reload'"* ]]
	guarded mail0
	sed -i 's/action = allow/action = limit\nrate = 1\/1h\nburst = 1/' $CONF
	run -78 mw lists load drop -c $CONF
	[[ "$output" == *"list drop"*"action"*"'mailweir reload'"* ]]
	guarded mail0
	usual
	sed -i '/drop.txt/a mode = observe' $CONF
	drop 10.4.0.0/16
	run -4 mw lists load drop -c $CONF
	[[ "$output" == *"list drop"*"mode"*"'mailweir reload'"* ]]
	drops mail0 10.4.0.1
}

@test "U31: a prefix and a colon are told apart" {
	mw attach -q -c $CONF mail0
	mw block -q 2001:db8:1::/48
	for word in 2001:db8:: 2001:db8:1:2:: ::1; do
		run -1 mw unblock $word
		echo "$output"
		[[ "$output" == *"$word"* ]]
		told :::
	done
	mw block -q 2001:db8::
	run mw block 2001:db8:: --for 1s
	told :::
}

@test "U16: lists export to a full device says why it failed" {
	mw attach -q -c $CONF mail0
	for format in plain ipset nft; do
		run -1 bash -c "build/mailweir lists export drop \
			--format $format 2>&1 >/dev/full"
		[[ "$output" == *'No space left'* ]]
	done
}

@test "U38: lists load takes - for standard input, as block does" {
	mw attach -q -c $CONF mail0
	printf '10.4.0.0/16\n' | mw lists load more - -q -c $CONF
	drops mail0 10.4.0.1
	passes mail0 10.2.0.1
	run -0 mw status
	run -1 mw test 10.4.0.1
	[[ "$output" == *'standard input'* ]]
	run -78 bash -c "echo nonsense |
		build/mailweir lists load more - -c $CONF"
	[[ "$output" == *'standard input:1:'*nonsense* ]]
	run -78 mw lists load more - -c $CONF </dev/null
	run -78 gw bash -c "build/mailweir lists load more - -c $CONF <&-"
	drops mail0 10.4.0.1
	# Kept for the next boot, until its own file is read.
	mw reload -q -c $CONF
	drops mail0 10.2.0.1
}
