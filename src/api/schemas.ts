/** The shapes of the management API (`/api/v1`): what our own page and any program send and get. */

import { z } from '@hono/zod-openapi'

const isoTime = z.iso.datetime({ offset: true })

export const Capability = z.enum(['helpdesk', 'crm', 'content']).openapi('Capability')
export type Capability = z.infer<typeof Capability>

export const Environment = z.enum(['production', 'sandbox']).openapi('Environment')
export type Environment = z.infer<typeof Environment>

export const PullBy = z.enum(['created', 'updated']).openapi('PullBy')
export type PullBy = z.infer<typeof PullBy>

export const Role = z.enum(['admin', 'member']).openapi('Role')
export type Role = z.infer<typeof Role>

export const Failure = z
  .object({
    kind: z.enum(['transient', 'reconnect', 'refused', 'invalid', 'bug']),
    code: z.string(),
    message: z.string(),
    action: z.string().optional(),
    remedy: z.string().optional(),
    retryAt: isoTime.optional(),
    objectName: z.string().optional(),
    field: z.string().optional(),
    detail: z.string().optional(),
  })
  .openapi('Failure')
export type Failure = z.infer<typeof Failure>

/** RFC 9457. `errors` points at the fields of a form; `failure` carries the full explanation where there is one. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string().optional(),
    code: z.string(),
    requestId: z.string(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
    failure: Failure.optional(),
  })
  .openapi('Problem')
export type Problem = z.infer<typeof Problem>

export const HealthState = z
  .enum(['connected', 'syncing', 'reconnect', 'paused', 'degraded', 'not-connected'])
  .openapi('HealthState')
export type HealthState = z.infer<typeof HealthState>

export const Health = z
  .object({
    state: HealthState,
    /** One sentence for the list. */
    sentence: z.string(),
    since: isoTime.nullable(),
    failure: Failure.nullable(),
  })
  .openapi('Health')
export type Health = z.infer<typeof Health>

export const Connection = z
  .object({
    orgId: z.string(),
    orgName: z.string().nullable(),
    isSandbox: z.boolean().nullable(),
    username: z.string(),
    userName: z.string().nullable(),
    instanceUrl: z.string(),
    connectedAt: isoTime,
    apiUsed: z.number().int().nullable(),
    apiMax: z.number().int().nullable(),
    apiSeenAt: isoTime.nullable(),
  })
  .openapi('Connection')
export type Connection = z.infer<typeof Connection>

const RunState = z.enum(['queued', 'running', 'waiting', 'finished', 'failed', 'cancelled']).openapi('RunState')

export const RunObject = z
  .object({
    objectName: z.string(),
    label: z.string(),
    state: z.enum(['pending', 'running', 'finished', 'refused', 'failed']),
    mode: z.enum(['bulk', 'rest']).nullable(),
    /** How many records Salesforce says there are; null until known. */
    expectedRecords: z.number().int().nullable(),
    recordsRead: z.number().int(),
    rowsChanged: z.number().int(),
    rowsDeleted: z.number().int(),
    failure: Failure.nullable(),
    startedAt: isoTime.nullable(),
    finishedAt: isoTime.nullable(),
  })
  .openapi('RunObject')
export type RunObject = z.infer<typeof RunObject>

export const Run = z
  .object({
    id: z.string(),
    integrationId: z.string(),
    kind: z.enum(['backfill', 'incremental', 'verify']),
    trigger: z.enum(['connect', 'schedule', 'manual', 'retry']),
    state: RunState,
    requestedBy: z.string().nullable(),
    createdAt: isoTime,
    startedAt: isoTime.nullable(),
    finishedAt: isoTime.nullable(),
    retryAt: isoTime.nullable(),
    cancelRequested: z.boolean(),
    failure: Failure.nullable(),
    notes: z.array(z.string()),
    apiCalls: z.number().int(),
    objectsDone: z.number().int(),
    objectsTotal: z.number().int(),
    recordsRead: z.number().int(),
    /** About how many records in all; null until every object's number is known. */
    recordsExpected: z.number().int().nullable(),
    rowsChanged: z.number().int(),
    rowsDeleted: z.number().int(),
    /** Records per second since the run started; null before it has read any. */
    recordsPerSecond: z.number().nullable(),
    secondsLeft: z.number().int().nullable(),
    /** Per object; only on a single run (`GET /runs/{id}`) and on an integration's active run. */
    objects: z.array(RunObject).optional(),
  })
  .openapi('Run')
