/** What those who live in the practice org have at hand. */

import type { FieldValue, Org } from './model.ts'

export type Found = { readonly [path: string]: FieldValue }

export interface Life {
  readonly org: Org
  readonly adminId: string
  /** The next drawn number. */
  chance(): number
  oneOf<T>(list: readonly T[]): T | undefined
  /** Records as the administrator sees them. */
  find(soql: string, options?: { all: boolean }): readonly Found[]
  /** Somebody of customer care, somebody of sales. */
  agent(): string
  seller(): string
}

/** A kind of change, how often it comes, and how it is made: `happen` says whether there was anything to do. */
export interface Kind {
  readonly name: string
  readonly share: number
  happen(life: Life): boolean
}

/** A kind that happens to one of the records that a query finds. */
export function toOneOf(
  name: string,
  share: number,
  soql: string,
  act: (life: Life, found: Found, id: string) => void,
  options?: { all: boolean },
): Kind {
  return {
    name,
    share,
    happen(life) {
      const found = life.oneOf(life.find(soql, options))
      if (!found) return false
      act(life, found, String(found.Id))
      return true
    },
  }
}
