import { createHash, randomBytes } from 'node:crypto'

/** A token for a one-time link, and the hash that is all we keep of it. */
export function newLinkToken(): { token: string; tokenHash: string } {
  const token = randomBytes(32).toString('base64url')
  return { token, tokenHash: hashLinkToken(token) }
}

/** 256 random bits need no slow hash. */
export function hashLinkToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
