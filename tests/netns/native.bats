#!/usr/bin/env bats
# Native and generic mode. A veth refuses native XDP where its peer has more
# transmit queues than it has receive queues, with words, as drivers of NICs do.
load lib

refusing='XDP expects number of rx queues not less than peer tx queues'

setup_file() {
	make_network
	ip -n gateway link add odd0 numrxqueues 1 numtxqueues 1 type veth \
		peer name odd1 numrxqueues 4 numtxqueues 4 netns world
	ip -n gateway link set odd0 up
	ip -n world link set odd1 up
}

gate() { # native
	limited 1/1h 3 $'charge = syn\n'"native = $1"
}

setup() {
	mw detach -q 2>/dev/null || [ $? = 3 ]
	gate prefer
}

mode_of() { # interface
	mw status --json |
		jq -r ".interfaces[] | select(.name == \"$1\").xdp"
}

red() { mw status --json | jq -r '.red[]'; }

@test "prefer: generic where the driver refuses, with its words and the cure" {
	run -4 mw attach -c $CONF odd0
	[[ "$output" == *"odd0: "*"(veth) says: "*"$refusing"* ]]
	[[ "$output" == *"as many receive queues as"*"generic mode"* ]]
	expect "$(mode_of odd0)" = generic
	run -4 mw status
	[[ "$output" == *"RED: odd0: generic mode"*"as many receive queues"* ]]
	[[ "$output" == *"native = no in [gate]"* ]]
}

@test "prefer: native where the driver can, and all is well" {
	mw attach -c $CONF mail0
	expect "$(mode_of mail0)" = native
	expect "$(red)" = ''
}

@test "require: refused with the driver's words and the cure" {
	gate require
	run -1 mw attach -c $CONF odd0
	[[ "$output" == *"odd0: cannot be attached: native = require"* ]]
	[[ "$output" == *"$refusing"*"as many receive queues as"* ]]
	run -3 mw status
	[[ "$(gw ip link show odd0)" != *xdp* ]]
	mw attach -c $CONF mail0
	expect "$(mode_of mail0)" = native
}

@test "require: an interface that was generic before is red" {
	run -4 mw attach -c $CONF odd0
	gate require
	run -4 mw reload -c $CONF
	[[ "$output" == *"odd0: generic mode, slower, and native = require"* ]]
}

@test "no: generic mode that was asked for is not red" {
	gate no
	mw attach -c $CONF mail0 odd0
	expect "$(mode_of mail0)" = generic
	expect "$(mode_of odd0)" = generic
	expect "$(red)" = ''
	mw status
	[[ "$(gw ip link show mail0)" == *xdpgeneric* ]]
}

@test "no: what is attached natively stays so until it is attached anew" {
	mw attach -c $CONF mail0
	gate no
	mw reload -c $CONF
	expect "$(mode_of mail0)" = native
	mw detach -q mail0
	mw attach -c $CONF mail0
	expect "$(mode_of mail0)" = generic
}

# Which of the bpf() calls of an attach is the one that makes the link.
link_call() {
	gw strace -f -qq -e trace=bpf -o /run/calls \
		build/mailweir attach -q -c $CONF mail0
	grep -n -m 1 BPF_LINK_CREATE /run/calls | cut -d: -f1
}

refused_with() { # errno
	local call
	call=$(link_call)
	mw detach -q
	run gw strace -f -qq -e trace=bpf -o /run/calls \
		-e inject=bpf:error="$1":when="$call" \
		build/mailweir attach -c $CONF mail0
	grep -q 'BPF_LINK_CREATE.*INJECTED' /run/calls
}

# strace lets the call fail as drivers of NICs do where the MTU, LRO or the
# number of queues is in the way of native XDP.
@test "native XDP that a driver refuses without words becomes generic" {
	for why in 'EINVAL:Invalid argument' 'ENOMEM:Cannot allocate memory' \
		'ENOSPC:No space left' 'ERANGE:Numerical result out of range' \
		'EOPNOTSUPP:Operation not supported'; do
		refused_with "${why%:*}"
		expect "$status" = 4
		[[ "$output" == *"mail0: "*"${why#*:}"*"generic mode"* ]]
		expect "$(mode_of mail0)" = generic
		mw detach -q
	done
}

@test "another failure is no reason to fall back" {
	refused_with EPERM
	[[ "$status" != [04] ]]
	[[ "$output" == *"mail0: cannot be attached: Operation not permitted"* ]]
	run -3 mw status
}
