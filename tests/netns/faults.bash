# Shared by faults_*.bats: what an operator's machine does to a guard. A test's
# network, pins and state are its own; in force are
#   [list drop] 10.1.0.0/16 10.9.0.0/16   [list more] 10.2.0.0/16
# and what is seen of them is asked of the attached program itself.
# shellcheck shell=bash

setup_file() { make_network; }

setup() {
	drop 10.1.0.0/16 10.9.0.0/16
	printf '10.2.0.0/16\n' >/run/more.txt
	usual
}

# The configuration that is meant where a test says no other; $more_gate is a
# line of [gate].
usual() {
	configure <<-EOT
	[gate]
	mode = enforce
	${more_gate:-}
	[limit source]
	rate = 60/1m
	burst = 30
	[list drop]
	action = block
	file = drop.txt
	[list more]
	action = block
	file = more.txt
	EOT
}

drop() { printf '%s\n' "$@" >/run/drop.txt; }

# Without its pins nothing stays attached.
teardown() {
	local job
	for job in $(jobs -p); do
		kill -KILL "$job" 2>/dev/null || :
		wait "$job" 2>/dev/null || :
	done
	while umount -l "$MAILWEIR_STATE" 2>/dev/null; do :; done
	while umount -l "$MAILWEIR_BPFFS" 2>/dev/null; do :; done
	rm -rf "$MAILWEIR_STATE" /run/*.txt /run/*.conf
	[ "$(names)" = 'lo mail0 ' ] || make_anew
}

# Every name of every interface of gateway.
names() {
	gw ip -j link | jq -r '.[] | .ifname, .altnames[]?' | sort | tr '\n' ' '
}

make_anew() {
	local ns
	for ns in $(ip netns list | cut -d' ' -f1); do ip netns del "$ns"; done
	make_network
}

another() { # interface: one more in gateway
	ip -n gateway link add "$1" type veth peer name "peer${1#mail}"
	ip -n gateway link set "$1" up
}

# What a reboot does to the kernel: links and pins go, files stay.
reboot() {
	local link
	for link in "$(pins)"/link_*; do
		bpftool link detach pinned "$link"
	done
	umount -l "$MAILWEIR_BPFFS"
	mount -t bpf bpf "$MAILWEIR_BPFFS"
}

byte() { printf '%b' "$(printf '\\x%02x' "$@")"; }

# A frame: the SYN of that IPv4 address to port 25 of the gateway.
syn() { # address
	byte 2 0 0 0 0 1 2 0 0 0 0 2 8 0
	# shellcheck disable=SC2046
	byte 0x45 0 0 40 0 1 0 0 64 6 0 0 ${1//./ } 192 0 2 25
	byte 0x30 0x39 0 25 0 0 0 1 0 0 0 0 0x50 2 0xff 0xff 0 0 0 0
}

# What the program on an interface says to an attempt: pass, drop or none.
says() { # interface address
	local id
	id=$(gw ip -j -d link show dev "$1" | jq -r '.[0].xdp.prog.id // empty')
	[ -n "$id" ] || { echo none && return; }
	syn "$2" >/run/syn
	case $(bpftool -j prog run id "$id" data_in /run/syn | jq .retval) in
	1) echo drop ;;
	2) echo pass ;;
	esac
}

drops() { # interface address...
	local address
	for address in "${@:2}"; do
		expect "$1 $address: $(says "$1" "$address")" = "$1 $address: drop"
	done
}

passes() { # interface address...
	local address
	for address in "${@:2}"; do
		expect "$1 $address: $(says "$1" "$address")" = "$1 $address: pass"
	done
}

unguarded() { # interface
	expect "$1 $(says "$1" 10.1.0.1)" = "$1 none"
}

# The lists of setup are in force there, and nobody else is dropped.
guarded() { # interface...
	local each
	for each; do
		drops "$each" 10.1.0.1 10.2.0.1
		passes "$each" 10.3.0.1
	done
}

interfaces() {
	mw status --json | jq -r '[.interfaces[].name] | sort | join(" ")'
}

nothing_left() {
	mkdir -p "$MAILWEIR_STATE"
	expect "$(find "$MAILWEIR_BPFFS" -name '*mailweir*')" = ""
	expect "$(find "$MAILWEIR_STATE" -name '*.gen-*' -o -name '*.next')" = ""
	expect "$(gw bpftool net -j | jq '.[0].xdp | length')" = 0
}

# A command with a fault that strace makes: CALL:error=E:when=N and the like.
broken() { # fault command...
	gw strace -qq -o /run/trace -e inject="$1" build/mailweir "${@:2}"
}

# The same, of calls on that file alone.
broken_at() { # path fault command...
	gw strace -qq -o /run/trace -P "$1" -e inject="$2" \
		build/mailweir "${@:3}"
}

# A command that may have so many descriptors, none of them bats's.
few() { # descriptors command...
	(
		for fd in {3..20}; do eval "exec $fd>&-"; done
		ulimit -n "$1"
		mw "${@:2}"
	)
}

# The how many'th call of its name the last one like that is: of a command
# that was traced to /run/trace.
ordinal() { # name pattern [first]
	awk -v name="$1" -v pattern="$2" -v first="${3:-}" '
		index($0, name "(") == 1 {
			n++
			if ($0 ~ pattern && !(first && found))
				found = n
		}
		END { print found + 0 }' /run/trace
}

# A list's file that takes so many seconds to read. Its writer is there before a
# reader, who would take it for empty.
slow() { # file seconds line...
	rm -f "$1" /run/slow
	mkfifo "$1"
	serve slow bash -c 'exec 7<>"$1"; printf "%s\n" "${@:3}" >&7
		echo ready; sleep "$2"' slow "$@"
}

# The state's disk: its size; full, and with room again.
disk() { # size
	mkdir -p "$MAILWEIR_STATE"
	mount -t tmpfs -o size="$1" state "$MAILWEIR_STATE"
}
fill() { cat /dev/zero >"$MAILWEIR_STATE/filler" 2>/dev/null || :; }
free() { rm "$MAILWEIR_STATE/filler"; }

lines() { wc -l <"$1"; }

# The prefixes of the file of run-time blocks.
kept_blocks() { grep -v '^#' "$MAILWEIR_STATE/blocks" | cut -f1; }

# So many clients, no two of one provider.
clients() { # count
	seq 0 $(($1 - 1)) | awk '{ printf "%d.%d.%d.7\n", 20 + $1 % 150,
		$1 / 150 % 256, $1 / 38400 }'
}

# Neither silence nor another's words: something was said, and not this.
told() { # [words that are not true...]
	local word
	expect "$output" != ""
	for word; do
		[[ "$output" != *"$word"* ]] || {
			echo "untrue: $word"
			return 1
		}
	done
}
