// All that the page on more than one machine shows, one after the other, against a server of the test's
// own.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { commitAll, initRepository } from '../documents/repository.ts';
import { type Started, startCommand, writeFile } from '../support/command.ts';
import { hasPostgres, runProgram, sharePostgres } from '../support/postgres.ts';
import { runIn } from '../support/program.ts';
import { accountsExample } from './accounts-example.ts';
import { pageOf } from './pages.ts';

const { postgres } = sharePostgres();
const page = pageOf('docs/scale.md');

interface Step {
  readonly language: string;
  readonly line: string;
}

/** A statement of SQL may take several lines. */
const steps = page.blocks.flatMap(({ language, text }): Step[] => {
  if (language === 'sql') return text.split(/;\n/).map((line) => ({ language, line }));
  return language === 'sh' ? text.split('\n').map((line) => ({ language, line })) : [];
});

describe.skipIf(!hasPostgres)('docs/scale.md', () => {
  test('can be followed from the first line to the last', async () => {
    const place = await accountsExample();
    // Replicas follow the commits of the file and of what it names.
    writeFile(place.cwd, '.gitignore', '.widget-sync\n');
    initRepository(place.cwd);
    commitAll(place.cwd);
    const own = await runIn(place, [
      'apply',
      '--accounts',
      'accounts.yaml',
      '--account',
      'fernwood',
    ]);
    expect(own).toMatchObject({ code: 0 });
    const server = { ...postgres().envOf('widgets') } as Record<string, string>;
    const done: string[] = [];
    let replica: Started | null = null;
    let isStatusSeen = false;
    for (const { language, line } of steps.filter((step) => step.line.trim() !== '')) {
      done.push(line.trim().split(/[ \n]/)[0] ?? '');
      if (language === 'sql') {
        await postgres().query('widgets', line);
        continue;
      }
      const [, user, command = ''] = /^(?:PGUSER=(\w+) )?(.*)$/.exec(line) ?? [];
      const words = command
        .replace(/ +#.*/, '')
        .replace(/ --no --(?= )/, '')
        .split(' ');
      if (words[0] !== 'npx') {
        const [program = '', ...args] = words;
        runProgram(program, args, { ...server, PGDATABASE: 'postgres' }, place.cwd);
        continue;
      }
      // As who may work with the tables and no more, unless the page says otherwise.
      const env = { ...place.env, ...server, PGUSER: user ?? 'replica' };
      if (words[2] === 'run') {
        // The only one that goes on for ever: until what is asked of it, which follows, is done.
        replica = startCommand(words.slice(2), { cwd: place.cwd, env });
        continue;
      }
      if (replica !== null) {
        expect(words[2]).toBe(isStatusSeen ? 'resync' : 'status');
        while ((await runIn({ cwd: place.cwd, env }, words.slice(2))).code !== 0) await sleep(100);
        if (words[2] === 'status') {
          isStatusSeen = true;
          continue;
        }
        replica.signal('SIGTERM');
        expect(await replica.finished).toMatchObject({ code: 0, stderr: '' });
        replica = null;
        continue;
      }
      const { code, stderr } = await runIn({ cwd: place.cwd, env }, words.slice(2));
      expect({ line, code, stderr }).toMatchObject({ line, code: 0 });
    }
    expect(new Set(done)).toEqual(
      new Set([
        'createuser',
        'createdb',
        'PGUSER=widgets_owner',
        'grant',
        'npx',
        'pg_dump',
        'pg_restore',
        'delete',
      ]),
    );
    const files = readdirSync(join(place.cwd, '.widget-sync/fernwood'));
    expect(files).toContain('widgets');
    expect(files).not.toContain('in-store.json');
    const rows = (database: string) =>
      postgres().query(
        database,
        "select count(*)::int as n from widget_sync.widget where account = 'fernwood'",
      );
    expect(await rows('widgets')).toEqual([{ n: 0 }]);
    expect((await rows('widgets_again'))[0]?.['n']).toBeGreaterThan(0);
    // The restored tables are the owner's, who can bring them up to date, and whoever works with them goes on.
    const owners = await postgres().query(
      'widgets_again',
      "select distinct tableowner from pg_tables where schemaname = 'widget_sync'",
    );
    expect(owners).toEqual([{ tableowner: 'widgets_owner' }]);
    const again = { ...place.env, ...server, PGDATABASE: 'widgets_again' };
    const owner = { cwd: place.cwd, env: { ...again, PGUSER: 'widgets_owner' } };
    expect(await runIn(owner, ['store', 'init'])).toMatchObject({ code: 0 });
    const worker = { cwd: place.cwd, env: { ...again, PGUSER: 'replica' } };
    const words = ['apply', '--accounts', 'accounts.yaml', '--store', 'postgres'];
    expect(await runIn(worker, words)).toMatchObject({ code: 0, stderr: '' });
  });
});
