# Haven: build, run, test. `make help` lists the targets.

# Every package that apt-get installs, named here and nowhere else.
BUILD_PACKAGES = gcc libc6-dev libevent-dev libpq-dev libjansson-dev libsodium-dev libinih-dev libutf8proc-dev libcsv-dev libxlsxwriter-dev \
	postgresql-15 postgresql-contrib tzdata procps curl
TEST_PACKAGES = libcriterion-dev chromium-headless-shell nodejs clang clang-tidy cppcheck libclang-rt-14-dev \
	unzip
# Debian's npm excludes a Node.js that brings its own npm, so it is installed only if there is no
# npm.
NPM_PACKAGE = $(if $(shell command -v npm),,npm)

SHELL = /bin/bash
.SHELLFLAGS = -eu -o pipefail -c
MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:

BUILD = build
CC = gcc
SANITIZE =
CFLAGS = -std=c11 -D_GNU_SOURCE -O2 -g -fPIE -MMD -MP -Iinclude -I$(BUILD)/gen -I/usr/include/postgresql \
	-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wwrite-strings -Wvla -Wcast-qual -Wformat=2 -Wconversion -Wno-sign-conversion -Wno-missing-field-initializers -fno-common \
	-Werror -fno-strict-aliasing -fno-strict-overflow -fno-delete-null-pointer-checks \
	-fstack-protector-strong -fstack-clash-protection -fcf-protection=full \
	$(if $(SANITIZE),$(SANITIZE) -fno-omit-frame-pointer -Wno-format-truncation,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
# Symbols are bound at the start: a late look-up would save all registers on the stack, with the
# secrets that were copied through them.
HARDENED = -Wl,-z,relro,-z,now,-z,noexecstack
LDFLAGS = -pie $(HARDENED) $(SANITIZE)
LIBS = -levent_core -lpq -ljansson -lsodium -linih -lutf8proc -lcsv -lxlsxwriter

LAYERS = base json sheet match decision seal db http vault audit serve board api web app process tool demo
SRC = $(sort $(foreach l,$(LAYERS),$(wildcard src/$(l)/*.c)))
SQL = $(sort $(wildcard src/*/*.sql))
GEN = $(BUILD)/gen/sql.c $(BUILD)/gen/embedded.c
OBJ = $(SRC:%.c=$(BUILD)/obj/%.o) $(GEN:%.c=%.o)

.PHONY: all help
all: $(BUILD)/havend $(BUILD)/haven  ## build the service and the operator's tool

help:  ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# Generated sources: statements, and every view, asset, migration and data file inside the binaries.
EMBED = $(sort $(wildcard src/web/views/*.html src/web/views/*/*.html src/web/assets/* \
	migrations/*.sql config/geography/* config/policy/* config/demo/*))

# A file that went away, or came with an old date, makes them anew too.
.PHONY: always
$(BUILD)/gen/%.list: always
	@mkdir -p $(@D)
	@echo '$($*)' | cmp -s - $@ || echo '$($*)' > $@

$(BUILD)/gen/sql.h $(BUILD)/gen/sql.c: src/db/embed.awk $(SQL) $(BUILD)/gen/SQL.list
	@mkdir -p $(BUILD)/gen
	awk -v out=$(BUILD)/gen/sql -f src/db/embed.awk $(SQL)
$(BUILD)/gen/embedded.c: src/base/embed.awk $(EMBED) $(BUILD)/gen/EMBED.list
	@mkdir -p $(BUILD)/gen
	LC_ALL=C awk -v list="$(EMBED)" -f src/base/embed.awk > $@

$(BUILD)/obj/%.o: %.c | $(BUILD)/gen/sql.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c $< -o $@
# The warning says that passing a lane depends on the processor. Only inlined functions take lanes.
$(BUILD)/obj/src/match/%.o: CFLAGS += -Wno-psabi
$(BUILD)/gen/%.o: $(BUILD)/gen/%.c
	$(CC) $(CFLAGS) -c $< -o $@

$(BUILD)/havend: $(BUILD)/obj/cmd/havend/main.o $(OBJ)
	$(CC) $(LDFLAGS) $^ $(LIBS) -o $@
$(BUILD)/haven: $(BUILD)/obj/cmd/haven/main.o $(BUILD)/obj/cmd/haven/commands.o $(OBJ)
	$(CC) $(LDFLAGS) $^ $(LIBS) -o $@

# Tests: one binary for each layer. Not PIE: Criterion passes parameters by address to a fresh
# process.
$(BUILD)/testobj/%.o: %.c | $(BUILD)/gen/sql.h
	@mkdir -p $(@D)
	$(CC) $(filter-out -fPIE,$(CFLAGS)) -fno-pie -Itests/support -c $< -o $@
PURE = $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard src/base/*.c src/match/*.c)) $(BUILD)/gen/embedded.o
SUPPORT = $(patsubst %.c,$(BUILD)/testobj/%.o,$(wildcard tests/support/*.c) cmd/haven/commands.c)
# They find the stand-ins first, and so does what loads them.
STAND_INS = -Wl,--disable-new-dtags,-rpath,'$$ORIGIN/lib'
$(BUILD)/test/lib/made: tests/support/stand-ins
	tests/support/stand-ins $(@D)
	@touch $@
define TEST_BINARY
$(BUILD)/test/$(1): $(patsubst %.c,$(BUILD)/testobj/%.o,$(wildcard tests/$(1)/*.c)) $(2) | $(BUILD)/test/lib/made
	@mkdir -p $$(@D)
	$(CC) -no-pie $(HARDENED) $(SANITIZE) $$^ $$(STAND_INS) $(3) -lcriterion -o $$@
endef
PURE_LAYERS = base match
SEAL = $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard src/seal/*.c)) $(BUILD)/testobj/tests/support/fresh_keys.o
$(foreach l,$(PURE_LAYERS),$(eval $(call TEST_BINARY,$(l),$(PURE),-linih)))
$(eval $(call TEST_BINARY,seal,$(SEAL) $(PURE),-lsodium -linih -lutf8proc))
# In its own tests the vault decides without a database.
DECIDED = -Wl,--wrap=sign_in_answer -Wl,--wrap=reveal_answer
$(eval $(call TEST_BINARY,vault,$(SUPPORT) $(OBJ),$(DECIDED) $(LIBS)))
# Households and places are invented as for matching.
INVENTED = $(patsubst %,$(BUILD)/testobj/tests/match/%.o,sample fitting)
$(eval $(call TEST_BINARY,decision,$(INVENTED) $(SUPPORT) $(OBJ),$(LIBS)))
$(foreach l,$(filter-out $(PURE_LAYERS) decision seal vault,$(LAYERS)),$(eval $(call TEST_BINARY,$(l),$(SUPPORT) $(OBJ),$(LIBS))))
FORGET = -Wl,--wrap=board_free -Wl,--wrap=threads_free
$(eval $(call TEST_BINARY,leaks,$(SUPPORT) $(OBJ),$(FORGET) $(LIBS)))

# ---- installing packages ----

.PHONY: deps test-deps
deps:
	@deploy/install-packages.sh $(BUILD_PACKAGES)
test-deps: deps
	@deploy/install-packages.sh $(TEST_PACKAGES) $(NPM_PACKAGE)

# ---- running ----

.PHONY: run stop
run: deps  ## install, build, start a private PostgreSQL under var/, migrate, load the demo, serve
	@$(MAKE) --no-print-directory -s -j2 all
	@deploy/run-local.sh $(BUILD) var

stop:  ## stop the private PostgreSQL of a `make run` that was killed
	@deploy/private-postgres.sh stop var

# ---- proving ----

.PHONY: test unit check browser asan leaks fuzz
test: test-deps  ## install, build, and pass everything
	@$(MAKE) --no-print-directory -s -j2 all
	@$(MAKE) --no-print-directory -s -j2 check unit-binaries
	@$(MAKE) --no-print-directory -s -j2 browser unit || { cat $(BUILD)/test/logs/failed; exit 1; }

TESTED = $(sort $(filter $(LAYERS),$(notdir $(patsubst %/,%,$(dir $(wildcard tests/*/test_*.c))))))
CHOSEN = $(or $(LAYER),$(TESTED))
unit: unit-binaries  ## unit, resource and socket tests; LAYER=api one layer, TEST='suite/name' those of a name
	@TEST='$(TEST)' tests/run $(BUILD) $(CHOSEN)
