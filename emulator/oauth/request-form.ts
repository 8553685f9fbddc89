/** The parameters of a request: what an app asks the token endpoint or a neighbour, what a person fills in. */
import type { Context as HonoContext } from 'hono'
import { OauthError } from './errors.ts'

/** The body's fields, form-encoded or multipart, and those of the query beside them: Salesforce takes both. Throws OauthError. */
export async function readForm(c: HonoContext): Promise<URLSearchParams> {
  const form = new URLSearchParams(c.req.query())
  if (c.req.method === 'GET') return form
  if (c.req.header('content-type')?.startsWith('multipart/form-data')) {
    const fields = await c.req.parseBody().catch((cause: unknown) => {
      throw new OauthError('invalid_request', 'malformed multipart form', { cause })
    })
    for (const [name, value] of Object.entries(fields)) form.set(name, String(value))
  } else for (const [name, value] of new URLSearchParams(await c.req.text())) form.set(name, value)
  return form
}
