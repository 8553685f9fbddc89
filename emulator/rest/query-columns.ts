/**
 * `/query?q=...&columns=true`: what a query selects, without its records. Salesforce doesn't document it; its CLI asks it for
 * the head of every table. The form is that of the answers which the CLI is tested with
 * (https://github.com/salesforcecli/plugin-data/blob/main/test/test-files/queryFields.exemplars.ts).
 */
import type { FieldSchema, FieldType, ObjectSchema, ResultColumn } from '../org/model.ts'
import { parseSoql } from '../soql/parse.ts'
import type { Argument, SelectItem } from '../soql/syntax.ts'
import { planLevels } from './json.ts'
import { findField } from './records.ts'
import { type Answer, type Call, json } from './resource.ts'
import type { RestContext } from './rest-context.ts'

interface Column {
  readonly aggregate: boolean
  readonly apexType: string | null
  readonly booleanType: boolean
  readonly columnName: string
  readonly custom: boolean
  readonly displayName: string
  readonly foreignKeyName: string | null
  readonly insertable: boolean
  readonly joinColumns: readonly Column[]
  readonly numberType: boolean
  readonly textType: boolean
  readonly updatable: boolean
}

const APEX_TYPES: Readonly<Partial<Record<FieldType, string>>> = {
  id: 'Id',
  reference: 'Id',
  boolean: 'Boolean',
  int: 'Integer',
  long: 'Long',
  double: 'Double',
  currency: 'Double',
  percent: 'Double',
  date: 'Date',
  datetime: 'Datetime',
  time: 'Time',
  base64: 'Blob',
}
const NUMBERS = ['Integer', 'Long', 'Double']

/** The columns of a query; those of parents and children inside the column of their relationship. */
export function queryColumns({ org }: RestContext, call: Call, soql: string): Answer {
  const { items, groupBy, from } = parseSoql(soql)
  const root = org.getObject(call.caller, from)
  const { columns, objectName } = org.query(call.caller, soql, { all: true })
  const isAggregate = objectName !== root.name
  const columnMetadata = isAggregate
    ? columns.map((column, index) => groupedColumn(root, column, items[index]))
    : plainColumns(root, columns)

  /** `schema` is undefined behind a lookup to several objects, of which only the values' types are known. */
  function plainColumns(schema: ObjectSchema | undefined, selected: readonly ResultColumn[]): Column[] {
    const level = planLevels(selected)
    const inLevel = (parts: typeof level.parts, of: ObjectSchema | undefined): Column[] =>
      parts.map((part) => {
        if (part.kind === 'value') {
          const { key, column } = part
          const { children } = column
          if (!children) return valueColumn(key, column.type, of && findField(of, key))
          const child = org.listObjects(call.caller).find(({ name }) => name === children.objectName)
          return relationship(key, { aggregate: true, joinColumns: plainColumns(child, children.columns) })
        }
        const lookup = of?.fields.find(({ relationshipName }) => relationshipName === part.key)
        const [target, ...others] = lookup?.referenceTo ?? []
        const parent = org.listObjects(call.caller).find(({ name }) => others.length === 0 && name === target)
        const joinColumns = inLevel(part.level.parts, parent)
        return relationship(part.key, { aggregate: false, joinColumns, foreignKeyName: lookup?.name ?? null })
      })
    return inLevel(level.parts, schema)
  }

  return json({
    columnMetadata,
    entityName: root.name,
    groupBy: groupBy.length > 0,
    idSelected: columns.some(({ path }) => path === 'Id'),
    keyPrefix: root.keyPrefix,
  })
}

function valueColumn(columnName: string, type: FieldType, field: FieldSchema | undefined): Column {
  const apexType = APEX_TYPES[type] ?? 'String'
  return {
    aggregate: false,
    apexType,
    booleanType: apexType === 'Boolean',
    columnName,
    custom: field?.custom ?? false,
    displayName: columnName,
    foreignKeyName: null,
    insertable: field?.createable ?? false,
    joinColumns: [],
    numberType: NUMBERS.includes(apexType),
    textType: apexType === 'String',
    updatable: field?.updateable ?? false,
  }
}

/** A column of GROUP BY; all that isn't a plain field counts as an aggregate (https://github.com/forcedotcom/cli/issues/2566). */
function groupedColumn(root: ObjectSchema, { path, type }: ResultColumn, item: SelectItem | undefined): Column {
  if (item?.kind !== 'field') return valueColumn(path, type, undefined)
  const { on, alias } = item
  if (on.kind === 'path' && alias === undefined) return valueColumn(path, type, findField(root, path))
  return { ...valueColumn(path, type, undefined), aggregate: true, apexType: null, displayName: alias ?? textOf(on) }
}

function textOf(argument: Argument): string {
  if (argument.kind === 'call') return `${argument.fn.toLowerCase()}(${argument.args.map(textOf).join(', ')})`
  return argument.kind === 'path' ? argument.path : argument.text
}

function relationship(
  name: string,
  given: Pick<Column, 'aggregate' | 'joinColumns'> & { foreignKeyName?: string | null },
): Column {
  return {
    ...valueColumn(name, 'string', undefined),
    apexType: null,
    textType: false,
    foreignKeyName: null,
    ...given,
  }
}
