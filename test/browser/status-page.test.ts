// The page of a daemon that serves, as people meet it in a browser.
import { describe, expect, test } from 'vitest';
import { openWorld, startedAt } from '../observe/serve/world.ts';
import { type Account, openAccount } from '../support/account.ts';
import { writeFile } from '../support/command.ts';
import {
  dimTexts,
  hostileTexts,
  openPage,
  pictureWidths,
  program,
  shareBrowser,
  widthOfPage,
} from '../support/in-browser.ts';
import { widgetId } from '../support/sandbox.ts';

shareBrowser();

const chat = (name: string, ground = '#14532d') => ({
  widget_type: 'chat',
  name,
  header_color: ground,
  header_text_color: '#ffffff',
});

/** Of four widgets one is live as its file says, one drifted, one is broken, and one suspended. */
async function openServed() {
  const account = await openAccount({
    live: ['Ava', 'Ben', 'Cleo', 'Dora'].map((name) => chat(name)),
  });
  account.declare(0, chat('Ava'));
  account.declare(1, chat('Ben', '#1e3a8a'), { drift: 'report' });
  writeFile(account.dir, 'w2.yaml', `widget_id: ${widgetId(2)}\nnope: [\n`);
  account.declare(3, chat('Dora', '#7c2d12'), { suspend: true, reason: 'by hand' });
  return await serve(account);
}

async function serve(account: Account) {
  const daemon = await account.watchHere('--serve', '0');
  const { url } = await daemon.waitForLog(({ msg }) => msg === 'serving');
  return { account, daemon, url: String(url) };
}

const names = 'tbody th bdi';

/** As a screen reader names what has the focus, and whether that is seen. */
const focusedPart = `(() => {
  const { activeElement: part } = document;
  const name = part.labels?.[0]?.textContent ?? part.textContent;
  return [name.replace(/\\s+/g, ' ').trim(), getComputedStyle(part).outlineStyle];
})()`;

