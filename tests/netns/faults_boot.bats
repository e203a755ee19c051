#!/usr/bin/env bats
# At boot: what is kept for the next one never decides whether anything is
# guarded now, and a list is held to the same rules as at reload.
load lib
load faults

# At boot it is attached, guards as setup says, and is red until it is mended.
guards_but_red() { # [word of what is told...]
	local word
	run -4 mw attach -c $CONF mail0
	echo "$output"
	for word; do [[ "$output" == *"$word"* ]]; done
	guarded mail0
	run -4 mw status
	[[ "$output" == *RED:* ]]
	told 'all is well'
}

@test "U5: a full disk at boot: guarded, red, and mended by the next reload" {
	disk 64k
	mw attach -q -c $CONF mail0
	reboot
	drop 10.1.0.0/16 10.8.0.0/16 10.9.0.0/16
	fill
	guards_but_red "$MAILWEIR_STATE" 'No space left'
	drops mail0 10.8.0.1
	free
	run -0 mw reload -c $CONF
	run -0 mw status
	grep -q 10.8.0.0/16 "$MAILWEIR_STATE/lists/drop"
}

@test "U5: a disk without any room before the first attach" {
	disk 64k
	fill
	guards_but_red "$MAILWEIR_STATE" 'No space left'
	run -4 mw block 10.5.0.0/16
	drops mail0 10.5.0.1
	free
	run -0 mw reload -q -c $CONF
	run -0 mw block 10.5.1.0/24
	reboot
	mw attach -q -c $CONF mail0
	drops mail0 10.5.0.1 10.5.1.1
}

@test "U5: a read-only disk at boot, and no directory at all" {
	disk 64k
	mw attach -q -c $CONF mail0
	reboot
	mount -o remount,ro "$MAILWEIR_STATE"
	guards_but_red "$MAILWEIR_STATE" 'Read-only'
	mount -o remount,rw "$MAILWEIR_STATE"
	run -0 mw reload -q -c $CONF
	run -0 mw status
	reboot
	MAILWEIR_STATE=/proc/nowhere guards_but_red /proc/nowhere
}

# Lines of the file blocks: that many addresses.
blocks() { # count
	mkdir -p "$MAILWEIR_STATE"
	seq 0 $(($1 - 1)) | awk '{ printf "11.%d.%d.%d\t1795629315\tticket %d\n",
		$1 / 65536, $1 / 256 % 256, $1 % 256, $1 }' \
		>"$MAILWEIR_STATE/blocks"
}

@test "U5: more blocks than there is room for: those that fit are in force" {
	blocks 70000
	guards_but_red "$MAILWEIR_STATE/blocks"
	told 'Argument list too long'
	expect "$(mw blocks --json | jq '.blocks | length')" -ge 65000
	drops mail0 11.0.0.0
	# What did not fit is not forgotten.
	expect "$(kept_blocks | wc -l)" = 70000
}

@test "U5: a file of blocks that cannot be opened: guarded, red, and kept" {
	mkdir -p "$MAILWEIR_STATE"
	ln -s blocks "$MAILWEIR_STATE/blocks"
	guards_but_red "$MAILWEIR_STATE/blocks" 'symbolic links'
	mw detach -q
	rm "$MAILWEIR_STATE/blocks"
	mkdir "$MAILWEIR_STATE/blocks"
	guards_but_red "$MAILWEIR_STATE/blocks" directory
	mw detach -q
	rmdir "$MAILWEIR_STATE/blocks"
	mkfifo "$MAILWEIR_STATE/blocks"
	run -4 timeout 9 nsenter --net=/run/netns/gateway build/mailweir attach \
		-c $CONF mail0
	guarded mail0
	mw detach -q
	rm "$MAILWEIR_STATE/blocks"
	blocks 100
	for fault in openat:error=EMFILE openat:error=EACCES read:error=EIO; do
		run -4 broken_at "$MAILWEIR_STATE/blocks" $fault:when=1 \
			attach -c $CONF mail0
		echo "$fault: $output"
		[[ "$output" == *"$MAILWEIR_STATE/blocks"* ]]
		guarded mail0
		run -4 mw status
		expect "$(kept_blocks | wc -l)" = 100
		mw detach -q
	done
	run -0 mw attach -q -c $CONF mail0
	drops mail0 11.0.0.99
}

@test "U5: a block in the file that is wrong holds up no other" {
	blocks 100
	sed -i '50s/.*/nonsense/' "$MAILWEIR_STATE/blocks"
	guards_but_red "$MAILWEIR_STATE/blocks:50:"
	drops mail0 11.0.0.0 11.0.0.48 11.0.0.50 11.0.0.99
}

# 1.1 million addresses, which take more than 8 MiB.
too_long() {
	seq 0 1099999 | awk '{ print int($1 / 65536) + 20 "." \
		int($1 / 256) % 256 "." $1 % 256 ".7" }' >/run/drop.txt
}

@test "U5: lists over max_list_memory at boot: the last good copy guards" {
	more_gate='max_list_memory = 8' usual
	mw attach -q -c $CONF mail0
	reboot
	too_long
	printf '10.2.0.0/16\n10.7.0.0/16\n' >/run/more.txt
	guards_but_red max_list_memory 'list drop' 'last good copy'
	# The list that fits is as it is today.
	drops mail0 10.7.0.1
	passes mail0 20.0.0.7
	run -78 mw reload -c $CONF
	[[ "$output" == *'is 8; raise it'*'list drop with 1100000 prefixes'* ]]
	guarded mail0
	drop 10.1.0.0/16
	run -0 mw reload -q -c $CONF
	run -0 mw status
}

