// Writes the modules of src that hold a schema from the JSON files beside this one. TypeScript widens an
// imported JSON file, and types are derived from the schemas' literals, so they have to stand in a module.
import { readFileSync, writeFileSync } from 'node:fs';

const modules = [
  ['widget', 'model/widget-schema.ts'],
  ['notify', 'observe/notify/notify-schema.ts'],
  ['accounts', 'accounts/accounts-schema.ts'],
];

for (const [name, module] of modules) {
  const schema = readFileSync(new URL(`${name}.schema.json`, import.meta.url), 'utf8');
  writeFileSync(
    new URL(`../src/${module}`, import.meta.url),
    `// Generated from schemas/${name}.schema.json by \`npm run generate\`. Edit that file, not this one.
export const ${name}Schema = ${schema.trimEnd()} as const;
`,
  );
}
