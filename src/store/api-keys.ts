import type { Sql } from './database.ts'

/** A key as people see it; making and checking keys is better-auth's (src/api/auth.ts). */
export interface StoredApiKey {
  readonly id: string
  readonly name: string
  readonly start: string
  readonly permissions: string
  readonly createdBy: string
  readonly createdAt: Date
  readonly lastUsedAt: Date | null
  readonly expiresAt: Date | null
}

const columns = `k.id, k.name, k.start, k.permissions, p.email as "createdBy", k.created_at as "createdAt",
  k.last_request_at as "lastUsedAt", k.expires_at as "expiresAt"`

/** Newest first. */
export async function listApiKeys(sql: Sql): Promise<StoredApiKey[]> {
  return sql<StoredApiKey[]>`
    select ${sql.unsafe(columns)} from loopline.api_keys k join loopline.people p on p.id = k.person_id
    order by k.created_at desc, k.id`
}

export async function findApiKey(sql: Sql, id: string): Promise<StoredApiKey | undefined> {
  const [row] = await sql<StoredApiKey[]>`
    select ${sql.unsafe(columns)} from loopline.api_keys k join loopline.people p on p.id = k.person_id
    where k.id = ${id}`
  return row
}

/** The key stops working at once. undefined when it was gone already. */
export async function deleteApiKey(sql: Sql, id: string): Promise<{ name: string } | undefined> {
  const [row] = await sql<{ name: string }[]>`delete from loopline.api_keys where id = ${id} returning name`
  return row
}
