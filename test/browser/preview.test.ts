// The page of a preview as people meet it: in a browser, with a keyboard, on a phone, in the dark.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openAccount } from '../support/account.ts';
import { temporaryDirectory, writeFile } from '../support/command.ts';
import {
  dimTexts,
  hostileTexts,
  openPage,
  pictureWidths,
  program,
  shareBrowser,
  widthOfPage,
} from '../support/in-browser.ts';
import { servePreviewHere } from '../support/preview-here.ts';
import { runHere } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';

shareBrowser();

const named = (n: number, name: string, more = '') =>
  `widget_id: ${widgetId(n)}\nwidget_type: chat\nname: ${name}\n${more}`;

/** Two directories: of three widgets, one differs, and one has a broken file. */
function twoDirectories() {
  const root = temporaryDirectory();
  for (const folder of ['base', 'widgets']) {
    writeFile(root, `${folder}/ava.yaml`, named(0, 'Ava', 'header_color: "#14532d"\n'));
    writeFile(root, `${folder}/ben.yaml`, named(1, 'Ben', 'intro_message: Good day\n'));
    writeFile(root, `${folder}/cleo.yaml`, named(2, 'Cleo'));
  }
  writeFile(
    root,
    'widgets/ava.yaml',
    named(0, 'Ava', 'header_color: "#7c2d12"\nbubble_text: Hi\n'),
  );
  writeFile(root, 'widgets/cleo.yaml', named(2, 'Cleo', 'nope: [\n'));
  const dir = join(root, 'widgets');
  return { root, dir, flags: [dir, '--before', join(root, 'base')] };
}

function hostileDirectory() {
  const root = temporaryDirectory();
  for (const [n, text] of hostileTexts.entries()) {
    const said = JSON.stringify(text);
    const all = ['display_name', 'intro_message', 'bubble_text', 'description', 'header_color']
      .map((name) => `${name}: ${said}\n`)
      .join('');
    const lists = `user_opening_messages: [${said}]\naction_buttons: [{label: ${said}, link: ${said}}]\n`;
    writeFile(root, `widgets/h${n}.yaml`, named(n, said, all + lists));
    writeFile(root, `base/h${n}.yaml`, named(n, 'before', `attributes: {a: ${said}}\n`));
  }
  writeFile(root, 'widgets/<img src=x onerror=alert(8)>.yaml', `${said8}: [\n`);
  return { root, flags: [join(root, 'widgets'), '--before', join(root, 'base')] };
}
const said8 = '<script>alert(9)</script>';

const focused = 'document.activeElement?.outerHTML ?? ""';

