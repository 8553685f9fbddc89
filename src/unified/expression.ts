/** Compiles what `mapping.ts` says into SQL expressions over a mirror's tables. Pure. */

import type { Column, Condition, SqlType, Value } from './mapping.ts'

/** What is known of a mirror table's column. */
export interface MirrorColumn {
  /** The API name: `Priority`, `Region__c`. */
  readonly field: string
  readonly label: string
  /** The mirror's own type for it. */
  readonly type: 'text' | 'boolean' | 'bigint' | 'numeric' | 'date' | 'timestamptz' | 'time'
  readonly htmlFormatted: boolean
  readonly custom: boolean
}

/** The tables of a mirror, by the object's API name; their columns by name, in lower case. */
export type MirrorTables = ReadonlyMap<string, ReadonlyMap<string, MirrorColumn>>

/** Where an expression is read: one table under one alias, and what can be reached from there. */
export interface Scope {
  readonly integrationId: string
  readonly schemaName: string
  readonly tables: MirrorTables
  readonly object: string
  /** Null in an index, whose expressions name columns alone and cannot join. */
  readonly alias: string | null
  /** The alias under which the record behind a reference can be read; notes that the join is needed. */
  readonly join: (object: string, on: string) => string | undefined
}

/** The column as an expression of its type; a null of that type when the mirror does not have it. */
export function compileColumn(column: Column, scope: Scope): string {
  return compileValue(column.value, column.type, scope) ?? absent(column.type)
}

/** Undefined when the mirror does not have what the value comes from. */
export function compileValue(value: Value, type: SqlType, scope: Scope): string | undefined {
  switch (value.from) {
    case 'field':
      return compileField(value.fields, type, scope)
    case 'constant':
      return typeof value.value === 'boolean' ? String(value.value) : `${literal(value.value)}::text`
    case 'available':
      return value.values.map((one) => compileValue(one, type, scope)).find((one) => one !== undefined)
    case 'first': {
      const present = value.values.map((one) => compileValue(one, type, scope)).filter((one) => one !== undefined)
      return present.length > 1 ? `coalesce(${present.join(', ')})` : present[0]
    }
    case 'words': {
      const present = value.values.map((one) => compileValue(one, 'text', scope)).filter((one) => one !== undefined)
      // Not concat_ws, which Postgres would not allow in an index.
      return present.length > 0
        ? `nullif(btrim(${present.map((one) => `coalesce(${one}, '')`).join(" || ' ' || ")}), '')`
        : undefined
    }
    case 'unifiedId': {
      const remoteId = compileValue(value.value, 'text', scope)
      return remoteId && `(${literal(`${scope.integrationId}-`)} || ${remoteId})`
    }
    case 'prefix': {
      const remoteId = compileValue(value.value, 'text', scope)
      const kinds = Object.entries(value.kinds).map(([prefix, kind]) => `when ${literal(prefix)} then ${literal(kind)}`)
      return remoteId && `case left(${remoteId}, 3) ${kinds.join(' ')} end`
    }
    case 'joined': {
      const alias = scope.join(value.object, value.on)
      // One step only: what is joined joins nothing more.
      return alias && compileValue(value.value, type, { ...scope, object: value.object, alias, join: () => undefined })
    }
    case 'rules': {
      if (!value.rules.some((rule) => fieldsOf(rule.when).some((field) => has(scope, field)))) return undefined
      const cases = value.rules.flatMap((rule) => {
        const when = compileCondition(rule.when, scope)
        return when === 'false' ? [] : [`when ${when} then ${compileValue(rule.value, type, scope) ?? absent(type)}`]
      })
      const otherwise = compileValue(value.otherwise, type, scope) ?? absent(type)
      return cases.length > 0 ? `case ${cases.join(' ')} else ${otherwise} end` : otherwise
    }
    case 'children': {
      const child = { ...scope, object: value.object, alias: 'child' }
      const [on, name] = [compileField([value.on], 'text', child), compileField([value.field], 'text', child)]
      const id = compileField(['Id'], 'text', scope)
      if (!on || !name || !id) return "'{}'::text[]"
      const gone = compileCondition({ isTrue: 'IsDeleted' }, child)
      return `array(select ${name} from ${tableName(scope, value.object)} child where ${on} = ${id} and (${gone}) is not true order by 1)`
    }
    case 'richText':
      return compileRichText(scope)
  }
}

