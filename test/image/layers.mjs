// The layers of an image that lies in a folder as the OCI layout says, oldest first: bytes as a registry keeps them, bytes
// as they lie on a disk, and what made them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const folder = process.argv[2] ?? '.';
const blob = (digest) => readFileSync(join(folder, 'blobs', digest.replace(':', '/')));
const json = (digest) => JSON.parse(blob(digest).toString('utf8'));
const [{ digest }] = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')).manifests;
const manifest = json(digest);
const made = json(manifest.config.digest).history.filter(({ empty_layer }) => !empty_layer);

for (const [n, layer] of manifest.layers.entries()) {
  const unpacked = gunzipSync(blob(layer.digest)).length;
  const by = (made[n]?.created_by ?? '').replace(/\s+/g, ' ').slice(0, 90);
  process.stdout.write(`${layer.size}\t${unpacked}\t${by}\n`);
}
