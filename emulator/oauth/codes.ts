/** Authorization codes: 15 minutes, one use (salesforce-api.md 2.2). */
import { randomText } from './grants.ts'

const LIFE_MS = 15 * 60_000

interface CodeHolder {
  readonly userId: string
  readonly scopes: readonly string[]
  readonly redirectUri: string
  readonly codeChallenge: string
  readonly nonce: string | undefined
}

export class AuthorizationCodes {
  readonly #now: () => number
  readonly #codes = new Map<string, CodeHolder & { readonly madeAt: number }>()

  constructor(now: () => number) {
    this.#now = now
  }

  issue(holder: CodeHolder): string {
    const now = this.#now()
    for (const [code, { madeAt }] of this.#codes) if (now - madeAt >= LIFE_MS) this.#codes.delete(code)
    const code = `aPrx${randomText(76)}==`
    this.#codes.set(code, { ...holder, madeAt: now })
    return code
  }

  /** Uses the code up. Undefined when it was used before, is too old, or never was one. */
  take(code: string): CodeHolder | undefined {
    const held = this.#codes.get(code)
    this.#codes.delete(code)
    return held && this.#now() - held.madeAt < LIFE_MS ? held : undefined
  }
}
