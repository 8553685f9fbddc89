import { readFileSync } from 'node:fs'
import { createRoute, z } from '@hono/zod-openapi'
import { apiVersion, scopes } from '../oauth/authorize.ts'
import type { Pool } from '../store/database.ts'
import { callerOf } from './caller.ts'
import { answers, newRoutes } from './routes.ts'
import { About } from './schemas.ts'

const packageFile = new URL('../../package.json', import.meta.url)
export const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(packageFile, 'utf8')))

export interface Installation {
  readonly callbackUrl: string
  readonly hasClient: boolean
  readonly embeddedDatabase: boolean
  readonly practiceOrg?:
    | { readonly origin: string; readonly users: readonly { username: string; password: string; about: string }[] }
    | undefined
}

const show = createRoute({
  method: 'get',
  path: '/about',
  tags: ['About'],
  summary: 'What this installation is',
  responses: answers(About, 'Versions, and what an External Client App needs to know. The practice org is for admins.'),
})

/** What this installation is made of. */
export function aboutRoutes({ sql, installation }: { sql: Pool; installation: Installation }) {
  return newRoutes().openapi(show, async (c) => {
    const [row] = await sql<{ version: string }[]>`select current_setting('server_version') as version`
    const { practiceOrg, callbackUrl, hasClient, embeddedDatabase } = installation
    const isAdmin = callerOf(c).role === 'admin'
    return c.json(
      {
        version,
        nodeVersion: process.versions.node,
        databaseVersion: row?.version ?? '',
        embeddedDatabase,
        salesforceApiVersion: apiVersion,
        callbackUrl,
        scopes: [...scopes],
        hasClient,
        // Its passwords are printed at start, but whoever may not connect an org has no use for them.
        practiceOrg: practiceOrg && isAdmin ? { origin: practiceOrg.origin, users: [...practiceOrg.users] } : null,
      },
      200,
    )
  })
}
