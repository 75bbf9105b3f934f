// Writes src/model/widget-schema.ts from widget.schema.json. TypeScript widens an imported JSON file, and
// the widget's type is derived from the schema's literals, so they have to stand in a module.
import { readFileSync, writeFileSync } from 'node:fs';

const schema = readFileSync(new URL('widget.schema.json', import.meta.url), 'utf8');

writeFileSync(
  new URL('../src/model/widget-schema.ts', import.meta.url),
  `// Generated from schemas/widget.schema.json by \`npm run generate\`. Edit that file, not this one.
export const widgetSchema = ${schema.trimEnd()} as const;
`,
);
