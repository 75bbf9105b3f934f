// What the page runs: it swaps in the page as it is now when the server says that it has changed. Without
// it the page is read and searched as well, and is as new as when it was loaded.

/** Plain text, served as it stands. `lost`, plain words: said where nothing follows any more. */
export function pageScript(lost: string): string {
  return script.replace('LOST', JSON.stringify(lost));
}

const script = `
'use strict';
const mainOf = (page) => page.querySelector('main');
let swapping = false;
// One server may have pages of several accounts: the topic of a page says which it is of.
const { version, topic = '' } = mainOf(document).dataset;
let newest = version;

// Some screen readers say again what is put in again.
function tell(words) {
  const told = document.getElementById('told');
  if (told.textContent !== words) told.textContent = words;
}

const bannersOf = (main) =>
  [...main.querySelectorAll('.banner .says')].map((banner) => banner.textContent).join(' ');

// What somebody has marked to copy it would be gone: the newest is then swapped in afterwards.
function isMarked() {
  return !getSelection().isCollapsed && mainOf(document).contains(getSelection().anchorNode);
}

document.addEventListener('selectionchange', () => {
  if (!isMarked()) void swap();
});
// A page that nobody looks at asks for nothing.
document.addEventListener('visibilitychange', () => void swap());

async function swap() {
  if (swapping || document.hidden || isMarked()) return;
  swapping = true;
  try {
    while (mainOf(document).dataset.version !== newest) {
      const wanted = newest;
      const answer = await fetch(location.href, { cache: 'no-store' });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const main = mainOf(page);
      if (main === null) return;
      // A picture that is there already stays: loaded anew, it would flash.
      const shown = new Map([...document.images].map((image) => [image.src, image]));
      for (const image of main.querySelectorAll('img')) {
        const same = shown.get(new URL(image.getAttribute('src'), location.href).href);
        if (same !== undefined && same.alt === image.alt) image.replaceWith(same.cloneNode());
      }
      // What somebody has unfolded stays so.
      for (const fold of main.querySelectorAll('details[id]')) {
        fold.open = document.getElementById(fold.id)?.open ?? fold.open;
      }
      const focused = document.activeElement?.id;
      const top = scrollY;
      const banners = bannersOf(main);
      const isNews = banners !== '' && banners !== bannersOf(mainOf(document));
      mainOf(document).replaceWith(document.adoptNode(main));
      document.querySelector('.where').replaceWith(page.querySelector('.where'));
      document.title = page.title;
      scrollTo({ top, behavior: 'instant' });
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
      tell(isNews ? banners : 'Shown as it is now.');
      // A page that is rendered meanwhile is told of by the next event.
      if (newest === wanted) newest = main.dataset.version;
    }
  } finally {
    swapping = false;
  }
}

// A browser opens six connections to one host for all of its tabs together. So one tab listens, and tells
// the others; where it is closed, the next one listens.
const tabs = new BroadcastChannel('changes');

function heed({ versions, isLost }) {
  document.documentElement.classList.toggle('lost', isLost);
  if (isLost) tell(LOST);
  newest = versions.get(topic) ?? newest;
  void swap();
}

// A browser connects again by itself where a connection was cut, but not where it was refused.
const refusedForMs = 2000;

function listen() {
  let isLost = false;
  const known = new Map();
  const say = (versions) => {
    tabs.postMessage({ versions, isLost });
  };
  const learn = (versions, lost) => {
    isLost = lost;
    for (const [of, one] of versions) known.set(of, one);
    heed({ versions, isLost });
    say(versions);
  };
  const connect = () => {
    const events = new EventSource('/events');
    events.addEventListener('changed', ({ data }) => {
      const [one, of = ''] = data.split(' ');
      learn(new Map([[of, one]]), false);
    });
    events.addEventListener('open', () => learn(new Map(), false));
    events.addEventListener('error', () => {
      learn(new Map(), true);
      if (events.readyState === EventSource.CLOSED) setTimeout(connect, refusedForMs);
    });
  };
  connect();
  tabs.addEventListener('message', ({ data }) => {
    if (data === 'opened') say(known);
  });
  // Never resolves: the lock goes with the tab.
  return new Promise(() => {});
}

tabs.addEventListener('message', ({ data }) => {
  if (data !== 'opened') heed(data);
});
// What changed since this page was rendered is known to the tab that listens.
tabs.postMessage('opened');
void navigator.locks.request('events', listen);

addEventListener('keydown', (event) => {
  const isTyping = event.target.matches('input, textarea');
  if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  const search = document.getElementById('q');
  if (search === null) return;
  event.preventDefault();
  search.focus();
  search.select();
});
`.trimStart();
