/** Proof Key for Code Exchange (salesforce-api.md 2.2, 2.9; RFC 7636). */
import { createHash } from 'node:crypto'
import type { ConnectedApp } from './apps.ts'
import { OauthError } from './errors.ts'

export interface Challenge {
  readonly value: string
  readonly method: 'S256' | 'plain'
}

/**
 * A verifier is 43 to 128 characters; but Salesforce's own clients send the base64url of 128 bytes, which is 171:
 * https://github.com/jsforce/jsforce/blob/main/src/oauth2.ts
 * RFC 7636 has `~`, too, but base64url hasn't, and Salesforce refuses it: https://github.com/cognizant-ai-lab/nsflow/issues/249
 */
const VERIFIER = /^[\w.-]{43,171}$/
const SHA256_CHALLENGE = /^[\w-]{43}$/

/** The challenge of an authorization request; null when there is none and need not be. Throws OauthError. */
export function readChallenge(
  query: { readonly code_challenge?: string; readonly code_challenge_method?: string },
  app: ConnectedApp,
): Challenge | null {
  const value = query.code_challenge
  if (!value) {
    if (app.requiresPkce) throw new OauthError('invalid_request', 'missing required code challenge')
    return null
  }
  // Documentation of the years before `plain` names no method, and jsforce sends none: that is SHA-256.
  const method = query.code_challenge_method ?? 'S256'
  if (method === 'S256' && SHA256_CHALLENGE.test(value)) return { value, method }
  if (method === 'plain' && !app.requiresPkce && VERIFIER.test(value)) return { value, method }
  throw new OauthError('invalid_request', 'invalid code challenge')
}

/** Whether the verifier of a token request belongs to the challenge. Throws the OauthError that says why it doesn't. */
export function checkVerifier(verifier: string | null, challenge: Challenge | null): void {
  if (challenge && verifier === null) throw new OauthError('invalid_grant', 'missing code verifier')
  if (verifier === null) return
  // A verifier without a challenge before it: someone else's code (salesforce-api.md 2.2).
  if (!challenge || !VERIFIER.test(verifier)) throw new OauthError('invalid_grant', 'invalid code verifier')
  const isPlain = challenge.method === 'plain'
  const answer = isPlain ? verifier : createHash('sha256').update(verifier).digest('base64url')
  if (answer !== challenge.value) throw new OauthError('invalid_request', 'invalid code verifier')
}
