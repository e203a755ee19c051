#!/usr/bin/env bats
# One refused list holds up no other, and a copy is used for what it was.
load lib
load faults

@test "K4: reload takes the good lists and keeps the last good copy of a refused one" {
	mw attach -q -c $CONF mail0
	echo nonsense >/run/drop.txt
	printf '10.7.0.0/16\n' >/run/more.txt
	run -4 mw reload -c $CONF
	echo "$output"
	[[ "$output" == *"/run/drop.txt:1:"* ]]
	[[ "$output" == *"list drop"*"last good copy"* ]]
	drops mail0 10.1.0.1 10.7.0.1
	passes mail0 10.2.0.1
	run -4 mw status
	[[ "$output" == *"RED: list drop: "* ]]
	expect "$(mw lists --json | jq -r '.lists.drop.state')" = \
		'last good copy'
	# Another interface joins; the copy holds.
	another mailB
	run -4 mw attach -q -c $CONF mailB
	drops mailB 10.1.0.1 10.7.0.1
	drop 10.1.0.0/16
	run -0 mw reload -q -c $CONF
	run -0 mw status
}

@test "K4: what is in force of a refused list is not given up for nothing" {
	local copy=$MAILWEIR_STATE/lists/drop
	mw attach -q -c $CONF mail0
	cp "$copy" /run/copy
	echo nonsense >/run/drop.txt
	printf '10.7.0.0/16\n' >/run/more.txt
	rm "$copy"
	run -78 mw reload -c $CONF
	[[ "$output" == *"list drop: "*"nothing was changed"* ]]
	guarded mail0
	run -4 mw status
	[[ "$output" == *"RED: list drop: "*"is not there"* ]]
	echo nonsense >"$copy"
	run -78 mw reload -c $CONF
	guarded mail0
	cp /run/copy "$copy"
	run -1 broken_at "$copy" openat:error=EMFILE:when=1+ reload -c $CONF
	echo "$output"
	[[ "$output" == *"list drop: "*"Too many open files"* ]]
	guarded mail0
	run -4 mw reload -c $CONF
	drops mail0 10.1.0.1 10.7.0.1
}

state() { mw lists --json | jq -r ".lists.$1.state"; }

@test "a refused lists load stays red until that list is mended" {
	mw attach -q -c $CONF mail0
	run -0 mw status
	for mended in 'lists load drop' reload; do
		echo nonsense >/run/drop.txt
		run -78 mw lists load drop -c $CONF
		guarded mail0
		run -4 mw status
		echo "$output"
		[[ "$output" == *"RED: list drop: "*refused*"lists load drop"* ]]
		expect "$(state drop)" = 'last load refused'
		expect "$(state more)" = ok
		# Another list's load does not mend it, nor does what makes a
		# new generation.
		run -4 mw lists load more -q -c $CONF
		run -4 mw status
		drop 10.1.0.0/16 10.8.0.0/16
		run -0 mw $mended -q -c $CONF
		run -0 mw status
		expect "$(state drop)" = ok
		drops mail0 10.8.0.1
	done
	# One that shrank too much is refused, too.
	drop 10.1.0.0/16
	seq -f '10.%g.0.0/16' 100 120 >>/run/drop.txt
	mw lists load drop -q -c $CONF
	drop 10.1.0.0/16
	run -78 mw lists load drop -c $CONF
	run -4 mw status
	run -0 mw lists load drop --force -q -c $CONF
	run -0 mw status
}

# [list drop] becomes an allow list, whose own file is refused.
becomes() { # action, and its lines
	configure <<-EOT
	[gate]
	mode = enforce
	[list drop]
	action = $1
	$(printf '%s\n' "${@:2}")
	file = drop.txt
	EOT
}

@test "U33: the kept copy of a list of another action is not used" {
	becomes block
	mw attach -q -c $CONF mail0
	reboot
	echo nonsense >/run/drop.txt
	becomes allow
	run -4 mw attach -c $CONF mail0
	echo "$output"
	[[ "$output" == *"list drop"*"NOT enforced"* ]]
	expect "$(mw test 10.1.0.1 --json | jq -r .reason)" != 'allow list'
	run -4 mw status
	mw detach -q
	# Whom it allowed is not blocked, nor limited.
	for action in block limit; do
		rm -rf "$MAILWEIR_STATE"
		drop 10.1.0.0/16
		becomes allow
		mw attach -q -c $CONF mail0
		reboot
		echo nonsense >/run/drop.txt
		becomes $action "$([ $action = block ] ||
			printf 'rate = 1/1h\nburst = 1')"
		run -4 mw attach -c $CONF mail0
		[[ "$output" == *"list drop"*"NOT enforced"* ]]
		passes mail0 10.1.0.1
		mw detach -q
	done
}

@test "U33: nor is it at reload" {
	becomes block
	mw attach -q -c $CONF mail0
	echo nonsense >/run/drop.txt
	becomes allow
	run -4 mw reload -c $CONF
	[[ "$output" == *"list drop"*"NOT enforced"* ]]
	expect "$(mw test 10.1.0.1 --json | jq -r .reason)" != 'allow list'
	run -4 mw status
}

@test "U33: a copy is used where only the mode or the rate changed" {
	becomes block
	mw attach -q -c $CONF mail0
	reboot
	echo nonsense >/run/drop.txt
	becomes block 'mode = observe'
	run -4 mw attach -c $CONF mail0
	[[ "$output" == *"list drop"*"last good copy"* ]]
	expect "$(mw lists --json | jq .lists.drop.ipv4)" = 2
}

@test "U33: lists export prints what is in force, and nothing else" {
	mw attach -q -c $CONF mail0
	run -0 mw lists export drop
	[[ "$output" == *10.1.0.0/16* ]]
	sed -i '/^.list drop/,/drop.txt/d' $CONF
	mw reload -q -c $CONF
	passes mail0 10.1.0.1
	run -1 mw lists export drop
	[[ "$output" == *"list drop"* ]]
	told 10.1.0.0/16
	run -0 mw lists export more
}
