export interface SalesforceErrorFacts {
  /** HTTP status; 0 when there was no (whole) answer. */
  readonly status: number
  /** Salesforce's own code where it gave one (`INVALID_FIELD`, `invalid_grant`), else ours (`HTTP_503`, `TIMEOUT`). */
  readonly code: string
  readonly message: string
  /** Method and path, without query. */
  readonly request: string
  readonly fields?: readonly string[] | undefined
  /** The answer of an OAuth endpoint: its codes are a vocabulary of their own. */
  readonly oauth?: boolean
  readonly cause?: unknown
}

/** What Salesforce answered, or that it didn't: bare facts. What they mean for a run is decided in sync/classify.ts. */
export class SalesforceError extends Error {
  readonly status: number
  readonly code: string
  readonly request: string
  readonly fields: readonly string[]
  readonly oauth: boolean

  constructor(facts: SalesforceErrorFacts) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.name = 'SalesforceError'
    this.status = facts.status
    this.code = facts.code
    this.request = facts.request
    this.fields = facts.fields ?? []
    this.oauth = facts.oauth ?? false
  }

  /** Whether the same request may well succeed a little later. */
  get isPassing(): boolean {
    // 406 with an empty body is seen in the field and passes; 420 is the edge that has no route for the host (yet).
    return this.status === 0 || this.status >= 500 || [406, 420, 429].includes(this.status)
  }
}
