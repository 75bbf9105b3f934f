// How far a zone's clocks are from UTC, and when that changes. Pure but for the zone of the system.

export interface TimeZone {
  /** The zone's name as IANA has it, or `system` where the system's has no such name. */
  readonly name: string;
  /** Milliseconds that its clocks are ahead of UTC at that instant. */
  offsetAt(instantMs: number): number;
}

/** By name: making one takes as long as reading a hundred files. */
const opened = new Map<string, TimeZone>();

/** Null: the system's. */
export function openTimeZone(name: string | null): TimeZone {
  const key = name ?? `system: ${Intl.DateTimeFormat().resolvedOptions().timeZone}`;
  const zone = opened.get(key) ?? makeTimeZone(name);
  opened.set(key, zone);
  return zone;
}

function makeTimeZone(name: string | null): TimeZone {
  const format = new Intl.DateTimeFormat('en-US', {
    ...(name !== null && { timeZone: name }),
    calendar: 'iso8601',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return {
    name: name ?? nameOf(format.resolvedOptions().timeZone),
    offsetAt(instantMs) {
      const read = new Map(format.formatToParts(instantMs).map(({ type, value }) => [type, value]));
      const part = (type: Intl.DateTimeFormatPartTypes) => Number(read.get(type));
      const wallMs = Date.UTC(
        part('year'),
        part('month') - 1,
        part('day'),
        part('hour'),
        part('minute'),
        part('second'),
      );
      return wallMs - Math.floor(instantMs / 1000) * 1000;
    },
  };
}

/** ICU has two ways to say that it does not know the zone that TZ asks for. */
function nameOf(resolved: string | undefined): string {
  return resolved === undefined || resolved === 'Etc/Unknown' ? 'system' : resolved;
}

/**
 * The first instant after `fromMs` and up to `toMs` at which the clocks are changed, to the second, or
 * null. Between the two, which are at most a day apart, clocks are changed once at most.
 */
export function nextChange(zone: TimeZone, fromMs: number, toMs: number): number | null {
  const before = zone.offsetAt(fromMs);
  if (zone.offsetAt(toMs) === before) return null;
  let [lastS, firstS] = [Math.floor(fromMs / 1000), Math.ceil(toMs / 1000)];
  while (firstS - lastS > 1) {
    const middleS = Math.floor((lastS + firstS) / 2);
    if (zone.offsetAt(middleS * 1000) === before) lastS = middleS;
    else firstS = middleS;
  }
  return firstS * 1000;
}
