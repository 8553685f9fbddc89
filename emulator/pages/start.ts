/**
 * The practice org's front door: how to get in, what is in it, what clients did lately, and switches for trouble. The
 * frame is made here; `start.js` fills in what changes while one looks.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { html } from 'hono/html'
import type { Context as EmulatorContext } from '../context.ts'
import type { ControlCalls } from '../control-calls.ts'
import type { OrgUser } from '../org/model.ts'
import { type Html, page } from './layout.ts'

/** The page's script, served from the same origin because nothing else may run there. */
export const START_SCRIPT = readFileSync(join(import.meta.dirname, 'start.js'), 'utf8')

const STYLE = `
main.whole { max-width: 78rem; padding-top: 1rem; }
.top { display: flex; flex-wrap: wrap; gap: .25rem 2rem; align-items: baseline; justify-content: space-between; margin-bottom: .75rem; }
.top h1 { margin: 0; font-size: 1.35rem; } .top p { margin: 0; }
.vital { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; font-variant-numeric: tabular-nums; } .vital b { font-weight: 600; }
nav.tabs { display: flex; gap: .25rem; overflow-x: auto; border-bottom: 1px solid var(--line); margin-bottom: 1rem; }
nav.tabs a { padding: .5rem .8rem; text-decoration: none; color: var(--soft); border-bottom: 2px solid transparent; white-space: nowrap; }
nav.tabs a[aria-current] { color: var(--ink); border-color: var(--accent); font-weight: 600; }
nav.tabs a:focus-visible { outline-offset: -2px; }
.whole .card { padding: 1.1rem 1.25rem; }
.pair { display: grid; gap: 1rem; } .pair > * { min-width: 0; }
@media (min-width: 56rem) { .pair { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); } .pair.slim { grid-template-columns: 19rem minmax(0, 1fr); } }
.scroll { overflow-x: auto; } .tall { max-height: 34rem; overflow-y: auto; }
table { border-collapse: collapse; width: 100%; font-size: .87rem; }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: .8rem; white-space: nowrap; position: sticky; top: 0; background: var(--paper); }
th, td { padding: .32rem .6rem .32rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.name { overflow-wrap: anywhere; } td.path { overflow-wrap: anywhere; min-width: 14rem; } td.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
.cells td { max-width: 22rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
.link { all: unset; cursor: pointer; color: var(--accent); } .link:hover { text-decoration: underline; }
select, textarea { width: 100%; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--soft); border-radius: 6px; padding: .5rem .6rem; }
textarea { font: .87rem/1.5 ui-monospace, SFMono-Regular, Menlo, monospace; min-height: 5.5rem; resize: vertical; display: block; }
:is(select, textarea, summary, .link):focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.bar { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end; margin-top: .6rem; } .bar label { margin: 0; } .bar > div { flex: 1; min-width: 12rem; }
.buttons { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .5rem; }
.buttons button { text-align: left; background: var(--ground); color: var(--ink); border-color: var(--line); font-weight: 500; padding: .5rem .7rem; }
.buttons button:hover { border-color: var(--accent); } .buttons small { display: block; color: var(--soft); font-weight: 400; }
button.small { padding: .15rem .55rem; font-size: .82rem; white-space: nowrap; } h3 { font-size: .92rem; margin: 1rem 0 .5rem; } h3:first-of-type { margin-top: 0; }
.status { min-height: 1.5em; margin: .6rem 0 0; } summary { cursor: pointer; white-space: nowrap; } .app + .app { border-top: 1px solid var(--line); padding-top: .5rem; } .app { margin-top: .5rem; } .app dl { margin-top: .5rem; }
#done:not(:empty) { position: sticky; bottom: .5rem; padding: .4rem .7rem; background: var(--paper); border: 1px solid var(--line); border-radius: 6px; }
.tag { display: inline-block; font-size: .74rem; padding: .05rem .45rem; border: 1px solid var(--line); border-radius: 1rem; margin: 0 .2rem .2rem 0; }
#filter { margin-bottom: .5rem; padding: .4rem .6rem; }
@media (max-width: 40rem) {
  .whole .card { padding: .9rem; } nav.tabs { gap: 0; justify-content: space-between; font-size: .8rem; } nav.tabs a { padding: .5rem .2rem; }
  .buttons { grid-template-columns: repeat(2, minmax(0, 1fr)); } .buttons button { overflow-wrap: anywhere; }
  .cards :is(table, tbody, tr, td) { display: block; min-width: 0; padding: 0; border: 0; text-align: left; white-space: normal; }
  .cards thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .cards tr { padding: .6rem 0; border-bottom: 1px solid var(--line); } .cards tr:first-child { padding-top: 0; } .cards tr:last-child { border-bottom: 0; padding-bottom: 0; }
  .cards.facts tr { display: flex; flex-wrap: wrap; gap: 0 .75rem; } .cards.facts td:empty { display: none; } .cards.facts .path { flex-basis: 100%; }
  .cards [data-before]::before { content: attr(data-before) ' '; color: var(--soft); } .cards [data-after]::after { content: ' ' attr(data-after); color: var(--soft); }
}
`

