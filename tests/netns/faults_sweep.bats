#!/usr/bin/env bats
# shellcheck disable=SC2015,SC2030,SC2031
# One system call fails, whichever it is: a command is done, or it is not and
# says so; 4 is "done, and something is missing", and no attached interface is
# taken for none. Every 451st call, from a random one on (MW_SEED); make
# check-faults takes every 13th, FAULT_EVERY=1 all.
load lib
load faults
every=${FAULT_EVERY:-451} seed=${MW_SEED:-$((RANDOM))}

errors=(EMFILE ENOMEM EPERM EIO)

# The calls of a command that its work consists of, the same one after the
# other being two: "NAME NUMBER", the how many'th of its name it is.
fault_points() { # command...
	gw strace -qq -o /run/trace build/mailweir "$@" >/run/stdout
	awk -v config="$CONF" -v pins="$MAILWEIR_BPFFS" '
		match($0, /^[a-z0-9_]+\(/) {
			name = substr($0, 1, RLENGTH - 1)
			n[name]++
			begun = begun || name != "execve" &&
				(index($0, config) || index($0, pins))
			if (!begun || name ~ /^(close|m(un)?map|mprotect|brk|exit.*|lseek|getpid|geteuid|rt_sig.*|clock_.*|futex|mremap|poll|wait4)$/)
				next
			kind = name == "bpf" ? substr($0, 1, index($0, ",")) : name
			if (kind != last && before)
				print before
			if (kind != last)
				print name, n[name]
			before = kind == last ? name " " n[name] : ""
			last = kind
		}
		END { if (before) print before }' /run/trace >/run/all
	expect "$(wc -l </run/all)" -ge 5
	awk "NR % $every == $seed % $every" /run/all >/run/points
	echo "# $*: $(wc -l </run/points) of $(wc -l </run/all) points," \
		"seed $seed" >&3
}

turn=0
# Runs it with that fault; what is said in $output, the exit code in $status.
fail_at() { # call number command...
	local error=${errors[turn++ % 4]}
	echo "--- ${*:3}: $error at $1 $2"
	run broken "$1:error=$error:when=$2" "${@:3}"
	echo "$status: ${output:0:600}"
	expect "$status" = 0 -o "$output" != "" # never silence
	[ "$status" = 3 ] && return 1
	[ "$status" -lt 128 ]
}

each_point() { # what to do, with the call and its number
	local call number
	while read -r call number <&9; do
		"$@" "$call" "$number"
	done 9</run/points
}

now() { [ "$(says mail0 10.1.0.1)" = drop ] && echo a || echo b; }
list() { [ "$1" = a ] && drop 10.1.0.0/16 || drop 10.4.0.0/16; }

clean() {
	expect "$(find "$MAILWEIR_STATE" -name '*.gen-*' -o -name '*.next')" = ""
	expect "$(find "$MAILWEIR_BPFFS" -name 'gen_*' | wc -l)" = 1
}

swap_fails() { # command words, then call and number
	local old new number=${*: -1} call=${*: -2:1}
	old=$(now)
	[ "$old" = a ] && new=b || new=a
	list $new
	fail_at "$call" "$number" "${@:1:$#-2}"
	case $status in
	0) expect "$(now)" = $new ;;
	4) expect "$(now)" = $new -o "${output#*last good copy}" != "$output" ;;
	1 | 78) expect "$(now)" = "$old" ;;
	*) return 1 ;;
	esac
	drops mail0 10.2.0.1
	passes mail0 10.3.0.1
	run mw status
	expect "$status" = 0 -o "$status" = 4
	mw reload -q -c $CONF
	expect "$(now)" = $new
	run -0 mw status
	clean
	# An hour later another list is loaded: this one stays as it is.
	mw lists load more -q -c $CONF
	expect "$(now)" = $new
}

@test "U2, U15, U16: reload, whatever fails" {
	mw attach -q -c $CONF mail0
	fault_points reload -q -c $CONF
	each_point swap_fails reload -q -c $CONF
}

@test "U2, U15, U16: lists load, whatever fails" {
	mw attach -q -c $CONF mail0
	fault_points lists load drop -q -c $CONF
	each_point swap_fails lists load drop -q -c $CONF
}

