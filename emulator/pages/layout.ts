/** The frame of the practice org's own pages: plain HTML and CSS, good on a phone. */
import { html, raw } from 'hono/html'

export type Html = ReturnType<typeof html>

const STYLE = `
:root { color-scheme: light dark; --ink: #16242f; --soft: #566573; --line: #d5dde3; --paper: #fff; --ground: #eef3f7;
  --accent: #0b5cab; --accent-ink: #fff; --note: #fff6dc; --note-line: #ecd48a; --bad: #a3160f; --bad-ground: #fdeceb; --good: #1b6b34; --warn: #875200; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eef3; --soft: #a3b1bd; --line: #34414c; --paper: #1b242c;
  --ground: #11181e; --accent: #7ab8f5; --accent-ink: #0a1a29; --note: #332c14; --note-line: #5f5223; --bad: #ffaca6; --bad-ground: #3a1b19; --good: #8bd8a2; --warn: #f3c377; } }
* { box-sizing: border-box }
body { margin: 0; font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; color: var(--ink); background: var(--ground); }
main { max-width: 26rem; margin: 0 auto; padding: 2rem 1rem 3rem; }
main.wide { max-width: 52rem; }
.brand { display: flex; align-items: center; gap: .6rem; justify-content: center; margin: 0 0 1.25rem; font-weight: 600; font-size: 1.1rem; }
:is(.wide, .whole) .brand { justify-content: flex-start; }
.badge { font-size: .72rem; font-weight: 600; letter-spacing: .03em; padding: .15rem .5rem; border-radius: 1rem;
  background: var(--note); border: 1px solid var(--note-line); white-space: nowrap; }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 1.5rem; margin-bottom: 1rem; }
h1 { font-size: 1.3rem; line-height: 1.3; margin: 0 0 .75rem; text-wrap: balance; } h2 { font-size: 1.05rem; margin: 0 0 .5rem; }
p { margin: 0 0 .75rem; } p:last-child, ul:last-child { margin-bottom: 0 } ul { margin: 0 0 .75rem; padding-left: 1.2rem; }
.soft { color: var(--soft); } .small { font-size: .87rem; }
a { color: var(--accent); }
label { display: block; font-weight: 600; font-size: .87rem; margin-bottom: .25rem; }
input { width: 100%; font: inherit; color: inherit; background: var(--paper); padding: .55rem .7rem; border: 1px solid var(--soft);
  border-radius: 6px; margin-bottom: 1rem; }
button { font: inherit; font-weight: 600; padding: .6rem 1rem; border-radius: 6px; border: 1px solid var(--accent);
  background: var(--accent); color: var(--accent-ink); cursor: pointer; }
button.plain { background: transparent; color: var(--accent); }
:is(input, button, a):focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.full { width: 100%; } .row { display: flex; gap: .75rem; } .row > * { flex: 1; }
.problem { background: var(--bad-ground); color: var(--bad); border-radius: 6px; padding: .6rem .8rem; margin-bottom: 1rem; }
code, pre { font: .87em ui-monospace, SFMono-Regular, Menlo, monospace; overflow-wrap: anywhere; }
pre { background: var(--ground); border-radius: 6px; padding: .75rem; margin: 0 0 .75rem; white-space: pre-wrap; }
form + p { margin-top: .9rem; }
dl { margin: 0; } dt { font-size: .82rem; color: var(--soft); } dd { margin: 0 0 .6rem; overflow-wrap: anywhere; } dd:last-child { margin-bottom: 0 }
@media (min-width: 40rem) { dl.facts { display: grid; grid-template-columns: 12rem 1fr; } }
dl.facts dd { white-space: pre-wrap; }
`

/** A whole page; `narrow` is for forms, `wide` for reading, `whole` for tables. */
export function page(
  title: string,
  body: Html,
  { width = 'narrow', style = '' }: { width?: 'narrow' | 'wide' | 'whole'; style?: string } = {},
): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} | Practice org</title>
<link rel="icon" href="data:,">
<style>${raw(STYLE + style)}</style>
</head>
<body>
<main class="${width}">
<div class="brand"><span>Salesforce</span><span class="badge">Practice org</span></div>
${body}
</main>
</body>
</html>`
}
