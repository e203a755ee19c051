# mailweir: make, make check, make install; make bench; longer proofs:
# make check-amnesia, check-faults, check-handshake, check-kill, check-lookups,
# check-swaps, make fuzz. V=1 shows all.
PREFIX ?= /usr/local
DESTDIR ?=
SYSCONFDIR ?= /etc
UNITDIR ?= $(PREFIX)/lib/systemd/system
UNITS := mailweir@.service mailweir-known.service mailweir-known.timer
CLANG ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
BUILD := build
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-8s %s\n' $(1) $(2))

# Rows of tables leave out what is zero. A new compiler's warnings are errors
# for who works on mailweir alone: scripts/check sets WERROR=-Werror.
WERROR ?=
WARN := -Wall -Wextra $(WERROR) -Wno-missing-field-initializers
CFLAGS ?= -O2 -g
FORTIFY = $(if $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),,\
	-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
HARDEN = -fPIE -fstack-protector-strong -fstack-clash-protection $(FORTIFY) \
	-Wformat=2
# The same bytes, wherever the sources lie.
ANYWHERE := -ffile-prefix-map=$(CURDIR)=.
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE $(WARN) $(HARDEN) $(ANYWHERE) -I$(BUILD) \
	-Iuser -I. $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed $(LDFLAGS)
LIBS := -lsystemd -ljson-c -lseccomp -lcap-ng -lmnl -lbpf -lelf -lz
TRIPLET := $(shell $(CC) -print-multiarch)
BPF_CFLAGS := -target bpf -mcpu=v3 -O2 -g -std=gnu11 $(WARN) $(ANYWHERE) -I. \
	-idirafter /usr/include/$(TRIPLET)

SOURCES := $(shell find user -name '*.c')
USER := $(SOURCES:%.c=$(BUILD)/%.o)
# What needs no kernel.
PURE := $(filter-out $(BUILD)/user/main.o $(addprefix $(BUILD)/user/,\
	cmd/% watch/% gate/% kernel/%),$(USER))
