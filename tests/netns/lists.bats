#!/usr/bin/env bats
# Lists: where they come from, what they are compared with, and back out.
load lib

setup_file() {
	make_network
	networks 198.51.100.10/32 203.0.113.7/32
	start_smtpd
}

setup() {
	mw detach -q 2>/dev/null || [ $? = 3 ]
	rm -rf "$MAILWEIR_STATE"
}

# A list named many, of both families, with nested ones and single addresses.
many() {
	seq 1 200 | sed 's/.*/10.&.0.0\/16\n11.0.&.7\n2001:db8:&::\/48/'
	printf '10.3.4.0/24\n2001:db8:3:4::/64\n'
	configure <<-EOT
	[gate]
	mode = enforce
	charge = syn
	[list many]
	action = block
	file = many.txt
	EOT
}

# What the program would do everywhere in and around the list.
verdicts() {
	for at in 10.1.0.0 10.3.4.5 10.200.255.255 10.201.0.0 11.0.9.7 \
		11.0.9.8 2001:db8:1::1 2001:db8:3:4::1 2001:db8:c9::1; do
		mw test $at --json | jq -c '[.verdict, .address]'
	done
}

# Everything the compiled lists hold.
packed() {
	for part in "$(pins)"/gen_*/*; do
		case ${part##*/} in
		top4 | words4 | runs4 | top6 | trees6 | nodes6 | words6 | \
			ranges6 | lows6 | leaves)
			echo "${part##*/}"
			bpftool map dump pinned "$part"
			;;
		esac
	done | md5sum
}

# An export has a set for each family, and a file of two sets needs to be told
# which are meant.
both_families() {
	sed -i '/^\[list many\]/a set = mw4-many, mw6-many' $CONF
}

@test "an exported list loads to the same structure, in every format" {
	many >/run/many.txt
	mw attach -q -c $CONF mail0
	before=$(packed)
	expect "$(bpftool map show | grep -c top4)" -ge 1
	seen=$(verdicts)
	expect "$(grep -c drop <<<"$seen")" = 6
	for format in plain ipset nft; do
		mw lists export many --format $format >/run/exported
		[ $format != ipset ] || both_families
		expect "$(grep -cF 10.3.4.0 /run/exported)" = 0
		run -0 mw lists load many -c $CONF /run/exported
		[[ "$output" == *" 400 IPv4 and 200 IPv6 prefixes; 0 nested"* ]]
		expect "$(packed)" = "$before"
		expect "$(verdicts)" = "$seen"
	done
}

@test "the copy of a list is on the disk under its name" {
	many >/run/many.txt
	mw attach -q -c $CONF mail0
	gw strace -qq -y -e trace=/rename,fsync -o /run/trace \
		build/mailweir lists load many -q -c $CONF
	cat /run/trace
	# The file, its name, and the directory that holds the name.
	expect "$(sed -nE "s|$MAILWEIR_STATE/||g; s/\\.gen-[0-9]+/.gen/g
		s/^fsync\\([0-9]+<(lists.*)>\\).*/fsync \\1/p
		s/^rename.*\"(lists[^\"]*)\".*\"(lists.*)\".*/\\1 to \\2/p" \
		/run/trace)" = "fsync lists/many.gen
lists/many.gen to lists/many
fsync lists"
}

@test "ipset and nft take what is exported, and what they save is taken" {
	for tool in ipset nft; do
		command -v $tool >/dev/null || skip "no $tool here"
	done
	many >/run/many.txt
	mw attach -q -c $CONF mail0
	both_families
	before=$(packed)
	mw lists export many --format ipset | gw ipset restore
	gw ipset save >/run/saved
	expect "$(grep -c ^add /run/saved)" = 600
	mw lists load many -q -c $CONF /run/saved
	expect "$(packed)" = "$before"
	mw lists export many --format nft >/run/exported
	gw nft -f /run/exported
	gw nft list ruleset >/run/saved
	mw lists load many -q -c $CONF /run/saved
	expect "$(packed)" = "$before"
}

