/** The practice org on a port. */
import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { createEmulator, type Emulator, type EmulatorOptions } from './app.ts'

export interface ServeOptions extends Omit<EmulatorOptions, 'origin'> {
  /** 0 for any free one. */
  readonly port: number
  readonly host: string
}

/** Listens, then makes the org for the address that came out of it. Rejects when the port can't be had. */
export async function serveEmulator(
  options: ServeOptions,
): Promise<{ emulator: Emulator; origin: string; close(): Promise<void> }> {
  // Twice Salesforce's limit, so that it is the org and not Node that answers requests beyond it.
  const server = createServer({ maxHeaderSize: 32_768, keepAliveTimeout: 60_000 })
  const port = await listen(server, options)
  const origin = `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`
  try {
    const emulator = createEmulator({ ...options, origin })
    server.on('request', getRequestListener(emulator.app.fetch))
    return {
      emulator,
      origin,
      async close() {
        await closeServer(server)
        await emulator.close()
      },
    }
  } catch (error) {
    await closeServer(server)
    throw error
  }
}

function listen(server: Server, { port, host }: ServeOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    // Open downloads and idle keep-alive connections would hold it up for minutes.
    server.closeAllConnections()
  })
}
