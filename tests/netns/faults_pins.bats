#!/usr/bin/env bats
# Pins, links and the lock: an error is not "there is none", and only who holds
# the lock, or owns the name, cleans up.
load lib
load faults

# Words of what is not so, of an interface that is attached.
denial='not attached'

@test "U1: who gives up waiting for the lock leaves the pins of who holds it" {
	another mailB
	gw strace -qq -e trace=bpf -o /run/trace \
		build/mailweir attach -q -c $CONF mail0
	point=$(ordinal bpf BPF_LINK_CREATE first)
	expect "$point" -ge 1
	mw detach -q
	background holder broken "bpf:delay_enter=8s:when=$point" \
		attach -q -c $CONF mail0
	holder=$background
	sleep 1
	waiting=()
	for line in "attach mailB" "attach mail0" detach reload \
		"lists load drop" "block 10.5.0.0/16" "known save"; do
		background "beside${#waiting[@]}" mw $line -c $CONF
		waiting+=("$background")
	done
	for pid in "${waiting[@]}"; do wait "$pid" || :; done
	wait "$holder"
	guarded mail0
	run -0 mw status
	run -0 mw reload -q -c $CONF
}

@test "U1: two units at boot guard both interfaces, however slow a list is" {
	another mailB
	slow /run/slow.txt 7 10.1.0.0/16 10.9.0.0/16
	sed s/drop.txt/slow.txt/ $CONF >/run/slow.conf
	background slowly mw attach -q -c /run/slow.conf mail0
	slowly=$background
	sleep 0.3
	run -0 mw attach -q -c $CONF mailB
	kill -0 "$slowly" # it reads on
	guarded mailB
	done_well slowly "$slowly"
	guarded mail0 mailB
	expect "$(interfaces)" = "mail0 mailB"
	# The same two, of one interface.
	mw detach -q
	slow /run/slow.txt 7 10.1.0.0/16 10.9.0.0/16
	background slowly mw attach -q -c /run/slow.conf mail0
	slowly=$background
	sleep 0.3
	run -0 mw attach -q -c $CONF mail0
	guarded mail0
	done_well slowly "$slowly"
	guarded mail0
	nothing_else=$(find "$(pins)" -maxdepth 1 -name 'gen_*' | wc -l)
	expect "$nothing_else" = 1
}

@test "U1: while a long list is read everything else answers at once" {
	mw attach -q -c $CONF mail0
	mw block 10.6.0.0/16 -q
	slow /run/slow.txt 6 10.4.0.0/16
	sed s/drop.txt/slow.txt/ $CONF >/run/slow.conf
	background reload mw reload --force -q -c /run/slow.conf
	reload=$background
	sleep 0.5
	started=${EPOCHREALTIME/./}
	mw block 10.5.0.0/16 -q
	mw unblock 10.6.0.0/16 -q
	mw known save -q
	mw status >/run/status
	mw blocks -q >/run/blocks
	mw test 10.3.0.1 >/run/test
	echo "took $(((${EPOCHREALTIME/./} - started) / 1000)) ms"
	expect $((${EPOCHREALTIME/./} - started)) -le 2500000
	drops mail0 10.5.0.1
	passes mail0 10.6.0.1
	printf '10.7.0.0/16\n' >/run/more.txt
	mw lists load more -q -c $CONF
	drops mail0 10.7.0.1
	kill -0 "$reload"
	wait "$reload"
	# What was done meanwhile is done.
	drops mail0 10.4.0.1 10.5.0.1 10.7.0.1
	passes mail0 10.1.0.1 10.6.0.1
}

@test "U1: no block starves beside a loop of reloads" {
	mw attach -q -c $CONF mail0
	background loop bash -c 'while :; do "$@" || exit; done' loop \
		nsenter --net=/run/netns/gateway build/mailweir reload -q -c $CONF
	loop=$background
	for i in {1..25}; do mw block "10.5.$i.0/24" -q; done
	kill "$loop"
	wait "$loop" || :
	expect "$(mw blocks --json | jq '.blocks | length')" = 25
	expect "$(kept_blocks | wc -l)" = 25
}

@test "U4: attach by a name that was renamed away leaves the old one guarded" {
	mw attach -q -c $CONF mail0
	another mailB
	rename mail0 old0
	rename mailB mail0
	run mw attach -c $CONF mail0
	echo "$output"
	guarded old0 mail0
	expect "$status" = 0
	expect "$(interfaces)" = "mail0 old0"
	drop 10.4.0.0/16 10.9.0.0/16
	mw reload -q -c $CONF
	drops old0 10.4.0.1
	drops mail0 10.4.0.1
	mw detach -q old0
	unguarded old0
	drops mail0 10.4.0.1
	mw detach -q
	nothing_left
}

