# rotated: build, test, try and install. `make` alone lists the targets.

SWIFT ?= swift
# Where things are installed; DESTDIR is put before every path, for packagers.
PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
BINDIR ?= $(PREFIX)/bin
UNITDIR ?= $(PREFIX)/lib/systemd/system
USERUNITDIR ?= $(PREFIX)/lib/systemd/user
CATALOGDIR ?= $(PREFIX)/lib/systemd/catalog
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
MANDIR ?= $(PREFIX)/share/man
BASHDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions
FISHDIR ?= $(PREFIX)/share/fish/vendor_completions.d
DATADIR ?= $(PREFIX)/share/rotated
DOCDIR ?= $(PREFIX)/share/doc/rotated
# The one place of the version.
VERSION := $(shell sed -n 's/.*number = "\(.*\)"$$/\1/p' Sources/Daemon/Reports/ProgramVersion.swift)
# Cuts of `make test-powercut`.
CUTS ?= 100
# Inputs of each target of `make fuzz`.
FUZZ_RUNS ?= 200000
# Where `make run` keeps its sample logs.
DEMO := /tmp/rotated-demo
# Its build has no optimizer, which takes two thirds of the time of the build for the tests.
DEMO_BUILD := .build/demo

# A static Swift runtime, so that the binaries run where no Swift is installed; no RUNPATH in a daemon of root's.
# No symbol is for others, so that the linker drops what nothing uses, and it folds functions that are equal. The table of
# relocations is packed (glibc 2.36), and what is left out of the layout stands in packaging/link.lds. What stands in for Foundation
# (packaging/FoundationEssentials.swift), and the static libstdc++ of which little is used, are found before those of the system.
STANDIN := .build/standin
RELEASE_FLAGS := -c release --static-swift-stdlib --disable-local-rpath -Xlinker -z -Xlinker now \
  -Xswiftc -use-ld=lld -Xlinker -z -Xlinker pack-relative-relocs -Xswiftc -I$(CURDIR)/$(STANDIN) -Xlinker $(CURDIR)/$(STANDIN)/FoundationEssentials.o \
  -Xlinker --version-script=$(CURDIR)/packaging/symbols.map -Xlinker --icf=safe -Xlinker --no-eh-frame-hdr \
  -Xlinker --script=$(CURDIR)/packaging/link.lds -Xswiftc -L$(CURDIR)/$(STANDIN)
# A target may import only what Package.swift says it depends on.
CHECK_FLAGS := --explicit-target-dependency-import-check error
RELEASE := .build/release
SOURCES := Package.swift packaging/FoundationEssentials.swift $(shell find Sources -type f -not -path '*.docc/*')

# Debian packages: what a build needs, and what the tests need besides.
BUILD_PACKAGES := libsystemd-dev libtomlplusplus-dev pkg-config
TEST_PACKAGES := gzip xz-utils bzip2 lz4 zstd mandoc strace xfsprogs btrfs-progs e2fsprogs util-linux systemd tzdata libfaketime logrotate \
  python3 python3-jsonschema
SYSTEM_PACKAGES := mmdebstrap systemd-container
DEB_PACKAGES := debhelper dpkg-dev fakeroot lintian
RPM_PACKAGES := rpm
POWERCUT_PACKAGES := python3 e2fsprogs xfsprogs mount util-linux gzip
PEER_PACKAGES := python3 strace logrotate gzip
BENCH_PACKAGES := logrotate time python3 gcc libc6-dev binutils strace valgrind e2fsprogs xfsprogs btrfs-progs gzip mount util-linux
SUITES ?= trixie bookworm

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
# SwiftPM uses every core by itself, and two of it in one tree would only wait for each other.
.NOTPARALLEL:
.PHONY: help run test test-truncate test-system test-powercut peer-matrix bench bench-quick build install install-files uninstall deb tarball \
  rpm deps test-deps system-deps deb-deps rpm-deps powercut-deps logrotate-corpus peer-deps bench-deps check-system check-units check-monitoring format \
  lint fuzz clean

help: ## print this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 22

