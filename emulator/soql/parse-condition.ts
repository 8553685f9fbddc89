/** The conditions of WHERE and HAVING, and the fields, functions and values in them. */

import { unquote } from './lexer.ts'
import { bindVariable, errorAt, unexpectedToken } from './message.ts'
import type { Reader } from './reader.ts'
import type { Argument, Comparison, Condition, Expression, Literal, ParsedQuery } from './syntax.ts'

type Inner = (reader: Reader) => ParsedQuery

/** salesforce-api.md 4.4. */
const LONGEST_STRING = 4_000

const OPERATORS = new Set(['=', '!=', '<>', '<', '<=', '>', '>='])

/** A condition. Salesforce wants parentheses where AND and OR meet. */
export function parseCondition(reader: Reader, inner: Inner): Condition {
  const first = parseSingle(reader, inner)
  const joined: Condition[] = [first]
  let operator: 'AND' | 'OR' | undefined
  for (;;) {
    const found = reader.is('AND') ? 'AND' : reader.is('OR') ? 'OR' : undefined
    if (!found) break
    if (operator !== undefined && operator !== found) throw unexpectedToken(reader.text, reader.peek())
    operator = found
    reader.next()
    joined.push(parseSingle(reader, inner))
  }
  return operator === undefined ? first : { kind: operator === 'AND' ? 'and' : 'or', conditions: joined }
}

function parseSingle(reader: Reader, inner: Inner): Condition {
  if (reader.take('NOT')) return { kind: 'not', condition: reader.nested(() => parseSingle(reader, inner)) }
  if (!reader.take('(')) return parseComparison(reader, inner)
  const condition = reader.nested(() => parseCondition(reader, inner))
  reader.expect(')')
  return condition
}

function parseComparison(reader: Reader, inner: Inner): Comparison {
  const on = parseExpression(reader)
  const token = reader.next()
  let operator = token.text.toUpperCase()
  if (token.kind === 'mark' && OPERATORS.has(operator)) {
    return { kind: 'compare', on, operator: operator === '<>' ? '!=' : operator, literals: [parseLiteral(reader)] }
  }
  if (token.kind !== 'word') throw unexpectedToken(reader.text, token)
  if (operator === 'LIKE') return { kind: 'compare', on, operator, literals: [parseLiteral(reader)] }
  if (operator === 'NOT') {
    reader.expect('IN')
    operator = 'NOT IN'
  }
  if (!['IN', 'NOT IN', 'INCLUDES', 'EXCLUDES'].includes(operator)) throw unexpectedToken(reader.text, token)
  if (reader.is(':')) throw bindVariable()
  reader.expect('(')
  if (reader.is('SELECT') && operator.endsWith('IN')) {
    const semiJoin = reader.nested(() => inner(reader))
    reader.expect(')')
    return { kind: 'compare', on, operator, literals: [], semiJoin }
  }
  const literals: Literal[] = []
  do literals.push(parseLiteral(reader))
  while (reader.take(','))
  reader.expect(')')
  return { kind: 'compare', on, operator, literals }
}

/** A field, or a function with its arguments. */
export function parseExpression(reader: Reader): Expression {
  const { text, at } = reader.word()
  if (!reader.take('(')) return { kind: 'path', path: text, at }
  const args: Argument[] = []
  if (!reader.is(')')) {
    do args.push(parseArgument(reader))
    while (reader.take(','))
  }
  reader.expect(')')
  return { kind: 'call', fn: text.toUpperCase(), args, at }
}

function parseArgument(reader: Reader): Argument {
  const { kind } = reader.peek()
  return kind === 'string' || kind === 'number' ? parseLiteral(reader) : reader.nested(() => parseExpression(reader))
}

const COUNTED = /^(LAST|NEXT)_N_[A-Z_]+|^N_[A-Z_]+_AGO$/

function parseLiteral(reader: Reader): Literal {
  const token = reader.next()
  const { kind, text, at } = token
  switch (kind) {
    case 'string': {
      const value = unquote(text)
      if (value.length > LONGEST_STRING) {
        throw errorAt(
          reader.text,
          at,
          'MALFORMED_QUERY',
          `maximum string literal length is ${LONGEST_STRING} characters`,
        )
      }
      return { kind, text: value, at }
    }
    case 'number':
    case 'date':
    case 'datetime':
    case 'time':
      return { kind, text, at }
    case 'currency':
      return { kind: 'number', text: text.slice(3), at, currency: text.slice(0, 3).toUpperCase() }
    case 'word':
      return parseWord(reader, token)
    case 'mark':
    case 'end':
      if (text === ':') throw bindVariable()
      throw unexpectedToken(reader.text, token)
  }
}

function parseWord(reader: Reader, token: { text: string; at: number }): Literal {
  const { at } = token
  const word = token.text.toUpperCase()
  if (word === 'TRUE' || word === 'FALSE') return { kind: 'boolean', text: word.toLowerCase(), at }
  if (word === 'NULL') return { kind: 'null', text: '', at }
  const amount = /^([A-Z]{3})(\d+)$/.exec(word)
  if (amount) return { kind: 'number', text: amount[2] ?? '', at, currency: amount[1] ?? '' }
  if (COUNTED.test(word)) {
    reader.expect(':')
    const count = reader.next()
    if (count.kind !== 'number' || !/^-?\d+$/.test(count.text)) throw unexpectedToken(reader.text, count)
    return { kind: 'dateRange', text: `${word}:${count.text}`, at }
  }
  if (/^(YESTERDAY|TODAY|TOMORROW|(LAST|THIS|NEXT)_[A-Z0-9_]+)$/.test(word))
    return { kind: 'dateRange', text: word, at }
  throw unexpectedToken(reader.text, token)
}
