/** `npm run bench -- --org`: the practice org without Loopline: how fast it starts and serves, and what it takes for that. */
import { join } from 'node:path'
import { startEmulator } from '../test/processes.ts'
import { atMost, type Measure, plain, readPeakMemory } from './measure.ts'
import { downloadCsv, readableFields } from './org-side.ts'

/** Starts an org of this scale, and reads all of its cases through a Bulk job into a file in the folder. */
export async function measureOrg({
  scale,
  folder,
  fieldCount,
}: {
  scale: number
  folder: string
  fieldCount: number
}): Promise<Measure[]> {
  const started = performance.now()
  const emulator = await startEmulator(['--scale', String(scale)])
  try {
    const startSeconds = (performance.now() - started) / 1_000
    const fields = (await readableFields(emulator)).slice(0, fieldCount).map(({ name }) => name)
    const served = await downloadCsv(emulator, {
      soql: `SELECT ${fields.join(', ')} FROM Case`,
      file: join(folder, 'cases.csv'),
    })
    const peakMemory = await readPeakMemory(emulator.process.pid)
    return [
      atMost(10, { name: 'the practice org starts', value: startSeconds, unit: 's' }),
      plain(`cases x ${fields.length} fields`, served.rows, 'rows'),
      plain('a Bulk job of all of them is made', served.rows / served.jobSeconds, 'rows/s'),
      plain('its pages leave the org, as gzip', served.rows / served.packedSeconds, 'rows/s'),
      plain('its pages in a file, gunzipped by the client', served.rows / served.downloadSeconds, 'rows/s'),
      plain('its pages in a file, gunzipped by the client', served.bytes / served.downloadSeconds / 1e6, 'MB/s'),
      ...(peakMemory === undefined
        ? []
        : [atMost(1_000, { name: 'peak memory of the practice org', value: peakMemory, unit: 'MB' })]),
    ]
  } finally {
    await emulator.stop()
  }
}
