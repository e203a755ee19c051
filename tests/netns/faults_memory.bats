#!/usr/bin/env bats
# Files that are small, cut, late or from another time: within stated memory
# and time, and never taken for what they are not.
load lib
load faults

# In so much address space (MiB) and so many seconds of its own.
within() { # MiB seconds command...
	(
		ulimit -S -v $(($1 * 1024))
		timeout "$2" nsenter --net=/run/netns/gateway \
			build/mailweir "${@:3}"
	)
}

@test "U14: a number that a list names often is looked up once" {
	awk 'BEGIN { for (i = 0; i < 5000; i++)
		printf "%d.%d.%d.0\t%d.%d.%d.255\t1\tZZ\tX\n", 11, i / 128,
			i % 128 * 2, 11, i / 128, i % 128 * 2 }' >/run/asn.tsv
	for i in {1..20000}; do echo AS1; done >/run/drop.txt
	configure <<-EOT
	[asn]
	table = asn.tsv
	[list drop]
	action = block
	file = drop.txt
	EOT
	run -0 within 800 10 check -c $CONF
	echo "$output"
	[[ "$output" == *"5000 IPv4 and 0 IPv6 prefixes"* ]]
	# asn = of the configuration, and twice in it, is no more.
	sed -i '/drop.txt/a asn = 1, 1, AS1' $CONF
	run -0 within 800 10 check -c $CONF
	[[ "$output" == *"5000 IPv4 and 0 IPv6 prefixes"* ]]
	# Numbers taken out are no other way to do it.
	for i in {1..20000}; do echo '!AS1'; done >>/run/drop.txt
	echo 10.1.0.0/16 >>/run/drop.txt
	sed -i '/^asn/d' $CONF
	run within 800 10 check -c $CONF
	echo "$output"
	expect "$status" = 0 -o "$status" = 78
	told 'killed'
}

# 33 prefixes, each in the one before, and 20,000 addresses out of the last.
nested() {
	local n
	for ((n = 32; n <= 64; n++)); do echo "2001:db8::/$n"; done
	seq 1 20000 | awk '{ x = $1 * 40503 % 65536; y = $1 * 30011 % 65521
		printf "!2001:db8::%x:%x:%x:%x\n", x, y, x, y }'
}

@test "U14: many exceptions deep inside many nested prefixes" {
	nested >/run/drop.txt
	run within 1024 15 check -c $CONF
	echo "$status: ${output:0:500}"
	expect "$status" = 0 -o "$status" = 78
	[[ "$output" == *drop* ]]
	told 'Killed'
	# The same beside what is in force: nothing waits for it.
	drop 10.1.0.0/16
	mw attach -q -c $CONF mail0
	nested >/run/drop.txt
	background reload mw reload --force -q -c $CONF
	sleep 0.5
	started=${EPOCHREALTIME/./}
	mw block -q 10.5.0.1
	expect $((${EPOCHREALTIME/./} - started)) -le 2000000
	drops mail0 10.5.0.1
}

# A list whose last line was cut, as a download is that broke off.
cut_off() { # what the file is to end with
	printf '10.1.0.0/16\n%s' "$1" >/run/drop.txt
}

@test "U37: a list that ends inside a line is not taken for whole in silence" {
	for last in 192.0.2.11 10.9.0.0/1 10.9.0.0/16 2001:db8::1 AS6450 \
		10.9.0.0-10.9.0.2; do
		cut_off "$last"
		run mw check -c $CONF
		echo "$last: $status $output"
		expect "$status" = 0 -o "$status" = 78
		[[ "$output" == *"/run/drop.txt:2: "* ]]
	done
}

@test "U37: a file that changes while it is read is refused" {
	seq 0 599999 | awk '{ printf "%d.%d.%d.7\n", 20 + $1 / 65536,
		$1 / 256 % 256, $1 % 256 }' >/run/drop.txt
	cp /run/drop.txt /run/whole.txt
	for change in 'truncate -s 7000001' 'sh -c "echo 10.7.7.7 >>\$0"'; do
		cp /run/whole.txt /run/drop.txt
		# The child waits before its third piece.
		background check gw strace -f -qq -o /run/trace \
			-P /run/drop.txt -e inject=read:delay_enter=2s:when=3 \
			build/mailweir check -c $CONF
		check=$background
		until grep -qs 'drop.txt\|read(' /run/trace; do sleep 0.05; done
		sleep 0.7
		eval "$change /run/drop.txt"
		got=0
		wait "$check" || got=$?
		cat /run/check
		expect "$got" = 78
		grep -q '/run/drop.txt.*while it was read' /run/check
	done
}

