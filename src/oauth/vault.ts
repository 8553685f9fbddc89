import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import { LooplineError } from '../errors.ts'

export interface Vault {
  /** Seals a secret for one place (`connections/<id>/refresh`); it opens nowhere else. */
  seal(plain: string, context: string): string
  /** Throws when the text was sealed for another place, by an unknown key, or was changed. */
  open(sealed: string, context: string): string
}

const format = 'v1'
const ivBytes = 12
const tagBytes = 16

/** AES-256-GCM under the newest key; the older ones still open what they sealed. */
export function createVault(keys: readonly string[]): Vault {
  const ring = keys.map(deriveKey)
  const newest = ring[0]
  if (!newest) throw new Error('A vault needs a key.')
  return {
    seal(plain, context) {
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', newest.key, iv).setAAD(Buffer.from(context))
      const sealed = Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return [format, newest.id, sealed.toString('base64url')].join('.')
    },
    open(text, context) {
      const [version, id, encoded = ''] = text.split('.')
      const found = version === format ? ring.find((one) => one.id === id) : undefined
      if (!found) throw keyMissing()
      const sealed = Buffer.from(encoded, 'base64url')
      const tag = sealed.subarray(-tagBytes)
      const decipher = createDecipheriv('aes-256-gcm', found.key, sealed.subarray(0, ivBytes), {
        authTagLength: tagBytes,
      })
      decipher.setAAD(Buffer.from(context)).setAuthTag(tag)
      return Buffer.concat([decipher.update(sealed.subarray(ivBytes, -tagBytes)), decipher.final()]).toString('utf8')
    },
  }
}

function keyMissing(): LooplineError {
  return new LooplineError({
    kind: 'reconnect',
    code: 'SECRET_KEY_MISSING',
    message: 'The connection’s tokens were sealed with a key that SECRET_KEY does not hold.',
    action: 'Syncing is paused, nothing is lost.',
    remedy:
      'Ask whoever runs Loopline to put the former key behind the new one in SECRET_KEY; or open Edit → Authentication and choose Re-generate Token.',
  })
}

function deriveKey(secret: string): { id: string; key: Buffer } {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'loopline vault v1', 32))
  // Tells the keys apart and nothing about them.
  const id = createHash('sha256').update(key).digest('hex').slice(0, 8)
  return { id, key }
}
