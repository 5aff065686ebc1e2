# make help lists what there is. Two targets are all that a newcomer needs:
#   make shell   builds keg and opens a shell in a container
#   make test    installs what the tests need and passes them

# sudo and cron drop /usr/local/go/bin from PATH, so look there as well.
GO      ?= $(firstword $(shell command -v go 2>/dev/null) $(wildcard /usr/local/go/bin/go))
VERSION ?= $(or $(shell git describe --tags --dirty 2>/dev/null),0.0.0-dev)
COMMIT  ?= $(shell git describe --always --dirty --exclude='*' 2>/dev/null)
LDFLAGS  = -s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)
TOOL     = $(GO) tool -modfile=tools/go.mod
OUT      = keg
N       ?= 60
FUZZTIME ?= 30s
ENGINES ?= . $(sort $(notdir $(patsubst %/,%,$(dir $(wildcard test/engines/*/*_test.go)))))

# Where make install puts things, by the GNU conventions: PREFIX=/usr or
# bindir=/opt/bin move them, and DESTDIR comes in front of all.
PREFIX      = /usr/local
BINDIR      = $(prefix)/bin
prefix      = $(PREFIX)
bindir      = $(BINDIR)
datarootdir = $(prefix)/share
mandir      = $(datarootdir)/man
docdir      = $(datarootdir)/doc/keg
bashcompletiondir = $(datarootdir)/bash-completion/completions
zshcompletiondir  = $(datarootdir)/zsh/site-functions
fishcompletiondir = $(datarootdir)/fish/vendor_completions.d
INSTALL = OUT='$(OUT)' LDFLAGS="$(LDFLAGS)" DESTDIR='$(DESTDIR)' bindir='$(bindir)' mandir='$(mandir)' \
	docdir='$(docdir)' bashcompletiondir='$(bashcompletiondir)' zshcompletiondir='$(zshcompletiondir)' \
	fishcompletiondir='$(fishcompletiondir)' packaging/install

MAINTAINER ?= The keg project <keg-project@users.noreply.github.com>

export GO
# What ships has no cgo; the same setting everywhere keeps one build cache.
export CGO_ENABLED = 0

.DEFAULT_GOAL = build
.PHONY: help build install uninstall packages shell test engines boot conformance arm64 lint bench fuzz mutation generate check soak clean go

help: ## list the targets
	@awk -F ': .*## ' '/^[a-z0-9]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: go ## build ./keg, one static binary
	@$(GO) build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)' -o $(OUT) ./cmd/keg

install: build ## install keg, manual pages and completions; PREFIX=/usr/local DESTDIR=
	@$(INSTALL)

uninstall: build ## remove what make install has installed
	@$(INSTALL) remove

packages: go ## make .deb, .rpm and .tar.gz for each architecture, in dist/
	@$(GO) -C packaging run . -version '$(VERSION)' -commit '$(COMMIT)' -maintainer '$(MAINTAINER)' -to '$(CURDIR)/dist'

shell: build ## open a shell in a container; make shell CMD='echo hi' runs that instead
	@test/setup busybox
	@./keg shell $(if $(CMD),-- sh -c "$$CMD")
shell: override export CMD := $(value CMD)

test: go ## install what the tests need, then run them: as root, and as an ordinary user
	@test/setup
	@$(GO) test ./...
	@CGO_ENABLED=1 $(GO) -C test/seccomp test ./...
	@if [ "$$(id -u)" = 0 ]; then test/as-user ./...; fi

boot: go ## boot machines whose first process is keg, in qemu
	@test/setup kernel
	@KEG_BOOT=1 $(GO) test -count=1 -timeout 20m -v ./test/boot/vm

# Those with a go.mod of their own bring what keg does not.
engines: export KEG_ENGINES = 1
engines: go ## run real engines on keg (as root, by daemons of the tests' own); ENGINES='docker cri' chooses
	@test/setup
	@test/setup engines
	@$(GO) test $(V) -count=1 -timeout 60m $(foreach e,$(sort $(ENGINES)),$(if $(wildcard test/engines/$e/go.mod),,./test/engines/$e))
	@$(foreach e,$(sort $(ENGINES)),$(if $(wildcard test/engines/$e/go.mod),$(GO) -C test/engines/$e vet ./... && $(GO) -C test/engines/$e test $(V) -count=1 -timeout 60m ./... &&)) true

conformance: go ## pass the OCI's validation programs, beside runc and crun (as root)
	@test/setup
	@$(GO) -C test/conformance vet ./...
	@$(GO) -C test/conformance test -count=1 -timeout 30m -v ./...

arm64: go ## test the other architecture's assembly under qemu
	@GOARCH=arm64 $(GO) test -c -o bin/initvm.arm64 ./initvm
	@KEG_EMULATOR=$$(command -v qemu-aarch64-static) qemu-aarch64-static bin/initvm.arm64 -test.v
	@GOARCH=arm64 $(GO) test -c -o bin/relay.arm64 ./relay
	@qemu-aarch64-static bin/relay.arm64 -test.v -test.run OtherProgram

lint: go ## gofmt, vet for both architectures, staticcheck, house style, shellcheck
	@test/lint

bench: build ## compare with runc and crun; N=10 sets the rounds, BENCH='-ops run' adds flags
	@$(GO) build -o bin/bench ./test/bench
	@bin/bench -n $(N) -keg ./keg $(BENCH)

fuzz: go ## run every fuzz target for FUZZTIME (30s)
	@test/fuzz $(FUZZTIME)

mutation: go ## show that the tests of each defence fail without it (as root)
	@$(GO) run ./test/mutation

generate: go ## make the generated files anew
	@$(GO) generate ./...
	@$(GO) -C test/conformance generate ./...

check: lint ## lint, generated files up to date, all tests
	@test/generated
	@$(MAKE) --no-print-directory test

soak: export KEG_SOAK = 1
soak: export KEG_MUST_RUN = 1
soak: go ## the stress tests with their full counts (long)
	@test/setup
	@$(GO) test -count=1 -timeout 60m ./...
	@if [ "$$(id -u)" = 0 ]; then env -u KEG_SOAK $(GO) run ./test/mutation; fi
	@if [ "$$(id -u)" = 0 ]; then LIMIT=7200 VM_TIMEOUT=0 test/vm; fi
	@CGO_ENABLED=1 $(GO) -C test/seccomp test -count=1 -timeout 30m ./...
	@if [ "$$(id -u)" = 0 ]; then $(MAKE) --no-print-directory conformance engines; fi

clean: ## remove what was built
	@rm -rf keg bin dist

# Says what is wrong with the Go found, instead of letting the compiler guess.
go:
	@test/go-version