describe.skipIf(program === undefined)('in a browser', () => {
  test.each(['light', 'dark'] as const)(
    'can be read in the %s, on a phone',
    async (colorScheme) => {
      const { account, daemon, url } = await openServed();
      account.edit(1, { header_color: '#be123c' });
      await daemon.sweep();
      const viewport = { width: 390, height: 844 };
      const { page, trouble } = await openPage(url, { colorScheme, viewport });
      await page.locator('.pill.drifted').waitFor();
      for (const path of [
        '',
        `widgets/${widgetId(1)}`,
        `widgets/${widgetId(3)}`,
        'history',
        'plan',
      ]) {
        await page.goto(url + path);
        expect(await page.evaluate(dimTexts), path).toEqual([]);
        expect(await page.evaluate(widthOfPage), path).toBe(390);
        const widths = await page.evaluate<number[]>(pictureWidths);
        expect(widths.every((width) => width === 400)).toBe(true);
      }
      expect(trouble).toEqual([]);
    },
  );

  test('says of each widget its state and why, and leads to it', async () => {
    const { url } = await openServed();
    const { page, trouble } = await openPage(url, { javaScriptEnabled: false });
    const counts = async () => {
      await page.reload();
      const texts = await page.locator('.filters a').allTextContents();
      return texts.filter((text) => !text.startsWith('0 '));
    };
    // It may be asked for before all is applied.
    await expect
      .poll(counts, { timeout: 20_000 })
      .toEqual(['4 widgets', '2 applied', '1 held', '1 suspended']);
    expect(await page.locator('tr', { hasText: 'w2.yaml' }).textContent()).toMatch(
      /held.*yaml-syntax, line 2: /,
    );
    await page.getByRole('link', { name: '1 suspended' }).click();
    expect(await page.locator(names).allTextContents()).toEqual(['Dora']);
    expect(await page.locator('.filters [aria-current]').textContent()).toBe('1 suspended');
    await page.getByRole('link', { name: 'Dora' }).click();
    expect(await page.locator('h1').textContent()).toBe('Dora');
    expect(await page.locator('.verdict').textContent()).toContain('by hand');
    expect(trouble).toEqual([]);
  });

  test('is searched by keyboard, and a search can be gone back to', async () => {
    const { url } = await openServed();
    const { page, trouble } = await openPage(url);
    const stops: [name: string, outline: string][] = [];
    for (let n = 0; n < 15; n += 1) {
      await page.keyboard.press('Tab');
      stops.push(await page.evaluate(focusedPart));
    }
    expect(stops.map(([name]) => name)).toEqual([
      ...['Skip to the content', 'widget-sync', 'Widgets', 'Queue', 'History'],
      ...['Find a widget', 'Search', '4 widgets', '2 applied', '0 pending', '0 failed'],
      ...['1 held', '1 suspended', '0 drifted', '0 no file'],
    ]);
    expect(stops.filter(([, outline]) => outline !== 'solid')).toEqual([]);
    for (const name of ['w2.yaml', 'Dora', 'Ava', 'Ben']) {
      await page.keyboard.press('Tab');
      expect(await page.evaluate(focusedPart)).toEqual([name, 'solid']);
    }
    await page.keyboard.press('/');
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
    expect([outline, await page.evaluate('document.activeElement.id')]).toEqual(['solid', 'q']);
    await page.keyboard.type('BEN');
    await Promise.all([page.waitForURL(/q=BEN/), page.keyboard.press('Enter')]);
    expect(await page.locator(names).allTextContents()).toEqual(['Ben']);
    await page.goBack();
    expect(await page.locator('tbody tr').count()).toBe(4);
    expect(trouble).toEqual([]);
  });

  test('swaps in what happens in a file and in the account, without being loaded again', async () => {
    const { account, daemon, url } = await openServed();
    const { page, trouble } = await openPage(url);
    await page.evaluate('window.isSame = true');
    await page.locator('#q').fill('half a word');
    await page.locator('#f-held').focus();
    account.declare(0, chat('Ava of the shop'));
    await page.locator(names, { hasText: 'Ava of the shop' }).waitFor();
    expect(await page.evaluate('document.activeElement.id')).toBe('f-held');
    await page.evaluate('getSelection().selectAllChildren(document.querySelector("tbody"))');
    account.edit(1, { header_color: '#be123c' });
    await daemon.sweep();
    const isTold = async () => (await (await fetch(url)).text()).includes('pill drifted');
    await expect.poll(isTold, { timeout: 20_000 }).toBe(true);
    expect(await page.locator('.pill.drifted').count(), 'what is marked stays').toBe(0);
    await page.evaluate('getSelection().removeAllRanges()');
    await page.locator('tr', { hasText: 'Ben' }).locator('.pill.drifted').waitFor();
    writeFile(account.dir, 'w0.yaml', `widget_id: ${widgetId(0)}\nnope: [\n`);
    await page.locator('tr', { hasText: 'Ava' }).locator('.pill.held').waitFor();
    expect(await page.evaluate('window.isSame')).toBe(true);
    expect(await page.locator('#q').inputValue()).toBe('half a word');
    expect(trouble).toEqual([]);
    await daemon.stop();
    await page.waitForSelector('html.lost');
    expect(await page.locator('#told').textContent()).toContain('The daemon does not answer');
  });

  test('is told once of what stands in the way', async () => {
    const { url, become, clock } = await openWorld();
    const { page, trouble } = await openPage(url);
    const told = page.locator('#told');
    const obstacles = [
      { by: 'service', says: 'it answers 503; nothing is lost', since: startedAt },
    ] as const;
    become({ obstacles });
    const words = 'The service is down. it answers 503; nothing is lost.';
    await told.filter({ hasText: words }).waitFor({ state: 'attached' });
    expect(await page.locator('.banner').textContent()).toContain(`${words} Since `);
    expect(await page.locator('main [role]').count(), 'no region that is swapped').toBe(0);
    become({ obstacles, revision: 'a1b2c3d' });
    await clock.advance(1000);
    await page.locator('.where', { hasText: 'a1b2c3d' }).waitFor();
    expect(await told.textContent()).toBe('Shown as it is now.');
    expect(trouble).toEqual([]);
  });

  test('texts of files and of the account stay texts', async () => {
    const body = (text: string) => ({
      ...chat(text),
      ...{ display_name: text, intro_message: text, bubble_text: text, description: text },
      ...{ user_opening_messages: [text], action_buttons: [{ label: text, link: text }] },
    });
    const fit = hostileTexts.map((text) => text.replace(/\0/g, ''));
    const account = await openAccount({
      live: fit.map((text) => ({ ...body(text), name: 'before' })),
    });
    fit.forEach((text, n) => {
      account.declare(n, body(text), {
        drift: 'report',
        ...(n % 2 === 1 && { suspend: true, reason: text }),
      });
    });
    writeFile(account.dir, '<img src=x onerror=alert(8)>.yaml', '<script>alert(9)</script>: [\n');
    const { daemon, url } = await serve(account);
    for (const [n, text] of fit.entries()) account.edit(n, { intro_message: `${text} ${text}` });
    await daemon.sweep();
    const { page, trouble } = await openPage(url, { viewport: { width: 390, height: 800 } });
    const paths = ['history', 'plan', ...fit.map((_, n) => `widgets/${widgetId(n)}`), ''];
    for (const path of paths) {
      await page.goto(url + path);
      const elements = await page.evaluate<string[]>(
        '[...new Set([...document.querySelectorAll("main *")].map(({ localName }) => localName))]',
      );
      expect(
        elements.filter((name) => !known.has(name)),
        path,
      ).toEqual([]);
      const widths = await page.evaluate<number[]>(pictureWidths);
      expect(widths.every((width) => width === 400)).toBe(true);
      expect(await page.evaluate(widthOfPage), path).toBe(390);
    }
    expect(await page.locator('tbody tr').count()).toBe(fit.length + 1);
    expect(trouble).toEqual([]);
  });
});

const known = new Set(
  'a bdi code dd del details div dl dt figcaption figure h1 h2 h4 i img ins li mark ol p pre rect section span strong summary svg table tbody td th thead time tr ul'.split(
    ' ',
  ),
);
