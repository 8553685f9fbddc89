import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { startEmbeddedPostgres } from '../src/embedded-postgres.ts'

/** Runs with a Postgres where databases may be made: the one at DATABASE_URL, else an embedded one that is thrown away. */
export async function withDatabase(use: (url: string) => Promise<void>): Promise<void> {
  if (process.env.DATABASE_URL) return use(process.env.DATABASE_URL)
  const dataDir = await mkdtemp(join(tmpdir(), 'loopline-tests-'))
  await chmod(dataDir, 0o755)
  try {
    const log = pino({ level: 'warn' })
    // Nothing of it outlives us: the disk need not be waited for.
    const server = await startEmbeddedPostgres({ dataDir, log, settings: { fsync: 'off', full_page_writes: 'off' } })
    try {
      await use(server.url)
    } finally {
      await server.stop()
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}