run: deps ## try rotated on sample logs in /tmp/rotated-demo, until Ctrl-C
	@if [ ! -x $(DEMO_BUILD)/debug/rotated ]; then echo "Building rotated: about a minute and a half the first time, on two cores."; fi
	$(SWIFT) build --product rotated --scratch-path $(DEMO_BUILD) -Xswiftc -Onone
	if ! mkdir -p -m 700 $(DEMO) || [ -L $(DEMO) ] || [ ! -O $(DEMO) ]; then
	  echo "make: $(DEMO) belongs to another user; remove it, then run make again." >&2; exit 1
	fi
	echo "A script writes to three logs in $(DEMO), and rotated rotates them. Each line below is a rotation."
	echo "See 'ls -l $(DEMO)' in another terminal; Ctrl-C here ends both."
	config/demo-writer.sh $(DEMO) & writer=$$!
	$(DEMO_BUILD)/debug/rotated --config config/demo.toml --state $(DEMO)/state & daemon=$$!
	stop() { trap '' INT TERM; kill -TERM $$daemon $$writer 2>/dev/null || true; }
	trap stop INT TERM HUP EXIT
	# A signal ends the first wait early; the second one has the daemon's own exit code.
	status=0; wait $$daemon || status=$$?
	stop
	if [ $$status -gt 128 ]; then status=0; wait $$daemon || status=$$?; fi
	wait $$writer || true
	trap - EXIT
	exit $$status

test: test-deps ## all tests of the package; says at the end what was skipped
	@mkdir -p .build
	echo "Building rotated and its tests: about five minutes from scratch on two cores."
	$(SWIFT) build --build-tests $(CHECK_FLAGS) --quiet
	total=$$($(SWIFT) test list --skip-build 2>/dev/null | wc -l)
	echo "Running $$total tests: about ten minutes on two cores."
	Tests/run.sh 2>&1 | tee .build/test.log | sed -u 's/\x1b\[[0-9;]*m//g' | Tests/progress.sh $$total
	sed -i 's/\x1b\[[0-9;]*m//g' .build/test.log
	ran=$$(sed -n 's/.* Test run with \([0-9]*\) tests\? .*/\1/p' .build/test.log | awk "{ sum += \$$1 } END { print sum }")
	if [ "$$ran" != $$total ]; then echo "make: $$ran tests have run, and not $$total." >&2; exit 1; fi
	if grep -q '^➜ ' .build/test.log; then
	  echo "Skipped:"; grep '^➜ ' .build/test.log
	else
	  echo "Nothing was skipped."
	fi

test-system: ## the service, its package, and servers under load, under real systemds (SUITES="trixie bookworm"); needs root
	@if [ "$$(id -u)" != 0 ]; then
	  echo "Skipped: the system tests need root, to boot a systemd in namespaces."; exit 0
	fi
	$(MAKE) --no-print-directory deb system-deps
	Tests/system/run.sh .build/deb/rotated_$(VERSION)_*.deb $(SUITES)

test-kill: test-deps ## the kill matrix, and the failure matrix in all modes (make test has it in some); a quarter of an hour
	@$(SWIFT) build --build-tests $(CHECK_FLAGS) --quiet
	ROTATED_MATRIX=full $(SWIFT) test --skip-build --disable-xctest --filter 'KillMatrixTests|FailureMatrixTests' 2>&1 |
	  grep -E '^(kill|failure) matrix|^(✘|✔)|SKIPPED'

test-powercut: ## CUTS power cuts of ext4 and xfs under a busy daemon; needs root, and about five seconds a cut
	@if [ "$$(id -u)" != 0 ]; then
	  echo "Skipped: the power cuts need root, to mount file systems and shut them down."; exit 0
	fi
	$(MAKE) --no-print-directory build powercut-deps
	python3 Tests/powercut/powercut.py $(RELEASE)/rotated $(CUTS)

peer-matrix: peer-deps ## the kill matrix on logrotate: at how many points it ends right
	@python3 Tests/peers/logrotate_matrix.py

logrotate-corpus: $(if $(ROTATECTL),,build) peer-deps ## the logrotate files of some 60 Debian packages, read and rotated beside logrotate, by ROTATECTL or a release build; needs root
	@Tests/peers/logrotate_corpus.sh $(or $(ROTATECTL),$(RELEASE)/rotatectl)

test-truncate: test-deps ## 100 rotations under writers that never stop, for each file system and kind of writer; needs root
	@$(SWIFT) build --build-tests $(CHECK_FLAGS) --quiet
	ROTATED_TRUNCATIONS=100 $(SWIFT) test --skip-build --disable-xctest --filter TruncateStreamTests 2>&1 |
	  grep -E '^(truncating|skipped|✘|✔)'

bench: build bench-deps ## measure rotated beside logrotate, asyncio and bare system calls, in about 20 minutes
	@python3 Benchmarks/bench.py

bench-quick: build bench-deps ## the same with smaller numbers, in under 3 minutes
	@python3 Benchmarks/bench.py --quick

