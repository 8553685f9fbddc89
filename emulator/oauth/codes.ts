/** Authorization codes: 15 minutes, one use (salesforce-api.md 2.2). Kept as hashes, and over a restart. */

import { hashOf, randomText } from './grants.ts'
import type { Challenge } from './pkce.ts'

const LIFE_MS = 15 * 60_000

interface CodeHolder {
  readonly userId: string
  readonly clientId: string
  readonly scopes: readonly string[]
  readonly redirectUri: string
  readonly challenge: Challenge | null
  readonly nonce: string | null
}

export type CodeEvent =
  | { readonly type: 'code-issued'; readonly codeHash: string; readonly holder: CodeHolder; readonly at: number }
  | { readonly type: 'code-used'; readonly codeHash: string }

export class AuthorizationCodes {
  readonly #now: () => number
  readonly #record: (event: CodeEvent) => void
  readonly #codes = new Map<string, { readonly holder: CodeHolder; readonly at: number }>()

  constructor(options: { now: () => number; record: (event: CodeEvent) => void }) {
    this.#now = options.now
    this.#record = options.record
  }

  apply(event: CodeEvent): void {
    if (event.type === 'code-issued') this.#codes.set(event.codeHash, { holder: event.holder, at: event.at })
    else this.#codes.delete(event.codeHash)
  }

  issue(holder: CodeHolder): string {
    const now = this.#now()
    for (const [hash, { at }] of this.#codes) if (now - at >= LIFE_MS) this.#codes.delete(hash)
    const code = `aPrx${randomText(76)}==`
    this.#make({ type: 'code-issued', codeHash: hashOf(code), holder, at: now })
    return code
  }

  /** Uses the code up. Undefined when it was used before, is too old, or never was one. */
  take(code: string): CodeHolder | undefined {
    const codeHash = hashOf(code)
    const held = this.#codes.get(codeHash)
    if (!held) return undefined
    this.#make({ type: 'code-used', codeHash })
    return this.#now() - held.at < LIFE_MS ? held.holder : undefined
  }

  #make(event: CodeEvent): void {
    this.apply(event)
    this.#record(event)
  }
}
