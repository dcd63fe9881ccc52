#!/bin/sh
# Makes the virtual environment of a checkout and installs the project with its development tools.
set -eu

: "${PYTHON:=python3}" "${VENV:=.venv}"

if ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "setup: Python 3.11 or later is needed; say which one: make PYTHON=/path/to/python3.11" >&2
    exit 2
fi
if [ ! -x "$VENV/bin/python" ]; then
    if ! "$PYTHON" -m venv "$VENV"; then
        rm -rf "$VENV"
        echo "setup: this Python cannot make virtual environments; on Debian: apt install python3-venv" >&2
        exit 2
    fi
fi
# Dependency groups need pip 25.1.
"$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
"$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --editable ".[all]" --group dev

# One test looks at system calls with strace; where it cannot be had, that test is left out.
if [ "$(uname)" = Linux ] && ! command -v strace > /dev/null \
    && [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    apt-get install --quiet --quiet --yes strace > /dev/null \
        || { apt-get update --quiet --quiet && apt-get install --quiet --quiet --yes strace; } > /dev/null \
        || echo "setup: strace could not be installed" >&2
fi
