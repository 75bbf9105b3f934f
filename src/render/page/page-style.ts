// How the page looks, in one text: light and dark, from 390 px upwards. Its colours are at least 4.5 : 1 on
// their ground.

/** CSS, served as it stands. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --ground: #f6f7fb; --card: #ffffff; --ink: #0f172a; --soft: #475569; --line: #d8dee9;
  --mark: #a21caf; --link: #1d4ed8; --focus: #2563eb;
  --bad: #b42318; --bad-ground: #fef3f2; --warn: #854d0e; --warn-ground: #fefce8;
  --good: #166534; --good-ground: #f0fdf4; --chip: #eef2f7;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0b1120; --card: #151d2f; --ink: #e8edf6; --soft: #aab6ca; --line: #2c3850;
    --mark: #a21caf; --link: #93c5fd; --focus: #93c5fd;
    --bad: #ffb4ab; --bad-ground: #35191a; --warn: #fcd679; --warn-ground: #2d2512;
    --good: #86efac; --good-ground: #10281b; --chip: #222d44;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0 auto; padding: 1.5rem clamp(0.75rem, 2.5vw, 2rem) 3rem; max-width: 84rem;
  background: var(--ground); color: var(--ink);
  font: 0.9375rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  overflow-wrap: anywhere;
}
h1, h2, h3, h4, p, ul, ol, figure, pre { margin: 0; }
ul, ol { padding: 0; list-style: none; }
h1 { font-size: 1.5rem; line-height: 1.25; }
h2 { font-size: 1.125rem; margin: 2rem 0 0.75rem; }
h3 { font-size: 1.0625rem; line-height: 1.35; }
h4 { font-size: 0.8125rem; font-weight: 600; color: var(--soft); margin-bottom: 0.5rem; }
a { color: var(--link); }
code, pre { font: 0.8125rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 4px; }
main:focus { outline: none; }
.skip { position: absolute; left: -200vw; }
.skip:focus { position: fixed; left: 1rem; top: 1rem; z-index: 1; padding: 0.5rem 0.75rem; background: var(--card); }
.where { color: var(--soft); margin-top: 0.25rem; }
form { margin-top: 0.9rem; display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; }
label { color: var(--soft); }
input, button {
  font: inherit; color: inherit; background: var(--card); border: 1px solid var(--soft); border-radius: 8px;
  padding: 0.3rem 0.7rem; min-height: 2.25rem;
}
input { flex: 0 1 15rem; min-width: 8rem; width: 8rem; }
input::placeholder { color: var(--soft); opacity: 1; }
button { cursor: pointer; font-weight: 600; }
#told { color: var(--soft); min-height: 1.5em; }
.lost #told { color: var(--bad); font-weight: 600; }
.counts { display: flex; flex-wrap: wrap; gap: 0.4rem; margin-top: 1.25rem; }
.counts li { background: var(--card); border: 1px solid var(--line); border-radius: 999px; padding: 0.15rem 0.8rem; }
.calm, .empty, .unsettled { margin-top: 1rem; padding: 0.9rem 1.1rem; border-radius: 12px; border: 1px solid var(--line); }
ul.orphaned { display: grid; gap: 0.3rem; }
.calm { background: var(--good-ground); color: var(--good); }
.empty { background: var(--card); }
.empty p + p { margin-top: 0.5rem; color: var(--soft); }
.unsettled { background: var(--warn-ground); color: var(--warn); }
.cards { display: grid; gap: 1rem; }
.cards.same { grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); align-items: start; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 16px; padding: clamp(0.9rem, 2vw, 1.4rem); min-width: 0; }
.about { color: var(--soft); margin: 0.15rem 0 0.9rem; }
.about code { color: var(--ink); }
.chip { display: inline-block; background: var(--chip); color: var(--ink); border-radius: 999px; padding: 0 0.6rem; font-size: 0.8125rem; white-space: nowrap; }
.chip.broken { background: var(--bad-ground); color: var(--bad); }
.chip.held { background: var(--warn-ground); color: var(--warn); }
.chip.new { background: var(--good-ground); color: var(--good); }
p.note { color: var(--soft); margin-bottom: 0.75rem; }
.pair { display: grid; gap: 1.25rem; grid-template: auto 1fr / minmax(0, 25rem) minmax(0, 25rem) minmax(0, 1fr); }
.pair .aside { grid-area: 1 / 3 / span 2; }
.pair .notes { grid-area: 2 / 1 / auto / span 2; align-content: start; }
.single { display: grid; gap: 1rem; }
.single .notes { align-content: start; }
@media (max-width: 68rem) {
  .pair { grid-template: none / repeat(2, minmax(0, 1fr)); }
  .pair .aside, .pair .notes { grid-area: auto / 1 / auto / -1; }
}
@media (max-width: 40rem) { .pair { grid-template: none / minmax(0, 1fr); } }
@media (min-width: 56rem) { .differ .single { grid-template-columns: minmax(0, 25rem) minmax(0, 1fr); } }
figcaption { font-size: 0.8125rem; font-weight: 600; color: var(--soft); margin-bottom: 0.4rem; }
img { display: block; width: 100%; max-width: 25rem; height: auto; border-radius: 12px; }
.same figure img { margin: 0 auto; }
.legend, .unseen { display: grid; gap: 0.8rem; margin-bottom: 1.1rem; }
.legend li { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0.6rem; }
.legend .entries li, .unseen .entries li { display: block; }
.badge {
  min-width: 1.5rem; height: 1.5rem; padding: 0 0.4rem; border-radius: 999px; background: var(--mark); color: #ffffff;
  font-size: 0.8125rem; font-weight: 700; line-height: 1.5rem; text-align: center;
}
.field { font-weight: 600; }
.value { font-size: 0.875rem; white-space: pre-wrap; }
del { color: var(--soft); }
ins { font-weight: 700; text-decoration: none; }
.words ins { text-decoration: underline 2px var(--mark); text-underline-offset: 3px; }
.words del + ins { margin-inline-start: 0.2em; }
.entries { font-size: 0.875rem; }
.entries .equal { color: var(--soft); }
.swatch { width: 0.875rem; height: 0.875rem; margin-right: 0.4rem; vertical-align: -0.1rem; }
.swatch rect { stroke: var(--soft); stroke-width: 1; }
.notes { font-size: 0.875rem; color: var(--soft); display: grid; gap: 0.4rem; }
.problems { display: grid; gap: 0.6rem; margin-bottom: 1rem; }
.problems li { border: 1px solid var(--line); border-left: 4px solid; border-radius: 8px; padding: 0.6rem 0.8rem; min-width: 0; }
.problems .error { border-left-color: var(--bad); background: var(--bad-ground); }
.problems .warning { border-left-color: var(--warn); background: var(--warn-ground); }
.problems .note { border-left-color: var(--soft); color: inherit; margin: 0; }
.error .summary strong { color: var(--bad); }
.warning .summary strong { color: var(--warn); }
.problems pre { overflow-x: auto; margin: 0.4rem 0; padding: 0.4rem 0.6rem; background: var(--card); border-radius: 6px; white-space: pre; overflow-wrap: normal; }
.line { color: var(--soft); border-right: 1px solid var(--line); padding-right: 0.5rem; margin-right: 0.25rem; }
mark { background: none; color: inherit; font-weight: 700; text-decoration: underline wavy; text-decoration-color: var(--bad); text-underline-offset: 4px; }
.detail, .code { color: var(--soft); font-size: 0.875rem; }
.detail code { color: var(--ink); }
.pages { display: flex; gap: 1rem; justify-content: center; margin-top: 1.5rem; }
footer { margin-top: 2.5rem; color: var(--soft); font-size: 0.875rem; max-width: 60rem; }
@media print { form, .skip { display: none; } .card { break-inside: avoid; } }
`.trimStart();
