// A page in a real browser, and what is asked of each: for tests of what people see.
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished } from 'vitest';

export const program = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) =>
  existsSync(path),
);
if (program === undefined) {
  process.stderr.write(
    '\nSKIPPED: the tests in a browser need Chromium: apt-get install chromium\n\n',
  );
}

let browser: Browser;

/** To be called once by a file of tests: they share one browser. */
export function shareBrowser(): void {
  beforeAll(async () => {
    if (program === undefined) return;
    browser = await chromium.launch({
      executablePath: program,
      // Pages of one origin share a process: a start of one costs more than a page.
      args: ['--renderer-process-limit=1', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
    });
  });
  afterAll(() => browser?.close());
}

/** What a page must not do: ask, ask elsewhere, or be kept from something by its policy. */
export interface Watched {
  readonly page: Page;
  readonly trouble: string[];
}

export async function openPage(url: string, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext(options);
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const trouble: string[] = [];
  page.on('dialog', (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => trouble.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => trouble.push(`error: ${error.message}`));
  page.on('request', (request) => {
    const asked = new URL(request.url());
    const own = new URL(url);
    if (asked.protocol !== 'data:' && asked.origin !== own.origin)
      trouble.push(`asked ${asked.href}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) trouble.push(`${response.status()} ${response.url()}`);
  });
  await page.goto(url);
  return { page, trouble };
}

/** Texts that would be markup, a script or an order to a terminal, were they not escaped. */
export const hostileTexts = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(2)>',
  "' onmouseover='alert(3)",
  '</title></svg><script>alert(4)</script>',
  '<svg onload=alert(5)><foreignObject><iframe src=https://evil.example/>',
  '<link rel=stylesheet href=https://evil.example/a.css>',
  ']]><!-- --><style>*{background:url(https://evil.example/b)}</style>',
  '&lt;script&gt;alert(6)&lt;/script&gt;',
  '@everyone \u202ekcab\u0007\u0000 javascript:alert(7)',
];

// What runs in the page is text: the types of a browser are not those of the program.

/** The own texts on the page whose contrast with what lies behind them is below 4.5 : 1. */
export const dimTexts = `(() => {
  const parse = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const channel = (byte) => {
    const c = byte / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  const luminance = ([r, g, b]) =>
    0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const groundOf = (start) => {
    for (let at = start; at !== null; at = at.parentElement) {
      const ground = parse(getComputedStyle(at).backgroundColor);
      if (ground.length === 3 || ground[3] === 1) return ground;
    }
    throw new Error('the page has no ground');
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const dim = [];
  let seen = 0;
  while (texts.nextNode() !== null) {
    const text = texts.currentNode.textContent.trim();
    const parent = texts.currentNode.parentElement;
    if (text === '') continue;
    seen += 1;
    const [a, b] = [luminance(parse(getComputedStyle(parent).color)), luminance(groundOf(parent))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) dim.push(ratio.toFixed(2) + ' ' + text);
  }
  if (seen < 10) throw new Error('the page has hardly any text');
  return dim;
})()`;

/** The widths of all pictures, once each is decoded. */
export const pictureWidths = `Promise.all([...document.images].map(async (image) => {
  image.loading = 'eager';
  await image.decode();
  return image.naturalWidth;
}))`;

export const widthOfPage = 'document.documentElement.scrollWidth';
