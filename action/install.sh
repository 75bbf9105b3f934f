#!/usr/bin/env bash
# Builds the command, unless the commit that the workflow names carries it built. No script of any package runs, and
# no key is in the environment of this step. Compilers are asked for by name: a job with NODE_ENV=production has none.
set -euo pipefail

cd "$(dirname "$0")/.."
if [ ! -f dist/main.js ]; then
  npm ci --include=dev --ignore-scripts --no-audit --no-fund
  npm run build
fi
