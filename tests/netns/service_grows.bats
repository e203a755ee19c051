#!/usr/bin/env bats
# Nothing in 'mailweir run' grows, nor what it leaves in the kernel.
load lib
load faults
load service

setup_file() { make_network; }

# What there is of it: memory (kB), descriptors, pins. What the kernel has of
# ours is there for one of these.
memory() { awk '/^VmRSS/ { print $2 }' "/proc/$service/status"; }
descriptors() { find "/proc/$service/fd" -mindepth 1 | wc -l; }
objects() { find "$MAILWEIR_BPFFS" | sed 's/gen_[0-9]*/gen/' | sort; }

in_force() { [ "$(grep -c "$CONF is in force" /run/service)" -ge "$1" ]; }

@test "nothing grows over reloads" {
	service mail0
	reloads=${SERVICE_RELOADS:-30} warm=5
	for ((i = 1; i <= reloads + warm; i++)); do
		if [ $i = $((warm + 1)) ]; then
			sleep 2
			memory=$(memory) descriptors=$(descriptors)
			objects=$(objects)
		fi
		kill -HUP "$service"
		soon in_force $i
	done
	sleep 2
	figure "$reloads reloads: $memory to $(memory) kB," \
		"$descriptors descriptors, $(wc -l <<<"$objects") pins"
	expect "$(descriptors)" = "$descriptors"
	expect "$(objects)" = "$objects"
	# The first reloads have touched all pages that there are to touch.
	expect "$(memory)" -le $((memory + 256))
	expect "$(pgrep -c -P "$service" || :)" = 0
	end_service TERM
}

@test "nothing grows over interfaces that come and go" {
	service mail0
	for i in {1..12}; do
		[ $i != 4 ] || {
			memory=$(memory) descriptors=$(descriptors)
			objects=$(objects)
		}
		vanish mail0
		return_as mail0
		soon guarded mail0
	done
	expect "$(descriptors)" = "$descriptors"
	expect "$(objects)" = "$objects"
	expect "$(memory)" -le $((memory + 256))
	end_service TERM
}
