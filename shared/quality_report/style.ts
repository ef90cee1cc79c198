/** How the report looks: on a phone, on a wide screen, in the dark, on paper. */

/** The style sheet. Colours have a contrast of 4.5 to 1 at least on what they stand on, in both schemes. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f5f6f8; --surface: #ffffff; --ink: #16202c; --quiet: #55606e; --line: #d8dde4;
  --pass: #116636; --pass-ground: #e2f4e9; --warning: #7a4a00; --warning-ground: #fdf0d2;
  --fail: #a11220; --fail-ground: #fde5e6; --none: #47525f; --none-ground: #e8ebef;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #10151b; --surface: #19212a; --ink: #e8edf2; --quiet: #a3afbc; --line: #33404d;
    --pass: #7fd9a2; --pass-ground: #123524; --warning: #f4c46b; --warning-ground: #3a2b0c;
    --fail: #ff9a9f; --fail-ground: #451a1e; --none: #bcc6d1; --none-ground: #2a343f;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
}
header, main, footer { max-width: 80rem; margin: 0 auto; padding: 1rem clamp(0.75rem, 3vw, 2rem); }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0.5rem 0 1rem; }
h2 { font-size: 1.2rem; margin: 0 0 0.75rem; }
p, ul { margin: 0.5rem 0; }
ul { padding-left: 1.25rem; }
.quiet, footer { color: var(--quiet); font-size: 0.9rem; }
section {
  background: var(--surface); border: 1px solid var(--line); border-radius: 0.5rem;
  padding: 1rem clamp(0.75rem, 2vw, 1.5rem); margin: 0 0 1rem;
}
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; list-style: none; padding: 0; }
a { color: inherit; text-underline-offset: 0.2em; }
.verdict { border-left: 0.5rem solid; }
.badge {
  display: inline-block; padding: 0.05rem 0.5rem; border-radius: 1rem; font-weight: 600; white-space: nowrap;
}
.pass { color: var(--pass); background: var(--pass-ground); }
.warning { color: var(--warning); background: var(--warning-ground); }
.fail { color: var(--fail); background: var(--fail-ground); }
.not_evaluated { color: var(--none); background: var(--none-ground); }
section.verdict { color: inherit; background: var(--surface); }
section.verdict.pass { border-left-color: var(--pass); }
section.verdict.warning { border-left-color: var(--warning); }
section.verdict.fail { border-left-color: var(--fail); }
section.verdict.not_evaluated { border-left-color: var(--none); }
dl.numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: 0.75rem; margin: 0 0 1rem; }
dl.numbers div { border: 1px solid var(--line); border-radius: 0.5rem; padding: 0.5rem 0.75rem; }
dt { color: var(--quiet); font-size: 0.9rem; }
dd { margin: 0; }
dl.numbers dd { font-size: 1.4rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin: 0.25rem 0 1rem; font-size: 0.95rem; }
caption { text-align: left; font-weight: 600; padding: 0.25rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 1rem 0.4rem 0; border-top: 1px solid var(--line); }
thead th { color: var(--quiet); font-weight: 600; font-size: 0.85rem; border-top: 0; }
tbody th { font-weight: 600; overflow-wrap: break-word; }
td.number { font-variant-numeric: tabular-nums; }
@media (min-width: 45.01rem) { th.number, td.number { text-align: right; white-space: nowrap; } }
td { overflow-wrap: anywhere; }
td ul, td p { margin: 0; }
code { font: 0.9em ui-monospace, "SF Mono", Consolas, "Liberation Mono", monospace; overflow-wrap: anywhere; }
@media (max-width: 45rem) {
  table, caption, tbody, tr, th, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { border-top: 1px solid var(--line); padding: 0.5rem 0; }
  tbody th, td { border: 0; padding: 0.1rem 0; }
  td { display: grid; grid-template-columns: minmax(6.5rem, 35%) 1fr; gap: 0.5rem; }
  td::before { content: attr(data-label); color: var(--quiet); font-size: 0.9rem; }
  td.long, td.long::before { display: block; }
  td.empty { display: none; }
  tbody th { overflow-wrap: anywhere; }
}
@media print {
  :root { color-scheme: light; }
  body { background: none; font-size: 10pt; }
  nav { display: none; }
  header, main, footer { max-width: none; padding: 0; }
  section { border: 0; border-top: 1px solid; border-radius: 0; padding: 0.5rem 0; }
  tr, dl.numbers div { break-inside: avoid; }
  h2, caption { break-after: avoid; }
  .badge { border: 1px solid; }
}
`;
