/** Signed id tokens and the key set that proves them (salesforce-api.md 2.1). */
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { Context as EmulatorContext } from '../context.ts'
import type { OrgUser } from '../org/model.ts'
import type { ConnectedApp } from './apps.ts'
import type { Tokens } from './grants.ts'
import { identityUrl } from './token-answer.ts'

const TWO_MINUTES_S = 120

/** Signs id tokens with a key made when the first one is needed; another start is another key, under another id. */
export class IdTokens {
  readonly #context: EmulatorContext
  #key: { id: string; privateKey: KeyObject } | undefined

  constructor(context: EmulatorContext) {
    this.#context = context
  }

  sign({ user, app, tokens, nonce }: { user: OrgUser; app: ConnectedApp; tokens: Tokens; nonce?: string | null }) {
    const { origin } = this.#context
    const { id, privateKey } = this.#getKey()
    const issuedAt = Math.floor(tokens.issuedAt / 1000)
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
    const content = [
      encode({ alg: 'RS256', typ: 'JWT', kid: id }),
      encode({
        iss: origin,
        sub: identityUrl(this.#context, user.userId),
        aud: app.clientId,
        iat: issuedAt,
        exp: issuedAt + TWO_MINUTES_S,
        at_hash: createHash('sha256').update(tokens.accessToken).digest().subarray(0, 16).toString('base64url'),
        ...(nonce && { nonce }),
      }),
    ].join('.')
    return `${content}.${sign('sha256', Buffer.from(content), privateKey).toString('base64url')}`
  }

  keySet(): object {
    const { id, privateKey } = this.#getKey()
    return { keys: [{ ...createPublicKey(privateKey).export({ format: 'jwk' }), kid: id, alg: 'RS256', use: 'sig' }] }
  }

  #getKey(): { id: string; privateKey: KeyObject } {
    if (!this.#key) {
      const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
      const id = createHash('sha256')
        .update(publicKey.export({ type: 'spki', format: 'der' }))
        .digest('hex')
        .slice(0, 32)
      this.#key = { id, privateKey }
    }
    return this.#key
  }
}
