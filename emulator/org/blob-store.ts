/** The bytes of uploaded files, each kept once under its hash: a record, and a line of the journal, holds the hash only. */

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface BlobStore {
  /** Keeps the bytes; gives the key that a record holds. */
  put(bytes: Uint8Array): string
  get(key: string): Uint8Array | undefined
}

/** A store in a folder, or in memory when there is none. */
export function createBlobStore(folder: string | undefined): BlobStore {
  const inMemory = new Map<string, Uint8Array>()
  if (folder !== undefined) mkdirSync(folder, { recursive: true, mode: 0o700 })
  return {
    put(bytes) {
      const key = createHash('sha256').update(bytes).digest('hex')
      if (folder === undefined) inMemory.set(key, bytes)
      else if (!existsSync(join(folder, key))) writeFileSync(join(folder, key), bytes, { mode: 0o600 })
      return key
    },
    get(key) {
      if (folder === undefined) return inMemory.get(key)
      // A key comes from the journal; anything else would be a path of somebody's choosing.
      const isKey = /^[0-9a-f]{64}$/.test(key)
      return isKey && existsSync(join(folder, key)) ? readFileSync(join(folder, key)) : undefined
    },
  }
}
