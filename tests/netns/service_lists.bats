#!/usr/bin/env bats
# 'mailweir run' reads lists' files when they change, and keeps what is to
# survive a reboot.
load lib
load faults
load service

setup_file() { make_network; }

generation() { mw status --json | jq .generation; }
state() { mw lists --json | jq -r ".lists.$1.state"; }
is() { [ "$(state "$1")" = "$2" ]; }

@test "a list's file that changed is read, and no other" {
	service mail0
	more=$(mw lists --json | jq .lists.more.loaded)
	drop 10.1.0.0/16 10.8.0.0/16
	soon drops mail0 10.8.0.1
	expect "$(mw lists --json | jq .lists.more.loaded)" = "$more"
	expect "$(generation)" = 2
	# By rename, as a good fetcher does, and both at once.
	printf '10.1.0.0/16\n10.10.0.0/16\n' >/run/new.txt
	mv /run/new.txt /run/drop.txt
	printf '10.2.0.0/16\n10.11.0.0/16\n' >/run/new.txt
	mv /run/new.txt /run/more.txt
	soon drops mail0 10.10.0.1 10.11.0.1
	well
	# One that nobody touched is not read again.
	expect "$(generation)" = 4
	sleep 3
	expect "$(generation)" = 4
	end_service TERM
}

@test "a file is not read while it is written" {
	service mail0
	echo 10.1.0.0/16 >/run/drop.txt
	for i in {100..105}; do
		echo "10.$i.0.0/16" >>/run/drop.txt
		sleep 0.8
	done
	expect "$(generation)" = 1
	soon drops mail0 10.105.0.1
	expect "$(generation)" = 2
	end_service TERM
}

@test "a file that is refused is red until it is mended, and holds up no other" {
	service mail0
	echo nonsense >/run/drop.txt
	soon is drop 'last load refused'
	red
	is_logged '/run/drop.txt:1:'
	guarded mail0
	printf '10.2.0.0/16\n10.11.0.0/16\n' >/run/more.txt
	soon drops mail0 10.11.0.1
	red
	expect "$(grep -c 'drop.txt:1:' /run/service)" = 1
	# Killed and started again it is still known.
	end_service KILL
	drop 10.1.0.0/16 10.8.0.0/16
	red
	service mail0
	drops mail0 10.8.0.1
	well
	# A file that is gone is refused, and mended when it is back.
	mv /run/drop.txt /run/away.txt
	soon red
	drops mail0 10.8.0.1
	mv /run/away.txt /run/drop.txt
	soon well
	end_service TERM
}

@test "what reload by hand reads is watched from then on" {
	service mail0
	sed -i 's/more.txt/other.txt/' $CONF
	printf '10.12.0.0/16\n' >/run/other.txt
	mw reload -q -c $CONF
	drops mail0 10.12.0.1
	sleep 2
	printf '10.12.0.0/16\n10.13.0.0/16\n' >/run/other.txt
	soon drops mail0 10.13.0.1
	well
	end_service TERM
}

kept() { grep -q "^$1	" "$MAILWEIR_STATE/blocks"; }

@test "the blocks that the program makes are on the disk soon" {
	start_smtpd
	configure <<-EOT
	[gate]
	mode = enforce
	[limit source]
	rate = 1/1s
	burst = 2
	[block]
	after = 2 times in 1h
	for = 10m
	EOT
	service mail0
	networks 10.4.0.1/32
	for _ in 1 2; do
		tool dial -d $gateway4 -s 10.4.0.1 -n 2 -i 20000 -t 300
		sleep 1.2
	done
	soon kept 10.4.0.1
	end_service KILL
	reboot
	mw attach -q -c $CONF mail0
	mw blocks --json | jq -e '.blocks[0].expires_in_s > 500'
}

@test "of two services on one gate one reads the lists" {
	another mailB
	service mail0
	background second exec nsenter --net=/run/netns/gateway \
		build/mailweir run -c $CONF mailB
	soon guarded mailB
	guarded mail0
	first=$(generation)
	drop 10.1.0.0/16 10.8.0.0/16
	soon drops mailB 10.8.0.1
	sleep 4
	expect "$(generation)" = $((first + 1))
	# When that ends the other one does.
	end_service KILL
	drop 10.1.0.0/16 10.14.0.0/16
	soon drops mail0 10.14.0.1
	kill -TERM "$background"
}
