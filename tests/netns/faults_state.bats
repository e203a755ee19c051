#!/usr/bin/env bats
# What survives a reboot: blocks, histories, copies of lists. None is lost in
# silence, and none comes back that was taken away.
load lib
load faults

# So many blocks without an end, in force and kept: 11.0.0.0 and on.
many_blocks() { # count
	seq 0 $(($1 - 1)) | awk '{ printf "11.0.%d.%d\n", $1 / 256, $1 % 256 }' \
		>/run/many.txt
	mw block - -q --why 'ticket 1' </run/many.txt
	expect "$(kept_blocks | wc -l)" = "$1"
}

in_force() { mw blocks --json | jq '.blocks | length'; }

@test "U6: a file of blocks that is read in part is not taken for all" {
	mw attach -q -c $CONF mail0
	many_blocks 1000
	error=EIO
	reboot
	run -4 broken_at "$MAILWEIR_STATE/blocks" \
		read:error=$error:when=3 attach -c $CONF mail0
	echo "$output"
	[[ "$output" == *"$MAILWEIR_STATE/blocks"* ]]
	guarded mail0
	run -4 mw status
	# The next that is written does not make it true.
	run mw block 10.5.0.2
	drops mail0 10.5.0.2
	expect "$(kept_blocks | wc -l)" -ge 1000
	run -0 mw reload -q -c $CONF
	expect "$(in_force)" = 1001
	run -0 mw status
	drops mail0 11.0.3.231
	mw unblock -q 10.5.0.2
	expect "$(kept_blocks | wc -l)" = 1000
}

@test "U6: a file of blocks that was cut is told from a whole one" {
	mw attach -q -c $CONF mail0
	many_blocks 1000
	reboot
	cp "$MAILWEIR_STATE/blocks" /run/whole
	head -400 /run/whole >"$MAILWEIR_STATE/blocks"
	run -4 mw attach -c $CONF mail0
	[[ "$output" == *"blocks: has 399 of 1000 blocks: truncated"* ]]
	# They are in no order.
	drops mail0 "$(sed -n '2s/\t.*//p' "$MAILWEIR_STATE/blocks")"
	run -4 mw status
	# Nothing is written over what may be mended.
	run -4 mw block -q 10.5.0.2
	expect "$(kept_blocks | wc -l)" = 399
	cp /run/whole "$MAILWEIR_STATE/blocks"
	run -0 mw reload -q -c $CONF
	drops mail0 11.0.3.231 10.5.0.2
	expect "$(kept_blocks | wc -l)" = 1001
	run -0 mw status
}

@test "U6: a file of blocks of an older version, and one that was edited" {
	mw attach -q -c $CONF mail0
	many_blocks 10
	reboot
	sed -i 1d "$MAILWEIR_STATE/blocks"
	run -0 mw attach -q -c $CONF mail0
	expect "$(in_force)" = 10
	mw block -q 10.5.0.2
	reboot
	sed -i 's/^11.0.0.4	/#&/' "$MAILWEIR_STATE/blocks"
	run -0 mw attach -q -c $CONF mail0
	expect "$(in_force)" = 10
	run -0 mw status
}

# Of the calls that read the table of blocks one in the middle.
middle() { # command...
	gw strace -qq -e trace=bpf -o /run/trace build/mailweir "$@" >/run/stdout
	awk '/^bpf/ { n++ }
		/BPF_MAP_GET_NEXT_KEY|BPF_MAP_LOOKUP_(AND_DELETE_)?BATCH/ {
			at[++found] = n }
		END { print at[int((found + 1) / 2)] + 0 }' /run/trace
}

@test "U6: a table of blocks that is read in part is not written as all" {
	mw attach -q -c $CONF mail0
	many_blocks 1000
	error=ENOMEM
	point=$(middle block -q 10.5.0.1)
	expect "$point" -ge 1
	run broken "bpf:error=$error:when=$point" block 10.5.0.2
	echo "$error: $status $output"
	expect "$status" = 1 -o "$status" = 4
	told
	expect "$(kept_blocks | wc -l)" -ge 1000
	point=$(middle unblock -q 10.5.0.1)
	run broken "bpf:error=$error:when=$point" unblock 10.5.0.2
	expect "$(kept_blocks | wc -l)" -ge 1000
	mw block -q 10.5.0.2
	reboot
	mw attach -q -c $CONF mail0
	expect "$(in_force)" = 1001
	mw unblock -q 10.5.0.2
}

