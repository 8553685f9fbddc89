/** The page's files, and its one document for every address inside it. */

import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import { compress } from 'hono/compress'
import type { ApiEnv } from './caller.ts'

/** Serves the built page; `webFolder` is absolute. */
export function staticRoutes({ webFolder, publicUrl }: { webFolder: string; publicUrl: string }): Hono<ApiEnv> {
  const home = new URL(publicUrl)
  return new Hono<ApiEnv>()
    .use(compress())
    .use(async (c, next) => {
      // Cookies and Salesforce's callback belong to one host: someone who typed the other name of this machine is led over.
      const asked = new URL(c.req.url)
      const isAlias = isThisMachine(asked.hostname) && isThisMachine(home.hostname) && asked.hostname !== home.hostname
      if (isAlias && asked.port === home.port) return c.redirect(`${home.origin}${asked.pathname}${asked.search}`)
      await next()
    })
    .use(async (c, next) => {
      await next()
      // Built files are named for their content; the document that names them must be asked for each time.
      const isNamedForContent = c.res.ok && c.req.path.startsWith('/assets/')
      c.header('cache-control', isNamedForContent ? 'public, max-age=31536000, immutable' : 'no-cache')
    })
    .use(serveStatic({ root: webFolder }))
    .get('*', async (c, next) => {
      // A file that is not there is not an address inside the page.
      if (/\.\w+$/.test(c.req.path)) return c.notFound()
      return (await serveStatic<ApiEnv>({ path: `${webFolder}/index.html` })(c, next)) ?? c.notFound()
    })
}

const isThisMachine = (hostname: string) => ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
