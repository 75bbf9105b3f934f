// The pages of a daemon of many accounts, as people meet them in a browser.
import { describe, expect, test } from 'vitest';
import { startedAt } from '../observe/serve/world.ts';
import { openAccountsWorld } from '../observe/serve-accounts/world.ts';
import { documentOf, recordOf } from '../plan/fixtures.ts';
import {
  dimTexts,
  hostileTexts,
  openPage,
  program,
  shareBrowser,
  widthOfPage,
} from '../support/in-browser.ts';

shareBrowser();

const chat = (name: string) => ({ widget_type: 'chat', name });
const records = [1, 2].map((n) => recordOf(documentOf(n, chat(`Widget ${n}`), `w${n}.yaml`)));
const says = hostileTexts.join(' ');
const blocked = { obstacles: [{ by: 'key', says, since: startedAt }] } as const;

describe.skipIf(program === undefined)('in a browser', () => {
  test('the list can be read in both schemes, on a phone, is searched, leads to each account and follows them', async () => {
    const world = await openAccountsWorld({
      fernwood: { records },
      ['harbor-and-a-name-that-is-as-long-as-a-name-may-be-without-a-brea'.slice(0, 63)]: {
        records,
        record: blocked,
      },
      qamar: { trouble: { state: 'held', says: `accounts.yaml:7:3: ${says}` } },
    });
    for (const colorScheme of ['light', 'dark'] as const) {
      const viewport = { width: 390, height: 844 };
      const { page, trouble } = await openPage(world.url, { colorScheme, viewport });
      for (const path of ['/', '/accounts/qamar/', '/accounts/fernwood/', '/?state=blocked']) {
        await page.goto(world.url + path);
        expect(await page.evaluate(dimTexts), path).toEqual([]);
        expect(await page.evaluate(widthOfPage), path).toBe(390);
      }
      expect(trouble).toEqual([]);
    }

    const { page, trouble } = await openPage(world.url);
    await page.keyboard.press('/');
    await page.keyboard.type('FERN');
    await Promise.all([page.waitForURL(/q=FERN/), page.keyboard.press('Enter')]);
    expect(await page.locator('tbody th').allTextContents()).toEqual(['fernwood']);
    await page.goto(world.url);
    await page.evaluate('window.isSame = true');
    world.become('fernwood', { records, record: blocked });
    await world.clock.advance(1000);
    await page.locator('tr', { hasText: 'fernwood' }).locator('.pill.bad').waitFor();
    expect(await page.evaluate('window.isSame')).toBe(true);

    // Two tabs of two accounts share one connection, and each hears of its own.
    await page.getByRole('link', { name: 'fernwood' }).click();
    await page.locator('.banner', { hasText: 'The key is refused' }).waitFor();
    const other = await page.context().newPage();
    await other.goto(`${world.url}/accounts/qamar/`);
    await other.evaluate('window.isSame = true');
    world.come('qamar', { records });
    await world.clock.advance(1000);
    await other.locator('tbody th', { hasText: 'Widget 1' }).waitFor();
    expect(await other.evaluate('window.isSame')).toBe(true);
    expect(await page.locator('.banner').count(), 'of another account').toBe(1);
    world.become('fernwood', { records });
    await world.clock.advance(1000);
    await page.locator('.banner').waitFor({ state: 'detached' });
    expect(trouble).toEqual([]);
  });
});