/** One body stands alone; several come each under its own name, as Salesforce's page shows them. */
function compileRichText(scope: Scope): string | undefined {
  const bodies = richTextColumns(scope).map(([name, column]) => ({ html: reach(scope, name), label: column.label }))
  if (bodies.length < 2) return bodies[0]?.html
  const all = bodies.map(({ html }) => html).join(', ')
  const titled = bodies.map(
    ({ html, label }) => `coalesce(${literal(`<h2>${escapeHtml(label)}</h2>\n`)} || ${html} || E'\\n', '')`,
  )
  return `case when num_nonnulls(${all}) < 2 then coalesce(${all}) else ${titled.join(' || ')} end`
}

/** A condition that may be null where its field is; use `is true` or `is not true` around it. */
export function compileCondition(condition: Condition, scope: Scope): string {
  const of = (field: string, test: (column: string) => string): string => {
    const column = compileField([field], 'text', scope, { raw: true })
    return column ? test(column) : 'false'
  }
  if ('isTrue' in condition) return of(condition.isTrue, (column) => column)
  if ('isFalse' in condition) return of(condition.isFalse, (column) => `not ${column}`)
  if ('isNull' in condition) return of(condition.isNull, (column) => `${column} is null`)
  if ('isMissing' in condition) return has(scope, condition.isMissing) ? 'false' : 'true'
  if ('matches' in condition)
    return of(condition.matches[0], (column) => `${column} ~* ${literal(condition.matches[1])}`)
  if ('hasPrefix' in condition) {
    return of(condition.hasPrefix[0], (column) => `left(${column}, 3) = ${literal(condition.hasPrefix[1])}`)
  }
  if ('isOneOf' in condition) {
    return of(condition.isOneOf[0], (column) => `${column} in (${condition.isOneOf[1].map(literal).join(', ')})`)
  }
  if ('not' in condition) return `(${compileCondition(condition.not, scope)}) is not true`
  const all = condition.all.map((one) => compileCondition(one, scope)).filter((one) => one !== 'true')
  if (all.includes('false')) return 'false'
  return all.length > 0 ? all.map((one) => `(${one})`).join(' and ') : 'true'
}

/** The org's own fields as one JSON value, by API name, without those that are empty. */
export function compileCustom(scope: Scope, leaveOut: ReadonlySet<string>): string {
  const pairs = [...columnsOf(scope)]
    .filter(([name, column]) => column.custom && !leaveOut.has(name))
    .map(([name, column]) => `${literal(column.field)}, ${reach(scope, name)}`)
  // A call takes at most 100 arguments.
  const values = chunk(pairs, 50).map((some) => `jsonb_build_object(${some.join(', ')})`)
  return values.length > 0 ? `jsonb_strip_nulls(${values.join(' || ')})` : "'{}'::jsonb"
}

/** The columns that make up an article's text. */
export function richTextColumns(scope: Scope): [string, MirrorColumn][] {
  return [...columnsOf(scope)].filter(([, column]) => column.custom && column.htmlFormatted)
}

export function tableName(scope: Pick<Scope, 'schemaName'>, object: string): string {
  return `${identifier(scope.schemaName)}.${identifier(mirrorTable(object))}`
}

export const mirrorTable = (object: string): string => `sf_${object.toLowerCase()}`

export const absent = (type: SqlType): string => `null::${type}`
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`
export const literal = (words: string): string => {
  const quoted = `'${words.replaceAll("'", "''")}'`
  return words.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted
}

export function has(scope: Scope, field: string): boolean {
  return columnsOf(scope).has(field.toLowerCase())
}

function columnsOf(scope: Scope): ReadonlyMap<string, MirrorColumn> {
  return scope.tables.get(scope.object) ?? new Map()
}

function reach(scope: Scope, column: string): string {
  return scope.alias ? `${scope.alias}.${identifier(column)}` : identifier(column)
}

function compileField(
  fields: readonly string[],
  type: SqlType,
  scope: Scope,
  { raw = false }: { raw?: boolean } = {},
): string | undefined {
  const found = fields.map((field) => field.toLowerCase()).find((name) => columnsOf(scope).has(name))
  const column = found && columnsOf(scope).get(found)
  if (!found || !column) return undefined
  const reached = reach(scope, found)
  return raw || column.type === type ? reached : `${reached}::${type}`
}

function fieldsOf(condition: Condition): readonly string[] {
  if ('isTrue' in condition) return [condition.isTrue]
  if ('isFalse' in condition) return [condition.isFalse]
  if ('isNull' in condition) return [condition.isNull]
  if ('matches' in condition) return [condition.matches[0]]
  if ('hasPrefix' in condition) return [condition.hasPrefix[0]]
  if ('isOneOf' in condition) return [condition.isOneOf[0]]
  if ('not' in condition) return fieldsOf(condition.not)
  if ('all' in condition) return condition.all.flatMap(fieldsOf)
  return []
}

function escapeHtml(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function chunk<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, n) => values.slice(n * size, (n + 1) * size))
}
