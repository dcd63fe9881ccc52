#!/bin/sh
# The tests and the demonstration of a cluster need Temporal's development server. Where there is none
# it is built with Go, which takes some minutes, once; without Go, Temporal's SDK downloads it into the
# virtual environment.
set -eu

: "${VENV:=.venv}"
VERSION=v1.5.1

if command -v temporal > /dev/null || [ -x "$HOME/go/bin/temporal" ] || [ -x "$VENV/bin/temporal" ]; then
    exit 0
fi
if command -v go > /dev/null; then
    echo "building Temporal's development server, once" >&2
    if GOBIN="$HOME/go/bin" go install "github.com/temporalio/cli/cmd/temporal@$VERSION"; then
        exit 0
    fi
    echo "setup: Temporal's development server could not be built" >&2
fi
echo "downloading Temporal's development server, once" >&2
if ! "$VENV/bin/python" scripts/download_temporal.py "$VENV/bin/temporal" "$VERSION"; then
    echo "setup: there is no \`temporal\`, and neither Go nor a download to get it with. Put the program" >&2
    echo "       on PATH (https://docs.temporal.io/cli, $VERSION), or install Go and say this again." >&2
fi