.PHONY: unit-binaries
unit-binaries: $(addprefix $(BUILD)/test/,$(CHOSEN)) $(BUILD)/haven

check: all  ## layers, purity, forbidden names, size budgets, statements, views, lint
	@tests/checks/run $(BUILD)

browser: all  ## the pages in Chromium, with axe, at 390 and 1,100 px
	@tests/browser/run $(BUILD)

ASAN = $(MAKE) --no-print-directory -s -j2 BUILD=build/asan \
	SANITIZE="-fsanitize=address,undefined -fno-sanitize-recover=undefined"
asan:  ## the tests under AddressSanitizer and UBSan; a leak fails them, and one on purpose must first
	@$(ASAN) leaks
	@$(ASAN) unit

fuzz: test-deps  ## hostile bytes by libFuzzer, FUZZ_SECONDS (60) for each parser
	@$(MAKE) --no-print-directory -s -j2 all
	@tests/fuzz/run $(BUILD)

leaks: $(BUILD)/test/leaks $(BUILD)/haven
	@tests/leaks/run $(BUILD)

# ---- measuring ----

BENCH_PACKAGES = wrk
PEER_PACKAGES = nodejs python3-fastapi python3-asyncpg uvicorn python3-uvloop python3-httptools
BENCH = $(addprefix $(BUILD)/bench/,needs static client open match routes)
BENCH_SPENDS = 20000
BENCH_RUN = $(MAKE) --no-print-directory -s -j2 all $(BENCH) && tests/bench/run $(BUILD)

