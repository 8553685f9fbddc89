/** SOQL and SOSL text to tokens (https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/). */

import { OrgError } from '../org/model.ts'
import { positionOf } from './message.ts'

export interface Token {
  readonly kind: 'word' | 'string' | 'number' | 'currency' | 'date' | 'datetime' | 'time' | 'mark' | 'end'
  /** As written; a string with its quotes. */
  readonly text: string
  readonly at: number
}

const RULES: readonly [Token['kind'], RegExp][] = [
  ['datetime', /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)/iy],
  ['date', /\d{4}-\d\d-\d\d(?![\dT])/y],
  ['time', /\d\d:\d\d:\d\d(?:\.\d+)?Z?/y],
  ['currency', /[A-Za-z]{3}\d+\.\d+/y],
  ['number', /[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?(?![\w:-])/iy],
  ['word', /[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*/y],
  // No clause takes an asterisk, but the lexer knows it: SELECT * fails as an unexpected token.
  ['mark', /!=|<>|<=|>=|[(),=<>:.{}*]/y],
]

/** Where the string that opens at an offset ends, after its closing quote. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '\\') at++
    else if (character === "'") return at + 1
  }
  throw new OrgError(
    'MALFORMED_QUERY',
    `line ${positionOf(text, text.length)} mismatched character '<EOF>' expecting '''`,
  )
}

/** One token; throws MALFORMED_QUERY where there is none, in the words of Salesforce's lexer. */
export function tokenAt(text: string, from: number): Token {
  let at = from
  while (/\s/.test(text.charAt(at))) at++
  if (at >= text.length) return { kind: 'end', text: '<EOF>', at: text.length }
  if (text.charAt(at) === "'") return { kind: 'string', text: text.slice(at, endOfString(text, at)), at }
  for (const [kind, rule] of RULES) {
    rule.lastIndex = at
    const [found] = rule.exec(text) ?? []
    if (found) return { kind, text: found, at }
  }
  const character = text.charAt(at)
  throw new OrgError(
    'MALFORMED_QUERY',
    `line ${positionOf(text, at)} no viable alternative at character '${character}'`,
  )
}

const ESCAPES: { readonly [escaped: string]: string } = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  '"': '"',
  "'": "'",
  '\\': '\\',
}

/**
 * The text that a quoted string stands for. Escaped wildcards keep their backslash: only LIKE knows what they mean.
 * Any other use of a backslash is an error, says "Quoted String Escape Sequences" of the SOQL reference.
 */
export function unquote(quoted: string): string {
  return quoted
    .slice(1, -1)
    .replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (whole, code: string | undefined, next: string) => {
      if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16))
      if (next === '%' || next === '_') return whole
      const meant = ESCAPES[next.toLowerCase()]
      if (meant !== undefined) return meant
      throw new OrgError(
        'MALFORMED_QUERY',
        `Invalid string literal ${quoted}. Illegal character sequence '${whole}' in string literal.`,
      )
    })
}