/** One press of a button: a control call, or a rule for trouble. */
interface Switch {
  readonly label: string
  readonly about: string
  readonly path: string
  readonly body: object
}

const rule = (label: string, about: string, body: object): Switch => ({ label, about, path: 'faults', body })
const DATA = '^/services/data/'

const SWITCHES: readonly (readonly [string, readonly Switch[]])[] = [
  [
    'The next API call',
    [
      rule('503, a page of HTML', 'maintenance or overload', { when: { path: DATA }, do: { answer: 'unavailable' } }),
      rule('401 INVALID_SESSION_ID', 'as if the token had ended', {
        when: { path: DATA },
        do: { answer: 'unauthorized' },
      }),
      rule('403 daily limit', 'REQUEST_LIMIT_EXCEEDED', { when: { path: DATA }, do: { answer: 'limit' } }),
      rule('403 concurrent limit', 'too many long requests', {
        when: { path: DATA },
        do: { answer: 'concurrent-limit' },
      }),
      rule('500 UNKNOWN_EXCEPTION', 'a fault on Salesforce’s side', {
        when: { path: DATA },
        do: { answer: { status: 500 } },
      }),
      rule('420, nothing in it', 'the edge has no route', { when: { path: DATA }, do: { answer: 'no-route' } }),
      rule('Waits 5 seconds', 'then answers', { when: { path: DATA }, do: { delayMs: 5000 } }),
      rule('Connection reset', 'before any work', { when: { path: DATA }, do: { reset: 'before-work' } }),
      rule('Answer lost', 'reset after the work was done', { when: { path: DATA }, do: { reset: 'after-work' } }),
      rule('HTML instead of JSON', 'with status 200', { when: { path: DATA }, do: { body: 'html' } }),
      rule('Corrupt gzip', 'breaks in the middle', { when: { path: DATA }, do: { corruptGzip: true } }),
      rule('Slow drip', '2,000 bytes a second', { when: { path: DATA }, do: { bytesPerSecond: 2000 } }),
    ],
  ],
  [
    'Bulk',
    [
      { label: 'Cut the next result', about: 'after 20,000 bytes', path: 'cut-stream', body: { afterBytes: 20_000 } },
      {
        label: 'Fail the next job',
        about: 'QUERY_TIMEOUT',
        path: 'fail-bulk-job',
        body: {
          message:
            'InvalidBatch : Failed to process query: QUERY_TIMEOUT: Your query request was running for too long.',
        },
      },
      rule('Lose results', 'of a finished job', { do: { fault: 'bulk-results-gone' } }),
      rule('Repeat a locator', 'a page names itself as the next', { do: { fault: 'locator-repeats' } }),
      rule('Shorten a page', 'by 3 of the rows it counts', { do: { fault: 'bulk-page-short', count: 3 } }),
    ],
  ],
  [
    'Access',
    [
      { label: 'End all access tokens', about: 'refresh tokens stay', path: 'expire-tokens', body: {} },
      { label: 'Revoke all grants', about: 'refresh tokens end, too', path: 'revoke-grants', body: {} },
      rule('Refuse a refresh', 'invalid_grant, the grant stays', { do: { fault: 'refresh-denied' } }),
      rule('Notice a reused token', 'the next refresh ends its grant', { do: { fault: 'rotation-reuse' } }),
      { label: 'Uninstall the app', about: 'nobody new gets in', path: 'app', body: { installed: false } },
      { label: 'Install the app', about: 'as it was', path: 'app', body: { installed: true } },
      { label: 'Use up the day’s calls', about: 'all of them', path: 'api-usage', body: { used: 1_000_000_000 } },
      { label: 'Give the calls back', about: 'none used', path: 'api-usage', body: { used: 0 } },
    ],
  ],
  [
    'Change events',
    [
      rule('A gap', 'in place of the next change', { do: { fault: 'gap' } }),
      rule('An overflow', 'GAP_OVERFLOW', { do: { fault: 'overflow' } }),
      { label: 'End all streams', about: 'now', path: 'events/break-streams', body: {} },
      rule('Refuse a replay id', 'as corrupted', { do: { fault: 'replay-id-corrupted' } }),
    ],
  ],
  [
    'The org',
    [
      { label: 'Move to another address', about: 'the old one answers 420', path: 'move-org', body: {} },
      { label: 'Move back', about: 'to where one logs in', path: 'move-org', body: { away: false } },
      { label: 'Clock: 3 hours on', about: 'unused tokens end', path: 'clock', body: { move: '3h' } },
      { label: 'Clock: 5 minutes back', about: 'it jumps', path: 'clock', body: { move: '-5m' } },
      { label: 'Stop the clock', about: 'until it runs again', path: 'clock', body: { frozen: true } },
      { label: 'Let the clock run', about: 'from where it stands', path: 'clock', body: { frozen: false } },
    ],
  ],
]

