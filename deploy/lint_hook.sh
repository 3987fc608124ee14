#!/bin/sh
# Runs `config lint` for pre-commit, on the files that it names. Needs deno on the PATH.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
exec deno run --quiet --no-prompt --allow-read "$root/main.ts" config lint "$@"