build: $(RELEASE)/rotated ## release binaries, .build/release/rotated and rotatectl

$(RELEASE)/rotated: $(SOURCES)
	@$(MAKE) --no-print-directory deps
	mkdir -p $(STANDIN)
	ln -sf "$$($(CXX) -print-file-name=libstdc++.a)" $(STANDIN)/libstdc++.a
	$(SWIFT)c -O -wmo -parse-as-library -module-name FoundationEssentials -emit-module -emit-module-path $(STANDIN)/FoundationEssentials.swiftmodule \
	  -c packaging/FoundationEssentials.swift -o $(STANDIN)/FoundationEssentials.o
	$(SWIFT) build $(RELEASE_FLAGS) $(CHECK_FLAGS)
	touch $@

install: build install-files ## program, units, manual pages and completions, below DESTDIR and PREFIX
	@echo "Installed. Put jobs into $(SYSCONFDIR)/rotated/conf.d, then: journalctl --update-catalog; systemd-sysusers; systemctl daemon-reload; systemctl enable --now rotated"

# What is installed, from binaries that are there. A config that is there stays.
install-files:
	@install -D -m 755 -t '$(DESTDIR)$(BINDIR)' $(RELEASE)/rotated $(RELEASE)/rotatectl
	install -D -m 644 -t '$(DESTDIR)$(CATALOGDIR)' systemd/rotated.catalog
	install -D -m 644 systemd/rotated.sysusers '$(DESTDIR)$(SYSUSERSDIR)/rotated.conf'
	install -d -m 755 '$(DESTDIR)$(UNITDIR)' '$(DESTDIR)$(USERUNITDIR)' '$(DESTDIR)$(SYSCONFDIR)/rotated/conf.d'
	place() {
	  sed -e 's|/usr/bin/|$(BINDIR)/|g' -e 's|/usr/share/doc/rotated/|$(DOCDIR)/|g' -e 's|/usr/share/rotated/|$(DATADIR)/|g' -e 's|/etc/rotated/|$(SYSCONFDIR)/rotated/|g' "$$1" >"$$2"
	  chmod 644 "$$2"
	}
	place systemd/rotated.service '$(DESTDIR)$(UNITDIR)/rotated.service'
	place systemd/user/rotated.service '$(DESTDIR)$(USERUNITDIR)/rotated.service'
	if [ ! -e '$(DESTDIR)$(SYSCONFDIR)/rotated/rotated.toml' ]; then
	  place packaging/rotated.toml '$(DESTDIR)$(SYSCONFDIR)/rotated/rotated.toml'
	fi
	place packaging/conf.d.README '$(DESTDIR)$(SYSCONFDIR)/rotated/conf.d/README'
	install -D -m 644 -t '$(DESTDIR)$(DOCDIR)' README.md CHANGELOG.md
	install -D -m 644 -t '$(DESTDIR)$(DOCDIR)/contracts' Sources/Daemon/Daemon.docc/{CrashSafety,Hooks,Limits,Logrotate,Retention,Schedules,Sizes}.md
	install -D -m 644 -t '$(DESTDIR)$(DOCDIR)/guides' docs/guides/*.md
	install -D -m 644 -t '$(DESTDIR)$(DOCDIR)/examples' config/rotated.toml config/four-jobs.toml systemd/notify-reload.conf systemd/strict.conf
	for page in docs/man/*; do install -D -m 644 -t "$(DESTDIR)$(MANDIR)/man$${page##*.}" "$$page"; done
	install -D -m 644 -t '$(DESTDIR)$(DATADIR)' Sources/Control/org.rotated.Manager.varlink config/rotated.schema.json \
	  config/monitoring/{alerts.yml,dashboard.json}
	install -D -m 755 packaging/logrotate '$(DESTDIR)$(DATADIR)/logrotate'
	install -D -m 644 config/completions/rotated.bash '$(DESTDIR)$(BASHDIR)/rotated'
	install -D -m 644 config/completions/rotated.zsh '$(DESTDIR)$(ZSHDIR)/_rotated'
	install -D -m 644 config/completions/rotated.fish '$(DESTDIR)$(FISHDIR)/rotated.fish'
	$(RELEASE)/rotatectl --generate-completion-script bash | sed '1{/^#!/d}' >'$(DESTDIR)$(BASHDIR)/rotatectl'
	$(RELEASE)/rotatectl --generate-completion-script zsh >'$(DESTDIR)$(ZSHDIR)/_rotatectl'
	$(RELEASE)/rotatectl --generate-completion-script fish >'$(DESTDIR)$(FISHDIR)/rotatectl.fish'
	chmod 644 '$(DESTDIR)$(BASHDIR)/rotatectl' '$(DESTDIR)$(ZSHDIR)/_rotatectl' '$(DESTDIR)$(FISHDIR)/rotatectl.fish'

uninstall: ## remove what install put there; the config stays
	@rm -f '$(DESTDIR)$(BINDIR)'/{rotated,rotatectl} '$(DESTDIR)$(UNITDIR)/rotated.service' '$(DESTDIR)$(USERUNITDIR)/rotated.service' \
	  '$(DESTDIR)$(CATALOGDIR)/rotated.catalog' '$(DESTDIR)$(SYSUSERSDIR)/rotated.conf' '$(DESTDIR)$(SYSCONFDIR)/rotated/conf.d/README' \
	  '$(DESTDIR)$(BASHDIR)'/{rotated,rotatectl} '$(DESTDIR)$(ZSHDIR)'/_{rotated,rotatectl} '$(DESTDIR)$(FISHDIR)'/{rotated,rotatectl}.fish
	for page in docs/man/*; do rm -f "$(DESTDIR)$(MANDIR)/man$${page##*.}/$${page##*/}"; done
	rm -rf '$(DESTDIR)$(DOCDIR)' '$(DESTDIR)$(DATADIR)'

