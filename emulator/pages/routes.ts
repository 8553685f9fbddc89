/** Where links into the org lead: `/lightning/r/Case/500.../view`, and the short form `/500...`. */
import { Hono, type Context as HonoContext } from 'hono'
import type { ObjectSchema, Org, OrgUser } from '../org/model.ts'
import { toLongId } from '../values.ts'
import { missingPage, recordPage } from './record.ts'

/** Record pages for whoever is logged in with their browser; others are asked to log in first. */
export function createRecordPages(org: Org, findBrowserUser: (c: HonoContext) => OrgUser | undefined): Hono {
  const pages = new Hono()

  function show(
    c: HonoContext,
    pick: (schema: ObjectSchema) => boolean,
    shortId: string,
  ): Response | Promise<Response> {
    const user = findBrowserUser(c)
    if (!user?.active) return c.redirect(`/login?${new URLSearchParams({ startURL: c.req.path })}`)
    const schema = org.listObjects(user).find(pick)
    const record = schema && org.findRecord(user, schema.name, toLongId(shortId))
    return schema && record ? c.html(recordPage(schema, record)) : c.html(missingPage(), 404)
  }

  pages.get('/lightning/r/:object/:id/view', (c) =>
    show(c, ({ name }) => name.toLowerCase() === c.req.param('object').toLowerCase(), c.req.param('id')),
  )
  pages.get('/:id{[a-zA-Z0-9]{15,18}}', (c) =>
    show(c, ({ keyPrefix }) => keyPrefix === c.req.param('id').slice(0, 3), c.req.param('id')),
  )
  return pages
}
