// In a container the user may be a number that no file of the system knows.
import { describe, expect, onTestFinished, test } from 'vitest';
import { UsageError } from '../../../src/base/errors.ts';
import { readConnections } from '../../../src/state/postgres/database/connection.ts';

describe.skipIf(process.getuid?.() !== 0)('a user without a name or a home', () => {
  const asNobodyKnown = <T>(act: () => T): T => {
    const home = process.env['HOME'];
    process.seteuid?.(54_321);
    delete process.env['HOME'];
    onTestFinished(() => {
      process.seteuid?.(0);
      process.env['HOME'] = home;
    });
    return act();
  };

  test('is asked who connects', () => {
    const connect = () => asNobodyKnown(() => readConnections({ PGDATABASE: 'widgets' }, null));
    expect(connect).toThrow(UsageError);
    expect(connect).toThrow('PGUSER: say who connects');
  });

  test('connects as who is named', () => {
    const { data } = asNobodyKnown(() => readConnections({ PGUSER: 'replica' }, null));
    expect(data).toMatchObject({ user: 'replica', database: 'replica' });
  });
});
