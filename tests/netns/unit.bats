#!/usr/bin/env bats
# The units: systemd takes them, and what they take from the service is not
# missed.
load lib
load faults
load service

setup_file() { make_network; }

UNIT=scripts/systemd/mailweir@.service

need_systemd() {
	command -v systemd-analyze >/dev/null || skip 'no systemd-analyze'
}

# The units as they are installed, with a program that is there.
installed() {
	make -s install DESTDIR=/run/root PREFIX=/usr UNITDIR=/units \
		>/dev/null
	sed -i 's#/usr/sbin#/run/root/usr/sbin#' /run/root/units/*
}

# All values of a key.
values() { sed -n "s/^$1=//p" $UNIT | tr '\n' ' '; }

@test "systemd has nothing to say of the units" {
	need_systemd
	installed
	cp /run/root/units/mailweir@.service /run/root/units/mailweir@lo.service
	for unit in mailweir@lo.service mailweir-known.service \
		mailweir-known.timer; do
		run -0 systemd-analyze verify --man=no /run/root/units/$unit
		expect "$output" = ''
	done
}

@test "what the service could do is little" {
	need_systemd
	installed
	run -0 systemd-analyze security --offline=true --no-pager \
		--threshold=45 /run/root/units/mailweir@.service
	figure "$(tail -1 <<<"$output")"
}

# The service with the capabilities of the unit alone.
confined() { # INTERFACE...
	local set=-all capability
	for capability in $(values CapabilityBoundingSet); do
		capability=${capability#CAP_}
		set+=",+${capability,,}"
	done
	background service exec nsenter --net=/run/netns/gateway \
		setpriv --bounding-set "$set" --no-new-privs \
		strace -f -qq -o /run/trace \
		build/mailweir run -c $CONF "$@"
	soon guarded mail0
	service=$(pgrep -P $background -x mailweir)
	expect "$(awk '/CapEff/ { print $2 }' /proc/$service/status)" != \
		"$(awk '/CapEff/ { print $2 }' /proc/self/status)"
}

# The calls of a set of systemd, sets in it and all.
calls_of() { # set
	local word
	for word in $(systemd-analyze syscall-filter "$1" | tail -n +3 |
		grep -v '#'); do
		case $word in
		@*) calls_of "$word" ;;
		*) echo "$word" ;;
		esac
	done
}

@test "its capabilities and its system calls are enough" {
	need_systemd
	# systemd has mounted it.
	mountpoint -q "$MAILWEIR_BPFFS" ||
		mount -t bpf bpf "$MAILWEIR_BPFFS"
	confined mail0
	# It reads lists, also those that only another user may read.
	drop 10.1.0.0/16 10.8.0.0/16
	chown daemon /run/drop.txt
	chmod 600 /run/drop.txt
	soon drops mail0 10.8.0.1
	kill -HUP "$service"
	soon is_logged "$CONF is in force"
	vanish mail0
	return_as mail0
	soon guarded mail0
	rm "$(pins)"/hook_*
	soon is_logged 'connections were not charged'
	# It wrote what it keeps, and stops.
	end_service TERM
	well
	for word in $(values SystemCallFilter); do
		case $word in
		@*) calls_of "$word" ;;
		*) echo "$word" ;;
		esac
	done | sort -u >/run/allowed
	sed -nE 's/^[0-9]+ +([a-z0-9_]+)\(.*/\1/p' /run/trace | sort -u \
		>/run/called
	expect "$(wc -l </run/called)" -gt 30
	expect "$(comm -13 /run/allowed /run/called)" = ''
	# Whose program is where takes CAP_SYS_ADMIN to know, and is a word in
	# a message.
	expect "$(grep -E '= -1 (EPERM|EACCES)' /run/trace |
		grep -vE 'PROG_GET_FD_BY_ID|resumed')" = ''
}

@test "what stops the unit takes the filter off, and the service ends" {
	service mail0
	stop=$(sed -n 's#^ExecStop=@PREFIX@/sbin/mailweir##p' $UNIT)
	mw ${stop//%I/mail0} -q
	soon ended
	unguarded mail0
}
