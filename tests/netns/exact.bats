#!/usr/bin/env bats
# charge = handshake admits what the limits say, from two processes on two
# CPUs. Longer, as make check-handshake: HANDSHAKE_SECONDS=60.
load lib

seconds=${HANDSHAKE_SECONDS:-10}
rate=5 burst=10 # a second

setup_file() {
	make_network
	ip -n world route add local 10.0.0.0/8 dev lo
	gw sysctl -qw net.core.somaxconn=4096 net.ipv4.tcp_syncookies=1
	serve smtpd gw build/tests/smtpd 25 600 4096
}

limited() {
	configure <<-EOT
	[gate]
	mode = enforce
	[limit source]
	rate = $rate/1s
	burst = $burst
	EOT
	attach
}

addresses() { # first last times
	for n in $(seq "$1" "$2"); do
		for ((i = 0; i < $3; i++)); do
			echo 10.9.9.$n
		done
	done
}

# One process on each CPU; /run/dialled has which address was let in how often.
dial_twice() { # file file option...
	local pids=() n
	for n in 0 1; do
		background dialled.$n exec taskset -c $((n % $(nproc))) \
			nsenter --net=/run/netns/world build/tests/dial \
			-d $gateway4 -f "${@:n+1:1}" -t 80 -v "${@:3}"
		pids+=("$background")
	done
	wait "${pids[@]}"
	tail -qn 1 /run/dialled.*
	for n in 0 1; do
		head -n 1 /run/dialled.$n | fold -w 1 |
			awk 'NR == FNR { a[n++] = $1; next }
				{ print a[(FNR - 1) % n], $1 }' "${@:n+1:1}" -
	done | awk '{ in_[$1] += $2 }
		END { for (a in in_) print a, in_[a] }' >/run/dialled
}

# least, most and sum of what each of the addresses was let in
spread() {
	sort -nk 2 /run/dialled | awk 'NR == 1 { least = $2 }
		{ sum += $2; most = $2 } END { print least, most, sum, NR }'
}

@test "one at a time from each of 200 sources: as many as the rate says" {
	limited
	addresses 1 100 1 >/run/first
	addresses 101 200 1 >/run/second
	dial_twice /run/first /run/second -1 -i 1000 -n $((1000 * seconds))
	read -r least most sum sources < <(spread)
	# The last attempt of each is a tenth before the end.
	expected=$((burst + rate * (seconds * 10 - 1) / 10))
	figure "exact: $sources sources, one at a time for $seconds s:" \
		"$least to $most each, $expected allowed; $sum in all"
	expect "$sources" = 200
	# 2 %, and what falls between two attempts
	expect "$least" -ge $((expected * 98 / 100 - 1))
	expect "$most" -le $((expected * 102 / 100 + 1))
	expect "$(counter connections)" = "$sum"
	expect "$(mw sources --json | jq '.sources | length')" = 200
}

# Ten at once of the same source on each CPU, every second.
@test "many at once: never above by more than what is under way at once" {
	limited
	volleys=$((seconds / 2))
	addresses 1 200 10 >/run/both
	dial_twice /run/both /run/both -b 10 -i 5000 -n $((2000 * volleys))
	read -r least most sum sources < <(spread)
	allowed=$((burst + rate * (volleys - 1)))
	figure "exact: $sources sources, 20 at once each second for $volleys" \
		"s: $least to $most each, $allowed allowed; $sum in all"
	expect "$least" -ge $((rate * (volleys - 1)))
	expect "$most" -le $((allowed + 20))
	expect "$(counter connections)" = "$sum"
}