@test "what rbldnsd answers is what its file is taken for" {
	command -v rbldnsd >/dev/null || skip "no rbldnsd here"
	cat >/run/zone <<-'EOT'
	$SOA 3600 bl.example ns.bl.example 0 600 300 86400 300
	:127.0.0.2:of the test
	1.2.3
	5.6.7.1-20
	127.16-31
	126/8
	125.1.2/23
	124-124 ; all of it
	123.16.0-31 :3:
	122.1.2.3:2:text
	121.1 text
	120.1.0-120.1.1
	119.255.254.7-119.255.255.254
	#$MAXRANGE4 256
	118.1.2
	EOT
	# *.3.2.1 is 1.2.3.0/24.
	rbldnsd -n -d bl.example:ip4set:/run/zone 2>/run/stderr | awk '
		$2 == "A" {
			n = split($1, part, /\./)
			entry = ""
			for (i = n; i > 1; i--)
				entry = entry part[i] "."
			if (part[1] != "*")
				print entry part[1]
			else
				print entry (n == 4 ? "0" : n == 3 ? "0.0" : \
					"0.0.0") "/" 8 * (n - 1)
		}' >/run/answered
	expect "$(cat /run/stderr)" = ""
	expect "$(wc -l </run/answered)" -ge 500
	many >/run/many.txt
	mw attach -q -c $CONF mail0
	mw lists load many -q --force -c $CONF /run/answered
	before=$(packed)
	mw lists load many -q --force -c $CONF /run/zone
	expect "$(packed)" = "$before"
}

@test "a zone that has expired by its own word is enforced and red" {
	printf '$TIMESTAMP 2024:03:01 +7d\n10.1\n' >/run/many.txt
	many >/dev/null
	run -4 mw attach -c $CONF mail0
	# On some days it is a number of days old, and no hour.
	[[ "$output" =~ "list many: /run/many.txt is "[0-9]+d(" "[0-9]+h)?" old and expires after 7d;" ]]
	run -1 mw test 10.1.0.1
	run -4 mw status
	[[ "$output" == *"list many "*" 1 prefixes, loaded "*" ago, expired"* ]]
	[[ "$output" == *"RED: list many: "* ]]
	run -0 mw lists
	[[ "$output" == *"1 IPv4 and 0 IPv6 prefixes, expired"* ]]
	expect "$(mw lists --json | jq -r .lists.many.state)" = expired
	run -4 mw status --json
	expect "$(jq -r .lists.many.state <<<"$output")" = expired
	printf '$TIMESTAMP 2024:03:01 2100:01:01\n10.1\n' >/run/many.txt
	run -0 mw lists load many -c $CONF
	run -0 mw status
	[[ "$output" == *"list many "*" 1 prefixes, loaded "*" ago, ok"* ]]
	# The configuration can only make it earlier.
	sed -i '/many.txt/a expires = 3d' $CONF
	run -4 mw reload -c $CONF
	[[ "$output" == *"and expires after 3d;"* ]]
	printf '$TIMESTAMP 2024:03:01 +3d\n10.1\n' >/run/many.txt
	sed -i 's/^expires.*/expires = 7d/' $CONF
	run -4 mw reload -c $CONF
	[[ "$output" == *"and expires after 3d;"* ]]
}

@test "lists export: what does not exist, and wrong words" {
	run -1 mw lists export many
	[[ "$output" == *"list many: never loaded here"* ]]
	run -2 mw lists export ../blocks
	many >/run/many.txt
	mw attach -q -c $CONF mail0
	run -2 mw lists export many --format xml
	run -2 mw lists --format nft
	run -2 mw stats --format nft
}

asn_table() {
	printf '203.0.113.0\t203.0.113.255\t64500\tZZ\tEXAMPLE\n'
	printf '198.51.100.0\t198.51.100.127\t64501\tZZ\tOTHER\n'
	printf '198.51.100.0\t198.51.100.63\t64502\tZZ\tINNER\n'
	printf '192.0.2.0\t192.0.2.255\t0\tNone\tNot routed\n'
}

asn_lists() {
	asn_table >/run/asn.tsv
	printf 'AS64501\n' >/run/as.txt
	configure <<-EOT
	[gate]
	mode = enforce
	charge = syn
	[asn]
	table = asn.tsv
	[list one]
	action = block
	asn = AS64500
	[list two]
	action = limit
	rate = 1/1h
	burst = 1
	file = as.txt
	EOT
}

@test "an AS number in a list cuts off its prefixes" {
	asn_lists
	run -0 mw attach -c $CONF mail0
	[[ "$output" == *"[asn]: 3 prefixes in 4 lines of /run/asn.tsv"* ]]
	unanswered 203.0.113.7
	run -1 mw test 203.0.113.7
	[[ "$output" == *"list      one: block list"* ]]
	mw stats --json | jq -e '.counters.drop_block_list > 0'
	mw lists --json | jq -e '.lists.two.ipv4 == 1'
	mw lists load one -q -c $CONF
	unanswered 203.0.113.7
}

