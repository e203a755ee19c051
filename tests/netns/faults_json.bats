#!/usr/bin/env bats
# U25: --json is JSON, and JSON is UTF-8, whatever a word or a file is called.
load lib
load faults

# One document of JSON in UTF-8, with a version: on stdout, or there is none.
document() { # exit code, command...
	local got=0
	mw "${@:2}" >/run/stdout 2>/run/stderr || got=$?
	printf '%q ' "${@:2}"
	echo ": $got"
	head -c 2000 /run/stdout
	expect "$got" = "$1"
	expect "$(cat /run/stderr)" = ""
	iconv -f UTF-8 -t UTF-8 /run/stdout >/run/utf8
	expect "$(jq -s -c 'map(.version)' /run/utf8)" = '[1]'
}

# Not UTF-8, in as many ways: a stray byte, half a character, one too long, a
# surrogate, beyond Unicode; and what JSON escapes.
strange=($'a\xffb' $'a\xc3' $'\xc0\xaf' $'\xed\xa0\x80' $'\xf4\x90\x80\x80'
	$'\xe2\x82' $'q"\\b\t\x01\x7f' 'Grüße' $'\xf0\x9f\x93\xab')

@test "U25: a word that is not UTF-8" {
	for word in "${strange[@]}"; do
		document 2 test "$word" --json
		document 2 block "$word" --json
		document 2 "$word" --json
		document 2 status "--$word" --json
		document 78 check -c "/run/$word.conf" --json
	done
	mw attach -q -c $CONF mail0
	for word in "${strange[@]}"; do
		document 2 block 10.5.0.1 --json --why "$word"
		document 1 detach "$word" --json
		document 78 lists load "$word" --json -c $CONF
	done
}

@test "U25: a list's file that is not UTF-8, and its lines" {
	for word in "${strange[@]:0:3}"; do
		printf '10.1.0.0/16\n' >"/run/$word.txt"
		configure <<-EOT
		[gate]
		mode = enforce
		[list drop]
		action = block
		file = $word.txt
		EOT
		document 0 check -c $CONF --json
		document 0 attach -c $CONF mail0 --json
		document 0 lists --json
		document 0 status --json
		document 1 test 10.1.0.1 --json
		printf '%s\n' "$word" >"/run/$word.txt"
		document 78 check -c $CONF --json
		document 4 reload -c $CONF --json
		mw detach -q
		rm "/run/$word.txt"
	done
}

@test "U25: a long name is not cut inside a character" {
	for pad in '' a aa; do
		name=$pad$(printf 'ü%.0s' {1..85})
		printf '10.1.0.0/16\n' >"/run/$name.txt"
		sed "s/drop.txt/$name.txt/" $CONF >/run/long.conf
		document 0 check -c /run/long.conf --json
		document 0 attach -c /run/long.conf mail0 --json
		document 0 lists --json
		jq -r .lists.drop.file /run/utf8 | grep -q 'üüü'
		document 1 test 10.1.0.1 --json
		mw detach -q
	done
}

@test "U25: --json is heard wherever it stands" {
	document 2 --bogus --json
	document 2 --json --bogus
	document 2 status --bogus --json
	document 2 -x --json status
	document 2 frobnicate --json
	document 0 --version --json
	jq -e '.mailweir | test("^[0-9.]+$")' /run/utf8
	document 0 --json --version
	document 0 --help --json
	jq -e '.help | contains("attach DEV")' /run/utf8
	document 0 help status --json
	jq -e '.help | startswith("mailweir status")' /run/utf8
	# Behind -- it is a word as any other.
	run -2 mw test -- --json
	[[ "$output" == *"mailweir: "* ]]
}
