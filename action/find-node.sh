#!/usr/bin/env bash
# Whether this machine has a Node that is new enough: the output `found`, true or false.
set -euo pipefail

found=false
if command -v node >/dev/null && node -e '
  const [major, minor] = process.versions.node.split(".").map(Number);
  process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1);
'; then
  found=true
fi
echo "found=$found" >>"$GITHUB_OUTPUT"
