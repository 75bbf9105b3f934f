// The second half of `npm run build`: the modules that tsc left in build/ → dist/, one file a command and
// what commands share. Node then opens about 40 files at a start where it opened 600, and a start takes two
// thirds of the time. Packages are bundled too, but for three that are read when they are needed: pino-pretty,
// culori and pg.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = new URL('../', import.meta.url);
const at = (path) => fileURLToPath(new URL(path, root));

// Files of an earlier build would stay: their names change with what is in them.
rmSync(at('dist'), { recursive: true, force: true });

const slimUndici = {
  name: 'slim-undici',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^undici$/ }, () => ({ path: at('.build/undici.mjs') })),
};

const { metafile } = await build({
  absWorkingDir: at('.'),
  entryPoints: [at('build/main.js')],
  outdir: at('dist'),
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // A stack trace then names files and lines of src/ where Node is started with --enable-source-maps.
  sourcemap: true,
  // The notices of code that a package has from others stand beside it; for the packages see below.
  legalComments: 'linked',
  metafile: true,
  // Only who keeps the state on PostgreSQL needs it.
  external: ['pg'],
  plugins: [slimUndici],
  // Packages written as CommonJS ask for Node's own modules by `require`, which an ES module has not.
  banner: {
    js: "import { createRequire as createRequireHere } from 'node:module';\nconst require = createRequireHere(import.meta.url);",
  },
  logLevel: 'warning',
});

// Most licences ask that their text goes with every copy, and few packages have it in their code.
const packages = new Set(
  Object.keys(metafile.inputs).flatMap(
    (path) => path.match(/.*node_modules\/(?:@[^/]+\/)?[^/]+/) ?? [],
  ),
);
const texts = [...packages].sort().map((path) => {
  const name = path.replace(/.*node_modules\//, '');
  const file = readdirSync(at(path)).find((one) => /^licen[cs]e/i.test(one));
  if (file === undefined) throw new Error(`${name} is bundled, and has no text of its licence`);
  return `${name}\n\n${readFileSync(at(`${path}/${file}`), 'utf8').trim()}\n`;
});
writeFileSync(at('dist/LICENSES.txt'), texts.join(`\n${'-'.repeat(80)}\n\n`));