interface ShownApp {
  readonly name: string
  readonly clientId: string
  readonly clientSecret: string
  readonly callbackUrls: readonly string[]
  readonly scopes: readonly string[]
}

/** What the page shows of the other parts. */
interface StartPageFacts {
  readonly apps: readonly ShownApp[]
  readonly calls: ControlCalls
}

export function startPage({ origin, org }: EmulatorContext, { apps, calls }: StartPageFacts): Html {
  return page(
    org.name,
    html`<header class="top">
<h1>${org.name}</h1>
<p class="vital small soft" id="vital" aria-live="off"></p>
</header>
<nav class="tabs" aria-label="Parts of the page">
<a href="#start">Get in</a><a href="#records">Records</a><a href="#requests">Requests</a><a href="#trouble">Trouble</a><a href="#jobs">Jobs and events</a>
</nav>
<noscript><p class="problem">Counts, requests and switches need JavaScript. The rest of this page doesn’t.</p></noscript>
${[startSection(origin, org.users, apps), recordsSection(org.users), requestsSection(), troubleSection(origin, calls), jobsSection()]}
<script type="module" src="/_page/start.js"></script>`,
    { width: 'whole', style: STYLE },
  )
}

function startSection(origin: string, users: readonly OrgUser[], apps: readonly ShownApp[]): Html {
  return html`<section data-tab="start">
<div class="card">
<p>A Salesforce of your own: an invented company’s org that behaves like a real one towards programs. Point your tool at
<code>${origin}</code>; it is the login host, the My Domain host and the instance URL.
<a href="/services/data/">API versions</a> · <a href="/.well-known/openid-configuration">OpenID configuration</a> · <a href="/login">Log in</a></p>
</div>
<div class="card"><h2>Sign-ins</h2>
<div class="scroll cards"><table><thead><tr><th>Username<th>Password<th>What it is good for<th>Permissions</tr></thead>
<tbody>${users.map(
    (
      user,
    ) => html`<tr data-user="${user.username}"><td><code>${user.username}</code><td data-before="Password"><code>${user.password}</code>
<td>${user.about} <span class="bad" data-inactive ${user.active ? 'hidden' : ''}>deactivated</span>
<td><details><summary>${user.permissions.size} permissions</summary>${[...user.permissions].sort().map((name) => html`<span class="tag">${name}</span>`)}</details></tr>`,
  )}</tbody></table></div></div>
<div class="card"><h2>Apps</h2>
${apps.map(
  ({ name, clientId, clientSecret, callbackUrls, scopes }, index) =>
    html`<details class="app" ${index === 0 ? 'open' : ''}><summary><b>${name}</b></summary><dl class="facts">
<dt>Client id</dt><dd><code>${clientId}</code></dd><dt>Client secret</dt><dd><code>${clientSecret}</code></dd>
${callbackUrls.length > 0 ? html`<dt>Callback URLs</dt><dd><code>${callbackUrls.join('\n')}</code></dd>` : ''}
<dt>Scopes</dt><dd>${scopes.join(' ')}</dd></dl></details>`,
)}</div>
</section>`
}