@test "U6: who prints blocks, sources or histories prints all or says that it is not all" {
	mw attach -q -c $CONF mail0
	many_blocks 300
	clients 300 >/run/clients.txt
	mw known import -q /run/clients.txt
	for line in 'blocks --json' blocks 'known save'; do
		point=$(middle $line)
		[ "$line" = 'known save' ] || expect "$point" -ge 1
		[ "$point" != 0 ] || continue
		for error in ENOMEM EPERM; do
			run broken "bpf:error=$error:when=$point" $line
			echo "$line: $status ${output:0:300}"
			expect "$status" != 0
			told
		done
	done
	expect "$(lines "$MAILWEIR_STATE/known")" -ge 300
}

@test "U11: an unblock that a full disk could not keep is not undone by a reload" {
	disk 64k
	another mailB
	mw attach -q -c $CONF mail0
	mw block -q 10.5.0.0/16
	mw block -q 10.6.0.0/16
	fill
	run -4 mw unblock 10.5.0.0/16
	[[ "$output" == *"a reboot will not know"* ]]
	passes mail0 10.5.0.1
	for line in reload "lists load drop" "attach mailB" "known save"; do
		run mw $line -c $CONF
		echo "$line: $output"
		passes mail0 10.5.0.1
		drops mail0 10.6.0.1
	done
	run -4 mw status
	free
	# What was owed to the disk is written with what comes next.
	run -0 mw reload -q -c $CONF
	passes mail0 10.5.0.1
	expect "$(kept_blocks)" = 10.6.0.0/16
	run -0 mw status
}

@test "U11: nor does a block that it could not keep go with the next reload" {
	disk 64k
	mw attach -q -c $CONF mail0
	fill
	run -4 mw block 10.5.0.0/16
	run mw reload -q -c $CONF
	drops mail0 10.5.0.1
	free
	run -0 mw block 10.6.0.0/16
	expect "$(kept_blocks | sort | tr '\n' ' ')" = \
		'10.5.0.0/16 10.6.0.0/16 '
}

@test "U13: a shorter block never replaces a longer one" {
	mw attach -q -c $CONF mail0
	mw block 10.6.6.7 -q --why 'ticket 1'
	cp "$MAILWEIR_STATE/blocks" /run/kept
	run -0 mw block 10.6.6.7 --for 1s --why 'some tool'
	echo "$output"
	[[ "$output" == *"10.6.6.7"*longer* ]]
	cmp /run/kept "$MAILWEIR_STATE/blocks"
	mw blocks --json | jq -e '.blocks[0] |
		.why == "ticket 1" and (has("expires_in_s") | not)'
	sleep 1.2
	drops mail0 10.6.6.7
	# An hour stays an hour, beside others that are new.
	mw block 10.6.6.8 -q --for 1h --why 'ticket 2'
	run -0 mw block - --for 1s --why 'some tool' <<-EOT
	10.6.6.7
	10.6.6.8
	10.6.6.9
	EOT
	[[ "$output" == *"1 blocked"* ]]
	sleep 1.2
	drops mail0 10.6.6.7 10.6.6.8
	passes mail0 10.6.6.9
	mw blocks --json | jq -e '.blocks[] | select(.prefix == "10.6.6.8") |
		.why == "ticket 2" and .expires_in_s > 3500'
	grep -qxFf /run/kept "$MAILWEIR_STATE/blocks"
}

