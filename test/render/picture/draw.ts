// A body as the picture that its widget has, and the texts in it.
import type { JsonObject } from '../../../src/base/json/json.ts';
import { buildScene } from '../../../src/render/picture/build-scene.ts';
import { renderPicture } from '../../../src/render/picture/render-picture.ts';
import { readSvg } from '../../support/strict-svg.ts';

export function draw(body: JsonObject): string {
  return renderPicture(buildScene(body));
}

/** All that is written, line by line; the title, which names the widget, comes first. */
export function textsOf(body: JsonObject): readonly string[] {
  return readSvg(draw(body)).texts;
}
