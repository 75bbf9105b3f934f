// A key in every place that a widget directory has, and whoever looks for what is left of it.
import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { writeFile } from './command.ts';
import { widgetId } from './sandbox.ts';

/** With signs that JSON, URLs and YAML spell otherwise, and none that a file's name cannot have. */
export const plantedKey = 'in-s3cr3t+Zq7Wv"9LmXk2=';

const core = 's3cr3t+Zq7Wv"9LmXk2'.toLowerCase();
/** So much of a key in one piece is no chance. */
const tellingLength = 5;

/** Pieces of the key in a text, capitals or not: a key that was cut is found by what is left of it. */
export function piecesOfKey(text: string): string[] {
  const folded = text.toLowerCase();
  const starts = Array.from({ length: core.length - tellingLength + 1 }, (_, start) => start);
  return starts
    .map((start) => core.slice(start, start + tellingLength))
    .filter((piece) => folded.includes(piece));
}

/** All names and all bytes below a directory, for a search. */
export function everythingBelow(directory: string): string {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const content = entry.isFile() ? readFileSync(path, 'latin1') : '';
      return `${path.slice(directory.length)}\n${content}`;
    })
    .join('\n');
}

const inYaml = JSON.stringify(plantedKey);
const escaped = `"\\x69n-s3cr3t\\u002bZq7Wv\\"9Lm\\U00000058k2="`;
const inUrl = encodeURIComponent(plantedKey);
const long = 'twenty characters or ';

/** By name of the file, what stands in it below the widget's id. */
const places: Readonly<Record<string, string>> = {
  'value.yaml': `display_name: ${inYaml}`,
  'in-a-text.yaml': `description: |\n  Ask with\n  ${plantedKey} please`,
  'escaped.yaml': `display_name: ${escaped}`,
  'two-lines.yaml': `display_name: "in-s3cr3t+Zq7\\\n  Wv\\"9LmXk2="`,
  'capitals.yaml': `display_name: ${inYaml.toUpperCase()}`,
  'in-a-url.yaml': `description: https://a.example/?next=%2F%3Fapi_key%3D${encodeURIComponent(inUrl)}`,
  'in-html.yaml': `description: 'in-s3cr3t&#43;Zq7Wv&quot;9LmXk2='`,
  'field-name.yaml': `${inYaml}: 1`,
  'nested-name.yaml': `attributes: {a: {${inYaml}: 1}}`,
  'nested-value.yaml': `attributes: {a: [{b: ${inYaml}}]}`,
  'list-entry.yaml': `user_opening_messages: [first, ${inYaml}]`,
  'type.yaml': `widget_type: ${inYaml}`,
  'twice.yaml': `display_name: ${inYaml}\ndisplay_name: other\n${inYaml}: 1\n${inYaml}: 2`,
  'anchor.yaml': `display_name: &${plantedKey} hello\ndescription: *${plantedKey}`,
  'unknown-alias.yaml': `display_name: *${plantedKey}`,
  'tag.yaml': `display_name: !${plantedKey} hello`,
  'percent-tag.yaml': `display_name: !<${inUrl}> hello`,
  'comment.yaml': `# ${plantedKey}\ndisplay_name: hello # ${plantedKey}`,
  'reason.yaml': `sync: {suspend: true, reason: ${inYaml}}`,
  'until.yaml': `sync: {suspend: true, until: ${inYaml}}`,
  'drift.yaml': `sync: {drift: ${inYaml}}`,
  'ignored.yaml': `sync: {ignore: [${JSON.stringify(`/attributes/${plantedKey}`)}]}`,
  'ignored-path.yaml': `sync: {ignore: [${JSON.stringify(`attributes.${plantedKey}`)}]}`,
  'sync-field.yaml': `sync: {${inYaml}: true}`,
  'mapping-as-key.yaml': `attributes: {? {a: ${inYaml}} : 1}`,
  'no-yaml.yaml': `display_name: '${plantedKey}\n  unclosed`,
  'conflict.yaml': `<<<<<<< ${plantedKey}\ndisplay_name: a\n=======\ndisplay_name: b\n>>>>>>> ${plantedKey}`,
  'version.yaml': `display_name: a\n--- ${inYaml}`,
  'colour.yaml': `header_color: #${plantedKey}`,
  'half-a-character.yaml': `display_name: "\\ud800${plantedKey.replace('"', '\\"')}"`,
  // Where a summary of 60 or 200 characters, or an excerpt of 100, ends within the key.
  'cut-at-60.yaml': `user_opening_messages: ${JSON.stringify(long.repeat(2) + plantedKey)}`,
  'cut-at-200.yaml': `sync: {suspend: true, reason: ${JSON.stringify(long.repeat(9) + plantedKey)}}`,
  'cut-excerpt.yaml': `description: ${JSON.stringify(long.repeat(4) + plantedKey)}\nnope: 1`,
  'cut-head.yaml': `attributes: {a: ${inYaml}, ${'b: 1, c: 2, d: 3, e: 4, '.repeat(4)}f: 1${'0'.repeat(400)}}`,
};

/**
 * Files of the widgets `first` and those after it. Gives their names, as they are found below the
 * directory: each of these files is to be held for the key.
 */
export function plantKey(directory: string, first: number): string[] {
  const named = [`${plantedKey}.yaml`, `${plantedKey}/a.yaml`, `a/${plantedKey}/b.yaml`];
  const texts = [...Object.entries(places), ...named.map((name) => [name, 'display_name: hello'])];
  for (const [index, [name = '', text = '']] of texts.entries()) {
    const type = text.includes('widget_type:') ? '' : 'widget_type: chat\n';
    writeFile(directory, name, `widget_id: ${widgetId(first + index)}\n${type}${text}\n`);
  }
  writeFile(directory, 'id.yaml', `widget_id: ${inYaml}\nwidget_type: chat\n`);
  symlinkSync('nowhere', join(directory, `broken-${plantedKey}.yaml`));
  return [...texts.map(([name = '']) => name), 'id.yaml', `broken-${plantedKey}.yaml`];
}
