// Whose turn it is. What many accounts would do in one moment (their first looks, or the looks that a
// fragment of all of them leads to) goes one after the other, and whatever else happens gets its turn in
// between: a signal, an answer, a page.

/** Lets one go on in each turn of the event loop, in the order in which they came. */
export function oneByOne(): () => Promise<void> {
  const waiting: (() => void)[] = [];
  const go = () => {
    waiting.shift()?.();
    if (waiting.length > 0) setImmediate(go);
  };
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 1) setImmediate(go);
    });
}
