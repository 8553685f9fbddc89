/** What a benchmark found, and how much memory a process takes. */
import { readFile, writeFile } from 'node:fs/promises'

export interface Measure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** `>= 0.8`, `<= 250`; null where nothing is promised. */
  readonly budget: string | null
  readonly ok: boolean | null
}

export function plain(name: string, value: number, unit: string): Measure {
  return { name, value, unit, budget: null, ok: null }
}

export function atLeast(budget: number, { name, value, unit }: { name: string; value: number; unit: string }): Measure {
  return { name, value, unit, budget: `>= ${budget}`, ok: value >= budget }
}

export function atMost(budget: number, { name, value, unit }: { name: string; value: number; unit: string }): Measure {
  return { name, value, unit, budget: `<= ${budget}`, ok: value <= budget }
}

/** What the process took until now, to start for instance, is not what the next thing takes. */
export async function forgetPeakMemory(pid: number | undefined): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5').catch(() => {})
}

/** The most that the process has had in memory since, in MB; only Linux tells. */
export async function readPeakMemory(pid: number | undefined): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1_024
}
