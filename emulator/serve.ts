/** The practice org on a port. */
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { getRequestListener } from '@hono/node-server'
import { createEmulator, type Emulator, type EmulatorOptions } from './app.ts'
import { CapitalizedResponse } from './capitalized-response.ts'

/** salesforce-api.md 7.5 */
const USUAL_PUB_SUB_PORT = 7443

export interface ServeOptions extends Omit<EmulatorOptions, 'origin'> {
  /** 0 for any free one. */
  readonly port: number
  readonly host: string
  /** PEM texts with which it speaks HTTPS: there are clients that know nothing else. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined
  /** Where the Pub/Sub API listens: 0 for any free port, `usual` for Salesforce's own if that is free. Unless told, nowhere. */
  readonly pubSubPort?: number | 'usual' | undefined
  /** PEM texts with which the Pub/Sub API speaks TLS, as most of its clients insist on; without them it doesn't. */
  readonly pubSubTls?: { readonly cert: string; readonly key: string } | undefined
}

/**
 * Listens, then makes the org for the address that came out of it. Rejects when the port can't be had. An org that has
 * moved to another address listens there as well, also after a restart.
 */
export async function serveEmulator(
  options: ServeOptions,
): Promise<{ emulator: Emulator; origin: string; close(): Promise<void> }> {
  const { host, tls } = options
  const servers: Server[] = []
  const closeAll = async () => void (await Promise.all(servers.map(closeServer)))

  async function openDoor(port: number): Promise<{ server: Server; door: string }> {
    // Far beyond Salesforce's limit, so that it is the org and not Node that answers requests beyond it.
    const settings = { maxHeaderSize: 262_144, keepAliveTimeout: 60_000, ServerResponse: CapitalizedResponse }
    const server = tls ? createTlsServer({ ...settings, ...tls }) : createServer(settings)
    const door = `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${await listen(server, { port, host })}`
    servers.push(server)
    return { server, door }
  }

  const { server, door: origin } = await openDoor(options.port)
  try {
    const attach = (to: Server, door: string) => {
      const answer = getRequestListener((request, env) => emulator.app.fetch(request, { ...env, door }))
      to.on('request', (incoming, outgoing) => {
        // Salesforce's own CLI asks for `//services/data`, and gets it.
        incoming.url = incoming.url?.replace(/^\/{2,}/, '/')
        return answer(incoming, outgoing)
      })
    }
    const openAnother = async (port = 0) => {
      const opened = await openDoor(port)
      attach(opened.server, opened.door)
      return opened.door
    }
    const emulator = createEmulator({ openDoor: () => openAnother(), ...options, origin })
    attach(server, origin)
    const { instanceUrl } = emulator
    if (instanceUrl() !== origin) await openAnother(Number(new URL(instanceUrl()).port))
    const { pubSubPort, pubSubTls } = options
    const servePubSub = (port: number) => emulator.servePubSub({ host, port, tls: pubSubTls })
    if (pubSubPort === 'usual') await servePubSub(USUAL_PUB_SUB_PORT).catch(() => servePubSub(0))
    else if (pubSubPort !== undefined) await servePubSub(pubSubPort)
    return {
      emulator,
      origin,
      async close() {
        await closeAll()
        await emulator.close()
      },
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}

function listen(server: Server, { port, host }: { port: number; host: string }): Promise<number> {
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
