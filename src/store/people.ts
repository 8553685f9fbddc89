import { randomUUID } from 'node:crypto'
import { LooplineError } from '../errors.ts'
import type { Sql } from './database.ts'

export interface StoredPerson {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly role: 'admin' | 'member'
  readonly createdAt: Date
}

/** Oldest first. */
export async function listPeople(sql: Sql): Promise<StoredPerson[]> {
  return sql<StoredPerson[]>`
    select id, name, email, role, created_at as "createdAt" from loopline.people order by created_at, id`
}

export async function findPerson(sql: Sql, id: string): Promise<StoredPerson | undefined> {
  const [row] = await sql<StoredPerson[]>`
    select id, name, email, role, created_at as "createdAt" from loopline.people where id = ${id}`
  return row
}

/** Whether anybody can administer this installation yet. */
export async function hasAdmin(sql: Sql): Promise<boolean> {
  const rows = await sql`select 1 from loopline.people where role = 'admin' limit 1`
  return rows.length > 0
}

export async function isEmailInUse(sql: Sql, email: string): Promise<boolean> {
  const rows = await sql`select 1 from loopline.people where email = lower(${email})`
  return rows.length > 0
}

/** Adds somebody who can sign in with a password. Throws `EMAIL_IN_USE`. */
export async function insertPerson(
  sql: Sql,
  person: { name: string; email: string; role: 'admin' | 'member'; passwordHash: string },
): Promise<StoredPerson> {
  const id = randomUUID()
  const [row] = await sql<StoredPerson[]>`
    insert into loopline.people (id, name, email, role)
    values (${id}, ${person.name}, lower(${person.email}), ${person.role})
    on conflict (email) do nothing
    returning id, name, email, role, created_at as "createdAt"`
  if (!row) {
    throw new LooplineError({
      kind: 'invalid',
      code: 'EMAIL_IN_USE',
      message: 'Somebody with this e-mail address is here already.',
      remedy: 'Sign in with it, or use another address.',
      field: 'email',
    })
  }
  // better-auth finds a password under the provider "credential", with the person's id as the account.
  await sql`
    insert into loopline.credentials (id, account_id, provider_id, person_id, password)
    values (${randomUUID()}, ${id}, 'credential', ${id}, ${person.passwordHash})`
  return row
}

/** Gives the person another role and returns them as they were. Throws `LAST_ADMIN`, `PERSON_NOT_FOUND`. */
export async function changeRole(sql: Sql, id: string, role: 'admin' | 'member'): Promise<StoredPerson> {
  const person = await lockPerson(sql, id, { staysAdmin: role === 'admin' })
  await sql`update loopline.people set role = ${role}, updated_at = now() where id = ${id}`
  return person
}

/** Removes the person with their sessions and API keys. Throws `LAST_ADMIN`, `PERSON_NOT_FOUND`. */
export async function deletePerson(sql: Sql, id: string): Promise<StoredPerson> {
  const person = await lockPerson(sql, id, { staysAdmin: false })
  await sql`delete from loopline.people where id = ${id}`
  return person
}

// All admins are locked, in one order: of two who demote each other at the same moment, the second sees the first's work.
async function lockPerson(sql: Sql, id: string, { staysAdmin }: { staysAdmin: boolean }): Promise<StoredPerson> {
  const rows = await sql<StoredPerson[]>`
    select id, name, email, role, created_at as "createdAt" from loopline.people
    where role = 'admin' or id = ${id}
    order by id for update`
  const person = rows.find((row) => row.id === id)
  if (!person)
    throw new LooplineError({
      kind: 'invalid',
      code: 'PERSON_NOT_FOUND',
      message: 'This person is not here (any more).',
    })
  const admins = rows.filter((row) => row.role === 'admin')
  if (!staysAdmin && person.role === 'admin' && admins.length === 1) {
    throw new LooplineError({
      kind: 'invalid',
      code: 'LAST_ADMIN',
      message: 'This is the only admin: without one, nobody could administer Loopline.',
      remedy: 'Make somebody else an admin first.',
    })
  }
  return person
}
