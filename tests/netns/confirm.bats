#!/usr/bin/env bats
# attach and reload --confirm undo themselves unless 'mailweir confirm' comes.
load lib
load faults

# Waits for a condition.
soon() { # command...
	local until=$((SECONDS + 20))
	while [ $SECONDS -lt $until ]; do
		! "$@" >/dev/null 2>&1 || return 0
		sleep 0.1
	done
	echo "not so within 20 s: $*"
	return 1
}

# A configuration that drops nobody of the lists, and another list.
worse() {
	sed -i 's/burst = 30/burst = 7/' $CONF
	drop 10.8.0.0/16 10.9.0.0/16
}

as_before() {
	guarded mail0 && passes mail0 10.8.0.1 &&
		mw status | grep -q 'burst 30'
}

@test "a reload that nobody confirms is undone, whole" {
	mw attach -q -c $CONF mail0
	mw block -q 10.5.0.1
	cp "$MAILWEIR_STATE/lists/drop" /run/copy
	worse
	run -0 mw reload -c $CONF --confirm 3
	[[ "$output" == *"'mailweir confirm' within 3 s"* ]]
	drops mail0 10.8.0.1
	passes mail0 10.1.0.1
	run -0 mw status
	[[ "$output" == *"the last change is undone in "* ]]
	soon as_before
	drops mail0 10.5.0.1
	run -4 mw status
	[[ "$output" == *"RED: nobody confirmed the last change"* ]]
	cmp /run/copy "$MAILWEIR_STATE/lists/drop"
	run -1 mw confirm
	[[ "$output" == *"nothing waits"* ]]
	mw reload -q -c $CONF
	run -0 mw status
	drops mail0 10.8.0.1
	expect "$(find "$MAILWEIR_STATE" -name '*.kept')" = ''
}

@test "one that is confirmed stays" {
	mw attach -q -c $CONF mail0
	worse
	mw reload -q -c $CONF --confirm 3
	run -0 mw confirm
	[[ "$output" == *"confirmed: generation 2"* ]]
	sleep 4
	drops mail0 10.8.0.1
	run -0 mw status
	expect "$(find "$MAILWEIR_STATE" -name '*.kept')" = ''
	expect "$(pgrep -c -f 'reload -q -c')" = 0
}

@test "a first attach that nobody confirms is detached, a second interface too" {
	run -0 mw attach -q -c $CONF mail0 --confirm 6
	guarded mail0
	soon nothing_left
	another mailB
	mw attach -q -c $CONF mail0
	mw attach -q -c $CONF mailB --confirm 6
	guarded mail0 mailB
	soon unguarded mailB
	guarded mail0
	run -4 mw status
}

@test "the terminal dies, and the command with all that it started it in" {
	mw attach -q -c $CONF mail0
	worse
	# A session of its own, which gets SIGHUP and then SIGKILL.
	background terminal setsid --wait nsenter --net=/run/netns/gateway \
		script -qec "build/mailweir reload -q -c $CONF --confirm 3;
			sleep 60" /dev/null
	soon drops mail0 10.8.0.1
	pkill -HUP -f 'sleep 60' || :
	pkill -KILL -f "script -qec" || :
	soon as_before
}

@test "killed in the middle of the reload it is undone as well" {
	mw attach -q -c $CONF mail0
	worse
	gw strace -qq -o /run/trace build/mailweir reload -q -c $CONF \
		--confirm 2 || :
	mw confirm -q
	usual
	drop 10.1.0.0/16 10.9.0.0/16
	mw reload -q -c $CONF
	worse
	# Behind the commit: the link's update.
	at=$(ordinal bpf BPF_LINK_UPDATE)
	expect "$at" -ge 1
	run gw strace -qq -o /run/trace -e inject=bpf:signal=KILL:when=$((at + 1)) \
		build/mailweir reload -q -c $CONF --confirm 2
	drops mail0 10.8.0.1
	soon as_before
}

@test "a second change waits for the first, and a plain reload confirms" {
	mw attach -q -c $CONF mail0
	worse
	mw reload -q -c $CONF --confirm 3
	run -1 mw reload -c $CONF --confirm 3
	[[ "$output" == *"another change waits"* ]]
	mw reload -q -c $CONF
	sleep 4
	drops mail0 10.8.0.1
	run -0 mw status
	run -2 mw reload -c $CONF --confirm 0
	run -2 mw reload -c $CONF --confirm soon
	# One that is refused changes nothing, and leaves nothing to undo.
	echo nonsense >$CONF
	run -78 mw reload -c $CONF --confirm 3
	usual
	run -0 mw reload -q -c $CONF --confirm 3
	mw confirm -q
}
