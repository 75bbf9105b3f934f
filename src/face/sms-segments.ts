// How many SMS a text takes. Pure.
//
// 3GPP TS 23.038: the alphabet (6.2.1), its extension, each of whose signs takes two places (6.2.1.1),
// and UCS-2 for all other texts (6.2.3). TS 23.040, 9.2.3.24.1: a part of a longer text has a header,
// which takes 7 of 160 places, or 3 of 70.

export interface SmsSegments {
  readonly encoding: 'GSM-7' | 'UCS-2';
  /** Places that the text takes: an extended sign of GSM-7 takes two, and so does an emoji of UCS-2. */
  readonly places: number;
  /** At least 1. */
  readonly segments: number;
  /** The signs for which GSM-7 does not do, each once; none in GSM-7. */
  readonly others: readonly string[];
}

const alphabet = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
const extension = new Set('\f^{}\\[~]|€');

export function smsSegments(text: string): SmsSegments {
  const signs = [...text];
  const others = signs.filter((sign) => !alphabet.has(sign) && !extension.has(sign));
  const isPlain = others.length === 0;
  const sizes = signs.map((sign) => (isPlain ? (extension.has(sign) ? 2 : 1) : sign.length));
  const places = sizes.reduce((sum, size) => sum + size, 0);
  const [alone, part] = isPlain ? [160, 153] : [70, 67];
  return {
    encoding: isPlain ? 'GSM-7' : 'UCS-2',
    places,
    segments: places <= alone ? 1 : partsOf(sizes, part),
    others: [...new Set(others)],
  };
}

/** A sign of two places is not torn: one that does not fit any more begins the next part. */
function partsOf(sizes: readonly number[], part: number): number {
  let parts = 1;
  let filled = 0;
  for (const size of sizes) {
    if (filled + size > part) {
      parts += 1;
      filled = 0;
    }
    filled += size;
  }
  return parts;
}