.PHONY: bench bench-idle bench-size bench-stampede bench-fund bench-sanctuary bench-peers bench-deps
bench-deps: deps
	@deploy/install-packages.sh $(BENCH_PACKAGES)
bench: bench-deps  ## the speed figures, each beside its comparator, on a durable private PostgreSQL
	@$(BENCH_RUN)

bench-idle: bench-deps  ## what an idle service costs, beside one that polls every 20 ms
	@$(BENCH_RUN) idle
bench-stampede: bench-deps  ## 1,000,000 attempts on 1,000 units
	@ATTEMPTS=$${ATTEMPTS:-1000000}; export ATTEMPTS; $(BENCH_RUN) stampede
bench-fund: bench-deps  ## spends on 100 pots of the fund, BENCH_SPENDS (20000) of them at once; 1000000 is the figure
	@BENCH_SPENDS=$(BENCH_SPENDS); export BENCH_SPENDS; $(BENCH_RUN) fund
bench-sanctuary: bench-deps  ## the board of 10,000 jobs, and an act on a job against a hold of a place
	@$(BENCH_RUN) sanctuary
bench-size: bench-deps  ## every route of every role on a national set: 648,000 households, 2.2 GB
	@deploy/install-packages.sh nodejs
	@$(BENCH_RUN) size
bench-peers: bench-deps  ## the same questions to Fastify and FastAPI
	@deploy/install-packages.sh $(PEER_PACKAGES) $(NPM_PACKAGE)
	@$(BENCH_RUN) peers

$(BUILD)/bench/needs: $(BUILD)/obj/tests/bench/needs.o $(PURE)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $^ -linih -o $@
$(BUILD)/bench/match: $(BUILD)/obj/tests/bench/bench_match.o $(BUILD)/obj/tests/match/sample.o $(PURE)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $^ -linih -o $@
$(BUILD)/bench/client: $(BUILD)/obj/tests/bench/client.o $(BUILD)/obj/src/base/clock.o
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $^ -o $@
$(BUILD)/bench/open: $(BUILD)/obj/tests/bench/open.o $(BUILD)/obj/src/base/clock.o
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $^ -lm -o $@
$(BUILD)/bench/routes: $(BUILD)/obj/tests/bench/routes.o $(OBJ)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $^ $(LIBS) -o $@
EXCHANGED = app_tables decode_request match_index_search audit_item board_new board_refresh_soon
$(BUILD)/bench/static: $(BUILD)/obj/tests/bench/static.o $(OBJ)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $(EXCHANGED:%=-Wl,--wrap=%) $^ $(LIBS) -o $@
$(BUILD)/obj/tests/bench/bench_match.o $(BUILD)/obj/tests/match/sample.o: CFLAGS += -I.

# ---- failing on purpose ----

.PHONY: fault
fault: test-deps  ## kill, fill, slow and restart everything under load; no acknowledged write is lost
	@$(MAKE) --no-print-directory -s -j2 all $(BUILD)/fault/client
	@tests/fault/run $(BUILD)

$(BUILD)/fault/client: $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/fault/*.c)) $(PURE)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $^ -linih -o $@

.PHONY: clean
clean:  ## remove build/; var/ stays
	rm -rf build

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
