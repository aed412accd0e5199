# Everything here sets itself up: a virtual environment, the package, the models. `make` alone says what there is.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PLAIN  := $(VENV)/.plain
TESTS  := $(VENV)/.tests
RECIPE := setup.cfg pyproject.toml device/constraints.txt

export EARLID_AUDIO ?= $(abspath ../shared/audio)

.PHONY: help demo test test-units check bench bench-mute bench-upload bench-services report test-pi smoke-pi deb clean

help:
	@echo "make demo        hear a recorded talk, and see what leaves and what does not"
	@echo "make test        formatter, linter, types and every test"
	@echo "make test-units  as root: the two services in their sandboxes, the installer and the Debian package"
	@echo "make check       formatter, linter and types alone"
	@echo "make bench       CPU, memory and start-up beside the peers"
	@echo "make bench-mute  presses mute a thousand times (PRESSES=...), and how long each took"
	@echo "make bench-upload  drains a full outbox beside a bare HTTP session (SEGMENTS=... ANSWER_AFTER_MS=...)"
	@echo "make bench-services  memory and start-up of the two services, under a real systemd (as root)"
	@echo "make report      wakes and false accepts on the recordings in EARLID_AUDIO"
	@echo "make test-pi     everything on a virtual Raspberry Pi, with a table (as root; ONLY='lamp power' for some)"
	@echo "make smoke-pi    a wake, a delivery and a mute on one that is on already: under a minute, once it is built"
	@echo "make deb         Debian packages, into dist/ (as root; DEB='--suite bookworm --arch arm64' for one)"
	@echo "make clean       remove everything that these made"

$(BIN)/python:
	@.ci/need '$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))"' '' "Earlid runs on Python 3.11 or newer; name one with make PYTHON=..."
	@.ci/need '$(PYTHON) -c "import venv, ensurepip"' python3-venv "a virtual environment keeps Earlid apart from the system's Python"
	@$(PYTHON) -m venv $(VENV)

$(PLAIN): $(BIN)/python $(RECIPE)
	@echo "setting up $(VENV) (once)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c device/constraints.txt -e .
	@touch $@

$(TESTS): $(BIN)/python $(RECIPE)
	@.ci/need 'command -v cc' build-essential "PyAudio has no Linux wheel and is compiled"
	@.ci/need '$(PYTHON) .ci/has_headers.py' python3-dev "PyAudio is compiled against Python's headers"
	@.ci/need 'test -e /usr/include/portaudio.h' portaudio19-dev "PyAudio is compiled against PortAudio, which the tests hear through"
	@echo "setting up $(VENV) for tests (once)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c device/constraints.txt -e '.[test]'
	@touch $@ $(PLAIN)

demo: $(PLAIN)
	@$(BIN)/earlid demo

check: $(TESTS)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

test: check
	$(BIN)/pytest

test-units: $(TESTS)
	$(BIN)/pytest -rs tests/systemd

bench: $(TESTS)
	$(BIN)/python tests/bench/run.py

bench-mute: $(TESTS)
	$(BIN)/python tests/bench/mute.py $(PRESSES)

bench-upload: $(TESTS)
	$(BIN)/python tests/bench/upload.py $(or $(SEGMENTS),10000) $(or $(ANSWER_AFTER_MS),0)

bench-services: $(TESTS)
	$(BIN)/python tests/bench/services.py $(or $(TIMES),3)

report: $(TESTS)
	$(BIN)/python tests/replay/report.py

# What is missing, such as qemu, is installed; what is built is kept in .bench, or in $EARLID_BENCH_CACHE
test-pi: $(TESTS)
	@$(BIN)/python tests/pi/virtual/play.py $(if $(WRITE),--write) $(ONLY)

smoke-pi: $(TESTS)
	@$(BIN)/python tests/pi/virtual/play.py --smoke $(ONLY)

deb:
	@.ci/need 'command -v mmdebstrap' mmdebstrap "a package is made inside a small Debian of its release"
	@.ci/need 'command -v qemu-aarch64-static' qemu-user-static "a Raspberry Pi's package is made on an emulated processor"
	@PYTHONPATH=systemd $(PYTHON) -B -m deb.build $(DEB)

clean:
	rm -rf $(VENV) .bench .mypy_cache .ruff_cache .hypothesis build dist device/earlid.egg-info
