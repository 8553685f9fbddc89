/** The start page's moving parts. Plain browser code: it is served as it stands. */

const POLL_MS = 2_000
const SHOWN_REQUESTS = 200

const byId = (id) => document.getElementById(id)
const grouped = new Intl.NumberFormat('en')
const tabs = [...document.querySelectorAll('nav.tabs a')]
const sections = [...document.querySelectorAll('section[data-tab]')]

/** An element with its text or children; text is never read as HTML. */
function element(name, content = '', attributes = {}) {
  const made = document.createElement(name)
  made.append(...(Array.isArray(content) ? content : [String(content)]))
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  return made
}

const row = (...cells) => element('tr', cells)
/** On a phone, where no column says what it is, the unit stands behind it. */
const number = (value, unit) =>
  element('td', value === null ? '' : grouped.format(value), { class: 'number', ...(unit && { 'data-after': unit }) })
const time = (at) =>
  element('td', new Date(at).toISOString().slice(11, 19), { class: 'time', title: new Date(at).toISOString() })

async function getJson(path) {
  const response = await fetch(path)
  if (!response.ok) throw new Error(`${path} answered ${response.status}`)
  return response.json()
}

async function call(path, body) {
  const response = await fetch(`/_control/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.error)
  return answer
}

function say(where, text, isBad = false) {
  byId(where).textContent = text
  byId(where).classList.toggle('bad', isBad)
}

// Tabs live in the address, so that each can be linked to and Back works.

function showTab() {
  const asked = location.hash.slice(1)
  const open = sections.some((section) => section.dataset.tab === asked) ? asked : 'start'
  for (const section of sections) section.hidden = section.dataset.tab !== open
  for (const tab of tabs) {
    if (tab.hash === `#${open}`) tab.setAttribute('aria-current', 'page')
    else tab.removeAttribute('aria-current')
  }
  scrollTo(0, 0)
  if (open === 'records') void countObjects()
}

// Records

let areObjectsCounted = false

/** Counts one object after the other, so that a large org stays quick for its clients meanwhile. */
async function countObjects() {
  if (areObjectsCounted) return
  areObjectsCounted = true
  const objects = await getJson('/_control/objects')
  const cells = objects.map(({ name, label, fields }) => {
    const choose = element('button', name, { class: 'link', type: 'button', title: label })
    choose.addEventListener('click', () => {
      byId('soql').value = `SELECT ${fields.join(', ')} FROM ${name} LIMIT 20`
      byId('ask').requestSubmit()
    })
    const count = element('td', '', { class: 'number' })
    byId('objects').append(
      element('tr', [element('td', [choose], { class: 'name' }), count], { 'data-name': name.toLowerCase() }),
    )
    return { name, count }
  })
  for (const { name, count } of cells) {
    const answer = await getJson(`/_control/objects/${name}`)
    count.textContent = answer.count === null ? '–' : grouped.format(answer.count)
    if (answer.count === null) count.title = 'Salesforce wants a filter on this object'
  }
}

byId('filter').addEventListener('input', (event) => {
  const wanted = event.target.value.toLowerCase()
  for (const line of byId('objects').children) line.hidden = !line.dataset.name.includes(wanted)
})

byId('ask').addEventListener('submit', async (event) => {
  event.preventDefault()
  const started = performance.now()
  try {
    const { columns, rows, totalSize, objectName } = await call('query', {
      username: byId('as').value,
      soql: byId('soql').value,
    })
    const ms = Math.round(performance.now() - started)
    const shown = rows.length < totalSize ? `, the first ${rows.length} shown` : ''
    say('asked', `${grouped.format(totalSize)} records in ${ms} ms${shown}`)
    const head = element('thead', [row(element('th', ''), ...columns.map((column) => element('th', column)))])
    const body = rows.map(({ id, values }) => {
      const open = id ? element('a', 'Open', { href: `/lightning/r/${objectName}/${id}/view` }) : ''
      return row(element('td', [open]), ...values.map((value) => element('td', value ?? '', { title: value ?? '' })))
    })
    byId('rows').replaceChildren(columns.length > 0 ? element('table', [head, element('tbody', body)]) : '')
  } catch (error) {
    say('asked', error.message, true)
    byId('rows').replaceChildren()
  }
})

// Trouble

async function press(path, body, done) {
  try {
    const answer = await call(path, body)
    say(
      'done',
      `${done}${answer.number ? `: planned as rule ${answer.number}` : ''}${answer.instanceUrl ? `: ${answer.instanceUrl}` : ''}`,
    )
  } catch (error) {
    say('done', error.message, true)
  }
  await refresh()
}

for (const button of document.querySelectorAll('button[data-call]')) {
  button.addEventListener('click', () =>
    press(button.dataset.call, JSON.parse(button.dataset.body), button.firstChild.textContent),
  )
}

