import {
  absent,
  compileColumn,
  compileCondition,
  compileCustom,
  compileValue,
  has,
  identifier,
  literal,
  type MirrorTables,
  richTextColumns,
  type Scope,
  tableName,
} from './expression.ts'
import type { Capability, Column, RecordType, Source, SqlType } from './mapping.ts'
import { recordTypesOf } from './record-types.ts'

/** The columns that every unified record has, before and after its own. */
const leadingColumns: Readonly<Record<string, SqlType>> = {
  id: 'text',
  integration_id: 'text',
  remote_id: 'text',
  remote_url: 'text',
}
const trailingColumns: Readonly<Record<string, SqlType>> = {
  created_at: 'timestamptz',
  updated_at: 'timestamptz',
  deleted_at: 'timestamptz',
  is_deleted: 'boolean',
  custom: 'jsonb',
}

/** The times that every unified record has. SystemModstamp first: it is the one that no client can set back. */
export const stamps: Readonly<Record<string, Column>> = {
  created_at: { type: 'timestamptz', value: { from: 'field', fields: ['CreatedDate', 'SystemModstamp'] } },
  updated_at: {
    type: 'timestamptz',
    value: { from: 'field', fields: ['SystemModstamp', 'LastModifiedDate', 'CreatedDate'] },
  },
}

export interface ViewInput {
  readonly integrationId: string
  readonly schemaName: string
  readonly capability: Capability
  readonly tables: MirrorTables
}

/**
 * The views that show a mirror as unified records: `create view` statements, one per record of the capability, in an order
 * in which they can be run. A record whose object the mirror does not have gets an empty view with the right types.
 */
export function compileViews(input: ViewInput): { name: string; sql: string }[] {
  return recordTypesOf(input.capability).map((type) => ({ name: type.view, sql: compileView(type, input) }))
}

function compileView(type: RecordType, input: ViewInput): string {
  const selects = type.sources
    .filter((source) => input.tables.get(source.object)?.has('id'))
    .map((source) => compileSource(source, input))
  const body = selects.length > 0 ? selects.join('\nunion all\n') : compileNothing(type)
  return `create view ${identifier(input.schemaName)}.${identifier(type.view)} as\n${body}`
}

/** Which columns a type's view has, in order. */
export function columnsOf(type: RecordType): Readonly<Record<string, SqlType>> {
  const own = Object.entries(type.sources[0].columns).map(([name, column]) => [name, column.type] as const)
  return { ...leadingColumns, ...Object.fromEntries(own), ...trailingColumns }
}

function compileSource(source: Source, input: ViewInput): string {
  const joins = new Map<string, { alias: string; sql: string }>()
  const scope: Scope = { ...input, object: source.object, alias: 'r', join }

  /** A left join on the primary key: Postgres leaves it out wherever nobody asks for its columns. */
  function join(object: string, on: string): string | undefined {
    if (!input.tables.get(object)?.has('id') || !has(scope, on)) return undefined
    const key = `${object} ${on}`
    const known = joins.get(key)
    if (known) return known.alias
    const alias = `j${joins.size + 1}`
    const sql = `left join ${tableName(input, object)} ${alias} on ${alias}."id" = r.${identifier(on.toLowerCase())}`
    joins.set(key, { alias, sql })
    return alias
  }

  const columns: Record<string, string> = {
    id: compileId(source, scope),
    integration_id: `${literal(input.integrationId)}::text`,
    remote_id: 'r."id"',
    remote_url: compileUrl(source, scope),
    ...mapColumns(source.columns, scope),
    ...mapColumns(stamps, scope),
    ...compileDeletion(scope),
    custom: compileCustom(scope, leftOutOfCustom(source, scope)),
  }
  const unwanted = (source.leaveOut ?? []).map((condition) => compileCondition(condition, scope))
  const conditions = [
    ...unwanted.filter((one) => one !== 'false').map((one) => `(${one}) is not true`),
    ...(source.current ? ['r.place_in_history = 1'] : []),
  ]
  return [
    `select\n  ${Object.entries(columns)
      .map(([name, sql]) => `${sql} as ${identifier(name)}`)
      .join(',\n  ')}`,
    `from ${source.current ? compileCurrent(source.current, scope) : tableName(input, source.object)} r`,
    ...[...joins.values()].map((one) => one.sql),
    ...(conditions.length > 0 ? [`where ${conditions.join(' and ')}`] : []),
  ].join('\n')
}

function mapColumns(columns: Readonly<Record<string, Column>>, scope: Scope): Record<string, string> {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, compileColumn(column, scope)]))
}

function compileId(source: Source, scope: Scope): string {
  const parts = (source.idFields ?? ['Id']).map((field) =>
    compileValue({ from: 'field', fields: [field] }, 'text', scope),
  )
  const known = parts.filter((part) => part !== undefined)
  const key = known.length === parts.length ? known.join(` || '-' || `) : 'r."id"'
  return `(${literal(`${scope.integrationId}-`)} || ${key})`
}

/** Opens the record in Salesforce. The org's address is read once per query, so a moved org needs no new views. */
function compileUrl(source: Source, scope: Scope): string {
  const page = source.page ?? { object: source.object, field: 'Id' }
  const id = compileValue({ from: 'field', fields: [page.field] }, 'text', scope)
  if (!id) return absent('text')
  const origin = `(select instance_url from loopline.connections where integration_id = ${literal(scope.integrationId)})`
  return page.object
    ? `${origin} || ${literal(`/lightning/r/${page.object}/`)} || ${id} || '/view'`
    : `${origin} || '/' || ${id}`
}

/** Salesforce keeps no time of deletion; the last change of a deleted record is its deletion. */
function compileDeletion(scope: Scope): Record<string, string> {
  const isDeleted = compileValue({ from: 'field', fields: ['IsDeleted'] }, 'boolean', scope)
  const updatedAt = stamps.updated_at && compileValue(stamps.updated_at.value, 'timestamptz', scope)
  return {
    deleted_at: isDeleted && updatedAt ? `case when ${isDeleted} then ${updatedAt} end` : absent('timestamptz'),
    is_deleted: isDeleted ?? 'false',
  }
}

/** An article's rich text is its body; it is not given twice. */
function leftOutOfCustom(source: Source, scope: Scope): Set<string> {
  const isBody = Object.values(source.columns).some((column) => column.value.from === 'richText')
  return new Set(isBody ? richTextColumns(scope).map(([name]) => name) : [])
}

function compileCurrent({ per, first, newest }: NonNullable<Source['current']>, outer: Scope): string {
  const scope: Scope = { ...outer, alias: 'v' }
  const fields = (names: readonly string[]) =>
    names
      .map((field) => compileValue({ from: 'field', fields: [field] }, 'text', scope))
      .filter((one) => one !== undefined)
  const partition = fields(per)
  const raw = newest.filter((field) => has(scope, field)).map((field) => `v.${identifier(field.toLowerCase())}`)
  const order = [
    ...first.map((condition) => `coalesce(${compileCondition(condition, scope)}, false) desc`),
    ...raw.map((one) => `${one} desc nulls last`),
  ]
  const place = `row_number() over (partition by ${partition.length > 0 ? partition.join(', ') : 'v."id"'} order by ${order.join(', ')})`
  return `(select v.*, ${place} as place_in_history from ${tableName(scope, scope.object)} v)`
}

function compileNothing(type: RecordType): string {
  const columns = Object.entries(columnsOf(type)).map(([name, sqlType]) => `${absent(sqlType)} as ${identifier(name)}`)
  return `select\n  ${columns.join(',\n  ')}\nwhere false`
}
