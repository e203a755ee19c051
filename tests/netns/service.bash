# Shared by service*.bats: 'mailweir run' on the network of faults.bash. What
# systemd is told is in /run/told, what the log is told in /run/service.
# shellcheck shell=bash

# Starts it, and waits until systemd would: service INTERFACE...
service() {
	: >/run/told
	rm -f /run/notify
	background told exec socat -u UNIX-RECV:/run/notify STDOUT
	until [ -S /run/notify ]; do sleep 0.02; done
	background service exec nsenter --net=/run/netns/gateway \
		env NOTIFY_SOCKET=/run/notify WATCHDOG_USEC=2000000 \
		build/mailweir run -c $CONF "$@"
	service=$background
	soon is_told READY=1
}

is_told() { grep -q -- "$1" /run/told; } # words for systemd
is_logged() { grep -q -- "$1" /run/service; }

# Waits for a condition, for as long as a busy machine may take.
soon() { # command...
	local until=$((SECONDS + 20))
	while [ $SECONDS -lt $until ]; do
		! "$@" >/dev/null 2>&1 || return 0
		sleep 0.05
	done
	echo "not so within 20 s: $*"
	cat /run/service
	return 1
}

ended() { ! kill -0 "$service" 2>/dev/null; }
well() { mw status; }
red() { expect "$(mw status >/dev/null && echo 0 || echo $?)" = 4; }

end_service() { # signal
	kill "-$1" "$service"
	soon ended
}

# The interface goes, and another one gets its name.
vanish() { ip -n gateway link del "$1"; }
return_as() { # name [altname]
	ip -n gateway link add "$1" type veth peer name "out${RANDOM}a" \
		netns world
	[ -z "${2:-}" ] ||
		ip -n gateway link property add dev "$1" altname "$2"
}
