import type { Pool } from '../store/database.ts'
import { insertInvitation } from '../store/invitations.ts'
import { hasAdmin } from '../store/people.ts'
import { newLinkToken } from './link-token.ts'

const lifeMs = 24 * 60 * 60 * 1000

/**
 * While there is no admin, a fresh one-time link to become the first; the former link stops working. null when there
 * is one. The token stands in the fragment, which browsers don't send: it ends up in no log.
 */
export async function ensureSetupLink({
  sql,
  publicUrl,
  now = () => new Date(),
}: {
  sql: Pool
  publicUrl: string
  now?: () => Date
}): Promise<string | null> {
  if (await hasAdmin(sql)) return null
  const { token, tokenHash } = newLinkToken()
  const createdAt = now()
  const expiresAt = new Date(createdAt.getTime() + lifeMs)
  await sql.begin((tx) =>
    insertInvitation(tx, { email: null, role: 'admin', invitedBy: null, tokenHash, createdAt, expiresAt }),
  )
  return `${publicUrl}/welcome#token=${token}`
}
