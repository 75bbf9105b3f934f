import { describe, expect, onTestFinished, test } from 'vitest';
import { forgetSecrets } from '../../../src/base/secrets.ts';
import { type Received, type Respond, startServer } from '../../api/loopback.ts';
import { notifyDirectory, signingSecret } from '../../observe/notify/messages.ts';
import { runHere } from '../../support/program.ts';

/** A file with a target of each kind, at one server that answers each path in its own way. */
async function everyTarget(respond: Respond) {
  const { baseUrl, received } = await startServer(respond);
  const files = notifyDirectory();
  for (const kind of ['slack', 'teams', 'discord', 'webhook']) {
    files.write(`${kind}-url`, `${baseUrl}/${kind}/a-secret-part-of-it`);
  }
  files.write('secret', signingSecret);
  files.write(
    'notify.yaml',
    [
      '# yaml-language-server: $schema=notify.schema.json',
      'targets:',
      '  - { to: slack, url_file: slack-url, name: on call }',
      '  - { to: teams, url_file: teams-url, min_severity: error }',
      '  - { to: discord, url_file: discord-url, events: [file.held] }',
      '  - { to: webhook, url_file: webhook-url, secret_file: secret }',
    ].join('\n'),
  );
  onTestFinished(forgetSecrets);
  return { path: files.path, received };
}

const pathOf = ({ requestLine }: Received) => requestLine.split('/')[1];

describe('notify --test', () => {
  test('sends a sample to each target, whatever it wants to hear of, and says what came back', async () => {
    const { path, received } = await everyTarget((response, one) =>
      response.writeHead(pathOf(one) === 'teams' ? 202 : 200).end(),
    );
    const { code, stdout, stderr } = await runHere(['notify', '--test', '--notify', path]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trimEnd().split('\n').sort()).toEqual([
      'discord 3 (discord): sent, it answered 200 OK',
      'on call (slack): sent, it answered 200 OK',
      'teams 2 (teams): sent, it answered 202 Accepted',
      'webhook 4 (webhook): sent, it answered 200 OK',
    ]);
    expect(received.map(pathOf).sort()).toEqual(['discord', 'slack', 'teams', 'webhook']);
    for (const { body } of received) expect(body).toContain('A test of the notifications');
    const posted = received.find((one) => pathOf(one) === 'webhook');
    expect(JSON.parse(posted?.body ?? '')).toMatchObject({ test: true, count: 0, widgets: [] });
  });

  test('fails where one does, and shows no address', async () => {
    const { path } = await everyTarget((response, one) => {
      if (pathOf(one) === 'slack') response.writeHead(403).end('invalid_token a-secret-part-of-it');
      else if (pathOf(one) === 'discord') response.socket?.resetAndDestroy();
      else response.end();
    });
    const env = { WIDGET_SYNC_NOTIFY: path };
    const { code, stdout } = await runHere(['notify', '--test'], env);
    expect(code).toBe(1);
    expect(stdout).toContain('on call (slack): failed, it answered 403 Forbidden: invalid_token');
    expect(stdout).toContain(
      'discord 3 (discord): failed, no answer came: the connection was clos',
    );
    expect(stdout).toContain('teams 2 (teams): sent');
    expect(stdout).not.toContain('127.0.0.1');
  });

  test.each([
    [['notify'], /notify sends nothing by itself: notify --test sends a sample/],
    [['notify', '--test'], /there is nobody to send it to: give --notify <file>, or set WIDGET_S/],
    [['notify', '--test', '--notify', '/no/such.yaml'], /in \/no\/such.yaml, but there is none/],
  ])('%j is refused', async (words, wanted) => {
    const { code, stdout, stderr } = await runHere(words);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(wanted);
  });

  test.each(['fetch', 'http, UNDICI', '*'])(
    'nothing is sent where NODE_DEBUG=%s would print the addresses',
    async (traced) => {
      const { path, received } = await everyTarget((response) => response.end());
      const env = { NODE_DEBUG: traced };
      const { code, stdout, stderr } = await runHere(['notify', '--test', '--notify', path], env);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain('NODE_DEBUG would print');
      expect(received).toEqual([]);
    },
  );

  test('a file with mistakes is refused with their places', async () => {
    const files = notifyDirectory();
    files.write('notify.yaml', 'targets:\n  - { to: slack, url_file: gone }\n  - { to: irc }\n');
    const { code, stderr } = await runHere(['notify', '--test', '--notify', files.path]);
    expect(code).toBe(1);
    expect(stderr).toContain(`${files.path}:3:`);
    expect(stderr).toContain('unknown "irc"');
  });
});
