#!/bin/sh
# Sets up, the first time, and serves: nothing of it needs a network. Options are passed on: ./start.sh --port 8000
here=$(cd "$(dirname "$0")" && pwd) || exit 1
cd "$here" || exit 1

if [ ! -e .venv/ready ]; then
    python=$(command -v python@PYTHON@) || { cat text/no-python.txt >&2; exit 1; }
    cat text/first.txt
    "$python" -m venv --clear .venv &&
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-index --no-cache-dir --no-compile \
            --find-links wheels/any --find-links wheels/linux -c constraints.txt 'parkqa[@EXTRAS@]' &&
        : > .venv/ready || { cat text/failed.txt >&2; exit 1; }
fi

export PARKQA_CORPUS="$here/corpus" PARKQA_INDEX="$here/index" PARKQA_MODELS="$here/models"
export PARKQA_JOURNAL="${PARKQA_JOURNAL:-$here/journal.db}" PARKQA_EMBEDDER=default PARKQA_RERANKER=default
export HF_HUB_OFFLINE=1 PYTHONUTF8=1
exec .venv/bin/python -m parkqa serve --event "$@"
