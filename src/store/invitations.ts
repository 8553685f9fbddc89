import { randomUUID } from 'node:crypto'
import type { Sql } from './database.ts'

export interface StoredInvitation {
  readonly id: string
  /** null: the link for the first admin. */
  readonly email: string | null
  readonly role: 'admin' | 'member'
  readonly invitedBy: string | null
  readonly createdAt: Date
  readonly expiresAt: Date
}

export interface NewInvitation {
  readonly email: string | null
  readonly role: 'admin' | 'member'
  readonly invitedBy: string | null
  readonly tokenHash: string
  readonly createdAt: Date
  readonly expiresAt: Date
}

/** Keeps the invitation; a former one for the same address (or the former first admin's link) stops working. */
export async function insertInvitation(sql: Sql, invitation: NewInvitation): Promise<StoredInvitation> {
  const id = randomUUID()
  const email = invitation.email?.toLowerCase() ?? null
  await sql`delete from loopline.invitations where email is not distinct from ${email}`
  await sql`
    insert into loopline.invitations (id, token_hash, email, role, invited_by, created_at, expires_at)
    values (
      ${id}, ${invitation.tokenHash}, ${email}, ${invitation.role}, ${invitation.invitedBy},
      ${invitation.createdAt}, ${invitation.expiresAt}
    )`
  return { ...invitation, id, email }
}

/** Those still waiting for somebody, newest first; the first admin's link is not among them. */
export async function listInvitations(sql: Sql, now: Date): Promise<StoredInvitation[]> {
  return sql<StoredInvitation[]>`
    select id, email, role, invited_by as "invitedBy", created_at as "createdAt", expires_at as "expiresAt"
    from loopline.invitations where email is not null and expires_at > ${now}
    order by created_at desc, id`
}

export async function findInvitation(sql: Sql, tokenHash: string, now: Date): Promise<StoredInvitation | undefined> {
  const [row] = await sql<StoredInvitation[]>`
    select id, email, role, invited_by as "invitedBy", created_at as "createdAt", expires_at as "expiresAt"
    from loopline.invitations where token_hash = ${tokenHash} and expires_at > ${now}`
  return row
}

/** Takes the invitation out of the table: of two who come with it at the same moment, one gets it. */
export async function useUpInvitation(sql: Sql, tokenHash: string, now: Date): Promise<StoredInvitation | undefined> {
  const [row] = await sql<StoredInvitation[]>`
    delete from loopline.invitations where token_hash = ${tokenHash} and expires_at > ${now}
    returning id, email, role, invited_by as "invitedBy", created_at as "createdAt", expires_at as "expiresAt"`
  return row
}

/** Withdraws it; undefined when it was gone already. */
export async function deleteInvitation(sql: Sql, id: string): Promise<{ email: string } | undefined> {
  const [row] = await sql<{ email: string }[]>`
    delete from loopline.invitations where id = ${id} and email is not null returning email`
  return row
}
