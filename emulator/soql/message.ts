/** Query errors in Salesforce's words: a piece of the query, a caret below the place, the place in numbers, the reason. */

import { OrgError } from '../org/model.ts'

// Field reports (forcedotcom/soql-tooling 86, roblesterjr04/EloquentSalesForce 68, developerforce/open-cti-demo-adapter 31,
// boomii/bdw 94) all show the words that the thirty characters before and after the place reach into, of its line only.
const AROUND = 30

const isBetweenWords = (character: string) => /[\s,]/.test(character)

/** The lines that come before the reason of an error, for a caret below an offset of the query. */
function pointAt(soql: string, offset: number, caret = offset): string {
  const lineStart = soql.lastIndexOf('\n', offset - 1) + 1
  const nextLine = soql.indexOf('\n', offset)
  const lineEnd = nextLine < 0 ? soql.length : nextLine
  const row = soql.slice(0, lineStart).split('\n').length
  let from = Math.max(lineStart, offset - AROUND)
  while (from > lineStart && !isBetweenWords(soql.charAt(from - 1))) from--
  while (from < caret && /\s/.test(soql.charAt(from))) from++
  let to = Math.min(lineEnd, offset + AROUND)
  while (to < lineEnd && !isBetweenWords(soql.charAt(to))) to++
  const excerpt = soql.slice(from, to).replace(/\s/g, ' ')
  return `\n${excerpt}\n${' '.repeat(Math.max(0, caret - from))}^\nERROR at Row:${row}:Column:${caret - lineStart + 1}\n`
}

/** Any error that points at its place. */
export function errorAt(soql: string, at: number, errorCode: string, reason: string): OrgError {
  return new OrgError(errorCode, `${pointAt(soql, at)}${reason}`)
}

/**
 * MALFORMED_QUERY: the grammar has no such word in this place. The parser counts columns from 0, and so its caret stands one
 * before the word (https://github.com/apex-dev-tools/apex-parser/issues/165 has the answer of an org).
 */
export function unexpectedToken(soql: string, { text, at }: { text: string; at: number }): OrgError {
  return new OrgError('MALFORMED_QUERY', `${pointAt(soql, at, at - 1)}unexpected token: '${text}'`)
}

/** MALFORMED_QUERY: a list or group isn't closed (https://github.com/forcedotcom/SFDX-Data-Move-Utility/issues/185). */
export function mismatchedInput(soql: string, { text, at }: { text: string; at: number }, expected: string): OrgError {
  return new OrgError(
    'MALFORMED_QUERY',
    `line ${positionOf(soql, at)} mismatched input '${text}' expecting '${expected}'`,
  )
}

/** MALFORMED_SEARCH: a character that ends the search string, but isn't the one that should. */
export function mismatchedCharacter(
  sosl: string,
  { text, at }: { text: string; at: number },
  expected: string,
): OrgError {
  const reason = `line ${positionOf(sosl, at)} mismatched character '${text}' expecting '${expected}'`
  return new OrgError('MALFORMED_SEARCH', `${pointAt(sosl, at, at - 1)}${reason}`)
}

/** Row and column as the lexer and the parser count: rows from 1, columns from 0. */
export function positionOf(soql: string, at: number): string {
  const before = soql.slice(0, at)
  return `${before.split('\n').length}:${at - (before.lastIndexOf('\n') + 1)}`
}

/** What Salesforce answers to `:name` outside Apex. */
export function bindVariable(): OrgError {
  return new OrgError('MALFORMED_QUERY', 'Bind variables only allowed in Apex code')
}

const LOOK_IT_UP = 'Please reference your WSDL or the describe call for the appropriate names.'

/** INVALID_FIELD: there is no such field, or the viewer may not see it, which is the same to them. */
export function noSuchColumn(soql: string, at: number, name: string, entity: string): OrgError {
  return errorAt(
    soql,
    at,
    'INVALID_FIELD',
    `No such column '${name}' on entity '${entity}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. ${LOOK_IT_UP}`,
  )
}

/** INVALID_FIELD: a path goes through a relationship that isn't there. */
export function noSuchRelationship(soql: string, at: number, relationship: string): OrgError {
  return errorAt(
    soql,
    at,
    'INVALID_FIELD',
    `Didn't understand relationship '${relationship}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. ${LOOK_IT_UP}`,
  )
}

/** INVALID_TYPE: there is no such object, or the viewer may not see it. */
export function noSuchObject(soql: string, at: number, name: string): OrgError {
  return errorAt(
    soql,
    at,
    'INVALID_TYPE',
    `sObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. ${LOOK_IT_UP}`,
  )
}

/** INVALID_TYPE: a subquery names a child relationship that isn't there. */
export function noSuchChildRelationship(soql: string, at: number, name: string): OrgError {
  return errorAt(
    soql,
    at,
    'INVALID_TYPE',
    `Didn't understand relationship '${name}' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. ${LOOK_IT_UP}`,
  )
}

/** INVALID_FIELD: the field is there, but can't be used for this. */
export function notUsable(soql: string, at: number, path: string, use: 'filtered' | 'sorted' | 'grouped'): OrgError {
  return errorAt(soql, at, 'INVALID_FIELD', `field '${path}' can not be ${use} in a query call`)
}

/** INVALID_FIELD: a value of the wrong kind. */
export function wrongValue(soql: string, at: number, path: string, type: string, quoted: boolean): OrgError {
  const quotes = quoted ? 'should be enclosed in quotes' : 'should not be enclosed in quotes'
  return errorAt(
    soql,
    at,
    'INVALID_FIELD',
    `value of filter criterion for field '${path}' must be of type ${type} and ${quotes}`,
  )
}
