# Shared by the .bats files; tests/netns/world runs each of them in a world of
# its own. Two hosts on one veth:
#   gateway  mail0  192.0.2.25/24  2001:db8:25::25/64
#   world    out0   192.0.2.1/24   2001:db8:25::1/64, and all that networks
#                   gives it; the gateway routes everything to it
# shellcheck shell=bash
bats_require_minimum_version 1.5.0
# shellcheck disable=SC2034 # the tests use them
gateway4=192.0.2.25 gateway6=2001:db8:25::25
CONF=/run/mailweir.conf

gw() { nsenter --net=/run/netns/gateway "$@"; }
world() { nsenter --net=/run/netns/world "$@"; }
mw() { gw build/mailweir "$@"; }
tool() { # name words...
	local name=$1
	shift
	world "build/tests/$name" "$@"
}

# Addresses of world, where its tools connect from.
networks() {
	local address
	for address; do
		ip -n world addr add "$address" dev out0
	done
}

figure() { # words, which make check-handshake shows
	echo "# $*" >&3
}

make_hosts() {
	[ -n "${MAILWEIR_WORLD:-}" ] || {
		echo "run it as: tests/netns/world bats $BATS_TEST_FILENAME" >&2
		return 1
	}
	ip netns add gateway
	ip netns add world
	for ns in gateway world; do
		ip netns exec $ns sysctl -qw net.ipv6.conf.default.accept_dad=0
		ip -n $ns link set lo up
	done
}

make_addresses() {
	ip -n gateway link set mail0 up
	ip -n world link set out0 up
	ip -n gateway addr add $gateway4/24 dev mail0
	ip -n gateway addr add $gateway6/64 dev mail0
	networks 192.0.2.1/24 2001:db8:25::1/64
	ip -n gateway route add default via 192.0.2.1
	ip -n gateway -6 route add default via 2001:db8:25::1
	ip -n world -6 route add 2001:db8::/32 dev out0
}

make_network() { # [mtu]
	make_hosts
	ip -n gateway link add mail0 mtu "${1:-1500}" type veth \
		peer name out0 mtu "${1:-1500}" netns world
	make_addresses
}

# The same two hosts, with so many milliseconds between them each way.
make_long_network() { # milliseconds seconds
	make_hosts
	ip netns add wire
	ip netns exec wire sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	ip -n gateway link add mail0 type veth peer name west netns wire
	ip -n world link add out0 type veth peer name east netns wire
	for end in gateway:mail0 wire:west wire:east world:out0; do
		nsenter --net=/run/netns/"${end%:*}" ethtool -K "${end#*:}" \
			tx off rx off tso off gso off gro off >/dev/null
	done
	ip -n wire link set west up
	ip -n wire link set east up
	make_addresses
	serve relay exec nsenter --net=/run/netns/wire build/tests/relay \
		west east "$1" "$2"
	export relay=$background
}

# The configuration is what stands on stdin.
configure() { cat >$CONF; }

# A limit of sources alone, enforced.
limited() { # rate burst [lines of [gate]]
	configure <<-EOT
	[gate]
	mode = enforce
	${3:-charge = handshake}
	[limit source]
	rate = $1
	burst = $2
	EOT
}

# Attached from nothing: no blocks, full buckets, counters at zero.
attach() { # [option...]
	mw detach -q 2>/dev/null || [ $? = 3 ]
	rm -rf "$MAILWEIR_STATE"
	mw attach -q -c $CONF "$@" mail0
}

# The pins: of whatever schema this mailweir is.
pins() { echo "$MAILWEIR_BPFFS"/mailweir/v*; }

counter() { # name
	mw stats --json | jq -e ".counters.$1"
}

# bats waits for all that holds its descriptors; what it prints is in
# /run/NAME, its process in $background.
background() { # name command...
	local name=$1
	shift
	(
		exec >"/run/$name" 2>&1 </dev/null
		for fd in {3..20}; do eval "exec $fd>&-"; done
		"$@"
	) &
	background=$!
}

# Waits for what runs in the background, and shows what it said if it failed.
done_well() { # name process
	wait "$2" || {
		echo "$1 ended with status $?:"
		cat "/run/$1"
		return 1
	}
}

# A server that prints what it is when it listens.
serve() { # name command...
	background "$@"
	until [ -s "/run/$1" ]; do sleep 0.05; done
}

# A mail server that says yes to everything.
start_smtpd() { serve smtpd gw build/tests/smtpd 25 "${1:-250}"; }

# Which of these get a SYN-ACK, as a word of 0 and 1. A machine can be too busy
# to answer in time: a last source, which nothing blocks, must be answered too.
control=10.3.255.1
answers() { # source...
	local got
	printf '%s\n' "$@" $control >/run/probes
	for _ in {1..30}; do
		tool synflood syn -v -i out0 -d $gateway4 -f /run/probes \
			-c $(($# + 1)) -t 5 -w 60 >/run/answers
		got=$(sed -n 's/.*answered=\([01]\)$/\1/p' /run/answers)
		got=${got//$'\n'/}
		[[ $got != *1 ]] || break
	done
	[[ $got == *1 ]] || echo 'the control is not answered' >&2
	echo "${got%?}"
}

answered() { expect "$(answers "$1")" = 1; }
unanswered() { expect "$(answers "$1")" = 0; }

# The number of that name in a tool's line.
value() { # name line
	[[ " $2 " =~ \ $1=([0-9]+)\  ]] && echo "${BASH_REMATCH[1]}"
}

expect() { # condition as for [ ]; shows it where it does not hold
	[ "$@" ] || {
		echo "does not hold: $*"
		return 1
	}
}
