# make install | demo | test | test-arm | test-lite | test-install | test-wheels | lint | bench.
# Everything lives in .venv; PYTHON chooses the interpreter.

PYTHON ?= python3
BIN := .venv/bin
SOURCES := setup.py setup.cfg pyproject.toml $(wildcard edgepose/native/*.c edgepose/native/*.h)
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.PHONY: install demo test test-asan test-arm test-lite test-install test-wheels lint bench clean

install: .venv/installed

.venv/installed: $(SOURCES)
	$(PYTHON) -m venv .venv
	$(PIP) install --editable .
	@touch $@

.venv/installed-test: .venv/installed
	$(PIP) install --editable '.[test]'
	$(PIP) install --no-deps 'trackeval >=1.2'  # its opencv-python would take the place of the headless one
	@touch $@

demo: install
	@mkdir -p demo-out
	$(BIN)/edgepose run edgepose/clips/pedestrians.mp4 --format table \
		--overlay demo-out/pedestrians.png --overlay demo-out/pedestrians.mp4
	@echo "The picture is demo-out/pedestrians.png, the video demo-out/pedestrians.mp4."

# Steady tests count bytes and blocks, so nothing runs beside them.
test: .venv/installed-test
	$(BIN)/python -m pytest -n auto --dist worksteal tests/unit tests/contract
	$(BIN)/python -m pytest tests/steady tests/board

# The kernels' tests once more, under AddressSanitizer.
test-asan: .venv/installed-test
	tests/asan.sh $(BIN)/python

# On emulated ARM machines, bit by bit as here: tests/arm/README.md.
test-arm: .venv/installed-test
	$(BIN)/python -m tests.arm

# What a lite install takes, in the tree that test-arm leaves in its cache.
test-lite: .venv/installed-test
	$(BIN)/python -m pytest tests/slow

# Debian trees that it is installed into, upgraded and taken off again; root.
test-install: .venv/installed-test
	$(BIN)/python -m pytest tests/install

# One wheel an architecture, the source distribution and the locks, under every Python that is here; before a release.
test-wheels: .venv/installed-test
	$(PIP) install --editable '.[wheels]'
	$(BIN)/python ports/build/prove.py --work build/prove

lint: .venv/installed-test
	$(BIN)/ruff check .

bench: .venv/installed-test
	$(BIN)/python benchmarks/stages.py

clean:
	rm -rf .venv build demo-out *.egg-info edgepose/native/*.so
