#!/usr/bin/env bats
# shellcheck disable=SC2153
# The build of a packager: other flags, another directory, sanitizers.
load ../lib
load ../faults

# The sources, somewhere else.
sources() { # directory
	mkdir -p "$1"
	cp -r Makefile bpf user scripts tests "$1"
}

build() { # directory, words for make...
	env -u MAKEFLAGS -u WERROR make -s -C "$1" -j2 "${@:2}" all
}

@test "U36: gcc -O3 and a packager's FORTIFY_SOURCE build it, the same anywhere" {
	sources /run/one
	sources /run/two/of/them
	flags=(CC=gcc CFLAGS='-O3 -g -D_FORTIFY_SOURCE=3')
	run -0 build /run/one "${flags[@]}"
	told warning:
	run -0 env -u MAKEFLAGS -u WERROR make -s -C /run/two/of/them \
		"${flags[@]}" build/user/main.o \
		build/mailweir.skel.h build/hook.skel.h
	for built in user/main.o mailweir.skel.h hook.skel.h; do
		cmp /run/one/build/$built /run/two/of/them/build/$built
	done
	run ! grep -q /run/one /run/one/build/mailweir
	# It is what was asked for, and not undone by our own flags.
	run -0 /run/one/build/mailweir check -c $CONF
	readelf -Ws /run/one/build/mailweir >/run/symbols.txt
	grep -q _chk /run/symbols.txt
}

@test "U36: what is empty is sorted, copied and printed without undefined behaviour" {
	sources /run/ubsan
	run -0 build /run/ubsan CPPFLAGS=-U_FORTIFY_SOURCE LDFLAGS=-fsanitize=undefined \
		CFLAGS='-O0 -g -fsanitize=undefined -fno-sanitize-recover=all'
	told warning:
	ubsan() { gw /run/ubsan/build/mailweir "$@"; }
	printf '[gate]\nmode = enforce\n' >/run/bare.conf
	for conf in /run/bare.conf $CONF; do
		run -0 ubsan check -c "$conf"
		ubsan attach -q -c "$conf" mail0
		for line in status stats lists sources blocks known 'known save' \
			'test 10.1.0.1' 'test 2001:db8::1' "reload -c $conf"; do
			for more in '' --json; do
				run ubsan $line $more
				echo "$line: $status $output"
				expect "$status" -le 1
				[[ "$output" != *'runtime error'* ]]
			done
		done
		ubsan detach -q
	done
}
