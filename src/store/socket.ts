import { connect, type Socket } from 'node:net'

/** Where the driver wants to connect: several hosts stand for each other. */
interface Address {
  readonly host: readonly string[]
  readonly port: readonly number[]
  /** A Unix socket. */
  readonly path?: string | false
}

/**
 * Opens connections to Postgres that send at once. The driver leaves Nagle's algorithm on: a small statement after a
 * large one then waits for the server's delayed acknowledgement, which took 45 ms of each page of a first load, a
 * twelfth of it.
 */
export function promptSockets(): (address: Address) => Socket {
  let turn = 0
  return ({ host, port, path }) => {
    if (path) return connect({ path })
    const index = turn++ % host.length
    const name = host[index] ?? 'localhost'
    // Still connecting: what the driver writes is kept until then, and it hears of a failure as of its own socket's.
    const socket = connect({ host: name, port: port[index] ?? 5432, noDelay: true })
    // The driver's TLS asks for the certificate of this name.
    return Object.assign(socket, { host: name })
  }
}
