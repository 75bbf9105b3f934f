// The page that a preview serves: the newest model, and the pictures that its pages name.
import { hideSecrets } from '../../base/secrets.ts';
import type { WidgetDirectory } from '../../documents/widget-directory.ts';
import { sha256 } from '../../model/widget.ts';
import type { PreviewSource } from '../../observe/preview/start-preview-server.ts';
import { html } from '../../render/page/html.ts';
import type { PreviewModel } from '../../render/page/preview-model.ts';
import { previewPage } from '../../render/page/preview-page.ts';

/** Those of the last pages: a browser loads its own within seconds. */
const mostPictures = 4000;

const head = html`<link rel="stylesheet" href="/style.css">
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<script src="/script.js" defer></script>`;

export class ShownPage implements PreviewSource {
  readonly #sourceLine: WidgetDirectory['sourceLine'];
  readonly #pictures = new Map<string, string>();
  #model: PreviewModel;
  #version: number;

  /** `version`: later than that of any earlier preview on the same port, so that its pages swap, too. */
  constructor(model: PreviewModel, version: number, { sourceLine }: WidgetDirectory) {
    this.#model = model;
    this.#version = version;
    this.#sourceLine = sourceLine;
  }

  get version(): number {
    return this.#version;
  }

  get model(): PreviewModel {
    return this.#model;
  }

  show(model: PreviewModel): void {
    this.#model = model;
    this.#version += 1;
  }

  page(asked: { readonly query: string; readonly page: number }): string {
    return previewPage(this.#model, {
      head,
      addressOf: ({ svg }) => this.#keep(svg),
      sourceLine: this.#sourceLine,
      following: { version: this.#version, ...asked },
    });
  }

  picture(digest: string): string | null {
    return this.#pictures.get(digest) ?? null;
  }

  #keep(picture: string): string {
    const svg = hideSecrets(picture);
    const digest = sha256(svg);
    // Named again, it is among the newest.
    this.#pictures.delete(digest);
    this.#pictures.set(digest, svg);
    for (const oldest of this.#pictures.keys()) {
      if (this.#pictures.size <= mostPictures) break;
      this.#pictures.delete(oldest);
    }
    return `/pictures/${digest}.svg`;
  }
}
