/**
 * What can go wrong, in the words that log, API and page share.
 *
 * `kind` decides what happens next:
 * - `transient`: it passes by itself; the run goes on from its checkpoint, not before `retryAt`
 * - `reconnect`: a person must sign in at Salesforce again; runs pause
 * - `refused`: Salesforce says no to this object or field; it is left out, the rest goes on
 * - `invalid`: the request or a setting is wrong; whoever sent it can mend it
 * - `bug`: all else; ours to fix
 */
export type FailureKind = 'transient' | 'reconnect' | 'refused' | 'invalid' | 'bug'

export interface Failure {
  readonly kind: FailureKind
  /** Stable and upper-case (`INVALID_GRANT`, `DOMAIN_NOT_SALESFORCE`): programs decide on it, people search for it. */
  readonly code: string
  /** What happened, one or two plain sentences. */
  readonly message: string
  /** What Loopline does about it. */
  readonly action?: string
  /** What a person can do. */
  readonly remedy?: string
  /** ISO time before which trying again is pointless. */
  readonly retryAt?: string
  /** The Salesforce object concerned. */
  readonly objectName?: string
  /** The setting or form field concerned. */
  readonly field?: string
  /** The raw answer, for the copyable detail; never holds a secret. */
  readonly detail?: string
}

/** An error whose explanation is already known. Everything that a person will read is in `failure`. */
export class LooplineError extends Error {
  readonly failure: Failure

  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.message, options)
    this.name = 'LooplineError'
    this.failure = failure
  }
}
