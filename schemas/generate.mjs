// Writes what follows from the schemas that are edited by hand: widget.schema.json and notify.schema.json.
import { readFileSync, writeFileSync } from 'node:fs';

const read = (name) => readFileSync(new URL(`${name}.schema.json`, import.meta.url), 'utf8');

// TypeScript widens an imported JSON file, and types are derived from the schemas' literals, so they have to
// stand in a module.
const modules = [
  ['widget', 'model/widget-schema.ts'],
  ['notify', 'observe/notify/notify-schema.ts'],
  ['accounts', 'accounts/accounts-schema.ts'],
];

for (const [name, module] of modules) {
  writeFileSync(
    new URL(`../src/${module}`, import.meta.url),
    `// Generated from schemas/${name}.schema.json by \`npm run generate\`. Edit that file, not this one.
export const ${name}Schema = ${read(name).trimEnd()} as const;
`,
  );
}

// A fragment declares what a widget file does, but for what is one widget's own; nothing is required of it.
const { $schema, type, additionalProperties, properties } = JSON.parse(read('widget'));
const { widget_id: _, omit: __, ...shared } = properties;
const fragment = {
  $schema,
  $comment:
    'Generated from widget.schema.json by `npm run generate`. Edit that file, not this one.',
  title: 'widget-sync fragment',
  description:
    'Fields that several widget files share. Each file that names this one under extends inherits them.',
  type,
  additionalProperties,
  properties: shared,
};
writeFileSync(
  new URL('fragment.schema.json', import.meta.url),
  `${JSON.stringify(fragment, null, 2)}\n`,
);
