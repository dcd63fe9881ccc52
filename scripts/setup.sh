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

# One test looks at system calls with strace, one completes in real shells; what cannot be had is left out.
missing=""
for program in strace zsh fish; do
    command -v "$program" > /dev/null || missing="$missing $program"
done
if [ -n "$missing" ] && [ "$(uname)" = Linux ] && [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    # shellcheck disable=SC2086
    apt-get install --quiet --quiet --yes $missing > /dev/null \
        || { apt-get update --quiet --quiet && apt-get install --quiet --quiet --yes $missing; } > /dev/null \
        || echo "setup: could not be installed:$missing" >&2
fi
