# SPDX-License-Identifier: Apache-2.0
# Fermata. `make help` lists the targets. Everything that is built goes to build/.
#
# Build-time needs (Debian 12 and later); also what the README and .ci/run use:
APT_PACKAGES := gcc make pkg-config clang llvm bpftool libbpf-dev libelf-dev zlib1g-dev \
	libyaml-dev libssl-dev libjansson-dev libpcre2-dev libcunit1-dev curl python3-minimal iproute2 jq

# Only for `make fuzz`, which says so when it is missing:
FUZZ_PACKAGES = libclang-rt-$(shell $(CLANG) -dumpversion | cut -d. -f1)-dev

PREFIX ?= /usr/local
DESTDIR ?=
CLANG ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool /sbin/bpftool) bpftool)
VERSION := 0.1.0
V ?= 0
Q := $(if $(filter 1,$(V)),,@)

B := build$(if $(SANITIZE),/sanitize)
PACKAGES := libbpf libelf zlib yaml-0.1 libcrypto jansson libpcre2-8
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wimplicit-fallthrough -Wno-unknown-pragmas -Wno-unused-function
CFLAGS ?= -O2 -g
PACKAGE_CFLAGS := $(shell pkg-config --cflags $(PACKAGES))
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -DFERMATA_VERSION='"$(VERSION)"' -DFERMATA_PREFIX='"$(PREFIX)"' \
	$(WARNINGS) -Iuser -Iinclude -I$(B) $(PACKAGE_CFLAGS) $(CFLAGS)
LIBS := $(shell pkg-config --libs $(PACKAGES))
ifdef SANITIZE
CFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS += -fsanitize=address,undefined
endif
BPF_CFLAGS := -g -O2 -mcpu=v3 -target bpf -D__TARGET_ARCH_x86 -Wall -Werror -Wno-unused-function \
	-Iinclude -Ibpf -idirafter /usr/include/$(shell $(CC) -print-multiarch)

