#!/usr/bin/env bats
# What scripts/run shows to a newcomer.
load lib

mailweirs() { # programs and interfaces of ours on this machine
	bpftool prog -j | jq '[.[] | select(.name == "mailweir")] | length'
	ip -br link
	find /sys/fs/bpf -name '*mailweir*' 2>/dev/null || :
}

@test "the demonstration ends well, in the words of its result" {
	mailweirs >/run/before
	run -0 scripts/demo
	words=$(tr -s '[:space:]' ' ' <<<"$output")
	[[ "$words" != *"NOT AS IT SHOULD BE"* ]]
	[[ "$words" == *"The polite sender got through with "[1-9]* ]]
	[[ "$words" == *"names, got through with 0 of "[1-9]* ]]
	[[ "$words" == *"drop 203.0.113.77: block list"* ]]
	sleep 0.5 # programs are freed after a grace period
	diff /run/before <(mailweirs)
}

@test "killed in the middle, it leaves nothing" {
	mailweirs >/run/before
	background demo scripts/demo
	sleep 4
	expect "$(mailweirs | head -n1)" -gt "$(head -n1 /run/before)"
	pkill -KILL -o -f '^/bin/bash scripts/demo'
	for ((i = 0; i < 20; i++)); do
		sleep 0.2
		! diff /run/before <(mailweirs) || break
	done
	diff /run/before <(mailweirs)
}

@test "scripts/run refuses what it cannot do" {
	run -2 scripts/run --frobnicate
	run -2 scripts/run --enforce
	[[ "$output" == *"scripts/run [--enforce] DEV"* ]]
}
