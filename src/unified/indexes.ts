import { createHash } from 'node:crypto'
import { compileValue, identifier, type MirrorTables, mirrorTable, type Scope, tableName } from './expression.ts'
import type { Capability, Column, RecordType, Source } from './mapping.ts'
import { recordTypesOf } from './record-types.ts'
import { stamps } from './views.ts'

/**
 * The indexes that make the lists of unified records quick, for the objects that the mirror has. They are over the same
 * expressions as the views, so that a filter on `status` finds its index. A changed mapping gives a changed name.
 */
export function compileIndexes(input: {
  readonly schemaName: string
  readonly capability: Capability
  readonly tables: MirrorTables
}): { name: string; objectName: string; sql: string }[] {
  const found = new Map<string, { name: string; objectName: string; sql: string }>()
  for (const type of recordTypesOf(input.capability)) {
    for (const source of type.sources) {
      if (!input.tables.get(source.object)?.has('id')) continue
      const scope: Scope = { ...input, integrationId: '', object: source.object, alias: null, join: () => undefined }
      for (const definition of definitionsOf(type, source, scope)) {
        const hash = createHash('sha256').update(definition.body).digest('hex').slice(0, 8)
        const name = `${source.object.toLowerCase()}_${definition.title}`.slice(0, 54).concat('_', hash)
        const sql = `create index if not exists ${identifier(name)} on ${tableName(input, source.object)} ${definition.body}`
        found.set(name, { name, objectName: source.object, sql })
      }
    }
  }
  return [...found.values()]
}

function definitionsOf(type: RecordType, source: Source, scope: Scope): { title: string; body: string }[] {
  const columns: Record<string, Column> = { ...source.columns, ...stamps }
  const expressionOf = (name: string): string | undefined => {
    const column = columns[name]
    return column && column.value.from !== 'constant' ? compileValue(column.value, column.type, scope) : undefined
  }
  const over = (title: string, names: readonly string[]): { title: string; body: string }[] => {
    const parts = names.map((name) => (name === 'remote_id' ? '"id"' : expressionOf(name)))
    return parts.some((part) => part === undefined)
      ? []
      : [{ title, body: `(${parts.map((part) => `(${part})`).join(', ')})` }]
  }
  const search = searchExpression(type, (name) => expressionOf(name) ?? 'null::text')
  return [
    ...(type.indexes ?? []).flatMap((names) =>
      over(names.join('_'), names.includes('remote_id') ? names : [...names, 'remote_id']),
    ),
    // Without the id, equal values share one entry.
    ...(type.choices ?? []).flatMap((name) => over(name, [name])),
    ...(search && type.search?.some((name) => expressionOf(name))
      ? [{ title: 'search', body: `using gin ((${search}))` }]
      : []),
  ]
}

/** Where in a mirror the values of a choice stand as they are; undefined for one that is computed. */
export function placeOfChoice(type: RecordType, name: string): { table: string; column: string } | undefined {
  const [source] = type.sources
  const value = type.choices?.includes(name) ? source.columns[name]?.value : undefined
  if (value?.from !== 'field' || value.fields.length !== 1) return undefined
  const [field = ''] = value.fields
  return { table: mirrorTable(source.object), column: field.toLowerCase() }
}

/** What a search looks into, as Postgres's full text; the same words make the index and the question. */
export function searchExpression(type: RecordType, columnSql: (name: string) => string): string | undefined {
  const parts = type.search?.flatMap((name) => {
    const column = `coalesce(${columnSql(name)}, '')`
    // 00001026 is also found by 1026.
    return name === 'number' ? [column, `ltrim(${column}, '0')`] : [column]
  })
  // Signs to blanks, so that each part of an address or a phone number is a word of its own.
  const signs = '@._-/:+#&=?%*~'
  return (
    parts && `to_tsvector('simple', translate(${parts.join(" || ' ' || ")}, '${signs}', '${' '.repeat(signs.length)}'))`
  )
}
