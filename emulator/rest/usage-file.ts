/** Keeps what was used of the allocations in a file, so that a restart doesn't make a new day of it. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { ApiUsage } from './usage.ts'

/** A crash forgets the calls of so long: less than writing on each call costs. */
const WRITE_EVERY_MS = 5000

const usedSchema = z.record(z.string(), z.array(z.tuple([z.number(), z.number()])))

/** Restores what the folder knows, and writes it from now on until `close`, which writes it once more. */
export function keepUsage(usage: ApiUsage, folder: string): { close(): void } {
  const file = join(folder, 'usage.json')
  let written = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const kept = usedSchema.safeParse(written === '' ? {} : JSON.parse(written))
  if (kept.success) usage.restore(kept.data)

  function write(): void {
    const text = JSON.stringify(usage.list())
    if (text === written || !existsSync(folder)) return
    // A process killed while writing leaves the file of before.
    writeFileSync(`${file}.new`, text, { mode: 0o600 })
    renameSync(`${file}.new`, file)
    written = text
  }

  const timer = setInterval(write, WRITE_EVERY_MS).unref()
  return {
    close() {
      clearInterval(timer)
      write()
    },
  }
}