@test "a table that knows none of a list's AS is an error; so is no table" {
	asn_lists
	mw attach -q -c $CONF mail0
	# One that announces nothing is counted.
	sed -i 's/AS64500$/AS64500, 64999/' $CONF
	run -0 mw reload -c $CONF
	[[ "$output" == *"list one: 1 AS numbers announce nothing"* ]]
	asn_lists
	sed -i 's/AS64500$/AS64999/' $CONF
	run -4 mw reload -c $CONF
	[[ "$output" == *"mailweir: $CONF:8: AS64999 has no prefix in the "* ]]
	[[ "$output" == *"list one: refused; the last good copy is used"* ]]
	# Nor is it one of the lines of a file that max_errors forgives.
	sed -i '/AS64999/a file = as.txt\nmax_errors = 9' $CONF
	run -4 mw reload -c $CONF
	[[ "$output" == *"mailweir: $CONF:8: AS64999 has no prefix in the "* ]]
	[[ "$output" != *"as.txt: AS"* ]]
	asn_lists
	sed -i 's/AS64500$/AS64999/' $CONF
	run -78 mw lists load one -c $CONF
	[[ "$output" == *"mailweir: $CONF:8: AS64999 has no prefix in the "* ]]
	[[ "$output" != *"nothing is left"* ]]
	asn_lists
	unanswered 203.0.113.7
	sed -i '/asn\]/d; /table/d' $CONF
	run -4 mw reload -c $CONF
	[[ "$output" == *"/run/as.txt:1: AS64501: no table to look it up in"* ]]
	[[ "$output" == *"$CONF:6: AS64500: no table to look it up in"* ]]
	printf 'no table\n' >/run/asn.tsv
	asn_lists
	printf 'no table\n' >/run/asn.tsv
	run -4 mw reload -c $CONF
	[[ "$output" == *"/run/asn.tsv:1: 'no table': not of a table of "* ]]
	[[ "$output" != *"cannot be read"* ]]
	unanswered 203.0.113.7
}

@test "mailweir asn: the prefixes of a number, the origin of an address" {
	asn_lists
	expect "$(mw asn 64501 -c $CONF 2>/dev/null | tail -n1)" = \
		"AS64501 198.51.100.0/25"
	expect "$(mw asn -q AS64500 -c $CONF)" = "AS64500 203.0.113.0/24"
	expect "$(mw asn -q 198.51.100.9 -c $CONF)" = "AS64502 198.51.100.0/26"
	expect "$(mw asn -q 198.51.100.99 -c $CONF)" = "AS64501 198.51.100.0/25"
	expect "$(mw asn --json 198.51.100.9 -c $CONF |
		jq -c '.origins')" = \
		'[{"asn":64502,"prefix":"198.51.100.0/26"}]'
	run -1 mw asn 192.0.2.1 -c $CONF
	run -1 mw asn 64999 -c $CONF
	run -2 mw asn mail.example -c $CONF
	sed -i '/asn\]/d; /table/d' $CONF
	run -78 mw asn 64500 -c $CONF
}

@test "decisions of CrowdSec are a list, without those that have ended" {
	decision='{"origin":"cscli","scope":"Ip","type":"ban","duration":'
	cat >/run/decisions.json <<-EOT
	{"deleted":null,"new":[
	$decision"3h59m55.7s","value":"203.0.113.7"},
	$decision"-2s","value":"198.51.100.10"}]}
	EOT
	configure <<-EOT
	[gate]
	mode = enforce
	charge = syn
	[list crowd]
	action = block
	file = decisions.json
	max_shrink = 100%
	EOT
	run -0 mw attach -c $CONF mail0
	[[ "$output" == *"1 decisions left out as their time is over"* ]]
	unanswered 203.0.113.7
	answered 198.51.100.10
	touch -d '4 hours ago' /run/decisions.json
	mw lists load crowd -q -c $CONF
	answered 203.0.113.7
	echo '[]' >/run/decisions.json
	mw lists load crowd -q -c $CONF
}

