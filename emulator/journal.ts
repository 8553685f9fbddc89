/** An append-only file of everything that must outlive the process: JSON lines, oldest first. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import type { ClockState } from './clock.ts'
import type { OrgAddress } from './context.ts'
import type { OauthEvent } from './oauth/state.ts'
import type { Change, OrgSettings, SchemaChange } from './org/model.ts'
import type { SaveRule } from './org/save-rules.ts'

export type JournalEntry =
  | {
      readonly type: 'start'
      readonly seed: number
      readonly scale: number
      readonly anchor: number
      /** Left out by orgs without any. */
      readonly settings?: Partial<OrgSettings>
    }
  | { readonly type: 'change'; readonly change: Change }
  | { readonly type: 'delete-log-purged'; readonly upTo: number }
  | { readonly type: 'save-rule'; readonly rule: SaveRule }
  | { readonly type: 'app-installed'; readonly installed: boolean }
  | {
      readonly type: 'visibility'
      readonly userId: string
      readonly object: string
      readonly field: string | null
      readonly visible: boolean
    }
  | { readonly type: 'schema'; readonly change: SchemaChange; readonly at: number }
  | { readonly type: 'clock-set'; readonly state: ClockState }
  | { readonly type: 'org-moved'; readonly address: OrgAddress }
  | OauthEvent

interface Journal {
  readonly entries: readonly JournalEntry[]
  append(entry: JournalEntry): void
}

/** Reads what the folder holds and goes on after it. */
export function openJournal(folder: string): Journal {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'journal.jsonl')
  const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0)
  // A process killed while writing leaves half a line: it was never promised to anyone.
  const wholeBytes = bytes.lastIndexOf(10) + 1
  if (wholeBytes < bytes.length) truncateSync(file, wholeBytes)
  const lines = bytes.toString('utf8', 0, wholeBytes).split('\n').slice(0, -1)
  return {
    entries: lines.map((line) => JSON.parse(line) as JournalEntry),
    append: (entry) => appendFileSync(file, `${JSON.stringify(entry)}\n`, { mode: 0o600 }),
  }
}

/** A journal that forgets: everything lives in memory only. */
export function forgetfulJournal(): Journal {
  return { entries: [], append: () => undefined }
}
