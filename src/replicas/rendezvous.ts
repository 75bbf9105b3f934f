// Whose share an account is, by rendezvous hashing: everybody who knows the same replicas finds the same owner,
// and where a replica comes or goes, only its own accounts move.
// https://en.wikipedia.org/wiki/Rendezvous_hashing

/** The owner is one of the replicas; null where there are none. */
export function ownerOf(account: string, replicas: Iterable<string>): string | null {
  let owner: string | null = null;
  let highest = -1;
  for (const replica of replicas) {
    const weight = weightOf(replica, account);
    if (weight < highest || (weight === highest && owner !== null && replica > owner)) continue;
    owner = replica;
    highest = weight;
  }
  return owner;
}

/** From 0 up to 2^32, spread evenly. */
function weightOf(replica: string, account: string): number {
  return mix(fnv1a(account, fnv1a(replica, fnvBasis)));
}

const fnvBasis = 0x811c9dc5;

/** FNV-1a of 32 bits over UTF-16 units. http://www.isthe.com/chongo/tech/comp/fnv/ */
function fnv1a(text: string, from: number): number {
  let hash = from;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  // The end of the text, so that no two pairs run together alike.
  return Math.imul(hash ^ 0xff, 0x01000193);
}

/** The last step of MurmurHash3: names that differ in their last letter would else differ little. */
function mix(hash: number): number {
  let bits = hash ^ (hash >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
