/** The org's key for signing tokens, and the key set that proves them (salesforce-api.md 2.1). */
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** A key made when it is first needed; another start is another key, under another id. */
export class SigningKey {
  #key: { id: string; privateKey: KeyObject } | undefined

  /** A JWT of these claims, signed with RS256. */
  sign(claims: object): string {
    const { id, privateKey } = this.#getKey()
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
    const content = `${encode({ alg: 'RS256', typ: 'JWT', kid: id })}.${encode(claims)}`
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
