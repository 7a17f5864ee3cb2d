#!/bin/sh
# Makes .venv as requirements.lock says, then installs the package into it, editable.
# A set-up that was interrupted leaves .venv/.unfinished behind; the next one starts afresh.
set -eu
cd "$(dirname "$0")/.."

supported='import sys, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))'
python=''
if [ -n "${PYTHON:-}" ]; then
    set -- "$PYTHON"
else
    set -- python3 python3.12 python3.13 python3.11
fi
for candidate in "$@"; do
    if "$candidate" -c "$supported" >/dev/null 2>&1; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    {
        echo "valley_analysis needs Python 3.11, 3.12 or 3.13 with its venv module;"
        echo "found: $1 is $("$1" --version 2>&1 || true)"
        echo "Next step: name one, for example: make PYTHON=python3.12 report"
        echo "(on Debian and Ubuntu: apt-get install python3-venv)"
    } >&2
    exit 1
fi

version='import sys; print(*sys.version_info[:2])'
wanted=$("$python" -c "$version")
present=$(.venv/bin/python -c "$version" 2>/dev/null || true)
rm -f .venv/.installed
if [ "$wanted" != "$present" ] || [ -e .venv/.unfinished ] || ! [ -x .venv/bin/pip ]; then
    rm -rf .venv
    mkdir .venv
    touch .venv/.unfinished
    "$python" -m venv .venv
fi
touch .venv/.unfinished

echo "Setting up .venv with $("$python" --version), once: a few minutes at most"
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore
.venv/bin/python -m pip install -qq --no-compile --require-hashes -r requirements.lock
.venv/bin/python -m pip install -qq --no-deps --no-build-isolation --no-index --editable .

# Compiled here, once: imports without .pyc files take almost three times as long.
# Some packages carry files that are not meant to compile, hence no verdict.
site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
.venv/bin/python -m compileall -qq -j 0 "$site" src || true

rm -f .venv/.unfinished
touch .venv/.installed
