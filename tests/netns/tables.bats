#!/usr/bin/env bats
# [tables]: sizes, memory, and what a reload to other sizes keeps.
load lib

setup_file() {
	make_network
	start_smtpd
}

# The configuration with these lines of [tables].
tables() { # line...
	configure <<-EOT
	[gate]
	mode = enforce
	[limit source]
	rate = 1/1h
	burst = 3
	[tables]
	$(printf '%s\n' "$@")
	EOT
}

room() { # table
	mw status --json | jq ".tables.\"$1\".room"
}

# So many connections of a source, which the server takes.
connect() { # source count
	networks "$1/32"
	tool dial -d $gateway4 -s "$1" -n "$2" -k 100 >/run/dialled
}

# Each of these blocks so many addresses.
many_blocks() { # count
	seq 0 $(($1 - 1)) | awk '{ printf "20.%d.%d.%d\n", $1 / 65536,
		$1 / 256 % 256, $1 % 256 }'
}

@test "a reload to larger and to smaller tables keeps debts, histories, blocks" {
	tables 'sources = 262144'
	attach
	connect 10.1.0.1 3
	unanswered 10.1.0.1
	answered 10.1.0.2
	mw known | tee /run/known
	expect "$(grep -c '^10.1.0.1 ' /run/known)" = 1
	mw block -q 10.2.0.0/16 --why spam
	mw block -q 10.3.0.1 --for 1h
	for sizes in 'sources = 4096|history = 4096|netblocks = 4096|blocks = 4096' \
		'sources = 1000000|history = 8192|blocks = 100000' \
		'sources = 4096|history = 1000000'; do
		tables "${sizes//|/$'\n'}"
		run -0 mw reload -c $CONF
		unanswered 10.1.0.1
		unanswered 10.2.7.7
		unanswered 10.3.0.1
		answered 10.1.0.2
		expect "$(mw known | grep -c '^10.1.0.1 ')" = 1
		expect "$(mw blocks --json | jq '.blocks | length')" = 2
		[[ "$(mw test 10.1.0.1)" == *drop* ]]
	done
	expect "$(room source)" = 4096
	expect "$(room history)" = 1048576
	expect "$(room blocks)" = 65536
	expect "$(room netblock)" = 262144
	# What bpftool shows is what is in force.
	expect "$(bpftool -j map show pinned \
		"$(pins)"/history | jq .max_entries)" = 262144
}

@test "more blocks than a table has by default, and none is lost for a smaller one" {
	tables 'blocks = 200000'
	attach
	many_blocks 150000 | mw block -q -
	expect "$(mw blocks --json | jq '.blocks | length')" = 150000
	unanswered 20.1.200.7
	tables 'blocks = 100000'
	run mw reload -c $CONF
	expect "$status" = 1
	[[ "$output" == *"no room in blocks = 100000; write a greater number"* ]]
	unanswered 20.1.200.7
	expect "$(room blocks)" = 200000
	tables 'blocks = 170000'
	run -0 mw reload -c $CONF
	unanswered 20.1.200.7
	expect "$(mw blocks --json | jq '.blocks | length')" = 150000
	mw detach -q
	run -0 mw attach -q -c $CONF mail0
	unanswered 20.1.200.7
}

@test "tables that the machine has no memory for are refused, and what is there stays" {
	tables 'sources = 4096'
	attach
	mw block -q 10.2.0.0/16
	tables 'sources = 16777216' 'history = 16777216'
	run -0 mw check -c $CONF
	[[ "$output" =~ "tables: "[0-9.]+" MiB" ]]
	printf 'MemTotal: 1000000 kB\nMemAvailable: 200000 kB\n' >/run/meminfo
	mount --bind /run/meminfo /proc/meminfo
	for command in check reload; do
		run -78 mw $command -c $CONF
		[[ "$output" == *"$CONF: the tables of [tables] take "*" MiB, and this machine has 195.3 MiB left; write smaller numbers"* ]]
	done
	umount /proc/meminfo
	expect "$(room source)" = 4096
	unanswered 10.2.0.1
	run -0 mw reload -c $CONF
	expect "$(room source)" = 16777216
	unanswered 10.2.0.1
}

@test "connections keeps its size until mailweir is attached anew, and says so" {
	tables 'connections = 524288'
	attach
	tables 'connections = 2000000'
	run -4 mw reload -c $CONF
	[[ "$output" == *"connections stays 524288 as long as mailweir is attached;"*"make it 2097152"* ]]
	expect "$(room 'source open')" = 524288
	attach
	expect "$(room 'source open')" = 2097152
}

@test "a reload to other sizes, killed at every step, loses nothing" {
	tables 'sources = 4096'
	attach
	mw block -q 10.2.0.0/16
	killed=0
	for ((step = 20; step < 260; step += 7)); do
		tables "sources = $((step % 2 ? 16384 : 8192))" \
			"blocks = $((step % 2 ? 5000 : 6000))"
		run gw strace -qq -o /dev/null -e trace=bpf,rename \
			-e inject=bpf,rename:signal=KILL:when=$step \
			build/mailweir reload -q -c $CONF
		killed=$((killed + (status == 137)))
		unanswered 10.2.0.1
		run -0 mw blocks
		[[ "$output" == *10.2.0.0/16* ]]
	done
	echo "# $killed killed" >&3
	expect $killed -ge 10
	run -0 mw reload -q -c $CONF
	unanswered 10.2.0.1
	# No table is left beside those in force.
	expect "$(find "$MAILWEIR_BPFFS" -path '*gen_*' -name '*_buckets')" = ""
}
