import type { OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv } from './caller.ts'

const about = `Loopline's management API and the unified records of all connected Salesforce orgs.

Programs send an API key (Settings → API keys) as \`Authorization: Bearer …\`. The page uses the session's cookie.

Lists answer \`{ items, nextCursor }\`; pass \`nextCursor\` back as \`cursor\`. Errors are problem details (RFC 9457) with a
stable \`code\`; \`failure\` says what happened, what Loopline does about it and what you can do.`

/** The whole API as an OpenAPI 3.1 document. */
export function describeApi(
  api: OpenAPIHono<ApiEnv>,
  { prefix, version, publicUrl }: { prefix: string; version: string; publicUrl: string },
) {
  api.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', { type: 'http', scheme: 'bearer' })
  api.openAPIRegistry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: `${publicUrl.startsWith('https:') ? '__Secure-' : ''}loopline.session_token`,
  })
  return api.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Loopline',
      version,
      description: about,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: `${publicUrl}${prefix}` }],
    security: [{ apiKey: [] }, { session: [] }],
  })
}

/** Method and path of every described route. */
export function pathsOf(api: OpenAPIHono<ApiEnv>): { method: string; path: string }[] {
  return api.openAPIRegistry.definitions.flatMap((definition) =>
    definition.type === 'route' ? [{ method: definition.route.method, path: definition.route.path }] : [],
  )
}
