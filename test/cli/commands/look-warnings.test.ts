// What visitors could hardly see is said by every command that reads files, and changes nothing else.
import { describe, expect, test } from 'vitest';
import { temporaryDirectory, writeFile } from '../../support/command.ts';
import { readValidateJson } from '../../support/json-shapes.ts';
import { runHere } from '../../support/program.ts';
import { widgetId } from '../../support/sandbox.ts';
import { openWorkspace } from '../../support/workspace.ts';

/** A chat of which two pairs are hard to read, and three things paint nothing. */
const fernwood = `widget_id: ${widgetId(1)}
widget_type: chat
display_name: Ava
user_opening_messages: [Where is my order?, How do I return something?]
header_color: "#14532d"
header_text_color: "#f0fdf4"
bubble_color: "#14532d"
bot_icon_color: "#16a34a"
bot_message_color: "#f0fdf4"
bot_text_message_color: "#14281d"
user_message_color: "#16a34a"
user_text_message_color: "#ffffff"
ice_break_color: "#dcfce7"
action_buttons_color: "#166534"
action_buttons:
  - label: Track my order
    url: https://fernwood-outfitters.example/orders
style_params:
  position: bottom-right
`;

const warnings = [
  'ava.yaml:11:21: warning: visitor\'s messages: user_text_message_color #ffffff on user_message_color #16a34a has contrast 3.2 [low-contrast] 4.5 is needed. user_message_color: "#00893a" would do.',
  'ava.yaml:13:18: warning: opening suggestions: ice_break_color #dcfce7 on white has contrast 1.0 [low-contrast] 4.5 is needed. ice_break_color: "#617d6b" would do.',
];
const notes = [
  'ava.yaml:7:1: note: bubble_color is not painted while bot_icon_color is declared [not-painted] bot_icon_color goes before it. Remove the one or the other.',
  'ava.yaml:17:5: note: action_buttons[0].url is not read [not-painted] Of a button the scripts read label, link, icon. Write the address as link.',
  'ava.yaml:19:3: note: style_params.position is not read [not-painted] No script was seen to read it. Of style_params placeholder, sub_heading, ice_breaker_heading, cta.heading, cta.sub_heading, auto_open_widget, auto_close_bubble_everytime, hide_ice_breaker_for_session, show_reset_button are read.',
];

/** `validate` of one file; lines without the folder. */
async function validate(text: string, { flags = [] as string[], env = {} } = {}) {
  const root = temporaryDirectory();
  writeFile(root, 'ava.yaml', text);
  const { code, stdout, stderr } = await runHere(['validate', root, ...flags], env);
  return { code, stderr, stdout, lines: stdout.replaceAll(`${root}/`, '').trimEnd().split('\n') };
}