@test "U5: lists over max_list_memory and no copies: the others guard" {
	more_gate='max_list_memory = 8' usual
	too_long
	run -4 mw attach -c $CONF mail0
	[[ "$output" == *max_list_memory*"list drop"*"NOT enforced"* ]]
	drops mail0 10.2.0.1
	passes mail0 10.1.0.1
	run -4 mw status
}

# Two lists of CrowdSec whose 160,000 addresses end at as many pairs of times.
manifold() {
	for list in a b; do
		seq 0 159999 | awk -v list=$list 'BEGIN { print "[" }
			{ n = list == "a" ? $1 % 400 : int($1 / 400)
			printf "%s{\"scope\":\"Ip\",\"type\":\"ban\",", \
				(NR > 1 ? "," : "")
			printf "\"duration\":\"%ds\",\"value\":\"%d.%d.%d.7\"}\n", \
				1000 + 100 * n, 20 + $1 / 65536, \
				$1 / 256 % 256, $1 % 256 }
			END { print "]" }' >/run/$list.json
	done
	cat >>$CONF <<-EOT
	[list a]
	action = block
	file = a.json
	[list b]
	action = limit
	rate = 1/1h
	burst = 1
	file = b.json
	EOT
}

@test "U5, U21: lists of more kinds of entries than there is room for" {
	manifold
	run -78 mw check -c $CONF
	echo "$output"
	told 'Argument list too long'
	[[ "$output" =~ list\ [ab]: ]]
	run -4 mw attach -c $CONF mail0
	echo "$output"
	told 'Argument list too long'
	[[ "$output" =~ list\ [ab]: ]]
	guarded mail0
	run -4 mw status
	[[ "$output" =~ RED:\ list\ [ab]: ]]
	# One of the two is in force.
	expect "$(mw lists --json |
		jq '[.lists[] | select(.ipv4 == 160000)] | length')" = 1
}

@test "U5: a full disk while guarding: what must change now changes now" {
	disk 64k
	mw attach -q -c $CONF mail0
	drop 10.4.0.0/16 10.9.0.0/16
	fill
	run -4 mw reload -c $CONF
	echo "$output"
	[[ "$output" == *"$MAILWEIR_STATE"*"No space left"* ]]
	drops mail0 10.4.0.1
	passes mail0 10.1.0.1
	run -4 mw status
	printf '10.7.0.0/16\n' >/run/more.txt
	run -4 mw lists load more -c $CONF
	[[ "$output" == *"$MAILWEIR_STATE"*"No space left"* ]]
	drops mail0 10.4.0.1 10.7.0.1
	# A list that is loaded beside it does not bring the old one back.
	run -4 mw lists load more -q -c $CONF
	drops mail0 10.4.0.1 10.7.0.1
	passes mail0 10.1.0.1
	run -4 mw block 10.5.0.0/16
	drops mail0 10.5.0.1
	free
	run -0 mw reload -q -c $CONF
	run -0 mw status
	grep -q 10.4.0.0/16 "$MAILWEIR_STATE/lists/drop"
	grep -q 10.5.0.0/16 "$MAILWEIR_STATE/blocks"
}

@test "U7: a list that shrank while nothing was attached is refused, as at reload" {
	for away in reboot 'mw detach -q'; do
		seq 0 199 | sed 's/.*/10.1.0.&/' >/run/drop.txt
		mw attach -q -c $CONF mail0
		cp "$MAILWEIR_STATE/lists/drop" /run/kept
		$away
		drop 10.1.0.1
		run -4 mw attach -c $CONF mail0
		echo "$output"
		[[ "$output" == *"1 prefixes where 200 "*"max_shrink = 50%"* ]]
		[[ "$output" == *"list drop"*"last good copy"* ]]
		drops mail0 10.1.0.199
		cmp /run/kept "$MAILWEIR_STATE/lists/drop"
		run -4 mw status
		[[ "$output" == *drop*"last good copy"* ]]
		# It stays so at the next boot, too.
		reboot
		run -4 mw attach -q -c $CONF mail0
		drops mail0 10.1.0.199
		run -0 mw reload --force -q -c $CONF
		drops mail0 10.1.0.1
		passes mail0 10.1.0.199
		run -0 mw status
		mw detach -q
		rm -rf "$MAILWEIR_STATE"
	done
}

@test "U7, U31: what attach advises of a list that shrank can be done" {
	seq 0 199 | sed 's/.*/10.1.0.&/' >/run/drop.txt
	mw attach -q -c $CONF mail0
	mw detach -q
	drop 10.1.0.1
	run -4 mw attach -c $CONF mail0
	[[ "$output" =~ \'mailweir\ ([a-z ]*)--force\' ]]
	run -0 mw ${BASH_REMATCH[1]} --force -q -c $CONF
	passes mail0 10.1.0.199
}

@test "U7: max_shrink = 100% lets a list shrink at boot" {
	seq 0 199 | sed 's/.*/10.1.0.&/' >/run/drop.txt
	usual
	sed -i '/drop.txt/a max_shrink = 100%' $CONF
	mw attach -q -c $CONF mail0
	reboot
	drop 10.1.0.1
	run -0 mw attach -q -c $CONF mail0
	passes mail0 10.1.0.199
}
