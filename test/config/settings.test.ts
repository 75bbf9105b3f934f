import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/base/errors.ts';
import { type OptionName, options } from '../../src/config/options.ts';
import { type Flags, readSettings } from '../../src/config/settings.ts';

const names = Object.keys(options) as OptionName[];
const variableOf = (name: OptionName) => options[name].env;
const flagOf = (name: OptionName) => options[name].flag.split(' ')[0] ?? '';

test('without flags and environment everything is as documented', () => {
  expect(readSettings({}, { PATH: '/bin', INSIGHTO_API_KEY: 'in-x', NO_COLOR: '1' })).toEqual({
    apiUrl: 'https://api.insighto.ai',
    accounts: null,
    store: 'files',
    pooler: null,
    state: '.widget-sync',
    root: null,
    rate: { limit: 5, windowMs: 1000 },
    concurrency: 4,
    timeout: 30_000,
    live: 'auto',
    drift: 'correct',
    released: 'reset',
    maxChanges: { unit: 'auto' },
    keepHistory: 64 * 1024 * 1024,
    allow: [],
    resync: '0 * * * *',
    timezone: null,
    watch: 'auto',
    rescan: 30_000,
    pollInterval: null,
    notify: null,
    notifyAgain: null,
    serve: null,
    serveHost: [],
    serveSnapshot: 'off',
    logLevel: 'info',
    logFormat: 'auto',
    given: new Map(),
  });
});

test('every option has the flag and the variable that are documented', () => {
  expect(names.map((name) => [flagOf(name), variableOf(name)])).toEqual([
    ['--api-url', 'WIDGET_SYNC_API_URL'],
    ['--accounts', 'WIDGET_SYNC_ACCOUNTS'],
    ['--state', 'WIDGET_SYNC_STATE'],
    ['--store', 'WIDGET_SYNC_STORE'],
    ['--pooler', 'WIDGET_SYNC_POOLER'],
    ['--root', 'WIDGET_SYNC_ROOT'],
    ['--rate', 'WIDGET_SYNC_RATE'],
    ['--concurrency', 'WIDGET_SYNC_CONCURRENCY'],
    ['--timeout', 'WIDGET_SYNC_TIMEOUT'],
    ['--live', 'WIDGET_SYNC_LIVE'],
    ['--drift', 'WIDGET_SYNC_DRIFT'],
    ['--released', 'WIDGET_SYNC_RELEASED'],
    ['--max-changes', 'WIDGET_SYNC_MAX_CHANGES'],
    ['--allow', 'WIDGET_SYNC_ALLOW'],
    ['--keep-history', 'WIDGET_SYNC_KEEP_HISTORY'],
    ['--resync', 'WIDGET_SYNC_RESYNC'],
    ['--timezone', 'WIDGET_SYNC_TIMEZONE'],
    ['--watch', 'WIDGET_SYNC_WATCH'],
    ['--rescan', 'WIDGET_SYNC_RESCAN'],
    ['--poll-interval', 'WIDGET_SYNC_POLL_INTERVAL'],
    ['--notify', 'WIDGET_SYNC_NOTIFY'],
    ['--notify-again', 'WIDGET_SYNC_NOTIFY_AGAIN'],
    ['--serve', 'WIDGET_SYNC_SERVE'],
    ['--serve-host', 'WIDGET_SYNC_SERVE_HOST'],
    ['--serve-snapshot', 'WIDGET_SYNC_SERVE_SNAPSHOT'],
    ['--log-level', 'WIDGET_SYNC_LOG_LEVEL'],
    ['--log-format', 'WIDGET_SYNC_LOG_FORMAT'],
  ]);
});

