/** A practice org on a port of its own, for clients that others wrote. */
import type { TestContext } from 'node:test'
import { Connection } from 'jsforce'
import type { Emulator } from '../app.ts'
import { type ServeOptions, serveEmulator } from '../serve.ts'

interface ServedOrg {
  readonly emulator: Emulator
  readonly origin: string
  /** A jsforce connection that is signed in already, as the administrator unless told. */
  connect(username?: string): Connection
}

/** Serves a small org until the test ends. */
export async function serveOrg(
  t: TestContext,
  options: Partial<Omit<ServeOptions, 'host' | 'port'>> = {},
): Promise<ServedOrg> {
  const { emulator, origin, close } = await serveEmulator({ port: 0, host: '127.0.0.1', scale: 0.1, ...options })
  t.after(close)
  return {
    emulator,
    origin,
    connect(username = emulator.org.users[0]?.username ?? '') {
      return new Connection({ instanceUrl: origin, accessToken: emulator.issueToken(username), version: '67.0' })
    },
  }
}