export type Run = z.infer<typeof Run>

export const Integration = z
  .object({
    id: z.string(),
    name: z.string(),
    capability: Capability,
    environment: Environment,
    health: Health,
    rows: z.number().int(),
    lastRun: Run.nullable(),
    activeRun: Run.nullable(),
    nextRunAt: isoTime.nullable(),
    /** The newest record's time of change, over all objects: how fresh the copy is. */
    newestRecordAt: isoTime.nullable(),
    paused: z.boolean(),
    createdAt: isoTime,
    /** Settings and connection: null for members, who see names and health only. */
    settings: z
      .object({
        domain: z.string(),
        pullBy: PullBy,
        pullFrom: isoTime.nullable(),
        syncEveryMinutes: z.number().int(),
        schemaName: z.string(),
        /** Whose External Client App is used: this installation's, the practice org's, or the integration's own. */
        clientSource: z.enum(['installation', 'practice', 'integration']),
        clientId: z.string(),
      })
      .nullable(),
    connection: Connection.nullable(),
  })
  .openapi('Integration')
export type Integration = z.infer<typeof Integration>

export const IntegrationDraft = z
  .object({
    name: z.string().trim().min(1, 'Give the integration a name.').max(80, 'At most 80 characters.'),
    capability: Capability,
    environment: Environment,
    domain: z.string().trim().min(1, 'Enter the Salesforce domain.').max(500),
    pullBy: PullBy.default('updated'),
    /** null or absent: everything. */
    pullFrom: isoTime.nullable().optional(),
    syncEveryMinutes: z.number().int().min(5, 'At least every 5 minutes.').max(1440, 'At most 24 hours.').default(15),
    clientId: z.string().trim().min(1).max(500).optional(),
    clientSecret: z.string().trim().min(1).max(500).optional(),
  })
  .openapi('IntegrationDraft')
export type IntegrationDraft = z.input<typeof IntegrationDraft>

/** Every field is optional; what is absent stays. An empty client id goes back to the installation's own app. */
export const IntegrationChanges = z
  .object({
    name: z.string().trim().min(1, 'Give the integration a name.').max(80, 'At most 80 characters.'),
    capability: Capability,
    environment: Environment,
    domain: z.string().trim().min(1).max(500),
    pullBy: PullBy,
    pullFrom: isoTime.nullable(),
    syncEveryMinutes: z.number().int().min(5, 'At least every 5 minutes.').max(1440, 'At most 24 hours.'),
    clientId: z.string().trim().max(500),
    clientSecret: z.string().trim().min(1).max(500),
  })
  .partial()
  .openapi('IntegrationChanges')
export type IntegrationChanges = z.input<typeof IntegrationChanges>

export const DomainCheck = z
  .object({
    /** What will be used: `https://acme.my.salesforce.com`. */
    origin: z.string(),
    /** Deduced from the address; null when the address doesn't tell (a custom host). */
    environment: Environment.nullable(),
    /** Said to the person when the address was not used as typed. */
    note: z.string().nullable(),
  })
  .openapi('DomainCheck')
export type DomainCheck = z.infer<typeof DomainCheck>

/** Where to send the login window, and what to ask for the outcome. */
export const ConnectStart = z.object({ attemptId: z.string(), authorizationUrl: z.string() }).openapi('ConnectStart')
export type ConnectStart = z.infer<typeof ConnectStart>

export const ConnectAttempt = z
  .object({
    id: z.string(),
    state: z.enum(['pending', 'succeeded', 'failed', 'expired']),
    /** Set when it succeeded. */
    integrationId: z.string().nullable(),
    connection: Connection.nullable(),
    failure: Failure.nullable(),
  })
  .openapi('ConnectAttempt')
export type ConnectAttempt = z.infer<typeof ConnectAttempt>

export const TestReport = z
  .object({
    ok: z.boolean(),
    /** One sentence: to which org and as whom, or which step failed. */
    summary: z.string(),
    testedAt: isoTime,
    steps: z.array(
      z.object({
        name: z.enum(['token', 'identity', 'api', 'limits', 'objects']),
        label: z.string(),
        state: z.enum(['passed', 'failed', 'warning', 'skipped']),
        message: z.string(),
        remedy: z.string().optional(),
      }),
    ),
    objects: z.array(
      z.object({
        objectName: z.string(),
        label: z.string(),
        readable: z.boolean(),
        /** Fields that the unified model wants and that the user may not see (or the org doesn't have). */
        missingFields: z.array(z.string()),
        message: z.string().optional(),
        remedy: z.string().optional(),
      }),
    ),
    failure: Failure.nullable(),
  })
  .openapi('TestReport')
