// How the operator's pages look, on top of the style that they share with a preview.

/** CSS, served behind that. */
export const statusStyle = `
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
body { --gutter: max(clamp(0.75rem, 2.5vw, 1.5rem), (100vw - 76rem) / 2); max-width: none; padding: 0 var(--gutter) 2rem; }
header {
  display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; align-items: center; padding: 0.7rem var(--gutter);
  margin: 0 calc(-1 * var(--gutter)) 1.25rem; background: var(--card); border-bottom: 1px solid var(--line);
}
@media (max-width: 48rem) { .where { flex-basis: 100%; } }
.brand { font-size: 1.125rem; font-weight: 700; }
.brand a { color: var(--ink); text-decoration: none; }
.where { display: flex; flex-wrap: wrap; gap: 0 1.25rem; margin: 0; flex: 1 1 80%; }
header nav a { margin-right: 0.9rem; padding: 0.3rem 0; display: inline-block; }
header nav a[aria-current] { color: var(--ink); font-weight: 600; text-decoration: none; border-bottom: 2px solid var(--focus); }
header form { margin: 0 0 0 auto; flex-wrap: nowrap; }
header input { width: 14rem; flex: 1 1 14rem; }
button { white-space: nowrap; }
#told { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.lost #told { position: static; width: 100%; height: auto; clip-path: none; }
.banner { padding: 0.75rem 1rem; border-radius: 10px; margin-bottom: 0.75rem; }
.banner.warn { background: var(--warn-ground); color: var(--warn); border: 1px solid; border-color: color-mix(in srgb, var(--warn) 35%, transparent); }
.banner.bad { background: var(--bad-ground); color: var(--bad); border: 1px solid; border-color: color-mix(in srgb, var(--bad) 35%, transparent); }
.since { white-space: nowrap; }
.filters { display: flex; flex-wrap: wrap; gap: 0.6rem; margin: 0.25rem 0 1.1rem; }
.filters a {
  display: block; min-width: 6.25rem; padding: 0.5rem 0.9rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px;
  color: var(--soft); text-decoration: none; font-size: 0.8125rem;
}
.filters a:hover { border-color: var(--soft); }
.filters strong { display: block; font-size: 1.375rem; line-height: 1.3; color: var(--ink); }
.filters a[aria-current] { border-color: var(--focus); box-shadow: inset 0 0 0 1px var(--focus); color: var(--ink); }
.filters .failed strong { color: var(--bad); }
.filters .pending strong, .filters .held strong, .filters .drifted strong { color: var(--warn); }
table { width: 100%; border-collapse: separate; border-spacing: 0; background: var(--card); border: 1px solid var(--line); border-radius: 14px; }
th, td { text-align: left; vertical-align: top; padding: 0.65rem 0.75rem; border-bottom: 1px solid var(--line); font-weight: inherit; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { font-size: 0.8125rem; font-weight: 600; color: var(--soft); }
tbody th a { font-weight: 600; text-decoration: none; font-size: 1rem; }
tbody th a:hover { text-decoration: underline; }
.thumb { width: 5.75rem; padding-right: 0; }
.thumb img { width: 4.625rem; height: 4.75rem; object-fit: cover; object-position: top; border-radius: 8px; border: 1px solid var(--line); }
.widgets th[scope=row] { width: 36%; }
.place, .reason { font-size: 0.875rem; color: var(--soft); margin: 0.1rem 0 0; }
.soft, .never { color: var(--soft); }
td.applied { width: 9rem; }
td.applied code { display: block; color: var(--soft); }
.pill { display: inline-block; border-radius: 999px; padding: 0 0.65rem; font-size: 0.8125rem; font-weight: 600; line-height: 1.55; background: var(--chip); color: var(--ink); white-space: nowrap; }
.brand .of { color: var(--soft); font-weight: 400; padding: 0 0.15rem; }
.filters .bad strong { color: var(--bad); }
.filters .warn strong { color: var(--warn); }
.accounts th[scope=row] { width: 18%; min-width: 9rem; }
.accounts .amount { width: 20%; }
.accounts .amount .pill { margin-left: 0.35rem; }
.pill.applied, .pill.good { background: var(--good-ground); color: var(--good); }
.pill.failed, .pill.bad { background: var(--bad-ground); color: var(--bad); }
.pill.pending, .pill.held, .pill.drifted, .pill.warn { background: var(--warn-ground); color: var(--warn); }
.pill.good, .pill.bad, .pill.warn, .pill.applied, .pill.failed, .pill.pending, .pill.held, .pill.drifted { box-shadow: inset 0 0 0 1px color-mix(in srgb, currentColor 25%, transparent); }
.when, .why { white-space: nowrap; }
.writes .commit { width: 20%; }
.writes th[scope=row] { width: 26%; }
main h1 { margin-bottom: 0.5rem; }
.verdict { margin-bottom: 1rem; }
.verdict .reason { margin-top: 0.4rem; font-size: 0.9375rem; color: var(--ink); }
.facts { display: flex; flex-wrap: wrap; gap: 0.6rem 2rem; margin: 0; }
dt { font-size: 0.8125rem; color: var(--soft); }
dd { margin: 0; }
.fields { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 14px; }
.fields > div { display: grid; grid-template-columns: minmax(8rem, 16rem) minmax(0, 1fr); gap: 0.25rem 1rem; padding: 0.5rem 0.9rem; border-bottom: 1px solid var(--line); }
.fields > div:last-child { border-bottom: 0; }
.waiting.card { margin-top: 1rem; }
.waiting.card h2 { margin: 0; }
.waiting.card .about { margin-bottom: 0.4rem; }
.waiting .fields { margin-top: 0.75rem; }
.gates { display: grid; gap: 0.4rem; }
.gates li { padding: 0.5rem 0.9rem; background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--line); border-radius: 8px; }
.gates .passed { border-left-color: var(--good); }
.gates .stopped { border-left-color: var(--bad); background: var(--bad-ground); }
.gates .waits { border-left-color: var(--warn); background: var(--warn-ground); }
.gates .not-reached, .gates .unknown, .gates .word { color: var(--soft); }
.gates .stopped .word, .gates .waits .word { color: inherit; font-weight: 600; }
#passed { margin-bottom: 0.4rem; }
#passed summary { cursor: pointer; color: var(--soft); padding: 0.25rem 0; }
.act { margin-top: 0.25rem; }
@media (max-width: 48rem) {
  header form { margin: 0.4rem 0 0; width: 100%; }
  header input { flex: 1 1 8rem; width: auto; }
  .filters { gap: 0.4rem; }
  .filters a { min-width: 0; padding: 0.35rem 0.7rem; }
  .filters strong { display: inline; font-size: 1rem; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody { display: block; }
  tbody tr { display: block; padding: 0.75rem; border-bottom: 1px solid var(--line); }
  tbody tr:last-child { border-bottom: 0; }
  tbody tr > * { display: block; padding: 0.1rem 0; border: 0; width: auto; }
  .widgets tbody tr { display: grid; grid-template-columns: 5.5rem minmax(0, 1fr); }
  .widgets tr > .thumb { grid-row: 1 / span 3; width: auto; }
  .widgets th[scope=row], .accounts th[scope=row], .accounts .amount, .writes th[scope=row], .writes .commit, td.applied { width: auto; }
  td.applied code { display: inline; margin-left: 0.5rem; }
  .fields > div { grid-template-columns: minmax(0, 1fr); }
}
@media print { header form, nav { display: none; } }
`.trimStart();
