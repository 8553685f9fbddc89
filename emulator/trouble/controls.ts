/** The control calls that make trouble: rules, the short forms of the most usual ones, the clock, a moved org. */
import { z } from 'zod'
import type { Context as EmulatorContext } from '../context.ts'
import type { Controls } from '../control.ts'
import type { ControlCalls } from '../control-calls.ts'
import type { PlannedFaults } from '../faults.ts'
import { type FaultRule, ruleSchema } from './rule.ts'

/** Plans a rule, after a look at the control call that it may name. Throws RangeError when that can't be made. */
export function addRule(faults: PlannedFaults, calls: ControlCalls, rule: FaultRule): number {
  if (rule.do.call !== undefined) calls.get(rule.do.call).prepare(rule.do.with ?? {})
  return faults.add(rule)
}

const duration = z.union([
  z.number(),
  z.string().regex(/^[+-]?\d+(\.\d+)?(ms|s|m|h|d)$/, { error: 'not a duration such as 90s, -5m, 2h or 3d' }),
])
const UNITS_MS: { readonly [unit: string]: number } = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** The years of Salesforce's dates and times (https://developer.salesforce.com/docs/atlas.en-us.262.0.dataLoader.meta/dataLoader/data_loader_dates.htm). */
const CLOCK_RANGE = [Date.UTC(1700, 0, 1), Date.UTC(4000, 11, 31)] as const
const LONGEST_LAG_MS = 86_400_000

/** A duration's milliseconds: a bare number is milliseconds already. */
function readDuration(text: string | number): number {
  if (typeof text === 'number') return text
  const [, amount, unit = ''] = /^([+-]?[\d.]+)([a-z]+)$/.exec(text) ?? []
  return Number(amount) * (UNITS_MS[unit] ?? Number.NaN)
}

export function troubleControls(
  calls: ControlCalls,
  { org, faults, clock }: EmulatorContext,
  controls: Controls,
): void {
  const { on } = calls
  on(
    'faults',
    ruleSchema,
    {
      what: 'Plan trouble: when it strikes, and what happens then. GET lists what is planned, DELETE calls it off',
      example: { when: { path: '/query', skip: 1, times: 2 }, do: { delayMs: 100, answer: 'unavailable' } },
    },
    (rule) => ({ number: addRule(faults, calls, rule) }),
  )
  on(
    'answer-next',
    z.object({
      answer: z.enum(['unavailable', 'unauthorized', 'limit']),
      times: z.int().positive().optional(),
      path: z.string().optional(),
    }),
    {
      what: 'Answer the next API calls with a 503 (unavailable), a 401 (unauthorized) or REQUEST_LIMIT_EXCEEDED (limit)',
      example: { answer: 'unavailable', times: 2, path: '/query' },
    },
    ({ answer, times, path }) =>
      faults.answerNext(answer, { ...(times !== undefined && { times }), ...(path !== undefined && { path }) }),
  )
  on(
    'cut-stream',
    z.object({ afterBytes: z.int().nonnegative() }),
    { what: 'Break the connection in the middle of the next Bulk API result', example: { afterBytes: 20_000 } },
    (body) => faults.cutNextResultStream(body.afterBytes),
  )
  on(
    'fail-bulk-job',
    z.object({ message: z.string() }),
    { what: 'Let the next Bulk API query job fail', example: { message: 'InvalidBatch : QUERY_TIMEOUT' } },
    (body) => faults.failNextBulkJob(body.message),
  )
  on('clear-faults', z.unknown(), { what: 'Forget all planned trouble', example: {} }, () => faults.clear())
  on(
    'clock',
    z.strictObject({
      set: z.iso.datetime({ offset: true }).optional(),
      move: duration.optional(),
      frozen: z.boolean().optional(),
    }),
    {
      what: "Set the org's clock, move it by 90s, -5m, 2h or 3d, stop it (frozen) or let it run; it then answers the time",
      example: { move: '2h' },
    },
    ({ set, move, frozen }) => {
      const at = (set === undefined ? clock.now() : Date.parse(set)) + readDuration(move ?? 0)
      // Also `NaN`: what the clock is set to is kept, so that a wrong time would outlive the process.
      if (!(at >= CLOCK_RANGE[0] && at <= CLOCK_RANGE[1])) {
        throw new RangeError('The clock goes from the year 1700 to the year 4000')
      }
      controls.setClock(clock.stateAt(at, frozen === undefined ? {} : { frozen }))
      return { now: new Date(clock.now()).toISOString(), frozen: clock.state.frozenAt !== null }
    },
  )
  on(
    'commit-lag',
    z.strictObject({ lag: duration }),
    {
      what: 'From now on changes show themselves so long after their own stamps (0: at once)',
      example: { lag: '90s' },
    },
    ({ lag }) => {
      const ms = readDuration(lag)
      if (!(ms >= 0 && ms <= LONGEST_LAG_MS)) throw new RangeError('The lag must be from 0 to 1d')
      org.setCommitLag(ms)
    },
  )
  on(
    'move-org',
    z.strictObject({ away: z.boolean().default(true), oldHost: z.enum(['no-route', 'redirect']).default('no-route') }),
    {
      what: 'Move the org to another instance_url, or back (away: false); its old host then answers 420 or redirects',
      example: { away: true, oldHost: 'redirect' },
    },
    async ({ away, oldHost }) => ({ instanceUrl: await controls.moveOrg(away ? oldHost : 'home') }),
  )
}
