/** The `Sforce-*` headers that a call may carry (salesforce-api.md 3.2). */
import type { WriteOptions } from '../org/model.ts'
import { type Call, versionOf } from './resource.ts'

/** Who asks, as change events name it, and whether duplicates may be saved. */
export function writeOptionsOf(call: Call): WriteOptions {
  const client = readOption(call.header('sforce-call-options'), 'client')
  const origin = `com/salesforce/api/rest/${versionOf(call)}.0`
  const allowSave = readOption(call.header('sforce-duplicate-rule-header'), 'allowSave')
  return {
    origin: client === undefined ? origin : `${origin};client=${client}`,
    ...(allowSave?.toLowerCase() === 'true' && { allowDuplicates: true }),
  }
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
