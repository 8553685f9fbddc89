/** An integration with a mirror made by hand, for tests that read records without a run. */

import type { Pool } from '../src/store/database.ts'
import { createIntegration, type Integration } from '../src/store/integrations.ts'
import type { MirrorColumn, MirrorTables } from '../src/unified/expression.ts'
import { compileIndexes } from '../src/unified/indexes.ts'
import type { Capability } from '../src/unified/mapping.ts'
import { compileViews } from '../src/unified/views.ts'

type FieldType = MirrorColumn['type'] | 'html'
/** A field's name and its type: `{ Subject: 'text', Amount__c: 'numeric', Body__c: 'html' }`. */
export type Fields = Readonly<Record<string, FieldType>>
export type Row = Readonly<Record<string, string | number | boolean | null>>

export const standardFields: Fields = {
  Id: 'text',
  IsDeleted: 'boolean',
  CreatedDate: 'timestamptz',
  CreatedById: 'text',
  SystemModstamp: 'timestamptz',
}

/** What the mirror knows of these fields. */
export function mirrorTables(objects: Readonly<Record<string, Fields>>): MirrorTables {
  const columnOf = ([field, type]: [string, FieldType]): [string, MirrorColumn] => [
    field.toLowerCase(),
    {
      field,
      label: field.replace('__c', '').replaceAll('_', ' '),
      type: type === 'html' ? 'text' : type,
      htmlFormatted: type === 'html',
      custom: field.endsWith('__c'),
    },
  ]
  return new Map(Object.entries(objects).map(([name, fields]) => [name, new Map(Object.entries(fields).map(columnOf))]))
}

/** Makes the integration with its tables, indexes and views. */
export async function createMirror(
  sql: Pool,
  { name, capability, objects }: { name: string; capability: Capability; objects: Readonly<Record<string, Fields>> },
): Promise<Integration & { add: (object: string, rows: readonly Row[]) => Promise<void> }> {
  const integration = await sql.begin((tx) =>
    createIntegration(tx, {
      name,
      capability,
      environment: 'production',
      pullBy: 'updated',
      domain: 'https://acme.my.salesforce.com',
      pullFrom: null,
      syncEveryMinutes: 15,
      clientId: null,
      clientSecretSealed: null,
      createdBy: 'p1',
    }),
  )
  const { id: integrationId, schemaName } = integration
  const tables = mirrorTables(objects)
  for (const [object, columns] of tables) {
    const definitions = [...columns].map(([column, { type }]) => `"${column}" ${type}`)
    await sql.unsafe(
      `create table "${schemaName}"."sf_${object.toLowerCase()}" (${definitions.join(', ')}, primary key (id))`,
    )
  }
  for (const view of compileViews({ integrationId, schemaName, capability, tables })) await sql.unsafe(view.sql)
  for (const index of compileIndexes({ schemaName, capability, tables })) await sql.unsafe(index.sql)
  const add = async (object: string, rows: readonly Row[]) => {
    const inColumns = rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([field, value]) => [field.toLowerCase(), value])),
    )
    await sql`insert into ${sql(schemaName)}.${sql(`sf_${object.toLowerCase()}`)} ${sql(inColumns)}`
  }
  return { ...integration, add }
}
