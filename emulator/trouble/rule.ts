/** What a rule for trouble says: when it strikes, and what happens then. */
import { z } from 'zod'
import { matchesPattern } from './pattern.ts'

/** Trouble inside a part of the org, which asks for it where it would happen (`faults.take`). */
export const DOMAIN_FAULTS = {
  'bulk-job-fails': 'The next Bulk job ends as Failed with `message`',
  'bulk-job-stuck': 'The next Bulk query job looks in progress `count` times more after its end',
  'bulk-count-off': 'The next Bulk query job counts `count` records more than it has',
  'bulk-page-short': 'A page of Bulk results lacks its last `count` rows, which its headers count',
  'bulk-results-gone': 'The results of a finished Bulk query job are gone',
  'locator-repeats': 'A page of Bulk results names its own locator as the next one',
  'cursor-gone': 'A query cursor has expired: INVALID_QUERY_LOCATOR',
  'rotation-reuse': 'A refresh token counts as used before: its grant ends',
  'refresh-denied': 'A refresh is refused with invalid_grant, the grant stays',
  'token-error': 'The token endpoint refuses with `errorCode` (server_error) and `message`',
  gap: 'Change events are replaced by a GAP event',
  overflow: 'Change events are replaced by a GAP_OVERFLOW event',
  'stream-breaks': 'The event stream ends',
  'replay-id-corrupted': 'A replay id is refused as corrupted',
} as const

export type DomainFault = keyof typeof DOMAIN_FAULTS

const pattern = z.string().refine(
  (text) => {
    try {
      return new RegExp(text) instanceof RegExp
    } catch {
      return false
    }
  },
  { error: 'not a regular expression' },
)
/** As in errors and headers: nothing that would end the XML or the header line it stands in. */
const errorCode = z.string().regex(/^\w+$/, { error: 'must be letters, digits and underscores' })
const headerName = z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, { error: 'not the name of a header' })
const milliseconds = z.number().nonnegative().max(3_600_000)

const whenSchema = z.strictObject({
  /** A regular expression on the decoded path and query. */
  path: pattern.optional(),
  method: z.string().optional(),
  /** The object in the path, the SOQL or the body. */
  object: z.string().optional(),
  /** A regular expression on the SOQL of the query or Bulk job. */
  soql: pattern.optional(),
  /** The username that the access token speaks for. */
  user: z.string().optional(),
  /** Only while more than this many API calls are under way. */
  inFlight: z.int().nonnegative().optional(),
  /** Lets this many matching calls through first. */
  skip: z.int().nonnegative().optional(),
  /** Strikes at each n-th matching call. */
  every: z.int().positive().optional(),
  /** How often it strikes before it is over; once unless told. */
  times: z.union([z.int().positive(), z.literal('always')]).optional(),
  probability: z.number().positive().max(1).optional(),
})

const NAMED_ANSWERS = [
  'unavailable',
  'unauthorized',
  'limit',
  'concurrent-limit',
  'no-route',
  'not-acceptable',
] as const

const answerSchema = z.union(
  [
    z.enum(NAMED_ANSWERS),
    z.strictObject({
      status: z.int().min(200).max(599),
      errorCode: errorCode.optional(),
      message: z.string().optional(),
      fields: z.array(z.string()).optional(),
      /** What the body is instead of Salesforce's error envelope. */
      body: z.enum(['html', 'empty']).optional(),
    }),
  ],
  { error: `must be ${NAMED_ANSWERS.join(', ')}, or { status, errorCode, message, fields, body }` },
)

const effectsSchema = z
  .strictObject({
    /** Waits before anything else, a fixed time or one between two. */
    delayMs: z.union([milliseconds, z.tuple([milliseconds, milliseconds])]).optional(),
    /** A control call that is made just before the call is worked on, and its body. */
    call: z.string().optional(),
    with: z.unknown().optional(),
    /** Answered instead of the truth; the call is not worked on. */
    answer: answerSchema.optional(),
    /** The connection breaks: before any work, after the work was done, or after the answer's headers. */
    reset: z.enum(['before-work', 'after-work', 'after-headers']).optional(),
    /** The answer to the matching call before this one comes once more. */
    repeatAnswer: z.literal(true).optional(),
    /** The connection breaks after so many bytes of the body. */
    cutAfterBytes: z.int().nonnegative().optional(),
    /** The body's bytes drip at this rate. */
    bytesPerSecond: z.number().min(1).optional(),
    /** The body claims gzip and breaks in its middle. */
    corruptGzip: z.literal(true).optional(),
    /** Added to the true length in Content-Length. */
    contentLengthOff: z.int().optional(),
    /** The body is an HTML page, or nothing, with the true answer's status. */
    body: z.enum(['html', 'empty']).optional(),
    /** Response headers that are left out. */
    withoutHeaders: z.array(headerName).optional(),
    /** Trouble inside a part of the org. */
    fault: z.enum(Object.keys(DOMAIN_FAULTS) as DomainFault[]).optional(),
    message: z.string().optional(),
    errorCode: errorCode.optional(),
    count: z.int().nonnegative().optional(),
  })
  .refine((effects) => Object.keys(effects).length > 0, { error: 'says nothing' })
  .refine((effects) => effects.fault === undefined || Object.keys(effects).every((key) => FAULT_KEYS.has(key)), {
    error: 'a fault goes with message, errorCode and count only',
  })

const FAULT_KEYS = new Set(['fault', 'message', 'errorCode', 'count'])

export const ruleSchema = z.strictObject({ when: whenSchema.optional(), do: effectsSchema })

export type FaultRule = z.infer<typeof ruleSchema>
export type FaultEffects = FaultRule['do']
export type PlannedAnswer = NonNullable<FaultEffects['answer']>

/** What is known of a call, or of a place inside the org, when rules are asked about it. */
export interface Occasion {
  readonly path?: string | undefined
  readonly method?: string | undefined
  readonly objects?: readonly string[] | undefined
  readonly soql?: string | undefined
  readonly username?: string | undefined
  readonly inFlight?: number | undefined
}

/** Whether a rule speaks of this occasion, its counts left aside. */
export function matches({ when = {} }: FaultRule, occasion: Occasion): boolean {
  const { path, method, object, soql, user, inFlight } = when
  if (path !== undefined && !(occasion.path !== undefined && matchesPattern(path, occasion.path))) return false
  if (method !== undefined && method.toUpperCase() !== occasion.method) return false
  if (object !== undefined && !occasion.objects?.some((name) => name.toLowerCase() === object.toLowerCase())) {
    return false
  }
  if (soql !== undefined && !(occasion.soql !== undefined && matchesPattern(soql, occasion.soql, 'i'))) return false
  if (user !== undefined && user !== occasion.username) return false
  return inFlight === undefined || (occasion.inFlight ?? 0) > inFlight
}
