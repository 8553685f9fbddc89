/** Proves a mirror: every record that the user may see, field by field, read from the org by a way of its own. */

import type { Pool } from '../src/store/database.ts'

interface OrgAccess {
  readonly fetch: typeof globalThis.fetch
  readonly origin: string
  /** An access token of the user who is connected. */
  readonly token: string
}

export interface Comparison {
  readonly records: number
  /** What differs, in words; at most 20. */
  readonly differences: readonly string[]
}

interface Field {
  readonly name: string
  readonly type: string
  readonly calculated: boolean
}

type Row = Readonly<Record<string, unknown>>

const notMirrored = new Set(['address', 'location', 'base64', 'complexvalue'])
// About whoever looks, not about the record.
const personal = new Set(['LastViewedDate', 'LastReferencedDate'])

const slices: Readonly<Record<string, readonly string[]>> = {
  Knowledge__kav: [
    "PublishStatus = 'Online'",
    "PublishStatus = 'Draft'",
    "PublishStatus = 'Archived' AND IsLatestVersion = false",
  ],
}

export interface CompareOptions {
  /** Narrows an object to what the integration is meant to pull. */
  readonly filters?: Readonly<Record<string, string>>
  /**
   * Leaves formulas and roll-ups out: they change with other records or the clock while their own record's stamps stand
   * still (salesforce-api.md 6.1), so that the mirror has the value of when the record was last read.
   */
  readonly exceptCalculated?: boolean
}

/** Compares these objects, record by record and field by field. */
export async function compareMirror(
  sql: Pool,
  org: OrgAccess,
  {
    schemaName,
    objects,
    filters = {},
    exceptCalculated = false,
  }: CompareOptions & { schemaName: string; objects: readonly string[] },
): Promise<Comparison> {
  const differences: string[] = []
  let records = 0
  for (const objectName of objects) {
    const fields = (await describeFields(org, objectName)).filter((field) => !(exceptCalculated && field.calculated))
    const seen = new Set<string>()
    for await (const page of readAll(org, { objectName, fields, filter: filters[objectName] })) {
      const ids = page.map((record) => String(record.Id))
      const rows = await sql.unsafe<Row[]>(
        `select * from "${schemaName}"."sf_${objectName.toLowerCase()}" where id = any ($1)`,
        [ids],
      )
      const byId = new Map(rows.map((row) => [row.id, row]))
      for (const record of page) {
        seen.add(String(record.Id))
        differences.push(...differencesOf({ objectName, fields, record, row: byId.get(record.Id) }))
      }
      records += page.length
    }
    // Where nothing marks a deleted record, its row is gone; where something does, the org shows it to queryAll.
    const [count] = await sql.unsafe<{ rows: number }[]>(
      `select count(*) as rows from "${schemaName}"."sf_${objectName.toLowerCase()}"`,
    )
    if (count?.rows !== seen.size) differences.push(`${objectName}: ${seen.size} records, ${count?.rows} rows`)
  }
  return { records, differences: differences.slice(0, 20) }
}

function differencesOf({
  objectName,
  fields,
  record,
  row,
}: {
  objectName: string
  fields: readonly Field[]
  record: Row
  row: Row | undefined
}): string[] {
  if (!row) return [`${objectName} ${record.Id}: not in the mirror`]
  return fields.flatMap(({ name, type }) => {
    const inOrg = canonical(record[name], type)
    const here = canonical(row[name.toLowerCase()], type)
    return inOrg === here ? [] : [`${objectName} ${record.Id}.${name}: ${inOrg} in the org, ${here} here`]
  })
}

/** One spelling for each value, whichever API or driver gave it. */
function canonical(value: unknown, type: string): string {
  if (value === null || value === undefined || value === '') return 'nothing'
  switch (type) {
    case 'datetime':
      return new Date(value as string | Date).toISOString()
    case 'date':
      return value instanceof Date ? value.toISOString().slice(0, 10) : String(value)
    case 'time':
      return String(value).replace(/(\.0+)?Z?$/, '')
    case 'int':
    case 'long':
    case 'double':
    case 'currency':
    case 'percent':
      return String(Number(value))
    default:
      return String(value)
  }
}

async function describeFields(org: OrgAccess, objectName: string): Promise<Field[]> {
  const describe = await get<{ fields: Field[] }>(org, `/services/data/v67.0/sobjects/${objectName}/describe`)
  return describe.fields.filter((field) => !notMirrored.has(field.type) && !personal.has(field.name))
}

async function* readAll(
  org: OrgAccess,
  { objectName, fields, filter }: { objectName: string; fields: readonly Field[]; filter: string | undefined },
): AsyncGenerator<Row[]> {
  const select = `SELECT ${fields.map((field) => field.name).join(', ')} FROM ${objectName}`
  for await (const slice of slicesOf(org, objectName)) {
    const where = [slice, filter].filter(Boolean).join(' AND ')
    const soql = `${select}${where ? ` WHERE ${where}` : ''}`
    let path: string | undefined = `/services/data/v67.0/queryAll?q=${encodeURIComponent(soql)}`
    while (path) {
      const page: { records: Row[]; nextRecordsUrl?: string } = await get(org, path)
      yield page.records
      path = page.nextRecordsUrl
    }
  }
}

async function* slicesOf(org: OrgAccess, objectName: string): AsyncGenerator<string> {
  if (objectName !== 'ContentDocumentLink') return yield* slices[objectName] ?? ['']
  for await (const documents of readAll(org, {
    objectName: 'ContentDocument',
    fields: [{ name: 'Id', type: 'id', calculated: false }],
    filter: undefined,
  })) {
    for (let start = 0; start < documents.length; start += 100) {
      const ids = documents.slice(start, start + 100).map((document) => `'${document.Id}'`)
      yield `ContentDocumentId IN (${ids.join(', ')})`
    }
  }
}

async function get<T>({ fetch, origin, token }: OrgAccess, path: string): Promise<T> {
  const response = await fetch(`${origin}${path}`, { headers: { authorization: `Bearer ${token}` } })
  if (!response.ok) throw new Error(`${path.slice(0, 200)} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as T
}