describe.skipIf(program === undefined)('in a browser', () => {
  test('shows what differs first, before and after, with the pictures loaded', async () => {
    const { flags } = twoDirectories();
    const { url, stop } = await servePreviewHere(flags);
    const { page, trouble } = await openPage(url);
    expect(await page.title()).toMatch(
      /^1 changed, 1 to be mended, 1 as before \(3 widgets\) – preview of /,
    );
    expect(await page.locator('h1, h2, h3').allTextContents()).toEqual([
      'Preview',
      'What differs',
      'Ava',
      'To be mended',
      'Cleo',
      'As before',
      'Ben',
    ]);
    const ava = page.locator('article', { hasText: 'ava.yaml' });
    expect(await ava.locator('figcaption').allTextContents()).toEqual(['Now', 'After this change']);
    expect(await ava.locator('.legend code').allTextContents()).toEqual([
      'header_color',
      'bubble_text',
    ]);
    expect(await page.evaluate(pictureWidths)).toEqual([400, 400, 400, 400]);
    const texts = await page.evaluate<string[]>('[...document.images].map(({ alt }) => alt)');
    expect(texts).toEqual(['Ava, now', 'Ava, after this change', 'Cleo, now', 'Ben']);
    const cleo = page.locator('article', { hasText: 'cleo.yaml' });
    expect(await cleo.locator('.error').textContent()).toContain('yaml-syntax');
    expect(await cleo.locator('img').count()).toBe(1);
    expect(trouble).toEqual([]);
    expect(await stop()).toBe(0);
    await page.waitForSelector('html.lost');
  });

  test('swaps in what is saved, and keeps the place and the focus', async () => {
    const { root, flags } = twoDirectories();
    const { url } = await servePreviewHere(flags);
    const { page, trouble } = await openPage(url, { viewport: { width: 1280, height: 300 } });
    await page.locator('#q').focus();
    await page.evaluate('scrollTo(0, 200)');
    const ben = page.locator('article', { hasText: 'ben.yaml' });
    const swapped = ben.locator('.legend', { hasText: 'intro_message' });
    writeFile(root, 'widgets/ben.yaml', named(1, 'Ben', 'intro_message: Good evening\n'));
    await swapped.waitFor({ state: 'attached' });
    expect(await ben.locator('figure').count()).toBe(2);
    expect(await page.evaluate('[scrollY, document.activeElement.id]')).toEqual([200, 'q']);
    expect(await page.title()).toMatch(/^2 changed, 1 to be mended/);

    writeFile(root, 'widgets/ben.yaml', 'widget_id: [\n');
    await ben.locator('.error').waitFor({ state: 'attached' });
    expect(await swapped.count(), 'the last good picture stays').toBe(1);
    writeFile(root, 'widgets/ben.yaml', named(1, 'Ben', 'intro_message: Good day\n'));
    await page.locator('.same article', { hasText: 'ben.yaml' }).waitFor({ state: 'attached' });
    expect(trouble).toEqual([]);
  });

  test('opens in more tabs than a browser has connections, and each follows the files', async () => {
    const { root, flags } = twoDirectories();
    const { url, stop } = await servePreviewHere(flags);
    const { page: first, trouble } = await openPage(url);
    // Chromium has six to one origin.
    const others: Page[] = [];
    while (others.length < 6) {
      const page = await first.context().newPage();
      await page.goto(url, { timeout: 10_000 });
      others.push(page);
    }
    const follow = async (pages: readonly Page[], text: string) => {
      writeFile(root, 'widgets/ben.yaml', named(1, 'Ben', `intro_message: ${text}\n`));
      for (const page of pages) await page.locator('ins', { hasText: text }).waitFor();
    };
    await follow([first, ...others], 'evening');
    await first.close();
    await follow(others, 'night');
    expect(trouble).toEqual([]);
    expect(await stop()).toBe(0);
    for (const page of others) await page.waitForSelector('html.lost');
  });

  test('listens again once it is no longer refused', async () => {
    const { flags } = twoDirectories();
    const { url } = await servePreviewHere(flags);
    const leaving = new AbortController();
    onTestFinished(() => leaving.abort());
    const events = () => fetch(new URL('/events', url), { signal: leaving.signal });
    await Promise.all(Array.from({ length: 50 }, events));
    const { page } = await openPage(url);
    await page.waitForSelector('html.lost');
    leaving.abort();
    await page.waitForSelector('html:not(.lost)');
  });

  test('leads from an edit over its warning to what is live', async () => {
    const account = await openAccount({ live: [{}] });
    const declare = (ground: string) =>
      account.declare(0, {
        widget_type: 'chat',
        name: 'Ava',
        header_color: ground,
        header_text_color: '#ffffff',
      });
    declare('#14532d');
    expect(await account.quickly('apply')).toMatchObject({ code: 0 });
    const state = join(account.dir, '../.widget-sync');
    const { url } = await servePreviewHere([account.dir, '--state', state]);
    const { page, trouble } = await openPage(url);
    await page.getByText('Nothing is left to be applied').waitFor();

    declare('#f59e0b');
    const warning = page.locator('.warning', { hasText: 'low-contrast' });
    await warning.waitFor();
    expect(await page.locator('figure').count()).toBe(2);
    const [, better = ''] =
      /header_color: "(#\w{6})" would do/.exec((await warning.textContent()) ?? '') ?? [];
    declare(better);
    await warning.waitFor({ state: 'detached' });
    expect(await page.locator('.legend ins').textContent()).toBe(better);

    const planned = await account.quickly('plan', '--format', 'markdown');
    expect(planned.stdout).toMatch(new RegExp(`header.color.*#14532d.*${better}`));
    expect(await account.quickly('apply')).toMatchObject({ code: 0 });
    await page.getByText('Nothing is left to be applied').waitFor();
    expect(account.live(0)['header_color']).toBe(better);
    expect(trouble).toEqual([]);
  });

  test('is worked by keyboard', async () => {
    const { flags } = twoDirectories();
    const { url } = await servePreviewHere(flags);
    const { page, trouble } = await openPage(url);
    await page.keyboard.press('Tab');
    expect(await page.evaluate(focused)).toContain('Skip to the widgets');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(focused)).toMatch(/^<main/);
    await page.keyboard.press('/');
    expect(await page.evaluate(focused)).toContain('id="q"');
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
    expect(outline).toBe('solid');
    await page.keyboard.type('BEN.y/');
    await page.keyboard.press('Backspace');
    await Promise.all([page.waitForURL(/q=BEN/), page.keyboard.press('Enter')]);
    expect(await page.locator('h3').allTextContents()).toEqual(['Ben']);
    expect(trouble).toEqual([]);
  });

  test.each(['light', 'dark'] as const)(
    'can be read in the %s, on a phone',
    async (colorScheme) => {
      const { flags } = twoDirectories();
      const { url } = await servePreviewHere(flags);
      const viewport = { width: 390, height: 844 };
      const { page, trouble } = await openPage(url, { colorScheme, viewport });
      expect(await page.evaluate(dimTexts)).toEqual([]);
      expect(await page.evaluate(widthOfPage)).toBe(390);
      const ground = await page.evaluate('getComputedStyle(document.body).backgroundColor');
      expect(ground).toBe(colorScheme === 'dark' ? 'rgb(11, 17, 32)' : 'rgb(246, 247, 251)');
      const [now, after] = await page.locator('.pair figure').all();
      const [above, below] = [await now?.boundingBox(), await after?.boundingBox()];
      expect(below?.y).toBeGreaterThan((above?.y ?? 0) + (above?.height ?? 0) - 1);
      expect(trouble).toEqual([]);
    },
  );

  test('texts of files stay texts', async () => {
    const { root, flags } = hostileDirectory();
    const { url } = await servePreviewHere(flags);
    const page = join(root, 'page.html');
    await runHere(['preview', ...flags, '--out', page]);
    await runHere(['preview', ...flags, '--out', join(root, 'out/')]);
    for (const address of [url, `file://${page}`, `file://${join(root, 'out/index.html')}`]) {
      const opened = await openPage(address, { viewport: { width: 390, height: 800 } });
      const elements = await opened.page.evaluate<string[]>(
        '[...new Set([...document.querySelectorAll("main *")].map(({ localName }) => localName))]',
      );
      expect(elements.filter((name) => !known.has(name))).toEqual([]);
      expect(await opened.page.locator('article').count()).toBe(hostileTexts.length);
      const widths = await opened.page.evaluate<number[]>(pictureWidths);
      expect(new Set(widths)).toEqual(new Set([400]));
      expect(await opened.page.evaluate(widthOfPage)).toBe(390);
      expect(opened.trouble).toEqual([]);
    }
    const [svg = ''] = /\/pictures\/\w+\.svg/.exec(await (await fetch(url)).text()) ?? [];
    const alone = await openPage(new URL(svg, url).href);
    expect(await alone.page.evaluate('document.documentElement.localName')).toBe('svg');
    expect(alone.trouble).toEqual([]);
    expect(readFileSync(page, 'utf8')).not.toMatch(/<script|http-equiv="(?!Content-Security)/);
  });
});

test.skipIf(program === undefined)('--png draws each picture at double size', async () => {
  const root = temporaryDirectory();
  writeFile(root, 'base/ava.yaml', named(0, 'Ava'));
  const place = join(root, 'out/');
  const flags = ['--out', place, '--png', '--browser', program ?? ''];
  expect(await runHere(['preview', join(root, 'base'), ...flags])).toMatchObject({ code: 0 });
  const png = readFileSync(join(place, `pictures/${widgetId(0)}/after.png`));
  expect(png.toString('latin1', 1, 4)).toBe('PNG');
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([800, 1280]);
});

const known = new Set(
  'article aside bdi code del div figcaption figure h2 h3 h4 img ins li main mark ol p pre rect section span strong svg ul i'.split(
    ' ',
  ),
);
