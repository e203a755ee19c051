#!/usr/bin/env bats
# What scripts/run shows to a newcomer.
load lib

# What a demonstration could leave: namespaces that a process keeps alive (with
# their mounts, interfaces and programs), interfaces and pins out here.
traces() {
	readlink /proc/[0-9]*/ns/{net,mnt} | sort -u | wc -l
	ip -br link
	find /sys/fs/bpf -name '*mailweir*' 2>/dev/null || :
}

@test "the demonstration ends well, in the words of its result" {
	traces >/run/before
	run -0 scripts/demo
	words=$(tr -s '[:space:]' ' ' <<<"$output")
	[[ "$words" != *"NOT AS IT SHOULD BE"* ]]
	[[ "$words" == *"The polite sender got through with "[1-9]* ]]
	[[ "$words" == *"names, got through with 0 of "[1-9]* ]]
	[[ "$words" == *"drop 203.0.113.77: block list"* ]]
	# What is under way is not dropped, at no moment.
	tables=$(grep -c '^forger:' <<<"$output")
	expect "$tables" -ge 5
	expect "$(awk '/^(forger|polite):/ && $(NF - 1) == 0' <<<"$output" |
		wc -l)" = $((2 * tables))
	diff /run/before <(traces)
}

@test "killed in the middle, it leaves nothing" {
	traces >/run/before
	background demo scripts/demo
	sleep 4
	expect "$(traces | head -n1)" -gt "$(head -n1 /run/before)"
	pkill -KILL -o -f '^/bin/bash scripts/demo'
	for ((i = 0; i < 20; i++)); do
		sleep 0.2
		! diff /run/before <(traces) || break
	done
	diff /run/before <(traces)
}

@test "scripts/run refuses what it cannot do" {
	run -2 scripts/run --frobnicate
	run -2 scripts/run --enforce
	[[ "$output" == *"scripts/run [--enforce] DEV"* ]]
}