byId('plan').addEventListener('submit', (event) => {
  event.preventDefault()
  try {
    void press('faults', JSON.parse(byId('rule').value), 'Planned')
  } catch (error) {
    say('done', error.message, true)
  }
})

function ruleRow({ number: ruleNumber, when, do: effects, seen, struck }) {
  const off = element('button', 'Call off', {
    class: 'plain small',
    type: 'button',
    'aria-label': `Call off rule ${ruleNumber}`,
  })
  off.addEventListener('click', async () => {
    await fetch(`/_control/faults/${ruleNumber}`, { method: 'DELETE' })
    await refresh()
  })
  const text = element('code', JSON.stringify({ when, do: effects }))
  return row(
    number(ruleNumber),
    element('td', [text, element('div', `matched ${seen}, struck ${struck}`, { class: 'soft' })]),
    element('td', [off]),
  )
}

// What goes on

let lastNumber = 0
const usernames = new Map()
const appNames = new Map()

function statusCell(status) {
  const look = status === 0 || status >= 500 ? 'bad' : status >= 400 ? 'warn' : 'good'
  return element('td', status === 0 ? 'broken' : status, { class: `number ${look}` })
}

async function refreshRequests() {
  const { latest, requests, unknown } = await getJson(`/_control/requests?after=${lastNumber}`)
  const list = byId('requests-rows')
  if (latest < lastNumber) {
    // The org was started anew, and its numbers begin again.
    lastNumber = 0
    list.replaceChildren()
    return refreshRequests()
  }
  for (const request of requests) {
    // Asked for twice, by the clock and by a button.
    if (request.number <= lastNumber) continue
    lastNumber = request.number
    list.prepend(
      row(
        time(request.at),
        statusCell(request.status),
        element('td', request.method),
        element('td', [element('code', request.path)], { class: 'path' }),
        number(request.ms, 'ms'),
        element('td', usernames.get(request.userId) ?? request.userId ?? ''),
        element('td', appNames.get(request.clientId) ?? ''),
        element('td', request.note ?? '', { class: 'warn' }),
      ),
    )
  }
  while (list.children.length > SHOWN_REQUESTS) list.lastElementChild.remove()
  byId('no-requests').hidden = list.children.length > 0
  byId('unknown-card').hidden = unknown.length === 0
  byId('unknown').replaceChildren(
    ...unknown.map(({ method, path, count }) =>
      row(element('td', [element('code', `${method} ${path}`)], { class: 'path' }), number(count)),
    ),
  )
}

function vital(label, value) {
  return element('span', [`${label} `, element('b', value)])
}

async function refresh() {
  const { org, instanceUrl, users, apps, apiUsage, faults, jobs, topics, pubSub } = await getJson('/_control/state')
  byId('vital').replaceChildren(
    vital(org.frozen ? 'Clock stopped at' : 'Clock', `${org.now.slice(0, 19).replace('T', ' ')} UTC`),
    vital('API calls', `${grouped.format(apiUsage.used)} of ${grouped.format(apiUsage.max)}`),
    ...(pubSub === null ? [] : [vital('Pub/Sub API', pubSub)]),
    ...(instanceUrl === location.origin ? [] : [vital('Moved to', instanceUrl)]),
    ...(faults.length > 0 ? [vital('Trouble planned', faults.length)] : []),
  )
  for (const { name, clientId } of apps) appNames.set(clientId, name)
  for (const { username, userId, active } of users) {
    usernames.set(userId, username.split('@')[0])
    const line = document.querySelector(`tr[data-user="${CSS.escape(username)}"] [data-inactive]`)
    if (line) line.hidden = active
  }
  byId('no-rules').hidden = faults.length > 0
  byId('rules').replaceChildren(...faults.map(ruleRow))
  byId('no-jobs').hidden = jobs.length > 0
  byId('jobs-rows').replaceChildren(
    ...jobs.map((job) => {
      const state = element('td', job.state, { class: job.state === 'Failed' ? 'bad' : '', title: job.error ?? '' })
      const facts = [job.api, job.operation, job.object].map((text) => element('td', text))
      return row(
        element('td', [element('code', job.id)]),
        ...facts,
        state,
        number(job.records, 'records'),
        time(job.createdAt),
      )
    }),
  )
  byId('no-topics').hidden = topics.length > 0
  byId('topics').replaceChildren(...topics.map((topic) => row(element('td', [element('code', topic)]))))
  await refreshRequests()
}

/** Looks again every so often, but not while nobody looks at the page or the org is gone. */
async function poll() {
  if (!document.hidden) {
    try {
      await refresh()
    } catch {
      byId('vital').replaceChildren(element('b', 'The practice org does not answer.'))
    }
  }
  setTimeout(poll, POLL_MS)
}

addEventListener('hashchange', showTab)
document.addEventListener('visibilitychange', () => void (document.hidden || refresh().catch(() => undefined)))
showTab()
await poll()
