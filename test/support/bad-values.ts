// For each flag with a value, and its environment variable: values that cannot be used, and the words.

/** A base URL must not hold one, and the message must not repeat it. */
export const keyInUrl = 'in-0123456789abcdef0123';

type Row = readonly [flag: string, variable: string, values: readonly string[], words: RegExp];

export const badValues: readonly Row[] = [
  [
    '--rate',
    'WIDGET_SYNC_RATE',
    ['', '0/s', '5', '5/d', '-1/s', '1.5/s', '5/ s', '9999999/s'],
    /expected a count per second, minute or hour, such as 5\/s, 300\/m or 1000\/h, found "/,
  ],
  [
    '--concurrency',
    'WIDGET_SYNC_CONCURRENCY',
    ['', '0', '101', 'four', '1.5', '-1'],
    /expected a whole number from 1 to 100, found "/,
  ],
  [
    '--timeout',
    'WIDGET_SYNC_TIMEOUT',
    ['', '30', '0s', '25h', 'soon', '1 s', '-5s'],
    /expected a duration of at most a day, such as 500ms, 30s or 2m, found "/,
  ],
  [
    '--resync',
    'WIDGET_SYNC_RESYNC',
    ['', 'hourly', '61 * * * *', '* * *', 'never'],
    /expected a cron expression such as "0 \* \* \* \*", or off \(.+\), found "/,
  ],
  [
    '--timezone',
    'WIDGET_SYNC_TIMEZONE',
    ['', 'Mars/Olympus', '25:00'],
    /expected an IANA time zone such as Europe\/Paris, or system, found "/,
  ],
  [
    '--keep-history',
    'WIDGET_SYNC_KEEP_HISTORY',
    ['', '64', '64MB', '1023KiB', '0MiB', '-1MiB', '1.5GiB', 'off'],
    /expected a size of at least 1MiB, such as 64MiB, or all, found "/,
  ],
  [
    '--max-changes',
    'WIDGET_SYNC_MAX_CHANGES',
    ['', '0', '-1', '1.5', '0%', '101%', 'all'],
    /expected a number of widgets from 1, such as 25, a share above 0% and up to 100%, such as 10%, auto or off, found "/,
  ],
  [
    '--allow',
    'WIDGET_SYNC_ALLOW',
    ['', 'low_contrast', 'Low-Contrast', ',', 'low-contrast,'],
    /expected codes of warnings such as low-contrast, with commas between, or none, found "/,
  ],
  [
    '--watch',
    'WIDGET_SYNC_WATCH',
    ['', 'inotify', 'Poll'],
    /expected one of auto, events, poll, found "/,
  ],
  [
    '--rescan',
    'WIDGET_SYNC_RESCAN',
    ['', '0s', '25h', '30', 'off'],
    /expected a duration of at most a day, such as 500ms, 30s or 2m, found "/,
  ],
  [
    '--poll-interval',
    'WIDGET_SYNC_POLL_INTERVAL',
    ['', '0s', '2d', 'Auto'],
    /expected a duration of at most a day, such as 500ms, 30s or 2m, or auto, found "/,
  ],
  ['--live', 'WIDGET_SYNC_LIVE', ['', 'on', 'OFF'], /expected one of auto, off, found "/],
  [
    '--drift',
    'WIDGET_SYNC_DRIFT',
    ['', 'off', 'Report'],
    /expected one of correct, report, found "/,
  ],
  [
    '--released',
    'WIDGET_SYNC_RELEASED',
    ['', 'keep', 'null'],
    /expected one of reset, leave, found "/,
  ],
  ['--notify', 'WIDGET_SYNC_NOTIFY', ['', '  '], /expected a file of targets, or none, found "/],
  [
    '--notify-again',
    'WIDGET_SYNC_NOTIFY_AGAIN',
    ['', 'never', '59s', '25h', '24'],
    /expected a duration from a minute to a day, such as 30m or 24h, or off, found "/,
  ],
  [
    '--serve',
    'WIDGET_SYNC_SERVE',
    ['', 'on', '65536', 'example.com:8080', '::1', '0.0.0.0', '127.0.0.1:x', ':8080'],
    /expected a port such as 8081, which serves this machine alone, an address with one such as .* or off, found "/,
  ],
  [
    '--serve-host',
    'WIDGET_SYNC_SERVE_HOST',
    ['', ' ', 'a,,b', 'widgets.example.com:8080', 'http://a'],
    /expected names of hosts such as widgets\.example\.com, without a port, with commas between, or none, found "/,
  ],
  [
    '--serve-snapshot',
    'WIDGET_SYNC_SERVE_SNAPSHOT',
    ['', 'on', 'None', 'all'],
    /expected one of off, none, declared, found "/,
  ],
  [
    '--log-level',
    'WIDGET_SYNC_LOG_LEVEL',
    ['', 'loud', 'INFO'],
    /expected one of trace, debug, info, warn, error, fatal, silent, found "/,
  ],
  ['--log-format', 'WIDGET_SYNC_LOG_FORMAT', ['', 'xml'], /expected one of json, pretty.*found "/],
  [
    '--accounts',
    'WIDGET_SYNC_ACCOUNTS',
    ['', '  '],
    /expected a file of accounts, or none, found "/,
  ],
  [
    '--store',
    'WIDGET_SYNC_STORE',
    ['', 'redis', 'Postgres'],
    /expected one of files, postgres, found "/,
  ],
  [
    '--pooler',
    'WIDGET_SYNC_POOLER',
    ['', '6432', 'a:0', 'a:65536', 'user@a:6432', 'postgres://a:6432'],
    /expected a host and a port such as pooler\.internal:6432, or none, found "/,
  ],
  ['--root', 'WIDGET_SYNC_ROOT', ['', '  '], /expected a directory, or auto, found "/],
  ['--state', 'WIDGET_SYNC_STATE', ['', '  '], /expected a directory, found "/],
  [
    '--api-url',
    'WIDGET_SYNC_API_URL',
    ['', ' '],
    /expected a URL such as https:.*, found " *" \(is a variable not set\?\)/,
  ],
  ['--api-url', 'WIDGET_SYNC_API_URL', ['localhost', 'ftp://a.b'], /must begin with https:/],
  ['--api-url', 'WIDGET_SYNC_API_URL', ['https://'], /not a valid URL: give one such as https:/],
  [
    '--api-url',
    'WIDGET_SYNC_API_URL',
    ['http://api.example.com', 'http://10.0.0.1:8080', 'http://127.example.com'],
    /clear text: use https:.*loopback/,
  ],
  [
    '--api-url',
    'WIDGET_SYNC_API_URL',
    [`https://a.b?api_key=${keyInUrl}`],
    /remove the \?.*INSIGHTO_A/,
  ],
  ['--api-url', 'WIDGET_SYNC_API_URL', ['https://me:secret@a.b'], /remove what stands before the/],
  ['--api-url', 'WIDGET_SYNC_API_URL', ['https://a.b/api/v1/'], /must not end in \/api\/v1/],
];
