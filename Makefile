# Every command of the project. `make help` lists them.

COMPONENTS = enrolments payments expiry deliveries operators health pages expiry-cron delivery-cron
TARGET = wasm32-wasip2
UNIT = domain api spin-adapters host sandbox migrate
# Native builds always use the workspace's default members: with another set, the engine would
# have other features and be compiled again.
BENCH = --manifest-path bench/Cargo.toml
WASM = cargo build --release --target $(TARGET) $(addprefix -p ,$(COMPONENTS))

.PHONY: help up test unit build target lint openapi migrate chaos order galera fuzz screenshots takeover-check guard bench release-before

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

up: ## build and start everything: the service on :3000, the sandbox on :3001
	@./scripts/up

test: build ## run every test, on SQLite and on a private MariaDB
	@./scripts/need-mariadb
	@./scripts/need-galera
	@./scripts/need-chromium
	@./scripts/need-axe
	@./scripts/need-proxies
	@./scripts/need-promtool
	@./scripts/need-schemathesis
	@./scripts/need-clients
	cargo test --no-fail-fast

unit: ## the tests that take seconds: no components, no database server, no browser
	cargo test $(addprefix -p ,$(UNIT))

build: target ## build the components
	$(WASM)

target:
	@rustup target list --installed 2>/dev/null | grep -q $(TARGET) || rustup target add $(TARGET)

lint: target ## formatting, clippy, documentation, words, licences and advisories of dependencies
	cargo fmt --all --check
	cargo fmt --check $(BENCH) -p bench -p floor -p native
	cargo clippy --all-targets -- -D warnings
	cargo clippy --release --target $(TARGET) $(addprefix -p ,$(COMPONENTS)) -- -D warnings
	cargo clippy $(BENCH) --locked --all-targets -- -D warnings
	cargo clippy $(BENCH) --locked --release --target $(TARGET) -p floor -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --document-private-items
	RUSTDOCFLAGS="-D warnings" cargo doc --release --target $(TARGET) $(addprefix -p ,$(COMPONENTS)) --no-deps
	@./scripts/spelling
	@./scripts/words
	@./scripts/deny

chaos: build ## kill everything for ten minutes under load; SEED=n sets the seed
	@./scripts/need-mariadb
	cargo test --test stress -- chaos --seconds 600 $${SEED:+--seed $$SEED}

order: build ## 100,000 events from writers that commit late: readers get each event once; SEED=n sets the seed
	@./scripts/need-mariadb
	cargo test --test stress -- order --events 100000 $${SEED:+--seed $$SEED}

galera: build ## kill the writing node of a Galera cluster for SECONDS (120) under load; SEED=n sets the seed
	@./scripts/need-mariadb
	@./scripts/need-galera
	cargo test --test stress -- galera --seconds $${SECONDS:-120} $${SEED:+--seed $$SEED}

fuzz: build ## 20,000 requests generated from openapi.json; SEED=n sets the seed
	@./scripts/need-mariadb
	@./scripts/need-schemathesis
	cargo test --test stress -- fuzz --examples 800 --seed $${SEED:-$$(date +%s)}

bench: build ## the service compared with Spin alone and with a native service; SPIN=program measures on Spin, BASE=url an instance
	@./scripts/need-mariadb
	@./scripts/need-wrk
	cargo build $(BENCH) --release --target $(TARGET) -p floor
	cargo build $(BENCH) --profile native
	bench/target/native/bench $${BASE:+--base $$BASE} $${SPIN:+--spin $$SPIN}

guard: build ## the cost of each request, compared with tests/guard/values.json; UPDATE=1 updates the file
	@./scripts/need-mariadb
	cargo test --test guard -- $${UPDATE:+--update}

screenshots: build ## the pictures of the README
	@./scripts/need-chromium
	@./scripts/need-axe
	cargo test --test browser -- --screenshots

release-before: build ## at a release: keep its components for the tests of the next release
	@for c in enrolments payments deliveries; do \
	    gzip -9nc target/$(TARGET)/release/$$c.wasm >tests/release-before/$$c.wasm.gz; done
	@cp spin.toml tests/release-before/

openapi: ## generate the schemas and shared responses of openapi.json from the types in crates/api
	@UPDATE=1 cargo test --quiet -p api --test openapi openapi_json

migrate: ## migrate the MySQL database of SPIN_VARIABLE_MYSQL_*; NO_WAY_BACK=1 includes the last step
	@cargo build --quiet --bin migrate
	@target/debug/migrate $${NO_WAY_BACK:+--no-way-back}

takeover-check: ## report on the Flask service's data in that database; reads only
	@cargo build --quiet --bin migrate
	@target/debug/migrate --check
