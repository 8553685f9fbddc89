/** The `Sforce-*` headers that a call may carry (salesforce-api.md 3.2). */
import type { WriteOptions } from '../org/model.ts'
import { type Call, versionOf } from './resource.ts'

/** Who asks, as change events name it. */
export function writeOptionsOf(call: Call): WriteOptions {
  const client = readOption(call.header('sforce-call-options'), 'client')
  const origin = `com/salesforce/api/rest/${versionOf(call)}.0`
  return { origin: client === undefined ? origin : `${origin};client=${client}` }
}

/** Whether records that this call touches become the user's recently viewed ones: `Sforce-Mru: updateMru=true`. */
export function updatesMru(call: Call): boolean {
  return readOption(call.header('sforce-mru'), 'updateMru')?.toLowerCase() === 'true'
}

/** `name=value` in a header of several, separated by commas or semicolons. */
export function readOption(header: string | undefined, name: string): string | undefined {
  for (const part of (header ?? '').split(/[,;]/)) {
    const [key = '', value = ''] = part.split('=')
    if (key.trim().toLowerCase() === name.toLowerCase()) return value.trim()
  }
  return undefined
}