function recordsSection(users: readonly OrgUser[]): Html {
  return html`<section data-tab="records"><div class="pair slim">
<div class="card"><h2>Objects</h2>
<label for="filter">Find an object</label><input id="filter" type="search" autocomplete="off">
<div class="tall" tabindex="0" role="region" aria-label="Objects"><table><thead><tr><th>Name<th class="number">Records</tr></thead><tbody id="objects"></tbody></table></div></div>
<div class="card"><h2>Ask</h2>
<form id="ask"><label for="soql">SOQL</label>
<textarea id="soql" spellcheck="false">SELECT CaseNumber, Subject, Status, Priority, Account.Name, CreatedDate FROM Case ORDER BY CreatedDate DESC LIMIT 20</textarea>
<div class="bar"><div><label for="as">As</label><select id="as">${users.map(({ username }) => html`<option>${username}</option>`)}</select></div>
<button type="submit">Run</button></div></form>
<p class="status small" id="asked" role="status"></p>
<div class="scroll tall cells" id="rows" tabindex="0" role="region" aria-label="Records"></div></div>
</div></section>`
}

function requestsSection(): Html {
  return html`<section data-tab="requests">
<div class="card" id="unknown-card" hidden><h2>Not known here</h2><p class="small soft">Asked for, answered 404. What to add is on stderr.</p>
<div class="scroll"><table><thead><tr><th>Request<th class="number">Times</tr></thead><tbody id="unknown"></tbody></table></div></div>
<div class="card"><h2>Requests</h2><p class="small soft" id="no-requests">None yet. Each call that a client makes appears here, the newest first.</p>
<div class="scroll cards facts"><table><thead><tr><th>Time<th class="number">Status<th>Method<th>Path<th class="number">ms<th>User<th>App<th>On purpose</tr></thead><tbody id="requests-rows"></tbody></table></div></div>
</section>`
}

function troubleSection(origin: string, calls: ControlCalls): Html {
  return html`<section data-tab="trouble"><div class="card"><h2>Make it fail</h2>
${SWITCHES.map(
  ([title, switches]) =>
    html`<h3>${title}</h3><div class="buttons">${switches.map(
      ({ label, about, path, body }) =>
        html`<button type="button" data-call="${path}" data-body="${JSON.stringify(body)}">${label}<small>${about}</small></button>`,
    )}</div>`,
)}
<p class="status small" id="done" role="status"></p></div>
<div class="pair"><div class="card"><h2>Planned</h2><p class="small soft" id="no-rules">Nothing is planned.</p>
<div class="scroll"><table><tbody id="rules"></tbody></table></div></div>
<div class="card"><h2>A rule of your own</h2><form id="plan"><label for="rule">When it strikes, and what happens then</label>
<textarea id="rule" spellcheck="false">{ "when": { "object": "Case", "every": 3, "times": 2 },
  "do": { "delayMs": [200, 2000], "answer": { "status": 400, "errorCode": "UNABLE_TO_LOCK_ROW" } } }</textarea>
<div class="bar"><button type="submit">Plan</button></div></form></div></div>
<div class="card"><h2>By program</h2><p class="small">Every switch is a <code>POST</code> with JSON, and any of them can be the <code>call</code> of a rule.</p>
<div class="scroll cards"><table><thead><tr><th>What<th>How</tr></thead><tbody>${calls
    .list()
    .map(
      ({ what, path, example }) =>
        html`<tr><td>${what}<td class="path"><code>curl --json '${JSON.stringify(example)}' ${origin}/_control/${path}</code></tr>`,
    )}</tbody></table></div></div>
</section>`
}

function jobsSection(): Html {
  return html`<section data-tab="jobs">
<div class="card"><h2>Bulk jobs</h2><p class="small soft" id="no-jobs">None yet.</p>
<div class="scroll cards facts"><table><thead><tr><th>Job<th>API<th>Operation<th>Object<th>State<th class="number">Records<th>Created</tr></thead><tbody id="jobs-rows"></tbody></table></div></div>
<div class="card"><h2>Event topics</h2><p class="small soft" id="no-topics">None.</p>
<div class="scroll"><table><thead><tr><th>Topic</tr></thead><tbody id="topics"></tbody></table></div></div>
</section>`
}
