/** Query errors in Salesforce's words: a piece of the query, a caret below the place, the place in numbers, the reason. */

import { OrgError } from '../org/model.ts'

const BEFORE = 40
const AFTER = 30

/** The lines that come before the reason of an error at an offset of the query. */
export function pointAt(soql: string, offset: number): string {
  const before = soql.slice(0, offset)
  const row = before.split('\n').length
  const column = offset - before.lastIndexOf('\n')
  const from = Math.max(0, offset - BEFORE)
  const excerpt = soql.slice(from, offset + AFTER).replace(/\s/g, ' ')
  return `\n${excerpt}\n${' '.repeat(offset - from)}^\nERROR at Row:${row}:Column:${column}\n`
}

/** Where a word of the query stands, to point at it. */
export function offsetOf(soql: string, word: string): number {
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`(?<![\\w.])${escaped}(?!\\w)`, 'i').exec(soql)?.index ?? Math.max(0, soql.indexOf(word))
}

const LOOK_IT_UP = 'Please reference your WSDL or the describe call for the appropriate names.'

/** INVALID_FIELD: there is no such field, or the viewer may not see it, which is the same to them. */
export function noSuchColumn(soql: string, path: string, name: string, entity: string): OrgError {
  return new OrgError(
    'INVALID_FIELD',
    `${pointAt(soql, offsetOf(soql, path))}No such column '${name}' on entity '${entity}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. ${LOOK_IT_UP}`,
  )
}

/** INVALID_FIELD: a path goes through a relationship that isn't there. */
export function noSuchRelationship(soql: string, path: string, relationship: string): OrgError {
  return new OrgError(
    'INVALID_FIELD',
    `${pointAt(soql, offsetOf(soql, path))}Didn't understand relationship '${relationship}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. ${LOOK_IT_UP}`,
  )
}

/** INVALID_TYPE: there is no such object, or the viewer may not see it. */
export function noSuchObject(soql: string, name: string): OrgError {
  return new OrgError(
    'INVALID_TYPE',
    `${pointAt(soql, offsetOf(soql, name))}sObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. ${LOOK_IT_UP}`,
  )
}

/** INVALID_TYPE: a subquery names a child relationship that isn't there. */
export function noSuchChildRelationship(soql: string, name: string): OrgError {
  return new OrgError(
    'INVALID_TYPE',
    `${pointAt(soql, offsetOf(soql, name))}Didn't understand relationship '${name}' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. ${LOOK_IT_UP}`,
  )
}

/** INVALID_FIELD: the field is there, but can't be used for this. */
export function notUsable(soql: string, path: string, use: 'filtered' | 'sorted' | 'grouped'): OrgError {
  const done =
    use === 'grouped'
      ? `field '${path}' can not be grouped in a query call`
      : `field '${path}' can not be ${use} in a query call`
  return new OrgError('INVALID_FIELD', `${pointAt(soql, offsetOf(soql, path))}${done}`)
}

/** INVALID_FIELD: a value of the wrong kind. */
export function wrongValue(soql: string, path: string, type: string, quoted: boolean): OrgError {
  const quotes = quoted ? 'should be enclosed in quotes' : 'should not be enclosed in quotes'
  return new OrgError(
    'INVALID_FIELD',
    `${pointAt(soql, offsetOf(soql, path))}value of filter criterion for field '${path}' must be of type ${type} and ${quotes}`,
  )
}
