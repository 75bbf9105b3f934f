// The slips of people who are new to YAML: each message says what to do.
import { expect, test } from 'vitest';
import { temporaryDirectory, writeFile } from '../support/command.ts';
import { runIn } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';

const head = `widget_id: ${widgetId(0)}\nwidget_type: chat\n`;

test.each<[slip: string, text: string, at: string, advice: string]>([
  ['a tab as indentation', `${head}style_params:\n\tradius: 4\n`, '4:1', 'Indent with spaces.'],
  [
    'no space after the last colon',
    `${head}display_name:Ava\n`,
    '3:1',
    'Look for a missing colon, space after a colon,',
  ],
  [
    'no space after a colon',
    `${head}display_name:Ava\nname: Ava\n`,
    '3:1',
    'look for a missing colon, or a missing space after it.',
  ],
  [
    'a colour without quotes',
    `${head}header_color: #1f2937\n`,
    '3:15',
    'If the colour is meant, quote it: header_color: "#1f2937".',
  ],
  [
    'a text that begins with a #, without quotes',
    `${head}display_name: #1 Bakery\n`,
    '3:15',
    'If the text is meant, quote it: display_name: "#1 Bakery".',
  ],
  [
    'a quote that is not closed',
    `${head}display_name: "Ava\nname: Ava\nbubble_text: Hi\n`,
    '3:15',
    'Close it with " at the end of the text.',
  ],
  [
    'a line that is indented too far',
    `${head}style_params:\n  radius: 4\n    width: 2\n`,
    '5:5',
    'Begin it in the same column as the other fields',
  ],
  [
    'an id that is a number',
    'widget_id: 123\nwidget_type: chat\n',
    '1:12',
    'Copy it from the dashboard.',
  ],
  [
    'a pointer into a list',
    `${head}sync:\n  ignore: [/action_buttons/0/id]\n`,
    '4:12',
    'write /action_buttons, or remove the entry.',
  ],
  [
    'a text with a colon, without quotes',
    `${head}intro_message: Note: we are open\n`,
    '3:16',
    'If the value is a text that holds a colon, put it in quotes.',
  ],
  [
    'a list where fields are expected',
    `${head}style_params:\n  - radius: 4\n`,
    '3:1',
    'Write fields below it, such as width: 4, or {} for none.',
  ],
])('%s', async (_, text, at, advice) => {
  const cwd = temporaryDirectory();
  writeFile(cwd, 'widgets/a.yaml', text);
  const { code, stdout } = await runIn({ cwd, env: {} }, ['validate']);
  expect(code).toBe(1);
  expect(stdout).toContain(`widgets/a.yaml:${at}: error: `);
  expect(stdout).toContain(advice);
});
