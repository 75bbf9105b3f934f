// Numbers of which JavaScript would lose something: their value, or only their text.

/**
 * A JSON number whose text is not the one that `JSON.stringify(Number(text))` gives, such as
 * 17841405793187219, 1e400, 1.10 or -0. It is compared by value and written with the text it came with;
 * every other number is a plain `number`.
 */
export class NumberText {
  readonly text: string;

  /** The text has to be a number by the grammar of RFC 8259. */
  constructor(text: string) {
    this.text = text;
  }

  /** For logs and their like alone: `stringifyJson` writes a number. */
  toJSON(): string {
    return this.text;
  }
}

/** Whether a JavaScript number would be written otherwise. */
export function losesText(text: string): boolean {
  return String(Number(text)) !== text;
}

/** Whether a JavaScript number has exactly the value that the text says. */
export function isExactNumber({ text }: NumberText): boolean {
  return canonicalNumber(text) === String(Number(text));
}

/**
 * One text for each value: that of RFC 8785 where a JavaScript number has the value, else the digits
 * and a power of ten. Numbers are never written out: 1e999999999 stays short.
 */
export function canonicalNumber(text: string): string {
  const shortest = String(Number(text));
  const scientific = toScientific(text);
  return scientific === toScientific(shortest) ? shortest : scientific;
}

const number = /^(-?)(\d+)(?:\.(\d+))?(?:e([-+]?\d+))?$/i;

/** `-12e3`, without zeros at either end of the digits; anything that is no number as it is. */
function toScientific(text: string): string {
  const [whole, sign = '', before = '', after = '', exponent = '0'] = number.exec(text) ?? [];
  if (whole === undefined) return text;
  const padded = before + after;
  const end = endWithoutZeros(padded);
  const digits = padded.slice(0, end).replace(/^0+/, '');
  if (digits === '') return '0';
  // BigInt: an exponent may be larger than any number that is exact.
  const power = BigInt(exponent) - BigInt(after.length) + BigInt(padded.length - end);
  return power === 0n ? sign + digits : `${sign}${digits}e${power}`;
}

// No pattern: /0+$/ would begin anew at each zero of a long number.
function endWithoutZeros(digits: string): number {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === '0') end -= 1;
  return end;
}
