# make run    a gateway that delivers to the built-in sandbox; nothing leaves the machine
# make test   lint, build, all tests
# Every target installs the Debian packages that it lacks.

SHELL := /bin/bash
.DELETE_ON_ERROR:

CONFIG ?= Config/gateway.yaml
BINARY := .build/release/journey-gateway

.PHONY: run
run: build
	@Scripts/try-lines
	@exec $(BINARY) serve --dry-run --watch --config $(CONFIG)

.PHONY: build
build: packages
	@swift build -c release --static-swift-stdlib --product journey-gateway

.PHONY: test
test: test-packages lint
	@swift build --build-tests
	@swift test --skip-build

.PHONY: lint
lint:
	@swift format lint --strict --parallel --recursive Package.swift Sources Tests Benchmarks Fuzz

.PHONY: format
format:
	@swift format format --in-place --parallel --recursive Package.swift Sources Tests Benchmarks Fuzz

# The suites of others, wherever their folder is: make conformance JOURNEY_GATEWAY_CONFORMANCE=…
.PHONY: conformance
conformance: test-packages
	@swift build --build-tests
	@swift test --skip-build --filter Conformance

# The server's tests under the thread sanitizer, and rules that several threads share.
.PHONY: sanitize
sanitize: test-packages
	@swift build --build-tests --sanitize=thread --scratch-path .build-thread
	@TSAN_OPTIONS=halt_on_error=1 swift test --skip-build --sanitize=thread --scratch-path .build-thread --filter "HTTPServerTests|ConcurrencyTests|many threads"

# Other people's clients against the door: curl, wrk, hey, nginx, Python, Node and Chromium, over plain HTTP and TLS.
.PHONY: clients
clients: build
	@Scripts/install-packages Scripts/packages.clients
	@Scripts/clients $(BINARY)

# A well-behaved client beside slow, churning and resetting ones; some eight minutes.
.PHONY: hostile
hostile: build
	@Scripts/install-packages Scripts/packages.hostile
	@Scripts/hostile $(BINARY)

# The door's TLS, graded by testssl.sh; some five minutes.
.PHONY: testssl
testssl: build
	@Scripts/install-packages Scripts/packages.testssl
	@Scripts/testssl $(BINARY)

# The pages that are printed from what the gateway works with.
.PHONY: docs
docs: packages
	@swift build --product journey-gateway
	@.build/debug/journey-gateway show functions --markdown > Docs/functions.md

# phone() against PyPI's phonenumbers of the same metadata, over 3,000 numbers of 30 regions.
.PHONY: phone-numbers
phone-numbers: packages
	@Scripts/install-packages Scripts/packages.phone-numbers
	@swift build --product journey-gateway
	@test -d .build/phone-numbers || python3 -m venv .build/phone-numbers
	@.build/phone-numbers/bin/pip install --quiet --disable-pip-version-check phonenumbers==8.12.57
	@.build/phone-numbers/bin/python Scripts/phone-numbers.py compare 100 .build/debug/journey-gateway

# make simulate SEED=17 replays one seed; make simulate COUNT=10000 runs that many, on all cores, built for speed.
.PHONY: simulate
simulate: packages
	@SEED=$(SEED) COUNT=$(COUNT) swift test -c release -Xswiftc -enable-testing --scratch-path .build-simulate --filter Simulation

# make fuzz MINUTES=60 divides the time over the targets; make fuzz MINUTES=5 TARGETS="json expressions" over these.
MINUTES ?= 10
.PHONY: fuzz
fuzz: packages
	@Scripts/fuzz $(MINUTES) $(TARGETS)

# What Benchmarks/README.md describes: medians of ROUNDS interleaved rounds, each run SECONDS_A_RUN long.
.PHONY: benchmark
benchmark: benchmark-http benchmark-durable benchmark-delivery benchmark-rules

.PHONY: benchmark-http benchmark-rules
benchmark-http benchmark-rules: benchmark-programs
	@Benchmarks/$(subst -,_,$@).py

.PHONY: benchmark-durable benchmark-delivery
benchmark-durable benchmark-delivery: benchmark-programs build
	@Benchmarks/$(subst -,_,$@).py

.PHONY: benchmark-programs
benchmark-programs: packages
	@Scripts/install-packages Scripts/packages.benchmark
	@swift build --package-path Benchmarks --scratch-path .build-benchmarks -c release --static-swift-stdlib

# The release build at its real pace, against the sandbox: 20,000 deliveries at 1,000 a minute (some 22 minutes), and
# with BULK=20 in calls for so many.
.PHONY: flash-sale
flash-sale: build
	@JOURNEY_GATEWAY_BINARY=$(CURDIR)/$(BINARY) TRIAL=flash-sale BULK=$(BULK) swift test --filter FlashSaleTrial

# make throughput COUNT=1000000 delivers that many as fast as they go, each with its durable outcome.
.PHONY: throughput
throughput: build
	@JOURNEY_GATEWAY_BINARY=$(CURDIR)/$(BINARY) TRIAL=throughput COUNT=$(COUNT) swift test --filter ThroughputTrial

# What a delivery costs with 1,000 and with 1,000,000 due; some 3 minutes.
.PHONY: backlog
backlog: build
	@JOURNEY_GATEWAY_BINARY=$(CURDIR)/$(BINARY) TRIAL=backlog LARGE=$(LARGE) SMALL=$(SMALL) swift test --filter BacklogTrial

# make crash-soak COUNT=100 kills the release build so many times while it delivers; SEED draws the moments.
.PHONY: crash-soak
crash-soak: build
	@JOURNEY_GATEWAY_BINARY=$(CURDIR)/$(BINARY) TRIAL=crash-soak COUNT=$(COUNT) SEED=$(SEED) swift test --filter CrashSoak

# Runs the tasks of Docs/operations.md against the sandbox, and writes the page anew from what came out.
.PHONY: operations
operations: build test-packages
	@Scripts/operations $(BINARY) > .build/operations.md
	@mv .build/operations.md Docs/operations.md

# Builds the image's runtime file tree from the Dockerfile's own package list and runs the gateway in it.
.PHONY: image-check
image-check: build
	@Scripts/image-check $(BINARY)

.PHONY: packages
packages:
	@Scripts/install-packages Scripts/packages.build

.PHONY: test-packages
test-packages: packages
	@Scripts/install-packages Scripts/packages.test

.PHONY: clean
clean:
	rm -rf .build .build-*
