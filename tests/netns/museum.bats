#!/usr/bin/env bats
# Bad and odd files, as the network brings them. Each is refused with its
# reason, and what is in force stays untouched; or it is taken, and how.
load lib

setup_file() {
	make_network
	seq 1 40 | sed 's/.*/10.&.0.0\/16/' >/run/live.txt
	configure <<-EOT
	[gate]
	mode = enforce
	charge = syn
	[list feed]
	action = block
	file = live.txt
	EOT
	mw attach -q -c $CONF mail0
}

# Everything that a load could change; that it was refused is said elsewhere.
state() {
	mw status --json | jq -c .generation
	mw lists --json | jq -c '.lists.feed | del(.attempts, .state)'
	find "$MAILWEIR_BPFFS" "$MAILWEIR_STATE" ! -name refused_feed | sort
	md5sum "$MAILWEIR_STATE"/lists/feed
	mw test 10.40.0.1 | head -n1
}

# refused NAME PATTERN COMMAND...: what the command prints is the file. A file
# that is there is left as it is.
refused() {
	local name=$1 pattern=$2 got=0
	shift 2
	[ $# = 0 ] || "$@" >"/run/$name"
	# Every refusal leaves what the one before has left.
	before=${before:-$(state)}
	mw lists load feed -c $CONF "/run/$name" \
		>/run/stdout 2>/run/stderr || got=$?
	echo "$name: exit $got"
	cat /run/stdout /run/stderr
	expect $got = 78
	grep -qE -- "$pattern" /run/stderr
	grep -q 'list feed: refused, nothing was changed' /run/stderr
	LC_ALL=C grep -q '[^ -~]' /run/stderr && return 1
	expect "$(wc -l </run/stderr)" -le 12
	expect "$(state)" = "$before"
	expect "$(mw lists --json | jq -r .lists.feed.state)" = \
		'last load refused'
}

# taken NAME PATTERN COMMAND...: with --force, as most are shorter.
taken() {
	local name=$1 pattern=$2
	before=
	shift 2
	"$@" >"/run/$name"
	run -0 mw lists load feed --force -c $CONF "/run/$name"
	echo "$name: $output"
	[[ $output =~ $pattern ]]
}

# The rules of the list for one line more, and back.
with() { # line command...
	local line=$1
	shift
	sed -i "/^file/a $line" $CONF
	"$@"
	sed -i "/^$line/d" $CONF
}

teardown() {
	mw lists load feed -q --force -c $CONF
}

utf16() { printf '1\0.\0002\0.\0003\0.\0004\0\n\0'; }
entry='{"cidr":"192.0.2.0/24","sblid":"SBL1"}'
meta() { echo "{\"type\":\"metadata\",\"size\":$1,\"records\":$2}"; }

@test "no lists at all" {
	refused empty 'empty: no entries' printf ''
	refused newline 'no entries' echo
	refused blank 'no entries' printf '  \n\t\n'
	refused comments 'no entries' printf '; merged\n# into another\n'
	refused html "looks like a web page" echo '<!DOCTYPE html><html>'
	refused html2 "looks like a web page" printf '\n\n<html>\n'
	refused error 'no entries' echo '{"error":"forbidden"}'
	refused denied "'Access denied': no file that is known begins like" \
		echo 'Access denied'
	refused gzip 'compressed \(gzip\)' gzip -c /run/live.txt
	refused bzip2 'compressed \(bzip2\)' printf 'BZh91AY&SY'
	refused xz 'compressed \(xz\)' printf '\xfd7zXZ\0'
	refused zip 'compressed \(zip\)' printf 'PK\x03\x04'
	refused utf16le 'UTF-16' printf '\xff\xfe1\0.\0'
	refused utf16be 'UTF-16' printf '\xfe\xff\0001\0.'
	refused utf16 'a NUL byte' utf16
	refused nul ':2: a NUL byte' printf '192.0.2.1\n192.0.\0002.2\n'
	refused elf 'NUL byte|not an address|begins like' \
		head -c 4000 /bin/true
	refused random 'NUL|not an address|longer|UTF-16|begins like' \
		head -c 100000 /dev/urandom
	refused escapes "x1b.2J': not an address" printf '\033[2J\n'
}

@test "files that are none" {
	mkdir -p /run/directory
	refused directory 'a directory, not a file'
	mkfifo /run/fifo
	refused fifo 'no entries'
	ln -sf loop /run/loop
	refused loop 'cannot be read: Too many levels'
	ln -sf /dev/zero /run/zero
	refused zero 'a device, not a file'
	refused missing 'cannot be read: No such file'
	refused "$(printf 'n%.0s' {1..300})" 'cannot be read: File name too long'
}

@test "addresses that are none" {
	refused octal "'010.0.0.1': not an address" echo 010.0.0.1
	refused hex 'not an address' echo 0x7f000001
	refused short "'1.2.3': not an address" echo 1.2.3
	refused long 'not an address' echo 1.2.3.4.5
	refused glued 'the length is not a number' echo 1.2.3.4/245.6.7.8/24
	refused glued2 'not an address' echo 176.221.42.3254.174.140.223
	refused big "not an address" echo 1.2.3.256
	refused name 'not an address' echo mail.example
	refused url 'not an address' echo http://192.0.2.1/
	refused port 'not an address' echo 192.0.2.1:25
	refused csv 'not an address' echo 192.0.2.1,US,3
	refused words 'more than one word' echo '192.0.2.1 192.0.2.2'
	refused scope 'not an address' echo fe80::1%eth0
	refused brackets 'not an address' echo '[192.0.2.1]'
	refused bracket_port 'not an address' echo '[2001:db8::1]:25'
	refused mapped 'IPv4 inside IPv6' echo ::ffff:192.0.2.1
	refused 33 'above /32' echo 192.0.2.0/33
	refused 129 'above /128' echo 2001:db8::/129
	refused mask 'the length is not a number' echo 10.0.0.0/255.0.0.0
	refused minus 'a range goes from|length is not' echo 10.0.0.0/-8
	refused cr ':1: ' printf '192.0.2.1\r192.0.2.2\r'
	refused backwards 'ends before it begins' echo 192.0.2.9-192.0.2.1
	refused families 'in the other family' echo 192.0.2.1-2001:db8::
	refused as0 'not an AS number' echo AS0
	refused as1 'no table to look it up in' echo AS64500
	refused many '100000 errors, the first 10 shown' \
		sh -c 'yes x | head -n 100000'
}

@test "too wide, too short, too long" {
	refused all '0.0.0.0/0 is wider than /8' echo 0.0.0.0/0
	refused all6 '::/0 is wider than /19' echo ::/0
	refused half '128.0.0.0/1 is wider' echo 128.0.0.0/1
	refused range 'is wider than /8' echo 0.0.0.0-255.255.255.255
	refused excluded 'everything is excluded' \
		printf '192.0.2.0/24\n!192.0.0.0/16\n'
	refused shrunken 'shrank by more than max_shrink = 50%' \
		head -n 4 /run/live.txt
	with 'min_entries = 41' refused few 'fewer than min_entries = 41' \
		cat /run/live.txt
	with 'max_errors = 1' refused two ":3: 'y': not an address" \
		printf '192.0.2.1\nx\ny\n'
	with 'max_errors = 9' refused not '!|not an address' printf '1.2.3.4\n!x\n'
	refused line ':1: a line longer than 4096 bytes' \
		sh -c "head -c 5000 /dev/zero | tr '\\0' 1"
	truncate -s 1G /run/gigabyte
	printf 192.0.2.1 | dd of=/run/gigabyte conv=notrunc status=none
	refused gigabyte ':1: a line longer than 4096 bytes'
	rm /run/gigabyte
}

@test "truncated and altered ones" {
	refused nometa 'no metadata in the last line: truncated' echo "$entry"
	refused cut 'not a line of JSON' printf '%s\n{"cidr":"192.0' "$entry"
	refused records 'says 2 records, the file has 1' \
		printf '%s\n%s\n' "$entry" "$(meta 39 2)"
	refused size 'says 40 bytes, the file has 39' \
		printf '%s\n%s\n' "$entry" "$(meta 40 1)"
	refused twice 'a line behind the metadata' printf '%s\n%s\n%s\n' \
		"$entry" "$(meta 39 1)" "$(meta 39 1)"
	refused behind 'a line behind the metadata' printf '%s\n%s\n%s\n' \
		"$entry" "$(meta 39 1)" "$entry"
	refused nft 'no } after elements: truncated' \
		printf 'table inet m {\n\tset s {\n\t\telements = { 192.0.2.1,\n'
	refused ipset 'add without an entry' printf 'create a hash:ip\nadd a'
	refused ports 'not an address alone' \
		printf 'create a hash:ip,port\nadd a 192.0.2.1,tcp:25\n'
	refused rbldnsd 'not an address' printf '$SOA 1\n127\n'
	refused maxrange '512 addresses, and the file.s .MAXRANGE4 allows 256' \
		printf '$MAXRANGE4 /24\n1.2.2-3\n'
	refused future 'a .TIMESTAMP of the future' \
		printf '$TIMESTAMP 2100:01:01\n1.2.3\n'
	refused postfix "'maybe': not an action" \
		printf '192.0.2.1 reject\n192.0.2.2 maybe\n'
	refused if "no endif at the end: truncated" \
		printf '192.0.2.1 reject\nif 10.0.0.0/8\n'
	refused ipsum 'a tab and a count' printf '192.0.2.1\t3\n192.0.2.2\tx\n'
	refused json 'an object without an address: none of its members' \
		echo '[{"hostAddress":"192.0.2.1","score":100}]'
	refused two_sets '2 sets: a, b; set = NAME in the list.s section says' \
		printf 'create a hash:ip\nadd a 1.2.3.4\nadd b 1.2.3.5\n'
	refused nft_sets '2 sets: ip t a, ip t b; set = NAME' echo 'table t {' \
		'set a { type ipv4_addr; }; set b { type ipv4_addr; }; }'
	refused dshield 'not those of a prefix of that LENGTH' \
		printf '1.2.3.0\t1.2.3.255\t16\tx\n'
	refused csv 'not as many fields as the header has' \
		printf 'ip,country\n192.0.2.1,DE\n192.0.2.2\n'
	refused feodo 'says 2 entries: truncated' \
		printf 'first_seen,dst_ip\nx,192.0.2.1\n# END 2 entries\n'
	refused cut_line 'has less than every other: truncated' \
		printf '10.1.0.0/16\n10.2.0.0/16\n192.0.2.11'
	refused list_cut '1 members where the header says 2: truncated' printf \
		'Name: a\nType: hash:ip\nNumber of entries: 2\nMembers:\n1.2.3.4\n'
	refused crowdsec 'ends inside a value: truncated' \
		echo '[{"scope":"Ip","value":"192.0.2.1"'
	refused duration "'soon': not a duration" echo '[{"scope":"Ip",' \
		'"value":"192.0.2.1","type":"ban","duration":"soon"}]'
}

@test "odd ones that are taken" {
	taken plain ' 1 IPv4 and 0 IPv6 ' printf 192.0.2.1
	taken bom ' 1 IPv4 ' printf '\xef\xbb\xbf192.0.2.1\n'
	taken crlf ' 2 IPv4 ' printf '192.0.2.1\r\n192.0.2.2\r\n'
	taken six ' 0 IPv4 and 1 IPv6 ' echo 2001:db8::/32
	taken hostbits ' 1 with host bits masked' echo 192.0.2.77/24
	taken double ' 1 duplicate' printf '192.0.2.1\n192.0.2.1\n'
	taken nested ' 1 nested' printf '192.0.2.0/24\n192.0.2.1\n'
	taken tail ' 1 IPv4 ' printf '192.0.2.0/24 ; SBL1\n; EOF\n'
	taken octets ' 2 IPv4 ' printf '$SOA 1\n127.16-31\n1.2.3\n'
	taken dash ' 1 IPv4 ' echo '192.0.2.0 - 192.0.2.255'
	taken drop ' 1 entries in 2 lines' \
		printf '%s\n%s\n' "$entry" "$(meta 39 1)"
	with 'max_prefix = 0, 0' taken world ' 1 IPv4 and 1 IPv6 ' \
		printf '0.0.0.0/0\n::/0\n'
	taken brackets ' 0 IPv4 and 1 IPv6 ' echo '[2001:db8::1]'
	taken nft ' 2 IPv4 ' echo 'add element ip t s { 192.0.2.1, 192.0.2.9 }'
	taken nft_json ' 1 IPv4 ' echo '{"nftables":[{"set":{"family":"ip",' \
		'"table":"t","name":"s","elem":["192.0.2.1"]}}]}'
	taken dshield ' 1 IPv4 ' printf '1.2.3.0\t1.2.3.255\t24\tx\n'
	taken fail2ban ' 3 IPv4 ' echo '192.0.2.1 192.0.2.3 192.0.2.5'
	taken csv ' 1 IPv4 ' printf 'ip,country\n192.0.2.1,DE\n'
	taken json ' 1 IPv4 ' echo '{"data":[{"ipAddress":"192.0.2.1"}]}'
	taken csf ' 1 IPv4 ' printf 'tcp|in|d=22|s=1.2.3.4\n192.0.2.1 # x\n'
	with 'format = spamd' taken spamd ' 1 IPv4 ' echo '192.0.2.1 SBL1 x'
	with 'text = ignore' taken text ' 1 IPv4 ' echo '192.0.2.1 SBL1 x'
	with 'set = b' taken one_of_two ' 1 IPv4 ' \
		printf 'add a 192.0.2.1\nadd b 192.0.2.2\n'
	taken forced ' 0 IPv4 and 0 IPv6 ' echo '# nobody is banned'
	with 'min_entries = 0' taken empty ' 0 IPv4 and 0 IPv6 ' \
		echo '; This list has been merged'
	with 'max_errors = 1' taken one ' 1 refused' printf '192.0.2.1\nx\n'
	taken shorter ' 4 IPv4 ' head -n 4 /run/live.txt
	run -0 mw lists load feed --force -c $CONF <(cat /run/live.txt)
}

@test "ten million lines" {
	seq 0 9999999 | awk '{ printf "%d.%d.%d.%d\n", $1 / 65536 + 11,
		$1 / 256 % 256, $1 % 256, 1 }' >/run/many
	run -0 mw lists load feed -c $CONF /run/many
	[[ $output == *"10000000 entries in 10000000 lines"* ]]
	run -1 mw test 20.0.0.1
	run -0 mw test 20.0.0.2
	rm /run/many
}