@test "a decision ends by itself, also where its list was kept for another" {
	decision='{"scope":"Ip","type":"ban","duration":'
	cat >/run/decisions.json <<-EOT
	[$decision"15s","value":"203.0.113.7"},
	$decision"3h","value":"198.51.100.10"}]
	EOT
	printf '10.1.0.0/16\n' >/run/drop.txt
	configure <<-EOT
	[gate]
	mode = enforce
	charge = syn
	[list crowd]
	action = block
	file = decisions.json
	[list drop]
	action = block
	file = drop.txt
	EOT
	mw attach -q -c $CONF mail0
	unanswered 203.0.113.7
	run -1 mw test 203.0.113.7
	[[ "$output" =~ "prefix 203.0.113.7, from /run/decisions.json, ends in "[0-9.]+" s" ]]
	run -1 mw test 198.51.100.10
	[[ "$output" =~ "ends in "(2h 59m|3h) ]]
	mw lists load drop -q -c $CONF
	unanswered 203.0.113.7
	for _ in {1..20}; do
		mw test 203.0.113.7 >/run/test && break
		sleep 1
	done
	answered 203.0.113.7
	unanswered 198.51.100.10
	sleep 2 # the copy's end is in whole seconds of another clock
	expect "$(mw lists export crowd)" = 198.51.100.10
}

@test "a list that would hold this machine, its gateway or an allowed one" {
	printf '192.0.2.0/24\n10.0.0.0/8\n' >/run/many.txt
	printf '10.5.0.0/16\n10.6.0.0/16\n' >/run/ours.txt
	configure <<-EOT
	[gate]
	charge = syn
	[list many]
	action = block
	file = many.txt
	[list ours]
	action = allow
	file = ours.txt
	EOT
	run -0 mw check -c $CONF
	[[ "$output" == *"list many: 192.0.2.0/24 holds 192.0.2.25, this machine's address on mail0"* ]]
	[[ "$output" == *"list many: 192.0.2.0/24 holds 192.0.2.1, the default gateway"* ]]
	[[ "$output" == *"list many: 10.0.0.0/8 holds 10.5.0.0/16 of allow list ours, which wins; and more of it"* ]]
	run -0 mw attach -c $CONF mail0
	[[ "$output" == *"holds 192.0.2.25"* ]]
	# Until it is kept out.
	printf '192.0.2.0/24\n' >/run/except.txt
	sed -i '/many.txt/a except = except.txt' $CONF
	run -0 mw reload -c $CONF
	[[ "$output" != *"holds 192.0.2"* ]]
}

@test "lists that take more memory than allowed are refused" {
	many >/run/many.txt
	mw attach -q -c $CONF mail0
	seq 0 1099999 | awk '{ print int($1 / 65536) + 20 "." \
		int($1 / 256) % 256 "." $1 % 256 ".7" }' >/run/many.txt
	sed -i '/^charge/a max_list_memory = 8' $CONF
	run -78 mw reload -c $CONF
	[[ "$output" == *"$CONF: the lists take "*" MiB, and max_list_memory of [gate] is 8"* ]]
	run -1 mw test 10.1.0.0
	run -0 mw test 20.0.0.7
	sed -i '/^max_list_memory/d' $CONF
	mw reload -q -c $CONF
	run -1 mw test 20.0.0.7
}

@test "lists that end at too many different times are named, and what to do" {
	crowd() { # seed: the same 70,000 addresses, each for its own time
		awk -v seed="$1" 'BEGIN { srand(seed); printf "["
			for (i = 0; i < 70000; i++)
				printf "%s{\"scope\":\"Ip\",\"type\":\"ban\"," \
					"\"duration\":\"%ds\",\"value\":" \
					"\"20.%d.%d.%d\"}", i ? "," : "",
					60 + int(rand() * 40000), i / 65536,
					i / 256 % 256, i % 256
			print "]" }'
	}
	crowd 1 >/run/bans.json
	crowd 2 >/run/slow.json
	configure <<-EOT
	[list bans]
	action = block
	file = bans.json
	[list slow]
	action = limit
	mode = observe
	rate = 1/1m
	burst = 5
	file = slow.json
	EOT
	run -78 mw check -c $CONF
	[[ "$output" == *"$CONF: the lists "*" leave one of these out"* ]]
	[[ "$output" == *"list bans: 70000 prefixes, which end at "* ]]
	[[ "$output" == *"list slow: 70000 prefixes, which end at "* ]]
	[[ "$output" != *"Argument list too long"* ]]
	# Each alone is good.
	sed -i '/list slow/,$d' $CONF
	mw check -q -c $CONF
}
