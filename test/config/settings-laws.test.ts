import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { UsageError } from '../../src/base/errors.ts';
import { type OptionName, options } from '../../src/config/options.ts';
import { formatRate, parseRate } from '../../src/config/rate.ts';
import { readSettings } from '../../src/config/settings.ts';
import { anyCharacter } from '../support/any-character.ts';
import { law } from '../support/law.ts';

const names = Object.keys(options) as OptionName[];
const name = fc.constantFrom(...names);
const variableOf = (option: OptionName) => options[option].env;

/** What an option may be given, well chosen and not; the first of each can be used. */
const samples: Record<OptionName, readonly [string, ...string[]]> = {
  apiUrl: ['https://other.test', 'ftp:', ''],
  accounts: ['accounts.yaml', 'none'],
  store: ['postgres', 'redis'],
  pooler: ['pooler.internal:6432', '[::1]:6432', '6432', 'a@b:1'],
  state: ['/state', ' '],
  root: ['..', ' '],
  rate: ['7/m', '0/s', '5'],
  concurrency: ['9', '0', '1.5'],
  timeout: ['1.5s', '25h', '1'],
  live: ['off', 'on'],
  drift: ['report', 'off'],
  released: ['leave', 'keep'],
  maxChanges: ['2.5%', '0', '101%'],
  allow: ['low-contrast,no-effect', 'Low contrast', ','],
  keepHistory: ['2GiB', '64', '0MiB'],
  resync: ['*/5 * * * *', '61 * * * *'],
  timezone: ['Europe/Paris', 'Paris'],
  watch: ['poll', 'never'],
  rescan: ['1m', '0s'],
  pollInterval: ['2s', 'off'],
  serve: ['0.0.0.0:8080', '65536', 'worker:80'],
  serveSnapshot: ['none', 'on', 'None'],
  serveHost: ['widgets.example.com', 'a:80', 'a,'],
  logLevel: ['warn', 'loud'],
  notify: ['none', 'notify.yaml'],
  notifyAgain: ['off', '30m', '24h'],
  logFormat: ['json', 'xml'],
};
const anyText = fc.oneof(
  fc.constantFrom(...Object.values(samples).flat()),
  fc.string({ unit: anyCharacter }),
  fc
    .array(fc.constantFrom('1', '5', '.', '/', 's', 'm', 'h', '%', '-', ' ', '*', 'auto', 'off'), {
      maxLength: 5,
    })
    .map((parts) => parts.join('')),
);
const given = fc.dictionary(name, anyText, { maxKeys: 4 });

const inFlags = (texts: Partial<Record<string, string>>) => ({ ...texts });
const inEnvironment = (texts: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(texts).map(([option, text]) => [variableOf(option as OptionName), text]),
  );

describe('any words for any options', () => {
  law.prop([given, given], { numRuns: 1000 })(
    'are settings, or a refusal that names one of them with what was found and expected',
    (flags, env) => {
      const read = () => readSettings(inFlags(flags), inEnvironment(env));
      const problem = thrownBy(read);
      if (problem === null) {
        const { given: origins } = read();
        const expected = new Map([
          ...Object.keys(env).map((option) => [option, 'environment'] as const),
          ...Object.keys(flags).map((option) => [option, 'flag'] as const),
        ]);
        expect(new Map<string, string>(origins)).toEqual(expected);
        return;
      }
      expect(problem).toBeInstanceOf(UsageError);
      const guilty = names.flatMap((option) => {
        const [flag = ''] = options[option].flag.split(' ');
        const text = flags[option] ?? env[option];
        if (text === undefined) return [];
        const where = flags[option] === undefined ? variableOf(option) : flag;
        const why = text.trim() === '' ? ' (is a variable not set?)' : '';
        return [[`${where}: expected `, `, found ${JSON.stringify(text)}${why}`] as const];
      });
      // What a URL was found to be may hold a secret, and is not repeated.
      const isOfUrl =
        (flags['apiUrl'] ?? env['apiUrl']) !== undefined &&
        problem.message.startsWith('--api-url (WIDGET_SYNC_API_URL) ');
      const isNamed = guilty.some(([begin, end]) => isBetween(problem.message, begin, end));
      expect(isNamed || isOfUrl).toBe(true);
    },
  );

  law.prop([name, anyText])('mean the same as a flag and in the environment', (option, text) => {
    const outcomes = [
      attempt(() => readSettings({ [option]: text }, {})[option]),
      attempt(() => readSettings({}, inEnvironment({ [option]: text }))[option]),
    ];
    expect(outcomes[0]).toEqual(outcomes[1]);
  });

  law.prop([given, name])('as flags win, even over nonsense in the environment', (env, option) => {
    const [good] = samples[option];
    const alone = readSettings({ [option]: good }, {})[option];
    const { [option]: _, ...others } = env;
    const nonsense = { ...(thrownBy(() => readSettings({}, inEnvironment(others))) ? {} : others) };
    const settings = readSettings(
      { [option]: good },
      inEnvironment({ ...nonsense, [option]: '\u0000nonsense' }),
    );
    expect(settings[option]).toEqual(alone);
    expect(settings.given.get(option)).toBe('flag');
  });
});