SOURCES := $(wildcard user/*/*.c)
OBJECTS := $(SOURCES:%.c=$(B)/%.o)
UNIT_TESTS := $(wildcard tests/unit/*.c)
LIVE_SUBJECTS := $(filter-out $(B)/tests/live/liar,$(patsubst tests/live/subjects/%.c,$(B)/tests/live/%,$(wildcard tests/live/subjects/*.c))) \
	$(B)/tests/live/pidfds.so $(B)/tests/live/liar.so
LIVE_PROGRAMS := $(patsubst tests/live/programs/%.c,$(B)/tests/live/%,$(wildcard tests/live/programs/*.c))

.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:
.PHONY: all test test-unit test-live test-vm differential differential-vm budget bench-overhead bench-hooks \
	bench-native bench-replay bench-rules check evasions fuzz fuzz-packages lint format demo install clean help \
	apt-packages

all: $(B)/fermata ## build build/fermata (SANITIZE=1: with ASan and UBSan, in build/sanitize)

$(B)/fermata: $(B)/user/main.o $(B)/libfermata.a
	@echo "  LINK    $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/libfermata.a: $(OBJECTS)
	@echo "  AR      $@"
	$(Q)rm -f $@ && ar rcs $@ $^

SKELETON := $(B)/fermata.skel.h

$(B)/user/%.o: user/%.c | $(SKELETON)
	@echo "  CC      $<"
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(B)/user/sensor/%.o: $(SKELETON)

$(B)/%.bpf.o: bpf/%.bpf.c
	@echo "  BPF     $@"
	$(Q)mkdir -p $(@D) && $(CLANG) $(BPF_CFLAGS) -MMD -MP -c $< -o $@

$(B)/%.skel.h: $(B)/%.bpf.o
	$(Q)$(BPFTOOL) gen skeleton $< name $(notdir $*)_bpf >$@

# The product's kernel side whole, with a program that is handed events.
$(B)/tests/differential/differential.bpf.o: tests/differential/differential.bpf.c
	@echo "  BPF     $@"
	$(Q)mkdir -p $(@D) && $(CLANG) $(BPF_CFLAGS) -Itests/differential -MMD -MP -c $< -o $@

$(B)/tests/differential/%.o: tests/differential/%.c $(B)/tests/differential/differential.skel.h
	@echo "  CC      $<"
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -Itests/differential -MMD -MP -c $< -o $@

DIFFERENTIAL := $(B)/tests/differential/differential
$(DIFFERENTIAL): $(patsubst %.c,$(B)/%.o,$(filter-out %.bpf.c,$(wildcard tests/differential/*.c))) $(B)/libfermata.a
	@echo "  LINK    $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

test: all $(B)/unit $(LIVE_SUBJECTS) $(LIVE_PROGRAMS) $(DIFFERENTIAL) ## run every test that this machine can run
	$(Q)BUILD=$(B) tests/run

test-unit: all $(B)/unit ## run the unit tests
	$(Q)BUILD=$(B) tests/run unit

test-live: all $(LIVE_SUBJECTS) $(LIVE_PROGRAMS) $(DIFFERENTIAL) ## run the live tests on this kernel (needs root)
	$(Q)BUILD=$(B) tests/run live

test-vm: all $(LIVE_SUBJECTS) $(LIVE_PROGRAMS) $(DIFFERENTIAL) ## run the live tests under stock kernels, in guests (needs root and qemu)
	$(Q)BUILD=$(B) tests/run lab matrix

differential: all $(LIVE_SUBJECTS) $(DIFFERENTIAL) ## kernel against user side; EVENTS=200000, SEED= as printed (needs root)
	$(Q)BUILD=$(B) EVENTS=$(EVENTS) SEED=$(SEED) tests/live/run '^differential '

differential-vm: all $(LIVE_SUBJECTS) $(LIVE_PROGRAMS) $(DIFFERENTIAL) ## the same in a guest of kernel 6.1 (needs root and qemu)
	$(Q)BUILD=$(B) EVENTS=$(or $(EVENTS),200000) SEED=$(SEED) tests/matrix -p '^differential ' 6.1

budget: all $(LIVE_PROGRAMS) ## record anew what loading costs, on this kernel and in guests (needs root and qemu)
	$(Q)BUILD=$(B) tests/budget

bench-overhead: all $(B)/bench/workload ## what a watched system call costs, in instructions (needs root and qemu)
	$(Q)BUILD=$(B) tests/bench/overhead

bench-hooks: all $(B)/bench/workload ## what the hooks of each kind of event add to a system call (needs root and qemu)
	$(Q)BUILD=$(B) tests/bench/hooks

bench-native: all $(B)/bench/workload ## the same on this machine as it is, in nanoseconds (needs root)
	$(Q)BUILD=$(B) tests/bench/native

bench-rules: all $(B)/bench/workload ## what 10 to 4,000 rules cost, in instructions, and to compile (needs root and qemu)
	$(Q)BUILD=$(B) tests/bench/rules

SECONDS ?= 60
fuzz: ## run each fuzz target, for SECONDS=60 (needs clang's libFuzzer)
	$(Q)CLANG=$(CLANG) tests/fuzz/run $(SECONDS)

FUZZ_TARGETS := $(filter-out fuzz,$(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c)))
$(FUZZ_TARGETS:%=$(B)/%): $(B)/%: tests/fuzz/%.c tests/fuzz/fuzz.c tests/fuzz/fuzz.h $(B)/libfermata.a
	@echo "  CC      $@"
	$(Q)$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer $< tests/fuzz/fuzz.c $(B)/libfermata.a $(LIBS) -o $@

bench-replay: all $(B)/bench/recording ## events that replay evaluates in a second, with 1,000 rules
	$(Q)BUILD=$(B) tests/bench/replay

$(B)/bench/%: tests/bench/%.c
	@echo "  CC      $<"
	$(Q)mkdir -p $(@D) && $(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -O2 -static $< -o $@

$(B)/unit: $(UNIT_TESTS:%.c=$(B)/%.o) $(B)/libfermata.a
	@echo "  LINK    $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS) -lcunit

$(B)/tests/unit/%.o: tests/unit/%.c
	@echo "  CC      $<"
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -Itests/unit -MMD -MP -c $< -o $@

# Static, and never sanitized: they are the observed, and start fast.
$(B)/tests/live/%: tests/live/subjects/%.c
	@echo "  CC      $<"
	$(Q)mkdir -p $(@D) && $(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -O2 -static $(SUBJECT_FLAGS) $< -o $@
$(B)/tests/live/first: SUBJECT_FLAGS := -nostdlib
$(B)/tests/live/%.so: tests/live/subjects/%.c
	@echo "  CC      $@"
	$(Q)mkdir -p $(@D) && $(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -O2 -DPRELOAD -shared -fPIC $< -o $@

# These drive the sensor itself.
$(B)/tests/live/budget: PROGRAM_FLAGS = -DBPF_COMPILER='"$(shell $(CLANG) -dumpversion | cut -d. -f1)"'
$(LIVE_PROGRAMS): $(B)/tests/live/%: tests/live/programs/%.c $(wildcard tests/live/programs/*.h) $(B)/libfermata.a
	@echo "  CC      $<"
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) $(PROGRAM_FLAGS) $(LDFLAGS) $< $(B)/libfermata.a $(LIBS) -o $@

demo: all ## show Fermata catching and killing something real (needs root)
	$(Q)scripts/demo

evasions: all $(LIVE_SUBJECTS) $(LIVE_PROGRAMS) ## every evasion on every tier, as a matrix (needs root and qemu)
	$(Q)BUILD=$(B) tests/matrix -p "$$(tests/catalogue --pattern)" 6.1 6.12 7.3 7.3/nobpf 7.3/portable | tests/catalogue -

check: ## compare the catalogue of evasions with the tests that are there
	$(Q)tests/catalogue

lint: ## clang-format, clang-tidy, cppcheck, shellcheck
	$(Q)scripts/lint

format: ## format the sources
	$(Q)clang-format -i $$(git ls-files '*.c' '*.h')

install: all ## install into $(DESTDIR)$(PREFIX)
	install -D -m 755 $(B)/fermata $(DESTDIR)$(PREFIX)/bin/fermata
	cd rules && find . -name '*.yml' -exec install -D -m 644 {} $(DESTDIR)$(PREFIX)/share/fermata/rules/{} \;

clean: ## remove build/
	rm -rf build

fuzz-packages:
	@echo $(FUZZ_PACKAGES)

apt-packages: ## print what a Debian machine needs for building
	@echo $(APT_PACKAGES)

help: ## this list
	@sed -n 's/^\([a-z][a-z-]*\):[^#]*## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 16

-include $(shell find $(B) -name '*.d' 2>/dev/null)
