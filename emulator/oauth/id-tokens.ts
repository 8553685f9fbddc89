/** What an id token says (salesforce-api.md 2.1). */
import { createHash } from 'node:crypto'
import type { Context as EmulatorContext } from '../context.ts'
import type { ConnectedApp } from './apps.ts'
import type { Tokens } from './grants.ts'
import type { SigningKey } from './signing-key.ts'
import { identityUrl } from './token-answer.ts'

const TWO_MINUTES_S = 120

/** The id token that goes with these tokens; `nonce` binds it to the request that asked for it. */
export function makeIdToken(
  context: Pick<EmulatorContext, 'org' | 'origin'>,
  key: SigningKey,
  { app, tokens, nonce }: { app: ConnectedApp; tokens: Tokens; nonce?: string | null | undefined },
): string {
  const issuedAt = Math.floor(tokens.issuedAt / 1000)
  return key.sign({
    iss: context.origin,
    sub: identityUrl(context, tokens.userId),
    aud: app.clientId,
    iat: issuedAt,
    exp: issuedAt + TWO_MINUTES_S,
    at_hash: createHash('sha256').update(tokens.accessToken).digest().subarray(0, 16).toString('base64url'),
    ...(nonce && { nonce }),
  })
}
