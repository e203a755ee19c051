#!/usr/bin/env bats
# 'mailweir enforce' and 'observe' switch the mode in place.
load lib
load faults

mode() { mw status --json | jq -r .mode; }

@test "observe stops the dropping, whatever the lists' files look like" {
	mw attach -q -c $CONF mail0
	mw block -q 10.5.0.0/16
	guarded mail0
	drops mail0 10.5.0.1
	echo nonsense >/run/drop.txt
	rm /run/more.txt
	rm -r "$MAILWEIR_STATE/lists"
	run -4 mw observe -c $CONF
	echo "$output"
	[[ "$output" == *"the mode is observe now, and was enforce"* ]]
	[[ "$output" == *"$CONF"* ]]
	passes mail0 10.1.0.1 10.2.0.1 10.5.0.1
	expect "$(mode)" = observe
	# Nothing was lost: what would be dropped is as it was.
	run -4 mw enforce -c $CONF
	[[ "$output" == *"1 run-time blocks drop from now on"* ]]
	guarded mail0
	drops mail0 10.5.0.1
}

@test "a configuration that is broken is no reason to go on dropping" {
	mw attach -q -c $CONF mail0
	echo nonsense >$CONF
	run -0 mw observe -c $CONF
	[[ "$output" == *"$CONF cannot be read"* ]]
	passes mail0 10.1.0.1
	run -0 mw status -c $CONF
	[[ "$output" == *"observe by 'mailweir observe'; $CONF cannot be read"* ]]
}

@test "status says so until the configuration agrees or is loaded" {
	mw attach -q -c $CONF mail0
	run -0 mw status -c $CONF
	[[ "$output" != *"by 'mailweir"* ]]
	run -0 mw observe -c $CONF
	[[ "$output" == *"$CONF says enforce"* ]]
	run -0 mw status -c $CONF
	[[ "$output" == *"observe by 'mailweir observe'; $CONF says enforce"* ]]
	expect "$(mw status -c $CONF --json | jq -r .configuration)" = \
		'says enforce'
	# Another list, or interface, does not change the mode.
	mw lists load drop -q -c $CONF
	expect "$(mode)" = observe
	sed -i 's/enforce/observe/' $CONF
	run -0 mw status -c $CONF
	[[ "$output" != *"by 'mailweir"* ]]
	sed -i 's/observe/enforce/' $CONF
	mw reload -q -c $CONF
	run -0 mw status -c $CONF
	[[ "$output" != *"by 'mailweir"* ]]
	guarded mail0
}

@test "what is charged, limited and counted goes on" {
	start_smtpd
	limited 1/1h 3
	mw attach -q -c $CONF mail0
	networks 10.4.0.1/32
	tool dial -d $gateway4 -s 10.4.0.1 -n 3 -i 20000 -t 300
	connections=$(counter connections)
	mw observe -q -c $CONF
	passes mail0 10.4.0.1
	mw enforce -q -c $CONF
	drops mail0 10.4.0.1
	expect "$(counter connections)" = "$connections"
	expect "$(mw enforce -c $CONF --json | jq -r '.mode + .was')" = \
		enforceenforce
	run -0 mw enforce -c $CONF
	[[ "$output" == *"as before"* ]]
}
