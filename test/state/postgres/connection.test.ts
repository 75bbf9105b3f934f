// Where the database is, as variables and files say it. No server is asked.
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { StateError, UsageError } from '../../../src/base/errors.ts';
import { hideRegistered } from '../../../src/base/secrets.ts';
import { readConnections } from '../../../src/state/postgres/database/connection.ts';
import { findPassword } from '../../../src/state/postgres/database/password-file.ts';
import { temporaryDirectory } from '../fixtures/state-options.ts';

async function fileOf(text: string, mode = 0o600): Promise<string> {
  const path = join(await temporaryDirectory(), 'file');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

describe('the variables', () => {
  test('name the server, or leave what every client takes then', () => {
    const { direct, data } = readConnections({ PGUSER: 'ops', HOME: '/nowhere' }, null);
    expect(direct).toMatchObject({
      ...{ host: 'localhost', port: 5432, user: 'ops', database: 'ops', ssl: false },
      ...{ application_name: 'widget-sync', connectionTimeoutMillis: 5000 },
    });
    expect(data).toBe(direct);
    const all = { PGHOST: 'db', PGPORT: '6000', PGDATABASE: 'w', PGUSER: 'u', PGPASSWORD: 'p' };
    expect(
      readConnections({ ...all, PGAPPNAME: 'n', PGCONNECT_TIMEOUT: '2' }, null).direct,
    ).toMatchObject({ host: 'db', port: 6000, database: 'w', user: 'u', password: 'p' });
  });

  test('name the server beside a pooler', () => {
    const { direct, data } = readConnections({ PGHOST: 'db' }, 'pooler:6432');
    expect(direct).toMatchObject({ host: 'db', port: 5432 });
    expect(data).toMatchObject({ host: 'pooler', port: 6432 });
    expect(readConnections({}, '[::1]:6432').data).toMatchObject({ host: '::1', port: 6432 });
  });

  test.each([
    [{ PGPORT: '0' }, 'PGPORT: expected a port from 1 to 65535, found "0"'],
    [{ PGPORT: 'x' }, 'PGPORT: expected a port'],
    [{ PGHOST: 'a,b' }, 'PGHOST names several hosts: give one name or address'],
    [{ PGSSLMODE: 'prefer' }, 'PGSSLMODE: expected disable, require, verify-ca or verify-full'],
    [{ PGCONNECT_TIMEOUT: '0' }, 'PGCONNECT_TIMEOUT: expected seconds from 1 to 9999, found "0"'],
    [
      { PGSSLMODE: 'verify-full', PGSSLROOTCERT: '/nowhere' },
      'PGSSLROOTCERT: cannot read the file',
    ],
    [{ PGSERVICE: 'a', PGSERVICEFILE: '/nowhere' }, 'PGSERVICE: cannot read the service file'],
  ])('%j are refused with what to do', (env, says) => {
    expect(() => readConnections(env, null)).toThrow(UsageError);
    expect(() => readConnections(env, null)).toThrow(says);
  });

  test.each([
    [{}, false],
    [{ PGSSLMODE: 'disable' }, false],
    [{ PGSSLMODE: 'verify-full', PGHOST: '/var/run/postgresql' }, false],
    [{ PGSSLMODE: 'verify-full' }, { rejectUnauthorized: true, servername: 'localhost' }],
    [{ PGSSLMODE: 'verify-full', PGHOST: '10.0.0.1' }, { rejectUnauthorized: true }],
    [
      { PGSSLMODE: 'verify-ca' },
      {
        rejectUnauthorized: true,
        servername: 'localhost',
        checkServerIdentity: expect.any(Function),
      },
    ],
    [
      { PGSSLMODE: 'require' },
      {
        rejectUnauthorized: false,
        servername: 'localhost',
        checkServerIdentity: expect.any(Function),
      },
    ],
  ])('%j say how the way there is kept secret', (env, ssl) => {
    expect(readConnections(env, null).direct.ssl).toEqual(ssl);
  });

  test('hold a password that is hidden wherever it should turn up', () => {
    readConnections({ PGPASSWORD: 'correct horse battery' }, null);
    expect(hideRegistered('failed with correct horse battery')).not.toContain('correct horse');
  });
});

describe('a service', () => {
  const text = `# ours
[other]
host=elsewhere

[widgets]
host = db.internal
port=6001
dbname=w
user=replica
password=secret=with=signs
sslmode=verify-full
`;

  test('says what the variables do not have to, and goes before them', async () => {
    const env = { PGSERVICE: 'widgets', PGSERVICEFILE: await fileOf(text), PGHOST: 'not-this' };
    expect(readConnections(env, null).direct).toMatchObject({
      ...{ host: 'db.internal', port: 6001, database: 'w', user: 'replica' },
      ...{
        password: 'secret=with=signs',
        ssl: { rejectUnauthorized: true, servername: 'db.internal' },
      },
    });
  });

  test.each([
    ['nobody', text, 'PGSERVICE: there is no service "nobody" in'],
    [
      'a',
      '[a]\nsearch_path=x\n',
      'PGSERVICE: the service a says search_path; known are host, hostaddr',
    ],
    ['a', '[a]\nhost\n', 'PGSERVICE: a line of the service a in'],
  ])('%s of a wrong file is refused', async (name, content, says) => {
    const env = { PGSERVICE: name, PGSERVICEFILE: await fileOf(content) };
    expect(() => readConnections(env, null)).toThrow(says);
  });
});

describe('the password file', () => {
  const place = { host: 'db', port: 5432, database: 'w', user: 'replica' };
  const text = [
    '# host:port:database:user:password',
    'db:5432:other:replica:no',
    'db:5432:w:replica:with\\:colon\\\\and more',
    '*:*:*:replica:any',
    'localhost:5432:w:replica:socket',
    '',
  ].join('\n');

  test.each([
    [place, 'with:colon\\and more'],
    [{ ...place, host: 'elsewhere' }, 'any'],
    [{ ...place, user: 'nobody' }, null],
  ])('has for %j what the first line says that fits', async (asked, password) => {
    expect(findPassword(await fileOf(text), asked, {})).toBe(password);
  });

  test('knows a socket of the file system as localhost', async () => {
    const path = await fileOf('localhost:5432:w:replica:socket\n');
    expect(findPassword(path, { ...place, host: '/run/postgresql' }, {})).toBe('socket');
  });

  test('is read as each connection begins', async () => {
    const path = await fileOf(text);
    const env = { PGHOST: 'db', PGDATABASE: 'w', PGUSER: 'replica', PGPASSFILE: path };
    const { password } = readConnections(env, null).direct;
    const read = password as () => string;
    expect(read()).toBe('with:colon\\and more');
    writeFileSync(path, 'db:5432:w:replica:a new one\n');
    expect(read()).toBe('a new one');
    // It is renewed, and comes back: nothing that a process would have to end for.
    chmodSync(path, 0o644);
    expect(read).toThrow(StateError);
    rmSync(path);
    expect(read).toThrow(StateError);
    writeFileSync(path, 'db:5432:w:replica:back again\n', { mode: 0o600 });
    expect(read()).toBe('back again');
  });

  test('that is named has to be of use from the beginning', async () => {
    const env = { PGHOST: 'db', PGPASSFILE: await fileOf(text, 0o644) };
    expect(() => readConnections(env, null)).toThrow(UsageError);
    expect(() => readConnections({ ...env, PGPASSFILE: '/nowhere' }, null)).toThrow(UsageError);
  });

  test('is refused where others may read it, or where it was named and is not there', async () => {
    const open = await fileOf(text, 0o644);
    expect(() => findPassword(open, place, {})).toThrow(
      `others may read the password file: chmod 0600 ${open}`,
    );
    expect(() => findPassword('/nowhere', place, {})).toThrow(
      'PGPASSFILE: cannot read the password file',
    );
    expect(findPassword(null, place, { HOME: '/nowhere' })).toBeNull();
  });
});
