import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { testDatabase } from '../../test/database.ts'
import type { Pool } from './database.ts'

const { sql } = await testDatabase()
const file = new URL('./schema.sql', import.meta.url)

test('schema.sql is what the migrations build (UPDATE_SCHEMA=1 writes it anew)', async () => {
  const built = await dumpSchema(sql)
  if (process.env.UPDATE_SCHEMA) await writeFile(file, built)
  assert.equal(await readFile(file, 'utf8'), built)
})

/** Tables, constraints and indexes of the app's schema, in a stable order, as SQL to be read. */
async function dumpSchema(sql: Pool): Promise<string> {
  const tables = await sql<{ name: string; lines: string[]; indexes: string[] | null }[]>`
    select c.relname as name,
      (select array_agg(
         a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
         || case a.attidentity when 'a' then ' generated always as identity' else '' end
         || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
         || case when a.attnotnull then ' not null' else '' end
         order by a.attnum)
       from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
       where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)
      || coalesce((select array_agg(pg_get_constraintdef(k.oid) order by k.contype desc, k.conname)
         from pg_constraint k where k.conrelid = c.oid and k.contype <> 'n'), '{}') as lines,
      (select array_agg(pg_get_indexdef(i.indexrelid) order by i.indexrelid::regclass::text)
       from pg_index i where i.indrelid = c.oid
         and not exists (select 1 from pg_constraint k where k.conindid = i.indexrelid)) as indexes
    from pg_class c
    where c.relnamespace = 'loopline'::regnamespace and c.relkind = 'r'
    order by c.relname`
  const blocks = tables.map(({ name, lines, indexes }) =>
    [
      `create table ${name} (`,
      lines.map((line) => `  ${line}`).join(',\n'),
      ');',
      ...(indexes ?? []).map((one) => `${one};`),
    ].join('\n'),
  )
  return `-- What the migrations build, for reading and for review. Made by schema.pg.test.ts.\n\n${blocks.join('\n\n')}\n`
}
