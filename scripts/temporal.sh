#!/bin/sh
# The tests of the cluster need Temporal's development server. Where there is none it is built, which
# takes some minutes, once. Without Go the tests let Temporal's SDK download it.
set -eu

VERSION=v1.5.1

if command -v temporal > /dev/null || [ -x "$HOME/go/bin/temporal" ]; then
    exit 0
fi
if command -v go > /dev/null; then
    echo "building Temporal's development server for the tests, once" >&2
    GOBIN="$HOME/go/bin" go install "github.com/temporalio/cli/cmd/temporal@$VERSION" \
        || echo "setup: Temporal's development server could not be built" >&2
fi
