#!/bin/sh
# What the console (web-ui/) needs: console.sh build | check | test | chromium, several at once.
# Packages are installed only if package-lock.json is newer than they are, and the console is built only
# if its sources are newer than what was built. Without Node it says so; everything else works.
set -eu

cd "$(dirname "$0")/.."
UI=web-ui
STATIC=src/orchestrate/web/static
DONE="$UI/node_modules/.installed"

# Only developers' targets install Node; who installs the program alone is not to get another one.
case " $* " in
    *" check "* | *" test "*)
        if ! command -v npm > /dev/null && [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
            apt-get install --quiet --quiet --yes nodejs npm > /dev/null 2>&1 || true
        fi
        ;;
esac
fits() {
    command -v npm > /dev/null \
        && node -e 'const [a, b] = process.versions.node.split(".").map(Number);
                    process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)'
}
if ! fits; then
    echo "console: left out; it needs Node 20.19 or 22.12, or later, with npm: https://nodejs.org" >&2
    exit 0
fi

packages() {
    if [ ! -e "$DONE" ] || [ "$UI/package-lock.json" -nt "$DONE" ]; then
        echo "installing what the console is built with, once" >&2
        (cd "$UI" && npm ci --no-audit --no-fund --loglevel=error)
        touch "$DONE"
    fi
}

built() {
    [ -e "$STATIC/index.html" ] && [ -z "$(find "$UI/src" "$UI/public" "$UI/index.html" \
        "$UI/vite.config.ts" "$UI/package-lock.json" -newer "$STATIC/index.html" -print)" ]
}

for what in "$@"; do
    case "$what" in
        build) built || { packages; (cd "$UI" && npx --no-install vite build --logLevel warn); } ;;
        check) packages; (cd "$UI" && npm run --silent check) ;;
        test) packages; (cd "$UI" && npm run --silent test -- --reporter=dot) ;;
        chromium)
            if ! command -v chromium > /dev/null && ! command -v chromium-browser > /dev/null; then
                if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
                    apt-get install --quiet --quiet --yes chromium > /dev/null \
                        || { apt-get update --quiet --quiet \
                            && apt-get install --quiet --quiet --yes chromium; } > /dev/null \
                        || echo "console: chromium could not be installed" >&2
                else
                    echo "console: its tests need chromium; on Debian: apt install chromium" >&2
                fi
            fi
            ;;
        *) echo "console.sh build | check | test | chromium" >&2; exit 2 ;;
    esac
done
