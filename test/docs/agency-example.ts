// The agency of examples/, in a checkout of its own, with an account that one of its folders is for.
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { openWidgetDirectory } from '../../src/documents/widget-directory.ts';
import { asJson } from '../../src/model/widget.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { makeCheckout, temporaryDirectory, writeFile } from '../support/command.ts';
import { type Place, runIn } from '../support/program.ts';
import { root } from './pages.ts';

export const agency = join(root, 'examples/agency');

/** The widget directory that the page tells of. */
export const prod = 'clients/marram/prod';

export interface AgencyPlace extends Place {
  readonly env: Record<string, string>;
  readonly sandbox: Sandbox;
  /** The text of a file, from the agency's folder. */
  text(file: string): string;
  /** Puts another text for a part of a file that occurs in it. */
  edit(file: string, part: string, text: string): void;
}

/** All of it, with what is live in the account of `prod` as its files say, and recorded so. */
export async function appliedAgency(): Promise<AgencyPlace> {
  const cwd = temporaryDirectory();
  cpSync(agency, cwd, { recursive: true });
  makeCheckout(cwd);
  const { documents, problems } = openWidgetDirectory(join(cwd, prod)).load();
  expect(problems).toEqual([]);
  const sandbox = await startSandbox({
    widgets: documents.map(({ widgetId, spec }) => ({ widgetId, fields: asJson(spec) })),
  });
  onTestFinished(() => sandbox.close());
  const env = { INSIGHTO_API_KEY: 'in-test', WIDGET_SYNC_API_URL: sandbox.url };
  expect(await runIn({ cwd, env }, ['apply', prod, '--rate', '1000/s'])).toMatchObject({ code: 0 });
  const text = (file: string) => readFileSync(join(cwd, file), 'utf8');
  const edit = (file: string, part: string, replaced: string) => {
    expect(text(file)).toContain(part);
    writeFile(cwd, file, text(file).replace(part, replaced));
  };
  return { cwd, env, sandbox, text, edit };
}

/** After what the page tells of: the brand has another colour in its header. */
export async function editedAgency(): Promise<AgencyPlace> {
  const place = await appliedAgency();
  place.edit('clients/marram/_brand.yaml', 'header_color: "#7c2d12"', 'header_color: "#9a3412"');
  return place;
}
