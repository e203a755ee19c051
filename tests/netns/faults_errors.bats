#!/usr/bin/env bats
# An error of the kernel is told; it is never read as "there is none" or as
# "that was all".
load lib
load faults

# Words of what is not so, of an interface that is attached.
denial='not attached'

@test "U2: with few descriptors a command is done, or says no and changes nothing" {
	mw attach -q -c $CONF mail0
	for n in 5 9; do
		echo "reload with $n descriptors"
		drop 10.4.0.0/16 10.9.0.0/16
		run few "$n" reload -c $CONF
		expect "$status" = 0 -o "$status" = 1 -o "$status" = 4 \
			-o "$status" = 78
		told "$denial"
		case $status in
		0) drops mail0 10.4.0.1 && passes mail0 10.1.0.1 ;;
		1 | 78) guarded mail0 && passes mail0 10.4.0.1 ;;
		esac
		run -0 mw status
		run -0 mw reload -q -c $CONF
		drops mail0 10.4.0.1
		drop 10.1.0.0/16 10.9.0.0/16
		mw reload -q -c $CONF
		guarded mail0
	done
}

@test "U2: with few descriptors an error is told once" {
	mw attach -q -c $CONF mail0
	for line in detach status stats lists blocks sources known 'known save' \
		'block 10.5.0.2' 'unblock 10.5.0.2' 'test 10.1.0.1' \
		"reload -c $CONF" "lists load drop -c $CONF"; do
		for n in 4 5 6 7; do
			# shellcheck disable=SC2086 # words
			run few $n $line
			echo "$line, $n: $output"
			expect "$(sort <<<"$output" | uniq -d)" = ''
		done
	done
}

@test "U2: with few descriptors nobody takes what is attached for not attached" {
	another mailB
	mw attach -q -c $CONF mail0
	mw block 10.6.0.0/16 -q
	for n in 5 9; do
		for line in status stats lists sources blocks known \
			'test 10.3.0.1' 'known save' 'block 10.5.0.0/16' \
			'unblock 10.6.0.0/16' 'detach mailB' detach; do
			echo "$line with $n descriptors"
			run few "$n" $line
			echo "$status: $output"
			expect "$status" != 3
			expect "$status" = 0 -o "$output" != ""
			[ "$line" = 'detach mailB' ] ||
				expect "${output/$denial/}" = "$output"
			case $line:$status in
			detach:0) unguarded mail0 && mw attach -q -c $CONF mail0 ;;
			block*:0) drops mail0 10.5.0.1 && mw unblock -q 10.5.0.0/16 ;;
			block*:1) passes mail0 10.5.0.1 ;;
			unblock*:0) passes mail0 10.6.0.1 && mw block -q 10.6.0.0/16 ;;
			unblock*:1) drops mail0 10.6.0.1 ;;
			esac
			guarded mail0
		done
	done
	run -0 mw status
}

@test "U17: a statfs that fails mounts nothing over the pins" {
	mw attach -q -c $CONF mail0
	printf '10.77.0.1\n' >/run/clients.txt
	for line in 'block 10.5.0.0/16' 'known import /run/clients.txt' reload \
		'detach mail7'; do
		error=EIO
		run broken statfs:error=$error:when=1 $line -c $CONF
		echo "$line, $error: $status $output"
		expect "$status" = 0 -o "$output" != ""
		expect "$(grep -c " $MAILWEIR_BPFFS " \
			/proc/self/mounts)" = 1
		guarded mail0
		run -0 mw status
	done
}

@test "U20: whoever reads beside a reload sees what is in force" {
	mw attach -q -c $CONF mail0
	mw block 10.6.0.0/16 -q
	line=status
	gw strace -qq -e trace=bpf,openat -o /run/trace build/mailweir $line
	grep -E 'BPF_OBJ_GET,' /run/trace >/run/gets
	last=$(ordinal bpf BPF_OBJ_GET,)
	for at in $(seq "$(ordinal bpf BPF_OBJ_GET, first)" 12 "$last"); do
		# It stops before a pin, and a generation goes meanwhile.
		background reader broken "bpf:delay_enter=1s:when=$at" $line
		sleep 0.2
		mw reload -q -c $CONF
		got=0
		wait "$background" || got=$?
		cat /run/reader
		expect "$line, $at: $got" = "$line, $at: 0"
		run ! grep -E 'not attached|^RED' /run/reader
	done
}

@test "U20: a monitor that polls beside reloads is never told that all is lost" {
	mw attach -q -c $CONF mail0
	background loop bash -c 'while :; do "$@" || exit; done' loop \
		nsenter --net=/run/netns/gateway build/mailweir reload -q -c $CONF
	loop=$background
	started=$SECONDS
	while [ $((SECONDS - started)) -lt 5 ]; do
		for line in status stats lists blocks 'test 10.3.0.1'; do
			run mw $line
			expect "$line: $status ${output:0:80}" = \
				"$line: 0 ${output:0:80}"
		done
	done
	kill "$loop"
	wait "$loop" || :
}

