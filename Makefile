# The commands of a checkout; `make` alone lists them. All is installed into .venv, once, and renewed when
# pyproject.toml or constraints.txt change. Settings (PARKQA_…) reach every command through the environment.

.DEFAULT_GOAL := help
# Where no bytecode is written, each of the tests' processes compiles everything anew.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help run test check build eval quality bundle faults soak screenshots constraints clean lint chromium

# 3.11 first: constraints.txt was made and tried with it. Each is run, since a name on PATH may be an empty shim.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3.14 python3; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)
# What is imported is compiled when it first is: all of it would take twice as long to install, and 250 MB more.
PIP := .venv/bin/python -m pip install --disable-pip-version-check --no-compile -c constraints.txt
DEBIAN_ROOT := [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null
APT := apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends

# Tests that need no model, browser, database or minutes. They must reach so many percent of the package's
# lines and branches. Each process would import Playwright, a second, to find that it runs no test of the browser.
QUICK := not model and not browser and not postgres and not slow
NO_BROWSER := --ignore tests/browser
COVERED := 86
# Each process has its part of the files, whose servers and indexes are then made once, and the one that is done first
# takes over tests of another. One more than the usual two processors: a test often waits, for a server or a page.
PROCESSES := -n 3 --dist worksteal

help: ## 列出这些命令 · list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: .venv/.run ## 安装（首次）并打开问答页 · install (first time) and serve the chat page
	@.venv/bin/python app.py

test: .venv/.test chromium lint ## 全部检查和测试，含模型与浏览器 · every check and test, model and browser included
	.venv/bin/python -m pytest $(PROCESSES) $(NO_BROWSER) --cov=parkqa --cov-branch --cov-report= --cov-fail-under=$(COVERED) -m "$(QUICK)"
	.venv/bin/python -m pytest $(PROCESSES) -m "not ($(QUICK))"

check: .venv/.test lint ## 两分钟内的检查 · linters, types and quick tests, within two minutes
	.venv/bin/python -m pytest -q $(PROCESSES) $(NO_BROWSER) -m "$(QUICK)"

build: .venv/.run ## 建立索引 · build the index
	@.venv/bin/parkqa build

eval: build ## 用开发题集评测 · measure the answers on the development questions
	@.venv/bin/parkqa eval tests/data/park_dev.jsonl

quality: .venv/.test ## 全面评测，写 docs/quality.md · measure everything: SETS="a.json b.json" CROSS="zh.json en.json" MORE="--elsewhere"
	@mkdir -p docs
	.venv/bin/python benchmarks/quality.py --squad $(SETS) --cross $(CROSS) $(MORE)

bundle: .venv/.test ## 展台离线包，写到 dist/parkqa-stand · the offline folder for a stand's USB stick, Linux and Windows
	.venv/bin/python tools/bundle.py dist/parkqa-stand
	BUNDLE=dist/parkqa-stand .venv/bin/python -m pytest -q tests/bundled.py

faults: .venv/.test ## 弄坏索引看看 · kill builds, fill the disk, flip bytes; see whether visitors notice
	.venv/bin/python tests/faults.py --moments 50

soak: .venv/.test ## 一边改资料一边问 30 分钟 · ask for 30 minutes while the documents change
	.venv/bin/python benchmarks/soak.py --minutes 30

screenshots: .venv/.test chromium ## 重拍 README 里的图 · take the pictures of the README anew
	.venv/bin/python tests/screenshots.py docs/images

constraints: ## 重新固定全部依赖版本 · pin every dependency anew
	rm -rf build/pins && mkdir -p build && "$(PYTHON)" -m venv build/pins
	sed '/^$$/q' constraints.txt > build/kept.txt
	build/pins/bin/python -m pip install -c build/kept.txt '.[dev,documents,mcp,metrics,ocr,report,postgres,training,benchmark]'
	build/pins/bin/python -m pip freeze --all --exclude parkqa --exclude pip > build/freeze.txt
	sed 's/+[a-z0-9.]*$$//' build/freeze.txt | grep -v -x -F -f build/kept.txt | grep -v -E '^(nvidia|cuda|triton)' \
		| cat build/kept.txt - > build/constraints.txt
	mv build/constraints.txt constraints.txt
	rm -rf build/pins

clean: ## 删除安装与生成的一切（再装需联网）· remove all that was installed or built (the network is needed again)
	rm -rf .venv build dist src/*.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find index -mindepth 1 ! -name .gitkeep -delete
	find . -type d -name __pycache__ -prune -exec rm -rf {} +

lint: .venv/.test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

# pip is the last thing that venv makes: a set-up that was broken off starts again.
.venv/bin/pip:
	@test -n "$(PYTHON)" || { echo "找不到 Python 3.11 或更高版本：请从 python.org 安装后重试。" \
		"/ No Python 3.11 or newer was found: install one from python.org and try again." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) 不能用：parkqa 需要 Python 3.11 或更高版本。" \
		"/ $(PYTHON) cannot be used: parkqa needs Python 3.11 or newer." >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { $(DEBIAN_ROOT) && $(APT) python3-venv; } || { \
		echo "$(PYTHON) 缺少 venv 模块：请先执行 sudo apt-get install python3-venv。" \
		"/ $(PYTHON) lacks its venv module: run sudo apt-get install python3-venv first." >&2; exit 1; }
	"$(PYTHON)" -m venv --clear .venv

.venv/.run: .venv/bin/pip pyproject.toml constraints.txt
	$(PIP) -e '.[documents]'
	@touch $@

# Brings all that .run brings, so that `make run` after `make test` has nothing to do.
.venv/.test: .venv/bin/pip pyproject.toml constraints.txt
	$(PIP) -e '.[dev,documents,mcp,metrics,ocr,postgres,report]'
	@touch .venv/.run $@

# The browser tests look for Chromium on PATH; the page's text needs a Chinese font.
chromium:
	@{ $(DEBIAN_ROOT) && ! dpkg -s chromium fonts-noto-cjk >/dev/null 2>&1 && $(APT) chromium fonts-noto-cjk; } \
		|| command -v chromium >/dev/null || command -v google-chrome >/dev/null \
		|| echo "浏览器测试需要 Chromium 和中文字体：请先执行 sudo apt-get install chromium fonts-noto-cjk。" \
		"/ The browser tests need Chromium and a Chinese font: run sudo apt-get install chromium fonts-noto-cjk first." >&2
