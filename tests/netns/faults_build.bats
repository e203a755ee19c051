#!/usr/bin/env bats
# The build of a packager, and a small stack.
load lib
load faults

# The sources, somewhere else.
sources() { # directory
	mkdir -p "$1"
	cp -r Makefile bpf user scripts tests "$1"
}

@test "U36: a new compiler's warning stops no release" {
	sources /run/one
	printf '%s\n' 'int new_compiler(int n);' 'int new_compiler(int n)' \
		'{ int unused; return n; }' >/run/one/user/new_compiler.c
	# Not what the make that runs this test was told.
	run -0 env -u MAKEFLAGS -u WERROR make -s -C /run/one \
		build/user/new_compiler.o
	[[ "$output" == *warning:*unused* ]]
}

@test "U36: a stack of 64 KiB is enough" {
	for line in 'attach mail0' reload 'reload --confirm 9' confirm observe \
		enforce 'lists load drop' 'block 10.5.0.1' \
		'unblock 10.5.0.1' 'known save' status lists sources known \
		blocks 'test 10.3.0.1' check detach; do
		run -0 gw bash -c 'ulimit -s 64; exec build/mailweir "$@"' small \
			$line -c $CONF
	done
}
