// `import` by the built command: an account becomes files, and the files ask for nothing.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostileTexts, widgetFields } from '../documents/arbitrary-widgets.ts';
import { countKinds, openAccount, putsOf, textOf } from '../support/account.ts';
import { writeFile } from '../support/command.ts';
import { widgetId } from '../support/sandbox.ts';
import { few } from '../support/soak.ts';

const many = few(60, { soak: 200 });

test(`${many} widgets with hostile texts become files that are valid and that plan and apply leave alone`, async () => {
  const bodies = fc.sample(widgetFields, { numRuns: many, seed: 11 });
  const live = bodies.map((body, n) => ({
    name: `Widget ${n % 20}`,
    ...body,
    intro_message: hostileTexts[n % hostileTexts.length] ?? '',
  }));
  const account = await openAccount({ live });
  const before = structuredClone(account.sandbox.widgets());
  const reading = await account.requestsOf(async () => {
    const { code, stdout } = await account.quickly('import');
    expect(stdout).toMatch(new RegExp(`^${many} files created, 0 unchanged\\.$`, 'm'));
    expect(code).toBe(0);
  });
  expect(countKinds(reading)).toEqual({ list: Math.ceil(many / 100), get: 1, put: 0 });
  const files = readdirSync(account.dir);
  expect(files).toHaveLength(many);
  for (const file of files) {
    expect(textOf(account.dir, file)).toMatch(/^# yaml-language-server: \$schema=.*\nwidget_id: /);
  }

  // How a widget looks is its own, and no fault of the file.
  const ofLook = 'not-a-colour,low-contrast,empty-suggestion,double-suggestion';
  const { code, stdout, stderr } = await account.quickly('validate', '--allow', ofLook);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(new RegExp(`no problems.* in ${many} widget files\n$`));
  const plan = await account.plan();
  expect(plan.summary).toMatchObject({ update: 0, adopt: many, held: 0, drifted: 0, total: many });
  const applying = await account.requestsOf(() => account.quickly('apply'));
  expect(countKinds(applying)).toEqual({ list: Math.ceil(many / 100), get: 1, put: 0 });
  expect(account.sandbox.widgets()).toEqual(before);
  const settled = await account.plan();
  expect(settled.summary).toMatchObject({ update: 0, adopt: 0, unchanged: many });
  const again = await account.quickly('import', '--update');
  expect(again.stdout).toBe(`0 files created, ${many} unchanged.\n`);
});

const commented = `# yaml-language-server: $schema=../schemas/widget.schema.json
# The shop's own. Ask Ava before you change it.
widget_id: ${widgetId(0)}   # from the embed code
widget_type: chat

display_name: 'Ava'         # shown in the header
intro_message: |
  Hello.

  How can I help?
header_color:   "#1f2937"
user_opening_messages:
  - &order Where is my order?   # the most asked
  - 'Talk to a human'
  - *order
attributes: {shop: 7, open: true}
sync: # the dashboard has its say
  ignore: [/bubble_text]
bubble_text: Ask me
`;

test('import --update changes only the lines of the fields that changed', async () => {
  const account = await openAccount({
    live: [
      {
        widget_type: 'chat',
        display_name: 'Eva: "the" # one',
        intro_message: 'Hello.\n\nHow can I help?\n',
        header_color: '#FFFFFF',
        user_opening_messages: ['Where is my order?', 'Talk to Eva', 'Where is my order?'],
        attributes: { shop: 7, open: true },
        bubble_text: 'Sale!',
        description: 'undeclared, and stays so',
      },
      { widget_type: 'sms', name: 'Second' },
    ],
  });
  writeFile(account.dir, 'shop.yaml', commented);

  const left = await account.quickly('import', '--only', widgetId(0));
  expect(left.stdout).toContain('1 left as they are (--update brings the live values in)');
  expect(textOf(account.dir, 'shop.yaml')).toBe(commented);

  const updated = await account.quickly('import', '--update', '--json');
  expect(updated.code).toBe(0);
  expect(JSON.parse(updated.stdout)).toMatchObject({
    created: [{ widget_id: widgetId(1), file: 'second.yaml' }],
    updated: [{ file: 'shop.yaml' }],
  });
  const before = commented.split('\n');
  const after = textOf(account.dir, 'shop.yaml').split('\n');
  expect(after).toHaveLength(before.length);
  expect(after.filter((line, at) => line !== before[at])).toEqual([
    expect.stringMatching(/^display_name: .*Eva: .* # shown in the header$/),
    'header_color:   "#FFFFFF"',
    "  - 'Talk to Eva'",
  ]);

  expect(await account.quickly('validate')).toMatchObject({ code: 0 });
  const requests = await account.requestsOf(async () => {
    expect((await account.plan()).summary).toMatchObject({ update: 0, adopt: 2 });
    await account.quickly('apply');
  });
  expect(putsOf(requests)).toEqual([]);
  expect(readdirSync(join(account.dir)).sort()).toEqual(['second.yaml', 'shop.yaml']);
});