export type TestReport = z.infer<typeof TestReport>

export const StreamStatus = z
  .object({
    objectName: z.string(),
    label: z.string(),
    tableName: z.string(),
    state: z.enum(['new', 'backfilling', 'live', 'refused']),
    rows: z.number().int(),
    columns: z.number().int(),
    checkpoint: isoTime.nullable(),
    newestRecordAt: isoTime.nullable(),
    /** When formulas, roll-ups and derived fields were last read for every record; null where the object has none. */
    calculatedReadAt: isoTime.nullable(),
    failure: Failure.nullable(),
  })
  .openapi('StreamStatus')
export type StreamStatus = z.infer<typeof StreamStatus>

export const Deletion = z
  .object({
    name: z.string(),
    rowsRemoved: z.number().int(),
    /** Whether Salesforce confirmed that the token is revoked; if not, `note` says what to do there. */
    revoked: z.boolean(),
    note: z.string().nullable(),
  })
  .openapi('Deletion')
export type Deletion = z.infer<typeof Deletion>

export const Person = z
  .object({ id: z.string(), name: z.string(), email: z.string(), role: Role, createdAt: isoTime })
  .openapi('Person')
export type Person = z.infer<typeof Person>

/** Who is signed in; `setupNeeded` is true until the first admin exists. */
export const Session = z.object({ person: Person.nullable(), setupNeeded: z.boolean() }).openapi('Session')
export type Session = z.infer<typeof Session>

export const Invitation = z
  .object({
    id: z.string(),
    email: z.string(),
    role: Role,
    createdAt: isoTime,
    expiresAt: isoTime,
    invitedBy: z.string(),
  })
  .openapi('Invitation')
export type Invitation = z.infer<typeof Invitation>

/** The link is shown once, here; only its hash is kept. */
export const InvitationWithLink = z.object({ invitation: Invitation, link: z.string() }).openapi('InvitationWithLink')
export type InvitationWithLink = z.infer<typeof InvitationWithLink>

/** What a link leads to, before it is accepted. `email` is null on the first admin's link: they type their own. */
export const InvitationPreview = z
  .object({ email: z.string().nullable(), role: Role, expiresAt: isoTime })
  .openapi('InvitationPreview')
export type InvitationPreview = z.infer<typeof InvitationPreview>

export const ApiKey = z
  .object({
    id: z.string(),
    name: z.string(),
    /** The first characters, to recognise it by. */
    start: z.string(),
    access: z.enum(['read', 'manage']),
    createdBy: z.string(),
    createdAt: isoTime,
    lastUsedAt: isoTime.nullable(),
    expiresAt: isoTime.nullable(),
  })
  .openapi('ApiKey')
export type ApiKey = z.infer<typeof ApiKey>

export const ApiKeyWithSecret = z.object({ apiKey: ApiKey, key: z.string() }).openapi('ApiKeyWithSecret')
export type ApiKeyWithSecret = z.infer<typeof ApiKeyWithSecret>

export const AuditEvent = z
  .object({
    id: z.string(),
    at: isoTime,
    actor: z.string(),
    /** `integration.created`, `integration.deleted`, `person.invited`, ... */
    action: z.string(),
    integrationId: z.string().nullable(),
    integrationName: z.string().nullable(),
    /** The event as a sentence. */
    sentence: z.string(),
    detail: z.record(z.string(), z.unknown()),
  })
  .openapi('AuditEvent')
export type AuditEvent = z.infer<typeof AuditEvent>

export const About = z
  .object({
    version: z.string(),
    nodeVersion: z.string(),
    databaseVersion: z.string(),
    embeddedDatabase: z.boolean(),
    salesforceApiVersion: z.string(),
    /** To register in the External Client App. */
    callbackUrl: z.string(),
    scopes: z.array(z.string()),
    /** Whether SALESFORCE_CLIENT_ID is set: the wizard needs no app of the admin's own. */
    hasClient: z.boolean(),
    practiceOrg: z
      .object({
        origin: z.string(),
        users: z.array(z.object({ username: z.string(), password: z.string(), about: z.string() })),
      })
      .nullable(),
  })
  .openapi('About')
export type About = z.infer<typeof About>

/** A page of a keyset-paged list: pass `nextCursor` back as `cursor`; null at the end. */
export function listOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() })
}
