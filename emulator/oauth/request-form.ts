/** The parameters of a request to the token endpoint or one of its neighbours. */
import type { Context as HonoContext } from 'hono'

/** The body's fields, form-encoded or multipart, and those of the query beside them: Salesforce takes both. */
export async function readForm(c: HonoContext): Promise<URLSearchParams> {
  const form = new URLSearchParams(c.req.query())
  if (c.req.method === 'GET') return form
  if (c.req.header('content-type')?.startsWith('multipart/form-data')) {
    for (const [name, value] of Object.entries(await c.req.parseBody())) form.set(name, String(value))
  } else for (const [name, value] of new URLSearchParams(await c.req.text())) form.set(name, value)
  return form
}