@test "U13: a longer block replaces a shorter one, and its count goes on" {
	mw attach -q -c $CONF mail0
	mw block 10.6.6.7 -q --for 1s
	drops mail0 10.6.6.7
	mw block 10.6.6.7 -q --for 1h
	sleep 1.2
	drops mail0 10.6.6.7
	mw block 10.6.6.7 -q --why 'for good'
	mw blocks --json | jq -e '.blocks[0] | .why == "for good" and
		(has("expires_in_s") | not)'
	expect "$(kept_blocks)" = 10.6.6.7
	# One that is over is none.
	mw block 10.6.6.8 -q --for 1s
	sleep 1.2
	mw block 10.6.6.8 -q --for 1s
	drops mail0 10.6.6.8
}

# In how many seconds the block of that prefix ends.
ends_in() { # prefix
	mw blocks --json | jq --arg p "$1" \
		'.blocks[] | select(.prefix == $p) | .expires_in_s // "never"'
}

@test "a block with an end survives detach and reboot, and ends when it was to end" {
	mw attach -q -c $CONF mail0
	mw block 10.6.6.7 -q --for 1h --why 'ticket 1'
	mw block 10.6.6.8 -q --for 4s
	mw block 10.6.6.9 -q --why 'for good'
	ended=$(($(date +%s) + 4))
	mw detach -q
	mw attach -q -c $CONF mail0
	drops mail0 10.6.6.7 10.6.6.9
	expect "$(ends_in 10.6.6.7)" -gt 3500
	expect "$(ends_in 10.6.6.7)" -le 3600
	expect "$(ends_in 10.6.6.9)" = '"never"'
	mw blocks --json | jq -e '.blocks[] | select(.prefix == "10.6.6.7") |
		.why == "ticket 1"'
	reboot
	mw attach -q -c $CONF mail0
	expect "$(ends_in 10.6.6.7)" -gt 3500
	drops mail0 10.6.6.7 10.6.6.9
	while [ "$(date +%s)" -le $ended ]; do sleep 0.2; done
	passes mail0 10.6.6.8
	mw detach -q
	mw attach -q -c $CONF mail0
	expect "$(ends_in 10.6.6.8)" = ''
}

@test "blocks that an older mailweir kept are read" {
	mkdir -p "$MAILWEIR_STATE"
	printf '10.6.6.7\t1795629315\tticket 1\n' >"$MAILWEIR_STATE/blocks"
	run -0 mw attach -q -c $CONF mail0
	drops mail0 10.6.6.7
	expect "$(ends_in 10.6.6.7)" = '"never"'
	mw blocks --json | jq -e '.blocks[0].why == "ticket 1"'
}

# Histories of 300 sources, kept.
many_known() {
	clients 300 >/run/clients.txt
	mw known import -q /run/clients.txt -c $CONF
}

histories() { mw known --json | jq '.sources | length'; }

@test "U27: histories that are refused are red, not well" {
	mw attach -q -c $CONF mail0
	many_known
	mw known save -q
	mw detach -q
	truncate -s 2000 "$MAILWEIR_STATE/known"
	run -4 mw attach -c $CONF mail0
	echo "$output"
	[[ "$output" == *"$MAILWEIR_STATE/known"* ]]
	guarded mail0
	run -4 mw status
	[[ "$output" == *RED:*known* || "$output" == *RED:*histor* ]]
	# Until somebody says what is known.
	many_known
	run -0 mw status
}

@test "U27: an error that passes costs no history" {
	mw attach -q -c $CONF mail0
	many_known
	mw known save -q
	for fault in openat:error=EMFILE read:error=EIO; do
		reboot
		run -4 broken_at "$MAILWEIR_STATE/known" $fault:when=1 \
			attach -c $CONF mail0
		echo "$fault: $output"
		[[ "$output" == *"$MAILWEIR_STATE/known"* ]]
		guarded mail0
		run -4 mw status
		# Not put aside, nor written over with none.
		expect "$(lines "$MAILWEIR_STATE/known")" -ge 300
		run mw known save
		expect "$(lines "$MAILWEIR_STATE/known")" -ge 300
		run -0 mw reload -q -c $CONF
		expect "$(histories)" = 300
		run -0 mw status
	done
}