deb: build deb-deps ## a Debian package of the release build, in .build/deb
	@packaging/build.sh deb $(VERSION) '$(CURDIR)/$(RELEASE)'

tarball: build ## the installed tree as an archive, in .build/tarball
	@packaging/build.sh tarball $(VERSION) '$(CURDIR)/$(RELEASE)'

rpm: build rpm-deps ## an RPM package, in .build/rpm; it was never installed anywhere
	@packaging/build.sh rpm $(VERSION) '$(CURDIR)/$(RELEASE)'

check-system: ## is there a Swift toolchain that is new enough?
	@found=$$($(SWIFT) --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' || true)
	read -r major minor <<<"$${found:-0 0}"
	if [ $$((major * 1000 + minor)) -lt 6002 ]; then
	  if [ -n "$$found" ]; then seen="Swift $$major.$$minor"; else seen="no Swift"; fi
	  echo "make: rotated needs Swift 6.2 or newer, but '$(SWIFT)' gives $$seen; get a toolchain from swift.org and put it in PATH." >&2
	  exit 1
	fi

# $(call need,PACKAGES,PROBE): has apt-get install those of the Debian packages that are missing. Where there is no
# dpkg, PROBE decides whether the same things came from another distribution's packages.
define need
	missing=
	if command -v dpkg-query >/dev/null; then
	  for package in $(1); do
	    [ "$$(dpkg-query -W -f '$${db:Status-Status}' $$package 2>/dev/null)" = installed ] || missing="$$missing $$package"
	  done
	elif ! { $(2); } 2>/dev/null; then
	  missing=" $(1)"
	fi
	if [ -z "$$missing" ]; then exit 0; fi
	if ! command -v apt-get >/dev/null; then
	  echo "make: these Debian packages, or what your distribution calls them, are missing, and there is no apt-get to install them:$$missing" >&2; exit 1
	fi
	root=
	if [ "$$(id -u)" != 0 ]; then
	  # Without a terminal sudo must not wait for a password.
	  root=sudo; [ -t 0 ] || root="sudo -n"
	  if ! command -v sudo >/dev/null; then
	    echo "make: packages are missing, and only root may install them; as root, run: apt-get install$$missing" >&2; exit 1
	  fi
	fi
	echo "Installing with apt-get:$$missing"
	$$root apt-get -qq update </dev/null || echo "make: apt-get update failed; trying with the package lists as they are." >&2
	$$root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 install --yes --no-install-recommends --no-remove $$missing </dev/null >/dev/null
endef

deps: check-system ## the Debian packages that a build needs, if some are missing
	@$(call need,$(BUILD_PACKAGES),pkg-config --exists libsystemd tomlplusplus)

test-deps: deps ## those that the tests need besides
	@$(call need,$(TEST_PACKAGES),command -v strace systemd-analyze)

system-deps: test-deps ## those that the system tests need besides
	@$(call need,$(SYSTEM_PACKAGES),command -v mmdebstrap systemd-nspawn)

deb-deps: ## those that make a Debian package
	@$(call need,$(DEB_PACKAGES),command -v dh dpkg-buildpackage lintian)

rpm-deps: ## those that make an RPM package
	@$(call need,$(RPM_PACKAGES),command -v rpmbuild)

powercut-deps: deps ## those that the power cuts need besides
	@$(call need,$(POWERCUT_PACKAGES),command -v python3 mkfs.ext4 mkfs.xfs unshare gzip)

peer-deps: ## those that the matrix of logrotate needs
	@$(call need,$(PEER_PACKAGES),command -v python3 strace logrotate gzip)

bench-deps: deps ## those that the benchmarks need besides
	@$(call need,$(BENCH_PACKAGES),command -v logrotate python3 cc objcopy strace valgrind mkfs.ext4 findmnt)

check-units: ## check the unit file with systemd-analyze; any message is a failure
	@Tests/system/check-units.sh

check-monitoring: ## run the unit tests of the alert rules with promtool, which is unpacked from Debian's prometheus and not installed
	@promtool=$$(command -v promtool || true)
	if [ -z "$$promtool" ]; then
	  mkdir -p .build/prometheus
	  promtool=.build/prometheus/usr/bin/promtool
	  [ -x $$promtool ] || (cd .build/prometheus && apt-get -qq download prometheus && dpkg -x prometheus_*.deb . && rm prometheus_*.deb)
	fi
	$$promtool check rules config/monitoring/alerts.yml
	$$promtool test rules config/monitoring/alerts.test.yml
	python3 -c 'import json; json.load(open("config/monitoring/dashboard.json"))'

format: check-system ## rewrites the sources in the house format
	@$(SWIFT) format --in-place --recursive Sources Tests Package.swift

lint: test-deps check-units ## format, house rules and unit file, changing nothing
	@$(SWIFT) format lint --strict --recursive Sources Tests Package.swift
	for script in config/*.sh packaging/*.sh Tests/*.sh Tests/system/*.sh .ci/run; do bash -n $$script; done
	$(SWIFT) build --build-tests $(CHECK_FLAGS) --quiet
	$(SWIFT) test --skip-build --disable-xctest --filter StyleTests --quiet

fuzz: check-system ## the parsers of calendars, time spans, archive names, states, logrotate's files and the control socket under libFuzzer, FUZZ_RUNS inputs each
	@mkdir -p .build/fuzz
	flags="-O -sanitize=fuzzer -parse-as-library -swift-version 6 -package-name rotated -strict-memory-safety"
	# The pure sources are modules of their own, so that nothing else has to be built for the fuzzer.
	g++ -std=c++17 -O2 -I Sources/CTOML/include -c Sources/CTOML/CTOML.cpp -o .build/fuzz/CTOML.o
	printf 'module CTOML {\n  umbrella "%s/Sources/CTOML/include"\n  export *\n}\n' '$(CURDIR)' >.build/fuzz/module.modulemap
	for module in Timekeeping Rotation Control Config; do
	  $(SWIFT)c $$flags -enable-upcoming-feature InternalImportsByDefault -wmo -I .build/fuzz -module-name $$module -emit-module -emit-module-path .build/fuzz/$$module.swiftmodule \
	    -c $$(find Sources/$$module -name '*.swift') -o .build/fuzz/$$module.o
	done
	for target in Calendar Timespan ArchiveName State Control Logrotate LogrotateState; do
	  name=$${target,,}
	  length=128
	  if [ $$target = Control ] || [ $$target = Logrotate ]; then length=1024; fi
	  sources="-I .build/fuzz .build/fuzz/Control.o .build/fuzz/Rotation.o .build/fuzz/Timekeeping.o"
	  case $$target in Logrotate*) sources="$$sources .build/fuzz/Config.o .build/fuzz/CTOML.o -lstdc++" ;; esac
	  if [ $$target = State ]; then
	    sources="$$sources Sources/Daemon/State/StateRecord.swift Sources/Daemon/Truncating/Truncation.swift"
	  fi
	  $(SWIFT)c $$flags -module-name Fuzz $$sources Tests/Fuzz/$${target}Fuzz.swift -o .build/fuzz/$$name
	  mkdir -p .build/fuzz/$$name.corpus
	  # The backtracer hangs in a process that the sanitizer has stopped.
	  SWIFT_BACKTRACE=enable=no .build/fuzz/$$name -runs=$(FUZZ_RUNS) -dict=Tests/Fuzz/$$name.dict -max_len=$$length \
	    -timeout=5 -artifact_prefix=.build/fuzz/$$name- -verbosity=0 -print_final_stats=1 .build/fuzz/$$name.corpus
	done

clean: ## removes everything that was built
	@rm -rf .build