const good: [OptionName, string, unknown][] = [
  ['apiUrl', 'http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
  ['accounts', 'accounts.yaml', 'accounts.yaml'],
  ['accounts', 'none', null],
  ['state', '/state', '/state'],
  ['state', 'a b', 'a b'],
  ['root', '/srv/site', '/srv/site'],
  ['root', 'a b', 'a b'],
  ['root', './auto', './auto'],
  ['root', 'auto', null],
  ['keepHistory', '1MiB', 1024 ** 2],
  ['keepHistory', '1024KiB', 1024 ** 2],
  ['keepHistory', '2GiB', 2 * 1024 ** 3],
  ['keepHistory', 'all', null],
  ['rate', '5/s', { limit: 5, windowMs: 1000 }],
  ['rate', '300/m', { limit: 300, windowMs: 60_000 }],
  ['rate', '999999/h', { limit: 999_999, windowMs: 3_600_000 }],
  ['concurrency', '1', 1],
  ['concurrency', '100', 100],
  ['timeout', '1ms', 1],
  ['timeout', '500ms', 500],
  ['timeout', '1.5s', 1500],
  ['timeout', '2m', 120_000],
  ['timeout', '24h', 86_400_000],
  ['live', 'auto', 'auto'],
  ['live', 'off', 'off'],
  ['drift', 'correct', 'correct'],
  ['drift', 'report', 'report'],
  ['released', 'reset', 'reset'],
  ['released', 'leave', 'leave'],
  ['notify', 'none', null],
  ['notify', 'notify.yaml', 'notify.yaml'],
  ['notifyAgain', 'off', null],
  ['notifyAgain', '1m', 60_000],
  ['notifyAgain', '24h', 86_400_000],
  ['allow', 'none', []],
  ['allow', 'low-contrast', ['low-contrast']],
  ['allow', 'low-contrast, no-effect', ['low-contrast', 'no-effect']],
  ['resync', 'off', null],
  ['resync', '0 6 * * MON-FRI', '0 6 * * MON-FRI'],
  ['resync', '*/15 * * * *', '*/15 * * * *'],
  ['resync', '30 0 6 * * *', '30 0 6 * * *'],
  ['timezone', 'system', null],
  ['timezone', 'Europe/Paris', 'Europe/Paris'],
  ['timezone', 'america/new_york', 'America/New_York'],
  ['timezone', 'UTC', 'UTC'],
  ['timezone', 'Asia/Kolkata', 'Asia/Kolkata'],
  ['timezone', 'Etc/GMT+2', 'Etc/GMT+2'],
  ['logLevel', 'trace', 'trace'],
  ['logLevel', 'silent', 'silent'],
  ['logFormat', 'json', 'json'],
  ['logFormat', 'pretty', 'pretty'],
  ['logFormat', 'auto', 'auto'],
];

describe.each(good)('%s %j', (name, text, value) => {
  test.each<['flag' | 'environment', Flags, NodeJS.ProcessEnv]>([
    ['flag', { [name]: text }, {}],
    ['environment', {}, { [variableOf(name)]: text }],
  ])('is read from the %s', (where, flags, env) => {
    const settings = readSettings(flags, env);
    expect(settings[name]).toEqual(value);
    expect(settings.given).toEqual(new Map([[name, where]]));
  });
});

const live = 'one of auto, off';
const drift = 'one of correct, report';
const released = 'one of reset, leave';
const rate = 'a count per second, minute or hour, such as 5/s, 300/m or 1000/h';
const concurrency = 'a whole number from 1 to 100';
const duration = 'a duration of at most a day, such as 500ms, 30s or 2m';
const cron = 'a cron expression such as "0 * * * *", or off';
const zone = 'an IANA time zone such as Europe/Paris, or system';
const level = 'one of trace, debug, info, warn, error, fatal, silent';
const format = 'one of json, pretty, auto';

const bad: [OptionName, string, string][] = [
  ['apiUrl', '', 'a URL such as https://api.insighto.ai'],
  ['apiUrl', ' ', 'a URL such as https://api.insighto.ai'],
  ['state', '', 'a directory'],
  ['state', ' ', 'a directory'],
  ...[
    '',
    '5',
    '0/s',
    '-1/s',
    '1.5/s',
    '5/d',
    '5 /s',
    '5/S',
    '1000000/s',
    '5/s/s',
    'Infinity/s',
  ].map((text): [OptionName, string, string] => ['rate', text, rate]),
  ...['', '0', '101', '-1', '1.5', '1e1', '0x4', ' 4', 'four', 'Infinity', 'NaN'].map(
    (text): [OptionName, string, string] => ['concurrency', text, concurrency],
  ),
  ...['', '30', '0s', '0.5ms', '-1s', '25h', '1 s', '1e3s', '30S', '2d', '1m30s'].map(
    (text): [OptionName, string, string] => ['timeout', text, duration],
  ),
  // What a file may say of drift is not what the command can be told for all of them.
  ...['', 'on', 'OFF', 'auto '].map((text): [OptionName, string, string] => ['live', text, live]),
  ...['', 'off', 'Report'].map((text): [OptionName, string, string] => ['drift', text, drift]),
  ...['', 'keep', 'null'].map((text): [OptionName, string, string] => ['released', text, released]),
  ...['', 'OFF', 'hourly', '60 * * * *', '* * * *', '0 0 31 2 *', '0 * * * * * *'].map(
    (text): [OptionName, string, string] => ['resync', text, cron],
  ),
  ...['', 'Paris', 'Mars/Olympus', '+25:00', '+02:00', '-0500', 'GMT+2', 'localtime'].map(
    (text): [OptionName, string, string] => ['timezone', text, zone],
  ),
  ...['', 'INFO', 'verbose'].map((text): [OptionName, string, string] => ['logLevel', text, level]),
  ...['', 'JSON', 'text'].map((text): [OptionName, string, string] => ['logFormat', text, format]),
];

test.each(bad)('%s refuses %j and says what was expected', (name, text, expected) => {
  for (const [where, flags, env] of [
    [flagOf(name), { [name]: text }, {}],
    [variableOf(name), {}, { [variableOf(name)]: text }],
  ] as const) {
    const read = () => readSettings(flags, env);
    expect(read).toThrow(UsageError);
    expect(read).toThrow(`${where}: expected ${expected}`);
    const why = text.trim() === '' ? ' (is a variable not set?)' : '';
    expect(read).toThrow(`, found ${JSON.stringify(text)}${why}`);
  }
});

test('a refused cron expression is told with the reason', () => {
  expect(() => readSettings({ resync: '60 * * * *' }, {})).toThrow('minute');
});

describe('a flag and the environment', () => {
  const env = { WIDGET_SYNC_RATE: '1/h', WIDGET_SYNC_STATE: '/from-env' };

  test('together: the flag wins, and the rest stays', () => {
    const settings = readSettings({ rate: '7/s' }, env);
    expect(settings.rate).toEqual({ limit: 7, windowMs: 1000 });
    expect(settings.state).toBe('/from-env');
    expect(settings.given).toEqual(
      new Map([
        ['rate', 'flag'],
        ['state', 'environment'],
      ]),
    );
  });

  test('a value that is given counts as given, even where it is the default', () => {
    expect(readSettings({ rate: '5/s' }, {}).given).toEqual(new Map([['rate', 'flag']]));
  });
});

describe('a variable that is none of ours', () => {
  test.each([
    ['WIDGET_SYNC_RATES', 'Did you mean WIDGET_SYNC_RATE?'],
    ['WIDGET_SYNC_TIMEZON', 'Did you mean WIDGET_SYNC_TIMEZONE?'],
    ['WIDGET_SYNC_LOGLEVEL', 'Did you mean WIDGET_SYNC_LOG_LEVEL?'],
    ['WIDGET_SYNC_rate', 'Did you mean WIDGET_SYNC_RATE?'],
    ['WIDGET_SYNC_APIURL', 'Did you mean WIDGET_SYNC_API_URL?'],
    ['WIDGET_SYNC_LIVES', 'Did you mean WIDGET_SYNC_LIVE?'],
    ['WIDGET_SYNC_RELEASE', 'Did you mean WIDGET_SYNC_RELEASED?'],
  ])('%s is refused, and the near one named', (name, advice) => {
    const read = () => readSettings({}, { [name]: '1' });
    expect(read).toThrow(UsageError);
    expect(read).toThrow(`${name}: there is no such environment variable. ${advice}`);
  });

  test.each(['WIDGET_SYNC_FOO_BAR_BAZ', 'WIDGET_SYNC_API_KEY', 'WIDGET_SYNC_DRY_RUN'])(
    '%s is refused, and where nothing is near all are named',
    (name) => {
      expect(() => readSettings({}, { [name]: '1' })).toThrow(
        `${name}: there is no such environment variable. Known are WIDGET_SYNC_API_URL, `,
      );
    },
  );

  test.each(['WIDGET_SYNCER', 'widget_sync_rate', 'MY_WIDGET_SYNC_RATE', 'INSIGHTO_API_KEY'])(
    '%s is left alone',
    (name) => {
      expect(readSettings({}, { [name]: '1' }).given.size).toBe(0);
    },
  );

  test.each([
    ['WIDGET_SYNC_SERVICE_HOST', '10.0.0.7'],
    ['WIDGET_SYNC_SERVICE_PORT', '80'],
    ['WIDGET_SYNC_SERVICE_PORT_HTTP', '80'],
    ['WIDGET_SYNC_PORT', 'tcp://10.0.0.7:80'],
    ['WIDGET_SYNC_PORT_80_TCP', 'tcp://10.0.0.7:80'],
    ['WIDGET_SYNC_PORT_80_TCP_PROTO', 'tcp'],
    ['WIDGET_SYNC_PORT_80_TCP_PORT', '80'],
    ['WIDGET_SYNC_PORT_80_TCP_ADDR', '10.0.0.7'],
  ])('%s is left alone: Kubernetes sets it beside a Service of our name', (name, value) => {
    expect(readSettings({}, { [name]: value }).given.size).toBe(0);
  });

  test.each(['WIDGET_SYNC_PORTS', 'WIDGET_SYNC_SERVICE', 'WIDGET_SYNC_SERVICE_HOSTS'])(
    '%s only begins like one of those, and is refused',
    (name) => {
      expect(() => readSettings({}, { [name]: '1' })).toThrow(UsageError);
    },
  );

  test('its value is not shown: it may be a secret', () => {
    expect(() => readSettings({}, { WIDGET_SYNC_API_KEY: 'in-secret' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('in-secret') }),
    );
  });
});