# The clock of who is started with it goes so many seconds wrong.
make_clock() {
	[ -e /run/clock.so ] || cc -shared -fPIC -O1 -o /run/clock.so -xc - <<-'EOT'
	#define _GNU_SOURCE
	#include <dlfcn.h>
	#include <stdlib.h>
	#include <sys/syscall.h>
	#include <sys/time.h>
	#include <time.h>
	#include <unistd.h>
	static long shift(void) { return atol(getenv("CLOCK_SHIFT")); }
	int clock_gettime(clockid_t id, struct timespec *t)
	{
		int err = syscall(SYS_clock_gettime, id, t);
		if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)
			t->tv_sec += shift();
		return err;
	}
	time_t time(time_t *t)
	{
		struct timespec now;
		clock_gettime(CLOCK_REALTIME, &now);
		if (t)
			*t = now.tv_sec;
		return now.tv_sec;
	}
	EOT
}

at() { # seconds from now, command...
	gw env LD_PRELOAD=/run/clock.so CLOCK_SHIFT="$1" build/mailweir "${@:2}"
}

@test "U34: a clock that was set back makes nothing centuries old" {
	make_clock
	mw attach -q -c $CONF mail0
	mw block -q 10.5.0.1 --for 1h
	printf '10.77.0.1\n' >/run/clients.txt
	mw known import -q /run/clients.txt
	for back in -7200 -86400 -1; do
		for line in status lists blocks known sources 'test 10.1.0.1' \
			'test 10.5.0.1'; do
			run at $back $line
			echo "$output"
			run ! grep -E '[0-9]{4,}d|-[0-9]+ ?(s|m|h|d)\b' <<<"$output"
		done
	done
	run -4 at -7200 status
	[[ "$output" == *"list drop"*"loaded in the future"* ]]
}

@test "U34: a file from the future expires as one that is new" {
	make_clock
	sed -i '/drop.txt/a expires = 1d' $CONF
	touch -d '+400 days' /run/drop.txt
	run mw attach -c $CONF mail0
	echo "$status: $output"
	[[ "$output" == *"/run/drop.txt"*"future"* ]]
	guarded mail0
	run -4 at $((2 * 86400)) status
	[[ "$output" == *"RED: list drop: "* ]]
	# One that a wrong clock read.
	touch /run/drop.txt
	at $((400 * 86400)) reload -q -c $CONF || expect $? = 4
	touch -d '2 days ago' /run/drop.txt
	run -4 mw reload -q -c $CONF
}

@test "U35: an end stays where it is, however many lists are loaded beside it" {
	decision='{"scope":"Ip","type":"ban","duration":'
	{
		echo '['
		for ((i = 1; i <= 167; i++)); do
			printf '%s"%dh%dm7s","value":"20.0.0.%d"},\n' \
				"$decision" "$i" $((i % 60)) "$i"
		done
		echo "$decision\"100h\",\"value\":\"20.0.1.1\"}]"
	} >/run/crowd.json
	cat >>$CONF <<-EOT
	[list crowd]
	action = block
	file = crowd.json
	EOT
	mw attach -q -c $CONF mail0
	written=$(stat -c %Y /run/crowd.json)
	for turn in 1 2 3 4; do
		for i in 1 11 12 25 50 99 100 150 167; do
			ends=$(mw test "20.0.0.$i" --json | jq .list.ends)
			off=$((ends - i * 3600 - i % 60 * 60 - 7 - written))
			echo "$turn: ${i}h: $off s off"
			if [ "$i" -gt 11 ]; then most=180; else most=10; fi
			expect "$off" -ge -$most -a "$off" -le $most
		done
		sleep 1
		case $turn in
		1) mw lists load drop -q -c $CONF ;;
		2) mw lists load more -q -c $CONF ;;
		3) mw lists load drop -q -c $CONF ;;
		esac
	done
}
