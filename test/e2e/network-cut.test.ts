// A write that is given up while the network is cut does not arrive once it is mended, below a newer one. In
// networks of its own: that takes the rights of root, and iproute2.
import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { tlsCertificate, tlsKey } from '../support/https-proxy.ts';
import { few } from '../support/soak.ts';

/** A link of two networks can be made, and nothing of that outlives this. */
const script = 'ip link add c0 type veth peer name s0 && unshare -n true';
const canCut = spawnSync('unshare', ['-n', 'sh', '-c', script]).status === 0;
if (!canCut) {
  process.stderr.write(
    '\nSKIPPED: the test of a cut network needs root (CAP_SYS_ADMIN and CAP_NET_ADMIN) and ip: apt-get install iproute2\n\n',
  );
}

const round = join(import.meta.dirname, '../support/cut-round.mjs');
const rounds = few(1, { soak: 10 });
const cutMs = few(2000, { soak: 8000 });
const giveUpMs = few(500, { soak: 2000 });
/** A kernel that has tried in vain for the whole cut waits as long once more. */
const patienceMs = rounds * (2 * cutMs + 30_000);

test.skipIf(!canCut).concurrent.each(['http', 'https'])(
  'it is reset, and what is merely closed arrives late (%s)',
  async (road) => {
    for (let n = 0; n < rounds; n += 1) {
      const options = { road, cutMs, giveUpMs, cert: tlsCertificate, key: tlsKey };
      const words = ['-n', process.execPath, round, JSON.stringify(options)];
      const { stdout } = await promisify(execFile)('unshare', words);
      const { ends, received } = JSON.parse(stdout);
      expect(ends).toEqual(['given up', 'given up']);
      expect(received).not.toContain('older');
      expect(received).toContain('newer');
      expect(received).toContain('late control');
    }
  },
  patienceMs,
);
