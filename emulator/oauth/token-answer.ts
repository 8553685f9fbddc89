/** What the token endpoint answers: no `expires_in`, and `issued_at` is text (salesforce-api.md 2.2). */
import { createHmac } from 'node:crypto'
import type { Context as EmulatorContext } from '../context.ts'
import type { ConnectedApp } from './apps.ts'
import type { Tokens } from './grants.ts'

export interface TokenAnswer {
  readonly access_token: string
  readonly refresh_token?: string
  readonly signature: string
  readonly scope: string
  readonly id_token?: string
  readonly instance_url: string
  readonly id: string
  readonly token_type: 'Bearer'
  readonly issued_at: string
}

/** Puts tokens into the words of the token endpoint. */
export function tokenAnswer(
  context: Pick<EmulatorContext, 'org' | 'origin' | 'instanceUrl'>,
  app: ConnectedApp,
  tokens: Tokens,
  idToken?: string,
): TokenAnswer {
  const id = identityUrl(context, tokens.userId)
  const issuedAt = String(tokens.issuedAt)
  return {
    access_token: tokens.accessToken,
    ...(tokens.refreshToken !== undefined && { refresh_token: tokens.refreshToken }),
    signature: createHmac('sha256', app.clientSecret).update(`${id}${issuedAt}`).digest('base64'),
    // Not in the order in which they were asked for: clients must compare sets.
    scope: [...tokens.scopes].sort().reverse().join(' '),
    ...(idToken !== undefined && { id_token: idToken }),
    instance_url: context.instanceUrl(),
    id,
    token_type: 'Bearer',
    issued_at: issuedAt,
  }
}

/** Who a token speaks for, as a URL on the host where people log in. */
export function identityUrl({ org, origin }: Pick<EmulatorContext, 'org' | 'origin'>, userId: string): string {
  return `${origin}/id/${org.id}/${userId}`
}