attach_fails() { # call number
	fail_at "$1" "$2" attach -q -c $CONF mail0
	case $status in
	0 | 4) guarded mail0 ;;
	1 | 78) unguarded mail0 ;;
	*) return 1 ;;
	esac
	mw attach -q -c $CONF mail0
	guarded mail0
	run -0 mw status
	clean
	mw detach -q
	nothing_left
}

@test "U2, U15, U16: attach, whatever fails" {
	fault_points attach -q -c $CONF mail0
	mw detach -q
	each_point attach_fails
}

detach_fails() { # call number
	mw attach -q -c $CONF mail0
	fail_at "$1" "$2" detach -q
	case $status in
	0 | 4) unguarded mail0 ;;
	1) ;;
	*) return 1 ;;
	esac
	mw detach -q || expect $? = 3
	nothing_left
}

@test "U2, U15, U16: detach, whatever fails" {
	mw attach -q -c $CONF mail0
	fault_points detach -q
	each_point detach_fails
}

kept() { grep -q "^$1	" "$MAILWEIR_STATE/blocks"; }

block_fails() { # call number
	fail_at "$1" "$2" block 10.5.0.0/16 -q
	case $status in
	0) drops mail0 10.5.0.1 && kept 10.5.0.0/16 ;;
	4) drops mail0 10.5.0.1 ;;
	1) passes mail0 10.5.0.1 ;;
	*) return 1 ;;
	esac
	kept 10.6.0.0/16
	mw block 10.5.0.0/16 -q
	kept 10.5.0.0/16
	fail_at "$1" "$2" unblock 10.5.0.0/16 -q
	case $status in
	0) passes mail0 10.5.0.1 && ! kept 10.5.0.0/16 ;;
	4) passes mail0 10.5.0.1 ;;
	1) drops mail0 10.5.0.1 ;;
	*) return 1 ;;
	esac
	kept 10.6.0.0/16
	mw unblock 10.5.0.0/16 -q || expect $? = 1
	run ! kept 10.5.0.0/16
	run -0 mw status
	clean
}

@test "U2, U6, U16: block and unblock, whatever fails" {
	mw attach -q -c $CONF mail0
	mw block 10.6.0.0/16 -q
	mw block 10.7.0.0/16 -q
	fault_points block 10.5.0.0/16 -q
	mw unblock 10.5.0.0/16 -q
	each_point block_fails
}

known_fails() { # words, then call and number
	local number=${*: -1} call=${*: -2:1}
	cp /run/kept "$MAILWEIR_STATE/known"
	fail_at "$call" "$number" known "${@:1:$#-2}"
	expect "$status" = 0 -o "$status" = 1 -o "$status" = 4 -o "$status" = 78
	expect "$(lines "$MAILWEIR_STATE/known")" = 101
	expect "$(find "$MAILWEIR_STATE" -name '*.next')" = ""
	expect "$(mw known --json | jq '.sources | length')" = 100
}

@test "U2, U16, U28: known save and import, whatever fails" {
	mw attach -q -c $CONF mail0
	clients 100 >/run/clients.txt
	mw known import -q /run/clients.txt
	mw known save -q
	cp "$MAILWEIR_STATE/known" /run/kept
	fault_points known save -q
	each_point known_fails save -q
	fault_points known import -q /run/clients.txt
	each_point known_fails import -q /run/clients.txt
}

# What it prints but for what passes.
lasting() {
	sed -E 's/[0-9.]+ ?(ms|s|m|h|d)( [0-9]+(s|m|h))?/TIME/g
		s/"expires_in_s":[0-9]+/TIME/g'
}

read_fails() { # words, then call and number
	local number=${*: -1} call=${*: -2:1}
	fail_at "$call" "$number" "${@:1:$#-2}"
	[ "$status" != 0 ] || diff /run/whole <(lasting <<<"$output")
}

@test "U2, U16: whatever fails of what only reads, it says so, or it is all" {
	mw attach -q -c $CONF mail0
	mw block -q 10.5.0.1 --why 'ticket 1'
	for i in {1..9}; do
		echo "10.77.$i.1"
		mw block -q 10.6.$i.0/24
	done >/run/clients.txt
	mw known import -q /run/clients.txt
	for line in status 'status --json' stats 'lists --json' 'blocks --json' \
		known sources 'test 10.5.0.1' 'test 10.3.0.1' 'lists export drop'; do
		run mw $line
		lasting <<<"$output" >/run/whole
		every=$(((every + 4) / 5)) fault_points $line || :
		each_point read_fails $line
	done
	guarded mail0
}
