#!/usr/bin/env bats
# Descriptors 0, 1 and 2: closed, full, or with nobody at the other end.
load lib
load faults

# In so many seconds, or it hangs.
timely() { # command...
	timeout -k 1 5 nsenter --net=/run/netns/gateway build/mailweir "$@"
}

@test "U10: what reads standard input ends where there is none" {
	mw attach -q -c $CONF mail0
	for line in 'block -' 'unblock -' 'known import -' 'known import' \
		'lists load more -'; do
		for closed in '<&-' '<&- >&-' '<&- >&- 2>&-' '<&- 2>&-'; do
			got=0
			eval "timely $line -c $CONF $closed" || got=$?
			echo "$line $closed: $got"
			expect "$got" = 1 -o "$got" = 2 -o "$got" = 78
		done
		eval "timely $line -c $CONF <&-" 2>/run/stderr || :
		grep -q 'standard input' /run/stderr
	done
	guarded mail0
	run -4 mw status
	[[ "$output" == *"RED: list more: its last load was refused"* ]]
	mw lists load more -q -c $CONF
	run -0 mw status
}

# Every command, with descriptors that are closed: it ends, and what it writes
# goes where it belongs.
@test "U10: closed descriptors mix nothing into what is kept" {
	clients 3000 >/run/clients.txt
	printf '10.1.0.0/16\n10.9.0.7/16\n' >/run/drop.txt # one to warn of
	for closed in '2>&-' '>&-' '>&- 2>&-' '<&- >&- 2>&-' '<&-'; do
		for line in "attach mail0 -c $CONF" "reload -c $CONF" \
			"lists load drop -c $CONF" 'block 10.5.0.9/16' \
			'unblock 10.5.0.0/16' 'block 10.6.0.9/16' blocks \
			status "check -c $CONF" 'known import /run/clients.txt' \
			'known save' detach \
			"known import /run/clients.txt -c $CONF"; do
			got=0
			eval "timely $line $closed" >/run/stdout || got=$?
			echo "$line $closed: $got"
			expect "$got" -le 4
		done
		run grep -rL '^[0-9a-f.:/]*[0-9a-f]' "$MAILWEIR_STATE"
		echo "$output"
		run ! grep -rE 'mailweir: |warning|attached' "$MAILWEIR_STATE"
		run -0 mw attach -c $CONF mail0
		told 'not a history'
		guarded mail0
		drops mail0 10.6.0.1
		expect "$(mw known --json | jq '.sources | length')" = 3000
		mw detach -q
		rm -rf "$MAILWEIR_STATE"
	done
}

@test "U10: an import of more than there is room for, with stderr closed, is kept whole" {
	clients 300000 >/run/clients.txt
	eval "mw known import -q /run/clients.txt -c $CONF 2>&-"
	run ! grep -q mailweir: "$MAILWEIR_STATE/known"
	run -0 mw attach -c $CONF mail0
	told 'not a history'
	mw known --json | jq -e '.sources | length > 100000'
}

@test "U24: with few descriptors check says why, and no binary goes to stdout" {
	for n in {4..14}; do
		for more in '' -q --json; do
			got=0
			few "$n" check $more -c $CONF >/run/stdout \
				2>/run/stderr || got=$?
			echo "$n $more: $got"
			cat /run/stderr
			expect "$(LC_ALL=C tr -d '[:print:][:space:]' \
				</run/stdout | wc -c)" = 0
			case $got:$more in
			0:*) ;;
			*:--json) jq -e '.errors | length > 0' /run/stdout ;;
			*) [ -s /run/stderr ] ;;
			esac
			case $more in
			-q) expect "$(cat /run/stdout)" = "" ;;
			--json) jq -es length /run/stdout ;;
			esac
			run ! grep -i attack /run/stdout /run/stderr
		done
	done
}

@test "U24: who lives under tighter limits than the child's keeps them" {
	for limit in '-v 2000000' '-t 30' '-t 20 -v 1500000' '-n 64' '-f 10000' \
		'-d 1000000' '-l 0' '-c 0'; do
		run -0 gw setpriv --bounding-set=-sys_resource \
			--inh-caps=-sys_resource bash -c 'ulimit $1
			exec build/mailweir check -c "$2"' limit "$limit" $CONF
		[[ "$output" == *"2 entries in 2 lines of /run/drop.txt"* ]]
	done
}

# A command whose stdout is full fails and says so.
full() { # exit code, command...
	got=0
	mw "${@:2}" >/dev/full 2>/run/stderr || got=$?
	echo "${*:2}: $got $(cat /run/stderr)"
	expect "$got" = "$1"
	grep -q 'No space left' /run/stderr
}

@test "U26: a full stdout is told, and is not 0" {
	full 1 --help
	full 1 --version
	full 1 check -c $CONF
	full 1 check -c $CONF --json
	mw attach -q -c $CONF mail0
	mw block -q 10.6.0.0/16
	printf '10.77.0.1\n' >/run/clients.txt
	mw known import -q /run/clients.txt
	for line in status stats lists blocks known 'test 10.3.0.1' \
		'lists export drop' 'lists export drop --format nft'; do
		full 1 $line
		[[ "$line" == *export* ]] || full 1 $line --json
	done
	full 1 sources --json
	full 1
	# What has been done stays done: it is 4.
	for more in '' --json; do
		for line in reload 'lists load drop' 'block 10.5.0.0/16' \
			'unblock 10.5.0.0/16' 'attach mail0'; do
			full 4 $line $more -c $CONF
		done
	done
	guarded mail0
	full 4 detach
	unguarded mail0
}

@test "U26: what is read, and not to the end, is no error of its own" {
	mw attach -q -c $CONF mail0
	run -0 mw status -q
	run bash -c 'build/mailweir lists --json | true
		echo "${PIPESTATUS[0]}"'
	told 'Broken pipe'
}

@test "U32: a reader that goes away ends nothing that changes things" {
	configure <<-EOT
	[gate]
	mode = enforce
	$(for i in {1..64}; do
		printf '[list l%d]\naction = block\nfile = drop.txt\n' "$i"
	done)
	EOT
	bash -c '"$@" 2>&1 | true' x nsenter --net=/run/netns/gateway \
		build/mailweir attach -c $CONF mail0
	drops mail0 10.1.0.1
	drop 10.4.0.0/16 10.9.0.0/16
	bash -c '"$@" | head -n1 >/run/head; echo ${PIPESTATUS[0]} >/run/code' x \
		nsenter --net=/run/netns/gateway build/mailweir reload -c $CONF
	cat /run/head /run/code
	drops mail0 10.4.0.1
	passes mail0 10.1.0.1
	run -0 mw status
	for line in 'block 10.5.0.0/16' 'lists load l1' reload; do
		mw $line -c $CONF 2>&1 | true
		mw $line -c $CONF >&- 2>&-
	done
	drops mail0 10.5.0.1 10.4.0.1
	mw detach 2>&1 | true
	unguarded mail0
	nothing_left
}
