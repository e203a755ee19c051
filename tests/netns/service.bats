#!/usr/bin/env bats
# 'mailweir run': what befalls an interface, a list or a program of ours is
# noticed, told and mended, and the filter needs no service.
load lib
load faults
load service

setup_file() { make_network; }

@test "run attaches, says READY, feeds the watchdog, and SIGTERM leaves the filter" {
	service mail0
	guarded mail0
	soon is_told WATCHDOG=1
	soon is_told 'STATUS=mail0 guarded, generation 1'
	end_service TERM
	is_told STOPPING=1
	guarded mail0
	run -0 mw status
	expect "$(ls /run/mailweir)" = ''
}

# How many milliseconds it takes until the interface is guarded again.
returns_in() { # interface
	local began
	vanish "$1"
	red
	soon is_told "STATUS=degraded: $1"
	began=$(date +%s%N)
	return_as "$1"
	until ip -n gateway link show dev "$1" | grep -q prog/xdp; do
		[ $(($(date +%s%N) - began)) -lt 30000000000 ]
		sleep 0.01
	done
	took=$((($(date +%s%N) - began) / 1000000))
}

# What 'mailweir status' takes, which says how busy the machine is.
status_takes() {
	local began
	began=$(date +%s%N)
	mw status >/dev/null || :
	echo $((($(date +%s%N) - began) / 1000000))
}

@test "an interface that vanishes is degraded at once, and guarded 200 ms after another has its name" {
	service mail0
	quick=0 all=
	# Three times in a row are no chance.
	while [ $quick -lt 3 ]; do
		returns_in mail0
		all+=" $took"
		most=$((5 * $(status_takes)))
		most=$((most > 200 ? most : 200))
		quick=$((took <= most ? quick + 1 : 0))
		expect "$(wc -w <<<"$all")" -le 20
		guarded mail0
		well >/dev/null
	done
	figure "guarded again after$all ms"
	is_logged 'mail0: the interface is gone'
	is_logged 'mail0: guarded'
	end_service TERM
}

@test "one that comes back by its other name alone is the same" {
	ip -n gateway link property add dev mail0 altname postoffice
	service postoffice
	guarded mail0
	vanish mail0
	red
	return_as eth7 postoffice
	soon guarded eth7
	well
	expect "$(interfaces)" = eth7
	end_service TERM
}

@test "several interfaces, one of which comes later than the service" {
	another mailB
	service mail0 mailB mailC
	guarded mail0 mailB
	is_logged 'mailC: no such interface yet'
	vanish mailB
	return_as mailC
	soon guarded mailC
	return_as mailB
	soon guarded mailB
	guarded mail0 mailB mailC
	well
	end_service TERM
}

@test "what was lost while netlink had no room is seen" {
	service mail0
	kill -STOP "$service"
	vanish mail0
	ip -n gateway link add flood type veth peer name flooded
	for _ in {1..300}; do
		printf 'link set flood up\nlink set flood down\n'
	done >/run/flood
	ip -n gateway -batch /run/flood
	return_as mail0
	ip -n gateway -batch /run/flood
	ip -n gateway link del flood
	unguarded mail0
	expect "$(awk '$2 == 0 && $9 > 0' /proc/$service/net/netlink)" != ''
	kill -CONT "$service"
	soon guarded mail0
	well
	end_service TERM
}

@test "what others take away is put back, and told" {
	service mail0
	bpftool link detach pinned "$(pins)/link_mail0"
	soon guarded mail0
	soon is_logged 'mail0: its program was taken off'
	# The hook that charges connections.
	rm "$(pins)"/hook_*
	red
	soon well
	is_logged 'connections were not charged any more'
	# All pins: the kernel detaches what has none.
	rm -r "$(pins)"
	soon guarded mail0
	soon well
	end_service TERM
}

@test "another program on the interface is told, and not replaced" {
	service mail0
	foreign=$MAILWEIR_BPFFS/foreign
	bpftool prog load build/foreign.bpf.o "$foreign"
	kill -STOP "$service"
	vanish mail0
	return_as mail0
	gw bpftool net attach xdp pinned "$foreign" dev mail0
	kill -CONT "$service"
	soon is_logged "mail0: another XDP program is attached"
	red
	gw bpftool net detach xdp dev mail0
	soon guarded mail0
	end_service TERM
	rm "$foreign"
}

@test "detach by hand is meant: nothing is attached again" {
	another mailB
	service mail0 mailB
	mw detach -q mailB
	soon is_logged "mailB: 'mailweir detach' took it"
	unguarded mailB
	guarded mail0
	mw detach -q
	soon ended
	unguarded mail0
}

@test "killed, it leaves the filter, and the next start adopts it" {
	service mail0
	mw block -q 10.5.0.1 --for 1h
	link=$(bpftool -j link show pinned "$(pins)/link_mail0" | jq .id)
	end_service KILL
	guarded mail0
	drops mail0 10.5.0.1
	service mail0
	expect "$(bpftool -j link show pinned "$(pins)/link_mail0" | jq .id)" = \
		"$link"
	guarded mail0
	drops mail0 10.5.0.1
	end_service KILL
	# With a configuration that is refused, too.
	echo nonsense >$CONF
	service mail0
	guarded mail0
	red
	[[ "$(mw status || :)" == *"RED: the configuration was refused"* ]]
	usual
	kill -HUP "$service"
	soon well
	end_service TERM
}

@test "with nothing attached a configuration that is refused ends it with 78" {
	echo nonsense >$CONF
	run -78 mw run -c $CONF mail0
	unguarded mail0
	expect "$(ls /run/mailweir)" = ''
	run -2 mw run -c $CONF
	run -2 mw run --json -c $CONF mail0
}

@test "SIGHUP reloads, and what is refused is red until it is mended" {
	service mail0
	sed -i 's/burst = 30/burst = 7/' $CONF
	kill -HUP "$service"
	soon is_logged "$CONF is in force"
	mw status | grep -q 'burst 7'
	is_told RELOADING=1
	expect "$(grep -c READY=1 /run/told)" = 2
	echo nonsense >>$CONF
	kill -HUP "$service"
	soon red
	is_logged "$CONF:.*nonsense"
	guarded mail0
	usual
	# By hand is as good.
	mw reload -q -c $CONF
	well
	end_service TERM
}
