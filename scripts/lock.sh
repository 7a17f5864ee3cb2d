#!/bin/sh
# Rewrites requirements.lock from pyproject.toml for every supported Python and system at once.
# Needs uv. Versions already in the lock stay; `scripts/lock.sh --upgrade` moves them.
set -eu
cd "$(dirname "$0")/.."
exec "${UV:-uv}" pip compile pyproject.toml --output-file requirements.lock \
    --all-extras --universal --python-version 3.11 --generate-hashes \
    --no-annotate --no-emit-index-url --no-emit-find-links \
    --custom-compile-command scripts/lock.sh --quiet "$@"
