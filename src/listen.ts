import { createServer, type Server } from 'node:http'
import { LooplineError } from './errors.ts'

/** Takes the port at once and answers 503 until the app takes over, so that nothing is started for nothing. */
export async function listen({ host, port }: { host: string; port: number }): Promise<Server> {
  const server = createServer((_, response) => {
    response.writeHead(503, { 'content-type': 'text/plain', 'retry-after': '1' }).end('Loopline is starting.\n')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve)
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const inUse = cause.code === 'EADDRINUSE'
      reject(
        new LooplineError(
          {
            kind: 'invalid',
            code: inUse ? 'PORT_IN_USE' : 'CANNOT_LISTEN',
            message: inUse
              ? `Port ${port} on ${host} is in use.`
              : `Loopline cannot listen on ${host}, port ${port} (${cause.code}).`,
            remedy: 'Stop what uses it, or set PORT (and HOST) to others, such as PORT=8465.',
          },
          { cause },
        ),
      )
    })
    server.listen(port, host)
  })
  return server
}
