# tspod's workshop. `make help` lists what there is.
PREFIX ?= /usr/local
DESTDIR ?=
libdir = $(DESTDIR)$(PREFIX)/lib/tspod
bindir = $(DESTDIR)$(PREFIX)/bin

sources := $(shell find src -name '*.ts' 2>/dev/null)
native_sources := binding.gyp $(shell find native -path native/build -prune -o \
	'(' -name '*.[ch]' -o -name '*.cc' -o -name Makefile ')' -print)
c_sources := $(filter-out %/Makefile binding.gyp,$(native_sources)) $(wildcard test/bench/limit/*.[ch])
modules = node_modules/.package-lock.json
vitest = node_modules/.bin/vitest run
# Where Node's own headers are: without it, node-gyp fetches them.
nodedir = $${npm_config_nodedir:-$$(node -p 'path.dirname(path.dirname(process.execPath))')}
ROUNDS ?= 20
example = examples/hello.yaml
# What the demo runs: make demo TSPOD="bin/tspod --root DIR" keeps out of the machine's own pods.
TSPOD ?= bin/tspod
images := $(patsubst rootfs/recipes/%.mjs,image-%,$(wildcard rootfs/recipes/*.mjs))

.PHONY: help build demo test test-unit test-root lint format bench bench-images install uninstall clean \
	requirements requirements-test need-root

help: ## this list
	@awk -F':.*## ' '/^[a-z$$()-]+:.*## / { sub(/\$$\(images\)/, "image-NAME"); printf "  make %-12s %s\n", $$1, $$2 }' Makefile

build: requirements dist/.native dist/tspod.cjs dist/images/busybox/index.json ## everything that bin/tspod needs

requirements:
	@scripts/requirements.sh build

requirements-test:
	@scripts/requirements.sh test

$(modules): package.json package-lock.json | requirements
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

dist/.native: $(native_sources) $(modules)
	@mkdir -p dist && npm_config_nodedir=$(nodedir) flock dist/.lock $(MAKE) --no-print-directory -C native
	@touch $@

dist/tspod.cjs: $(sources) $(modules) scripts/bundle.mjs scripts/explain-texts.mjs docs/error-codes.md scripts/entry.cjs scripts/code-cache.cjs tsconfig.json $(example)
	node scripts/bundle.mjs

dist/images/busybox/index.json: rootfs/build.mjs $(wildcard rootfs/lib/* rootfs/recipes/*) $(modules)
	node rootfs/build.mjs
	@touch $@

# Named one by one: a bare image-% would also match src/**/image-*.ts, and "make" those.
.PHONY: $(images)
$(images): image-%: $(modules) ## an image from the distribution's packages: image-nginx, image-redis, …
	node rootfs/build.mjs $*

demo: build ## build, then run examples/hello.yaml (root)
	@$(MAKE) --no-print-directory need-root what=demo why="Everything is built. Starting a pod needs root"
	@echo '$$ tspod run $(example)'
	@$(TSPOD) run $(example)

# Lint runs beside the tests, most of which wait. A clean one says one line: what failed is to stand last.
test: need-root-test build requirements-test ## lint and all tests, those of the kernel included (root)
	@mkdir -p build; nice $(MAKE) --no-print-directory lint >build/lint.log 2>&1 & lint=$$!; \
	  trap 'kill $$lint' INT TERM; $(vitest); tests=$$?; \
	  wait $$lint && echo "lint: clean" || { cat build/lint.log; exit 1; }; exit $$tests

test-unit: $(modules) ## the tests that need no root
	$(vitest) --project unit

test-root: need-root-test build requirements-test ## the tests on the real kernel only (root)
	$(vitest) --project '!unit'

need-root:
	@[ "$$(id -u)" = 0 ] || { echo "make $(what): $(why). Run: sudo make $(what)" >&2; exit 1; }

.PHONY: need-root-test
need-root-test:
	@[ "$$(id -u)" = 0 ] || { echo "make test: the tests on the real kernel need root. Run: sudo make test" >&2; \
	  echo "Nothing was run. The tests that need no root: make test-unit" >&2; exit 1; }

lint: requirements-test $(modules) ## biome, tsc; clang-format and cppcheck for the C
	node_modules/.bin/biome check --error-on-warnings .
	node_modules/.bin/tsc --noEmit
	clang-format --dry-run --Werror $(c_sources)
	@$(MAKE) --no-print-directory -j"$$(nproc)" --output-sync=target -C native check
	cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability --inline-suppr \
	  --suppress=missingIncludeSystem -D__x86_64__ -D_GNU_SOURCE native/unpack test/bench/limit

format: $(modules) ## rewrite sources in the one format
	node_modules/.bin/biome check --write .
	clang-format -i $(c_sources)

chaos: build ## kill everything at any moment for ten minutes under thirty pods (root)
	@$(MAKE) --no-print-directory need-root what=chaos why="Starting pods needs root"
	TSPOD_CHAOS_SECONDS=$(or $(SECONDS_OF_CHAOS),600) TSPOD_CHAOS_PODS=30 node_modules/.bin/vitest run --project e2e test/e2e/chaos.test.ts

bench: build ## times, beside the physical limit and the peers that are installed (root)
	@$(MAKE) --no-print-directory need-root what=bench why="Starting pods needs root"
	node_modules/.bin/esbuild test/bench/main.ts --bundle --platform=node --format=esm --log-level=warning --outfile=build/bench/main.mjs
	@node build/bench/main.mjs --rounds $(ROUNDS)

bench-images: build ## pull and unpack beside podman, skopeo and umoci, where installed (root)
	@$(MAKE) --no-print-directory need-root what=bench-images why="The registry and the peers need root"
	node_modules/.bin/esbuild test/bench/image.ts --bundle --platform=node --format=esm --log-level=warning --outfile=build/bench/image.mjs
	@node build/bench/image.mjs

install: build ## put tspod below PREFIX (/usr/local)
	install -d $(libdir)/images $(bindir)
	install -m 0644 dist/app-*.* dist/tspod.node $(libdir)/
	install -m 0755 dist/tspod-helper dist/tspod-unpack $(libdir)/
	cp -R dist/images/. $(libdir)/images/
	install -m 0644 dist/tspod.cjs $(libdir)/
	@cd $(libdir) && for old in app-*; do [ -e $(CURDIR)/dist/$$old ] || rm $$old; done
	install -m 0755 bin/tspod $(bindir)/tspod

uninstall: ## remove what `make install` put there
	rm -rf $(libdir)
	rm -f $(bindir)/tspod

clean: ## remove what the build made
	@[ ! -e native/Makefile ] || $(MAKE) --no-print-directory -C native clean
	rm -rf dist build coverage rootfs/out