describe('an amount of time', () => {
  const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  const unit = fc.constantFrom<keyof typeof units>('ms', 's', 'm', 'h');
  law.prop([fc.integer({ min: 0, max: 100_000 }), unit], { numRuns: 500 })(
    'is the number times its unit, from a millisecond to a day',
    (amount, unit) => {
      const ms = amount * units[unit];
      const read = attempt(() => readSettings({ timeout: `${amount}${unit}` }, {}).timeout);
      expect(read).toEqual(ms >= 1 && ms <= 86_400_000 ? ms : 'refused');
    },
  );
});

describe('a rate', () => {
  law.prop([fc.integer({ min: 1, max: 999_999 }), fc.constantFrom<'s' | 'm' | 'h'>('s', 'm', 'h')])(
    'is written as it was read',
    (limit, unit) => {
      const rate = parseRate(`${limit}/${unit}`);
      expect(rate).toEqual({ limit, windowMs: { s: 1000, m: 60_000, h: 3_600_000 }[unit] });
      expect(rate && formatRate(rate)).toBe(`${limit}/${unit}`);
    },
  );

  const nearlyRate = fc
    .array(fc.constantFrom('0', '00', '7', '/', 's', 'm', 'd', ' '), { maxLength: 4 })
    .map((parts) => parts.join(''));
  law.prop([fc.oneof(anyText, nearlyRate)], { numRuns: 1000 })(
    'that can be read has a limit and a time above nothing',
    (text) => {
      const rate = parseRate(text);
      if (rate === null) return;
      expect(Math.min(rate.limit, rate.windowMs)).toBeGreaterThan(0);
      expect(parseRate(formatRate(rate))).toEqual(rate);
    },
  );
});

describe('a variable of our prefix that does not exist', () => {
  const known = new Set<string>(Object.values(options).map(({ env }) => env));
  const word = fc
    .stringMatching(/^[A-Z]{1,8}(_[A-Z]{1,8}){0,2}$/)
    .map((rest) => `WIDGET_SYNC_${rest}`);
  law.prop([word, fc.stringMatching(/^in-[a-z]{20}$/)])(
    'is refused by its name, without its value',
    (variable, value) => {
      fc.pre(!known.has(variable) && !/^WIDGET_SYNC_(SERVICE_|PORT)/.test(variable));
      const problem = thrownBy(() => readSettings({}, { [variable]: value }));
      expect(problem).toBeInstanceOf(UsageError);
      expect(problem?.message).toContain(`${variable}: there is no such environment variable`);
      expect(problem?.message).not.toContain(value);
    },
  );
});

function attempt<Value>(read: () => Value): Value | 'refused' {
  try {
    return read();
  } catch (error) {
    if (error instanceof UsageError) return 'refused';
    throw error;
  }
}

function thrownBy(act: () => unknown): Error | null {
  try {
    act();
    return null;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

function isBetween(text: string, begin: string, end: string): boolean {
  return text.startsWith(begin) && text.endsWith(end);
}
