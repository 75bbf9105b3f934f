import fc from 'fast-check';
import { expect } from 'vitest';
import type { Json } from '../../src/base/json/json.ts';
import { lowContrasts } from '../../src/face/contrast.ts';
import { partOf, sceneOf, slotsOf } from '../../src/face/faces.ts';
import { scenes } from '../../src/face/slots.ts';
import { unpaintedNotes } from '../../src/face/unpainted-notes.ts';
import { bodyFields } from '../../src/model/widget.ts';
import { law } from '../support/law.ts';

const anything = fc.oneof(
  fc.constantFrom('', 'red', '#fff', 'rgb(0a)', 'var(--x)'),
  fc.jsonValue({ maxDepth: 3 }),
) as fc.Arbitrary<Json>;
const type = fc.constantFrom(...Object.keys(scenes), null, 7, 'fax');
const fields = fc.dictionary(fc.constantFrom(...bodyFields), anything, { maxKeys: 20 });

law.prop([type, fields], { numRuns: 1000 })(
  'any body has a picture, with words for what is not in it',
  (widget_type, rest) => {
    const body = { ...rest, widget_type };
    for (const { pointers, summary, detail } of unpaintedNotes(body)) {
      expect(pointers.length).toBeGreaterThan(0);
      expect(`${summary}${detail}`).not.toContain('undefined');
    }
    for (const { text, ground, ratio, least } of lowContrasts(body)) {
      expect(text.declared !== null || ground.declared !== null).toBe(true);
      expect(ratio).toBeLessThan(least);
    }
    const parts = new Set(slotsOf(sceneOf(widget_type)).map(([, { part }]) => part));
    for (const name of bodyFields) {
      const part = partOf(`/${name}`, body);
      if (part !== null) expect(parts).toContain(part);
    }
  },
);
