/** What a SOQL text says, before anybody asks whether its names exist. Offsets (`at`) point into the whole text. */

export interface Literal {
  readonly kind: 'string' | 'number' | 'boolean' | 'null' | 'datetime' | 'date' | 'time' | 'dateRange'
  /** Without quotes and escapes; for a named date range, its name (`LAST_N_DAYS:3`). */
  readonly text: string
  readonly at: number
  /** The currency of an amount such as `USD5000`. */
  readonly currency?: string
}

export interface PathExpression {
  readonly kind: 'path'
  /** As written, with the alias that it may start with. */
  readonly path: string
  readonly at: number
}

export interface CallExpression {
  readonly kind: 'call'
  /** Upper case. */
  readonly fn: string
  readonly args: readonly Argument[]
  readonly at: number
}

/** A field, or a function of fields. */
export type Expression = PathExpression | CallExpression
export type Argument = Expression | Literal

export interface Comparison {
  readonly kind: 'compare'
  readonly on: Expression
  /** `NOT IN` is one operator; `<>` comes as `!=`. */
  readonly operator: string
  readonly literals: readonly Literal[]
  readonly semiJoin?: ParsedQuery
}

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly conditions: readonly Condition[] }
  | { readonly kind: 'not'; readonly condition: Condition }
  | Comparison

interface TypeOf {
  readonly kind: 'typeof'
  readonly on: PathExpression
  readonly branches: readonly {
    readonly type: string
    readonly at: number
    readonly fields: readonly PathExpression[]
  }[]
  readonly otherwise: readonly PathExpression[] | undefined
}

export type SelectItem =
  | { readonly kind: 'field'; readonly on: Expression; readonly alias?: string }
  | { readonly kind: 'fields'; readonly set: string; readonly at: number }
  | { readonly kind: 'subquery'; readonly query: ParsedQuery }
  | TypeOf

interface Ordering {
  readonly on: Expression
  readonly descending: boolean
  readonly nullsLast: boolean
}

export interface CategoryFilter {
  readonly group: string
  readonly operator: 'AT' | 'ABOVE' | 'BELOW' | 'ABOVE_OR_BELOW'
  readonly categories: readonly string[]
}

export interface ParsedQuery {
  /** The whole text, also in a subquery: offsets point into it. */
  readonly text: string
  /** The object, or for a subquery the name of the relationship. */
  readonly from: string
  readonly fromAt: number
  /** Lower-case alias to the relationship path that it stands for; the object itself is ''. */
  readonly aliases: ReadonlyMap<string, string>
  readonly items: readonly SelectItem[]
  readonly scope?: string
  readonly where?: Condition
  readonly categories?: readonly CategoryFilter[]
  readonly groupBy: readonly Expression[]
  readonly grouping: 'plain' | 'rollup' | 'cube'
  readonly having?: Condition
  readonly orderBy: readonly Ordering[]
  readonly limit?: number
  readonly offset?: number
  /** FOR VIEW, FOR REFERENCE, FOR UPDATE, UPDATE TRACKING, UPDATE VIEWSTAT. */
  readonly purposes: readonly string[]
}
