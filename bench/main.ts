/**
 * `npm run bench`: what the product does, as a ratio to a floor measured beside it in the same run. `-- --json` prints
 * a list of { name, value, unit, budget, ok } for machines; `-- --rows N` changes the size; `-- --org` measures the
 * practice org alone.
 */

import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import pino from 'pino'
import type { Integration } from '../src/api/schemas.ts'
import { startEmbeddedPostgres } from '../src/embedded-postgres.ts'
import { openDatabase } from '../src/store/database.ts'
import { objectsOf } from '../src/sync/objects.ts'
import { becomeAdminOverHttp, type HttpAdmin } from '../test/http-admin.ts'
import { type Stack, startStack } from '../test/processes.ts'
import { copyFile } from './floor.ts'
import { atLeast, atMost, forgetPeakMemory, type Measure, plain, readPeakMemory } from './measure.ts'
import { measureOrg } from './org-alone.ts'
import { downloadCsv, showOnlyCases } from './org-side.ts'

const fieldCount = 40
const casesAtScaleOne = 3_000

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    org: { type: 'boolean', default: false },
    rows: { type: 'string', default: '500000' },
  },
})
const rows = Number(values.rows)
if (!Number.isInteger(rows) || rows < 3_000) throw new Error('--rows takes a whole number from 3000 on.')

const folder = await mkdtemp(join(tmpdir(), 'loopline-bench-'))
// Open to the user that Postgres runs as when this runs as root.
await chmod(folder, 0o755)
try {
  const scale = rows / casesAtScaleOne
  say(`Making a practice org of ${rows.toLocaleString('en')} cases.`)
  report(values.org ? await measureOrg({ scale, folder, fieldCount }) : await measureLoopline(scale))
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function measureLoopline(scale: number): Promise<Measure[]> {
  const given = process.env.BENCH_DATABASE_URL
  const embedded = given
    ? undefined
    : await startEmbeddedPostgres({ dataDir: join(folder, 'data'), log: pino({ level: 'silent' }) })
  process.env.TEST_DATABASE_URL = given ?? embedded?.url
  let stack: Stack | undefined
  try {
    stack = await startStack(['--scale', String(scale)])
    return await measure(stack)
  } finally {
    await stack?.stop()
    await embedded?.stop()
  }
}

async function measure({ emulator, loopline, databaseUrl }: Stack): Promise<Measure[]> {
  const otherObjects = objectsOf('helpdesk').flatMap(({ name }) => (name === 'Case' ? [] : [name]))
  const fields = await showOnlyCases(emulator, { otherObjects, fieldCount })

  say('The org alone: the same Bulk job, into a file.')
  const file = join(folder, 'cases.csv')
  const served = await downloadCsv(emulator, { soql: `SELECT ${fields.join(', ')} FROM Case`, file })

  say('Loopline: a first run.')
  const admin = await becomeAdminOverHttp(loopline)
  const [user] = emulator.users
  if (!user) throw new Error('The practice org has no sign-in.')
  const draft = { name: 'Bench', capability: 'helpdesk', environment: 'production', domain: emulator.origin } as const
  await forgetPeakMemory(loopline.process.pid)
  const id = await admin.connect({ ...draft, pullFrom: null }, user)
  const finished = await untilIdle(admin, id)
  if (finished.lastRun?.state !== 'finished') throw new Error(JSON.stringify(finished.lastRun?.failure))
  const landing = landingSeconds(loopline.output())
  const peakMemory = await readPeakMemory(loopline.process.pid)
  const orgMemory = await readPeakMemory(emulator.process.pid)

  say('An incremental run in which nothing changed.')
  await admin.send('POST', `/integrations/${id}/runs`)
  const { lastRun: idle } = await untilIdle(admin, id)

  say('The floor: a plain COPY of that file.')
  const sql = openDatabase(databaseUrl, { max: 1 })
  const table = `"${finished.settings?.schemaName}".sf_case`
  const once = () => copyFile(sql, { file, table, columns: served.columns })
  const floor = ((await once()) + (await once())) / 2
  await sql.end()

  const landed = finished.rows
  if (landed !== served.rows) throw new Error(`The org has ${served.rows} cases, the mirror ${landed}.`)
  const wall = secondsBetween(finished.lastRun.startedAt, finished.lastRun.finishedAt)
  return [
    atLeast(0.8, {
      name: `backfill of ${landed} cases x ${fields.length} fields, to plain COPY`,
      value: floor / landing,
      unit: 'ratio',
    }),
    plain('backfill, pages landing', landed / landing, 'rows/s'),
    plain('plain COPY of the same rows from a file', landed / floor, 'rows/s'),
    plain('the whole first run, Salesforce’s part and indexes included', wall, 's'),
    plain('the org’s own time for such a Bulk job', served.jobSeconds, 's'),
    plain('the practice org serves, as gzip', served.rows / served.packedSeconds, 'rows/s'),
    plain('the same in a file, gunzipped by a plain client', served.rows / served.downloadSeconds, 'rows/s'),
    ...(peakMemory === undefined
      ? []
      : [atMost(250, { name: 'peak memory of server and worker', value: peakMemory, unit: 'MB' })]),
    ...(orgMemory === undefined ? [] : [plain('peak memory of the practice org', orgMemory, 'MB')]),
    plain(
      'a run in which nothing changed (one stream)',
      1_000 * secondsBetween(idle?.startedAt, idle?.finishedAt),
      'ms',
    ),
  ]
}

async function untilIdle(admin: HttpAdmin, id: string): Promise<Integration> {
  for (;;) {
    const integration = await admin.get<Integration>(`/integrations/${id}`)
    if (!integration.activeRun && integration.lastRun) return integration
    await delay(1_000)
  }
}

/** From the moment the job's results were there until the last page had landed, as the worker's log has it. */
function landingSeconds(output: string): number {
  const timeOf = (said: string) => {
    const line = output.split('\n').find((candidate) => candidate.includes(said))
    if (!line) throw new Error(`The worker never logged “${said}”.`)
    return (JSON.parse(line) as { time: number }).time
  }
  return (timeOf('bulk job landed') - timeOf('bulk job complete')) / 1_000
}

function secondsBetween(from: string | null | undefined, to: string | null | undefined): number {
  return (Date.parse(to ?? '') - Date.parse(from ?? '')) / 1_000
}

function say(what: string): void {
  if (!values.json) console.log(what)
}

function report(measures: readonly Measure[]): void {
  if (values.json) {
    console.log(JSON.stringify(measures, null, 2))
    return
  }
  console.log()
  for (const { name, value, unit, budget, ok } of measures) {
    const shown = value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : 0 })
    const verdict = budget === null ? '' : `  (budget ${budget}: ${ok ? 'kept' : 'MISSED'})`
    console.log(`${`${shown} ${unit}`.padStart(18)}  ${name}${verdict}`)
  }
}
