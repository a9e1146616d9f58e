# Every command of the project. `make help` lists them.

COMPONENTS = enrolments payments expiry deliveries users health pages expiry-cron delivery-cron
TARGET = wasm32-wasip2
UNIT = domain api spin-adapters describe host sandbox migrate
# Natively, cargo builds the workspace's default members: always the same set, for with
# another the engine would get other features and be compiled again.
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
	@./scripts/need-schemathesis
	cargo test --no-fail-fast

unit: ## the tests that take seconds: no components, no database server, no browser
	cargo test $(addprefix -p ,$(UNIT))

build: target ## build the components
	$(WASM)

target:
	@rustup target list --installed 2>/dev/null | grep -q $(TARGET) || rustup target add $(TARGET)

lint: target ## formatting, clippy and docs without a warning, licences and known faults of dependencies
	cargo fmt --all --check
	cargo clippy --all-targets -- -D warnings
	cargo clippy --release --target $(TARGET) $(addprefix -p ,$(COMPONENTS) floor) -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --document-private-items
	RUSTDOCFLAGS="-D warnings" cargo doc --release --target $(TARGET) $(addprefix -p ,$(COMPONENTS)) --no-deps
	@./scripts/deny

chaos: build ## kill everything for ten minutes under load; SEED=n sets the seed
	@./scripts/need-mariadb
	cargo test --test chaos -- --seconds 600 $${SEED:+--seed $$SEED}

order: build ## 100,000 events by writers that commit late, and who reads them; SEED=n sets the seed
	@./scripts/need-mariadb
	cargo test --test order -- --events 100000 $${SEED:+--seed $$SEED}

galera: build ## kill the writing node of a Galera cluster for SECONDS (120) under load; SEED=n sets the seed
	@./scripts/need-mariadb
	@./scripts/need-galera
	cargo test --test galera -- --seconds $${SECONDS:-120} $${SEED:+--seed $$SEED}

fuzz: build ## 20,000 requests made up from openapi.json; SEED=n sets the seed
	@./scripts/need-mariadb
	@./scripts/need-schemathesis
	cargo test --test fuzz -- --examples 800 --seed $${SEED:-$$(date +%s)}

bench: build ## the service beside what Spin itself costs and beside a native one; BASE=url measures an instance
	@./scripts/need-mariadb
	@./scripts/need-wrk
	$(WASM) -p floor
	cargo build
	target/debug/bench $${BASE:+--base $$BASE}

guard: build ## what each request costs, compared with tests/guard/values.json; UPDATE=1 writes it down
	@./scripts/need-mariadb
	cargo test --test guard -- $${UPDATE:+--update}

screenshots: build ## the pictures of the README
	@./scripts/need-chromium
	@./scripts/need-axe
	cargo test --test browser -- --screenshots

release-before: build ## at a release: keep its components, beside which the tests run those of the next
	@for c in enrolments payments deliveries; do \
	    gzip -9nc target/$(TARGET)/release/$$c.wasm >tests/release-before/$$c.wasm.gz; done
	@cp spin.toml tests/release-before/

openapi: ## write what openapi.json says of bodies and answers from the types in crates/api
	@cargo run --quiet --bin describe

migrate: ## bring the MySQL database of SPIN_VARIABLE_MYSQL_* up to date; NO_WAY_BACK=1 takes the last step
	@cargo build --quiet --bin migrate
	@target/debug/migrate $${NO_WAY_BACK:+--no-way-back}

takeover-check: ## what the Flask service left in that database; only reads
	@cargo build --quiet --bin migrate
	@target/debug/migrate --check