describe('validate', () => {
  test('warns of what can hardly be read, with a line that mends it, and notes what paints nothing', async () => {
    const { code, stderr, lines } = await validate(fernwood);
    const [first, ...others] = notes;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(lines).toEqual([first, ...warnings, ...others, '2 warnings, 3 notes in 1 widget file']);
  });

  test('has nothing to warn of once its lines are taken over', async () => {
    const taken = warnings.map((line) => /needed\. ((\w+): "#\w+")/.exec(line) ?? []);
    const mended = taken.reduce(
      (text, [, line = '', field = '']) => text.replace(new RegExp(`^${field}: .*$`, 'm'), line),
      fernwood,
    );
    expect(mended).not.toBe(fernwood);
    const { code, lines } = await validate(mended, { flags: ['--strict'] });
    expect(lines.at(-1)).toBe('no problems, 3 notes in 1 widget file');
    expect(code).toBe(0);
  });

  test('concludes nothing from a colour that is misspelt', async () => {
    const misspelt = fernwood.replace('user_message_color:', 'user_mesage_color:');
    const { code, lines } = await validate(misspelt);
    const found = lines.filter((line) => /error|low-contrast/.test(line));
    expect(code).toBe(1);
    // The ground of the visitor's messages is not what it would be by default.
    expect(found).toEqual([
      expect.stringMatching(/:11:1: error: .*user_mesage_color/),
      warnings[1],
      expect.stringMatching(/^1 error/),
    ]);
  });

  test('fails for a warning where it is asked to, and never for a note', async () => {
    expect((await validate(fernwood, { flags: ['--strict'] })).code).toBe(1);
    const flags = ['--strict', '--json', '--allow', 'low-contrast'];
    const { code, stdout } = await validate(fernwood, { flags });
    expect(code).toBe(0);
    expect(readValidateJson(stdout)).toMatchObject({
      ...{ valid: true, warning_count: 0, note_count: 3 },
      diagnostics: notes.map(() => ({ severity: 'note', code: 'not-painted' })),
    });
  });

  test.each<[string, { flags?: string[]; env?: NodeJS.ProcessEnv; sync?: string }]>([
    ['by flags', { flags: ['--allow', 'low-contrast', '--allow', 'not-painted'] }],
    ['by one flag', { flags: ['--allow', 'low-contrast,not-painted'] }],
    ['by the environment', { env: { WIDGET_SYNC_ALLOW: 'not-painted, low-contrast' } }],
    ['by the file itself', { sync: 'sync:\n  allow: [low-contrast, not-painted]\n' }],
    ['by both', { flags: ['--allow', 'not-painted'], sync: 'sync: {allow: [low-contrast]}\n' }],
  ])('leaves out what is allowed %s', async (_, { sync = '', ...how }) => {
    const { lines } = await validate(fernwood + sync, how);
    expect(lines).toEqual(['no problems in 1 widget file']);
  });

  test.each<[string, NodeJS.ProcessEnv, RegExp]>([
    [
      'low-contrat',
      {},
      /^--allow: there is no warning called "low-contrat"\. Did you mean low-contrast\?/m,
    ],
    ['colours', {}, /^--allow: there is no warning called "colours"\. Known are .*low-contrast/m],
    ['constructor', {}, /^--allow: there is no warning called "constructor"\. Known are /m],
    ['wrong-type', {}, /^--allow: wrong-type is an error, which cannot be allowed\. Known are /m],
    ['', {}, /^--allow: expected codes of warnings such as low-contrast/m],
    ['none', { WIDGET_SYNC_ALLOW: 'nothing' }, /^$/],
  ])('takes no code to allow that there is not: %j', async (code, env, words) => {
    const { stderr } = await validate(fernwood, { flags: ['--allow', code], env });
    expect(stderr.replace('widget-sync: ', '')).toMatch(words);
  });

  test('names the variable that holds no code', async () => {
    const { code, stderr } = await validate(fernwood, { env: { WIDGET_SYNC_ALLOW: 'nothing' } });
    expect(code).toBe(1);
    expect(stderr).toContain('WIDGET_SYNC_ALLOW: there is no warning called "nothing"');
  });

  test('an error cannot be allowed, and a code that is none is an error of the file', async () => {
    const { code, lines } = await validate(`${fernwood}sync: {allow: [wrong-type]}\nname: 7\n`);
    expect(code).toBe(1);
    expect(lines.join('\n')).toMatch(/:20:16: error: sync\.allow\[0\] cannot be "wrong-type"/);
    expect(lines.join('\n')).toMatch(/:21:7: error: name must be/);
    expect(lines.join('\n')).not.toContain(': note: ');
  });

  test('never shows a key that stands where a colour belongs', async () => {
    const key = 'in-colourkey-123456789';
    const text = `widget_id: ${widgetId(1)}\nwidget_type: chat\nheader_color: ${key}\n`;
    const { code, stdout } = await validate(text, { env: { INSIGHTO_API_KEY: key } });
    expect(code).toBe(1);
    expect(stdout).toContain('[holds-key]');
    expect(stdout).not.toContain(key);
  });
});

const pale = 'user_message_color: "#16a34a"\n';
const warned = /w0\.yaml:4:21: warning: visitor's messages: .* \[low-contrast\]/g;

describe('plan and apply', () => {
  test('warn, and send what the file says', async () => {
    const { write, quickly, sandbox } = await openWorkspace({ widgets: 1 });
    write(0, 'Ava', pale);
    expect((await quickly('plan')).stderr.match(warned)).toHaveLength(1);
    const { code, stderr } = await quickly('apply');
    expect(stderr.match(warned)).toHaveLength(1);
    expect(code).toBe(0);
    expect(sandbox.widget(widgetId(0))).toMatchObject({ user_message_color: '#16a34a' });
  });

  test('say nothing of what is allowed', async () => {
    const { write, quickly } = await openWorkspace({ widgets: 1 });
    write(0, 'Ava', pale);
    for (const command of ['plan', 'apply']) {
      const { stderr } = await quickly(command, '--allow', 'low-contrast');
      expect(stderr).not.toContain('low-contrast');
    }
  });
});

test('run warns once, however often the rest of the file changes', async () => {
  const { write, runHere: start, arrival } = await openWorkspace({ widgets: 1 });
  write(0, 'Ava', pale);
  const running = start();
  await running.waitForLog(({ code }) => code === 'low-contrast');
  for (const name of ['Bea', 'Cleo']) {
    write(0, name, pale);
    await arrival(0, name);
  }
  const said = running.log().filter(({ code }) => code === 'low-contrast');
  expect(said).toMatchObject([{ level: 'warn', file: 'w0.yaml', line: 4, column: 21 }]);
});