@test "U27: nor does a detach meanwhile" {
	mw attach -q -c $CONF mail0
	many_known
	mw detach -q
	run -4 broken_at "$MAILWEIR_STATE/known" openat:error=EMFILE:when=1 \
		attach -q -c $CONF mail0
	mw detach || expect $? = 4
	mw attach -q -c $CONF mail0
	expect "$(histories)" = 300
}

@test "U28: a copy that cannot take its name is told, and 4" {
	mw attach -q -c $CONF mail0
	turn=0
	for command in reload 'lists load drop'; do
		for call in 'rename lists/drop"' 'fsync /lists>' \
			'openat state/lists"'; do
			turn=$((turn + 1))
			gw strace -qq -y -e trace=rename,fsync,openat -o /run/trace \
				build/mailweir $command -q -c $CONF
			point=$(ordinal "${call% *}" "${call#* }")
			expect "$point" -ge 1
			drop "10.4$turn.0.0/16" 10.9.0.0/16
			run -4 broken "${call% *}:error=EIO:when=$point" \
				$command -c $CONF
			echo "$command, $call: $output"
			[[ "$output" == *"$MAILWEIR_STATE/lists"* ]]
			drops mail0 "10.4$turn.0.1"
			run -0 mw reload -q -c $CONF
			run -0 mw status
			grep -q "10.4$turn.0.0/16" "$MAILWEIR_STATE/lists/drop"
		done
	done
}

@test "U28: no half written file stays after a command that failed" {
	mw attach -q -c $CONF mail0
	many_known
	for fault in fchmod fsync rename; do
		for line in 'known save' 'known import /run/clients.txt' \
			'block 10.5.0.1' 'unblock 10.5.0.1' detach; do
			run broken $fault:error=EIO $line
			echo "$line, $fault: $status $output"
			[[ "$status" = 0 ]] || told
			expect "$(find "$MAILWEIR_STATE" -name '*.next')" = ""
			[ "$line" != detach ] || mw attach -q -c $CONF mail0
		done
	done
}

@test "U29: of several imports at once, nothing attached, none is lost" {
	for i in 1 2 3 4; do
		seq 0 299 | awk -v i="$i" '{ printf "11.%d.%d.%d\n", i,
			$1 / 256, $1 % 256 }' >"/run/clients$i.txt"
	done
	for call in rename openat; do
		rm -rf "$MAILWEIR_STATE"
		mw known import -q /run/clients1.txt -c $CONF
		# One is slow to write; three come and go meanwhile.
		background import broken "$call:delay_enter=500ms" \
			known import -q /run/clients2.txt -c $CONF
		slow=$background
		sleep 0.3
		imports=()
		for i in 3 4; do
			background "import$i" mw known import -q \
				"/run/clients$i.txt" -c $CONF
			imports+=("$background")
		done
		for pid in "$slow" "${imports[@]}"; do
			wait "$pid" || { cat /run/import* && return 1; }
		done
		for i in 1 2 3 4; do
			expect "$call, $i: $(grep -c "^11\.$i\." \
				"$MAILWEIR_STATE/known")" = "$call, $i: 300"
		done
		expect "$(find "$MAILWEIR_STATE" -name '*.next')" = ""
	done
}

@test "U29: nor is an import that meets an attach" {
	many_known
	background import broken 'rename:delay_enter=1s' known import -q \
		/run/clients.txt -c $CONF
	sleep 0.3
	mw attach -q -c $CONF mail0
	wait "$background"
	mw known save -q
	expect "$(histories)" = 300
	mw detach -q
	expect "$(lines "$MAILWEIR_STATE/known")" -ge 300
}

@test "U2: lists load after a kill leaves the other lists as they are in force" {
	mw attach -q -c $CONF mail0
	gw strace -qq -e trace=rename -o /run/trace build/mailweir reload -q -c $CONF
	point=$(ordinal rename 'lists/drop"')
	expect "$point" -ge 1
	drop 10.4.0.0/16 10.9.0.0/16
	run -137 broken "rename:signal=KILL:when=$point" reload -q -c $CONF
	drops mail0 10.4.0.1
	mw lists load more -q -c $CONF
	drops mail0 10.4.0.1 10.2.0.1
	passes mail0 10.1.0.1
	run -0 mw status
}
