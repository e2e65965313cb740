# Two commands are enough: `make run` and `make test`. Both make the virtual environment they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHARED ?= ../shared
CASES ?= cases
SEEDS ?= 1 2 3
# More than the processors: most tests wait for a server. Only here: one file alone is faster without.
TESTS_AT_ONCE ?= 6

.PHONY: run test check compiled evaluate conformance deb deb-test format clean

run: $(VENV)/.ready-run ## the hub, a gateway and a simulated home, until Ctrl-C
	@exec $(BIN)/python deploy/demo/run.py

test: $(VENV)/.ready-dev check ## everything that must hold, on real servers
	@$(BIN)/python tests/needs.py
	$(BIN)/python -m pytest -n $(TESTS_AT_ONCE) --dist worksteal

check: $(VENV)/.ready-dev ## types, style and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

compiled: $(VENV)/.ready-dev ## the engine compiled anew, after its sources were changed
	$(BIN)/python deploy/compiling/engine.py
	@$(BIN)/python -m sensor_hub.compiled

evaluate: $(VENV)/.ready-dev ## the detectors against known episodes in real homes
	@test -d $(SHARED)/evaluation || { echo "make evaluate: $(SHARED)/evaluation is missing; it holds the homes and the scoring" >&2; exit 1; }
	test -d $(CASES) || $(BIN)/python $(SHARED)/evaluation/evaluate.py build --seeds $(SEEDS) --out $(CASES)
	$(BIN)/python $(SHARED)/evaluation/evaluate.py run $(CASES) --command "$(BIN)/sensor-hub replay {home} {readings} --alerts {alerts}"

conformance: $(VENV)/.ready-dev ## the gateway's decoders against messages of real devices
	@test -d $(SHARED)/corpora || { echo "make conformance: $(SHARED)/corpora is missing; it holds the messages" >&2; exit 1; }
	$(BIN)/python $(SHARED)/corpora/check.py $(SHARED)/corpora/zigbee2mqtt.jsonl.gz $(SHARED)/corpora/zigbee2mqtt_bridge.jsonl.gz \
		$(SHARED)/corpora/lorawan.jsonl.gz $(SHARED)/corpora/nasty.jsonl --command "$(BIN)/sensor-gateway decode"

deb: $(VENV)/.ready-run ## the Debian package of the gateway, in dist
	@$(BIN)/python deploy/deb/build.py

deb-test: $(VENV)/.ready-dev ## that package on a bare Debian and on a booted one: joined, updated, taken back; as root, half an hour at most
	$(BIN)/python -m tests.packaging.bare_debian
	$(BIN)/python -m tests.packaging.booted_debian

format: $(VENV)/.ready-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) sensor_hub/compiled/*/ build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache run $(CASES)

# The environment: python3-venv is a package of its own on Debian, so its absence is said in one line.
$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "missing: Python 3.11 or newer as '$(PYTHON)'; name another with 'make PYTHON=...'" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || { rm -rf $(VENV); echo "missing: the venv module of $(PYTHON); on Debian: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.ready-run: pyproject.toml | $(VENV)/bin/pip
	@echo "Setting up $(VENV) (once, a minute or two) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[hub,sim]'
	@$(BIN)/python -m sensor_hub.compiled
	@touch $@

$(VENV)/.ready-dev: pyproject.toml | $(VENV)/bin/pip
	@echo "Setting up $(VENV) for development (once, a minute or two) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[hub,sim,dev]'
	@$(BIN)/python -m sensor_hub.compiled
	@touch $@ $(VENV)/.ready-run