rename() { # old new
	ip -n gateway link set "$1" down
	ip -n gateway link set "$1" name "$2"
	ip -n gateway link set "$2" up
}

@test "U4: attach of an interface that got another name is a reload of it" {
	mw attach -q -c $CONF mail0
	rename mail0 old0
	run -0 mw attach -c $CONF old0
	guarded old0
	expect "$(interfaces)" = old0
	mw detach -q
	nothing_left
}

@test "U8: of 67 interfaces each is reloaded, named and detached" {
	names=()
	for i in {1..34}; do
		ip -n gateway link add "mail$i" type veth peer name "mailp$i"
		ip -n gateway link set "mail$i" up
		ip -n gateway link set "mailp$i" up
		names+=("mail$i" "mailp$i")
	done
	mw attach -q -c $CONF "${names[@]:0:64}"
	for name in "${names[@]:64:3}"; do mw attach -q -c $CONF "$name"; done
	expect "$(mw status --json | jq '.interfaces | length')" = 67
	drop 10.4.0.0/16 10.9.0.0/16
	mw reload -q -c $CONF
	# One program on all of them.
	expect "$(gw bpftool net -j | jq '[.[0].xdp[].id] | unique | length')" = 1
	drops mail34 10.4.0.1
	drops mail1 10.4.0.1
	run -0 mw detach mail34
	unguarded mail34
	mw detach -q
	nothing_left
}

@test "U9: in a mount namespace that ends, attach does not say attached and go" {
	mkdir -p /run/other
	for line in "attach -c $CONF mail0" "block 10.5.0.0/16"; do
		MAILWEIR_BPFFS=/run/other run ip netns exec gateway \
			build/mailweir $line
		echo "$status: $output"
		expect "$status" != 0
	done
	MAILWEIR_BPFFS=/run/other run -1 gw unshare --mount \
		build/mailweir attach -c $CONF mail0
	[[ "$output" == *"mount namespace"* ]]
	[[ "$output" != *"mail0: attached"* ]]
	unguarded mail0
}

@test "U9: where the BPF file system is mounted already, it is attached and stays" {
	mount -t bpf bpf "$MAILWEIR_BPFFS"
	run -0 ip netns exec gateway build/mailweir attach -c $CONF mail0
	sleep 0.5
	guarded mail0
	run -0 ip netns exec gateway build/mailweir status
}

@test "U12: after two interfaces swapped names, detach takes the one now called so" {
	another mailB
	mw attach -q -c $CONF mail0 mailB
	rename mail0 spare
	rename mailB mail0
	rename spare mailB
	run -0 mw detach mailB
	[[ "$output" == *"mailB: detached"* ]]
	[[ "$output" != *"mail0: detached"* ]]
	unguarded mailB
	guarded mail0
	expect "$(interfaces)" = mail0
	mw detach -q mail0
	nothing_left
}

@test "U12: a name that an interface had before still detaches it" {
	mw attach -q -c $CONF mail0
	rename mail0 old0
	run -0 mw detach mail0
	unguarded old0
	nothing_left
}

@test "U30: an interface is never given another namespace's name or mode" {
	mw attach -q -c $CONF mail0
	# out0 has in world the number that mail0 has in gateway.
	for ns in world spare; do
		[ $ns = world ] || ip netns add spare
		run nsenter --net=/run/netns/$ns build/mailweir status
		echo "$status: $output"
		[[ "$output" == *"mail0"*"namespace"* ]]
		told out0 generic "$denial"
		expect "$status" = 0 -o "$status" = 4
		run nsenter --net=/run/netns/$ns build/mailweir status --json
		jq -e '.interfaces[0].name == "mail0"' <<<"$output"
		jq -e '[.interfaces[].xdp] | index("generic") == null' <<<"$output"
	done
	run -0 mw status
}

@test "U30: an interface that moved to another namespace is said to be gone" {
	another mail1
	mw attach -q -c $CONF mail0 mail1
	ip -n gateway link set mail1 netns world
	run -4 mw status
	[[ "$output" == *"mail1"*"namespace"* ]]
	told generic
	guarded mail0
	run -4 mw status --json
	jq -e '.red | any(contains("mail1") and contains("namespace"))' <<<"$output"
}

@test "U30: a program that was taken off its interface is not said to be gone with it" {
	another mail1
	mw attach -q -c $CONF mail0 mail1
	bpftool link detach pinned "$(pins)/link_mail1"
	run -4 mw status
	[[ "$output" == *"mail1"* ]]
	told 'interface is gone' generic
	[[ "$output" == *"detached"* ]]
	# What it advises helps.
	run -0 mw attach -q -c $CONF mail1
	guarded mail0 mail1
	run -0 mw status
}