UNIT_SOURCES := $(wildcard tests/unit/*/test_*.c)
UNIT := $(addprefix $(BUILD)/tests/,$(notdir $(UNIT_SOURCES:.c=)))
PROG := $(patsubst tests/prog/%.c,$(BUILD)/tests/%,\
	$(wildcard tests/prog/test_*.c))
BENCH_PROGRAMS := $(addprefix $(BUILD)/tests/,bench test_bench deliver surge)
TOOLS := $(patsubst tests/netns/%.c,$(BUILD)/tests/%,\
	$(filter-out tests/netns/synflood_%,$(wildcard tests/netns/*.c)))
# What is seen of rates and round trips depends on when packets arrive.
ALONE := $(BUILD)/tests/test_bench $(patsubst %,tests/netns/%.bats,answer attacks \
	charge exact gateways handshake mail nat64 overshoot rates service swap \
	tunnel)
BATS := $(filter-out $(ALONE),$(sort $(wildcard tests/netns/*.bats)))
SUITES := tests/kernel/run $(BATS) tests/kernel/interfaces \
	tests/check-layers tests/check-style $(UNIT) $(PROG) tests/fuzz/run
# With clang's sanitizers; objects of their own.
FUZZED := $(patsubst $(BUILD)/user/%.o,$(BUILD)/fuzz/%.o,$(PURE))
FUZZ_CFLAGS := -std=gnu11 -D_GNU_SOURCE $(WARN) -g -O1 -I$(BUILD) -Iuser -I. \
	-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all tests check check-amnesia check-faults check-handshake check-kernel check-kill \
	check-lookups check-swaps fuzz bench bench-answer install uninstall clean

all: $(BUILD)/mailweir

tests: all $(UNIT) $(PROG) $(TOOLS) $(BENCH_PROGRAMS) $(BUILD)/fuzz/fuzz \
	$(BUILD)/foreign.bpf.o

check: tests
	$(Q)tests/run $(SUITES) -- $(ALONE)

check-kernel: tests
	$(Q)tests/run -- tests/kernel/run tests/kernel/interfaces

# 100 million, about a minute; make check does 2 million.
check-lookups: tests
	$(Q)MW_LOOKUPS=100000000 tests/run $(BUILD)/tests/test_lookup

# Floods on the whole table, not on one set in 16: 400 million forged SYNs.
check-amnesia: tests
	$(Q)MW_SHARE=1 SUITE_SECONDS=3600 tests/run \
		$(BUILD)/tests/test_amnesia

# Ratios against the obvious program, nft and ipset, in one run.
bench: all $(BENCH_PROGRAMS)
	$(Q)tests/netns/world tests/bench/run $(BENCH)

# Floods over a veth: plain Linux, answer = no, answer = auto.
bench-answer: all $(BENCH_PROGRAMS) $(TOOLS)
	$(Q)tests/netns/world tests/bench/answer

# Every format, 60 s each; make check runs the seeds.
fuzz: $(BUILD)/fuzz/fuzz
	$(Q)FUZZ_SECONDS=$${FUZZ_SECONDS:-60} SUITE_SECONDS=3600 \
		tests/run tests/fuzz/run

# kill -9 before every call; make check takes one in twelve.
check-kill: tests
	$(Q)KILL_EVERY=1 SUITE_SECONDS=1800 tests/run tests/netns/kill.bats

# One call fails, in every 13th place; make check takes one in 451. And the
# builds of packagers.
check-faults: tests
	$(Q)FAULT_EVERY=13 SUITE_SECONDS=3600 tests/run \
		tests/netns/faults_sweep.bats tests/netns/long/build.bats

# A thousand swaps and more; make check does some 150.
check-swaps: tests
	$(Q)SWAP_SECONDS=150 tests/run tests/netns/swap.bats

# Forged SYNs by the million, a long wire, two CPUs; half an hour, and shows
# what it measured. make check does less of each.
check-handshake: tests
	$(Q)HANDSHAKE_SECONDS=60 FIGURES=1 SUITE_SECONDS=3600 tests/run \
		tests/netns/overshoot.bats tests/netns/exact.bats \
		tests/netns/long/charge.bats

$(BUILD)/mailweir: $(USER)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/user/%.o: user/%.c | $(BUILD)/mailweir.skel.h
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(filter $(BUILD)/user/kernel/%,$(USER)): $(BUILD)/mailweir.skel.h $(BUILD)/hook.skel.h

# Tests link what they name of this.
$(BUILD)/user.a: $(filter-out %/main.o,$(USER))
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/%.bpf.o: bpf/%.bpf.c
	$(call say,CLANG,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.bpf.o: tests/prog/%.bpf.c
	$(call say,CLANG,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.bpf.o: tests/bench/%.bpf.c
	$(call say,CLANG,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.skel.h: $(BUILD)/%.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf > $@

vpath test_%.c $(sort $(dir $(UNIT_SOURCES)))
$(UNIT): $(BUILD)/tests/%: %.c $(BUILD)/user.a
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP $(ALL_LDFLAGS) -o $@ $< \
		$(BUILD)/user.a -lcmocka $(LIBS)

$(PROG): $(BUILD)/tests/%: tests/prog/%.c $(BUILD)/mailweir.skel.h \
		$(BUILD)/clock.skel.h $(BUILD)/lookup.skel.h \
		$(BUILD)/clocks.skel.h $(BUILD)/flood.skel.h $(PURE)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP $(ALL_LDFLAGS) -o $@ $< $(PURE) \
		$(LIBS)

$(BUILD)/bench/%.o: tests/bench/%.c | $(BUILD)/bench.skel.h
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/tests/bench $(BUILD)/tests/test_bench: $(BUILD)/tests/%: \
		$(BUILD)/bench/%.o $(BUILD)/bench/load.o $(PURE)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(LIBS)

$(BUILD)/tests/deliver $(BUILD)/tests/surge: $(BUILD)/tests/%: \
		tests/bench/%.c $(BUILD)/%.skel.h
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP $(ALL_LDFLAGS) -o $@ $< $(LIBS)

$(BUILD)/fuzz/%.o: user/%.c | $(BUILD)/mailweir.skel.h
	$(call say,CLANG,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_CFLAGS) -MMD -MP -c -o $@ $<

# Where clang has no runtime there is none, and its suite says so.
$(BUILD)/fuzz/fuzz: tests/fuzz/fuzz.c $(FUZZED)
	$(call say,CLANG,$@)
	$(Q)$(CLANG) $(FUZZ_CFLAGS) -fsanitize=fuzzer -MMD -MP -o $@ $< \
		$(FUZZED) $(LIBS) || \
		{ echo "no fuzzer: see above" >&2; echo false > $@; \
		chmod +x $@; }

$(BUILD)/tests/synflood: $(wildcard tests/netns/synflood_*.c)

$(TOOLS): $(BUILD)/tests/%: tests/netns/%.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP $(ALL_LDFLAGS) -o $@ $(filter %.c,$^)

install: all
	install -D -m 755 $(BUILD)/mailweir $(DESTDIR)$(PREFIX)/sbin/mailweir
	install -d -m 755 $(DESTDIR)$(SYSCONFDIR)/mailweir/lists.d
	test -e $(DESTDIR)$(SYSCONFDIR)/mailweir/mailweir.conf || \
		install -m 644 scripts/etc/mailweir.conf \
		$(DESTDIR)$(SYSCONFDIR)/mailweir/mailweir.conf
	install -d -m 755 $(DESTDIR)$(UNITDIR)
	for unit in $(UNITS); do sed 's#@PREFIX@#$(PREFIX)#' scripts/systemd/$$unit \
		> $(DESTDIR)$(UNITDIR)/$$unit || exit 1; done

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/sbin/mailweir \
		$(addprefix $(DESTDIR)$(UNITDIR)/,$(UNITS))

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
