/** One record on a page, where a link that "opens it in Salesforce" leads. */
import { html } from 'hono/html'
import type { ObjectSchema, OrgRecord } from '../org/model.ts'
import { formatInstant } from '../values.ts'
import { type Html, page } from './layout.ts'

export function recordPage(schema: ObjectSchema, record: OrgRecord): Html {
  const filled = schema.fields.filter(({ name, type }) => type !== 'base64' && (record[name] ?? null) !== null)
  const nameField = schema.fields.find(({ nameField }) => nameField)
  const title = String((nameField && record[nameField.name]) ?? record.Id)
  return page(
    title,
    html`<section class="card">
<p class="soft small">${schema.label}</p>
<h1>${title}</h1>
<dl class="facts">${filled.map(({ name, label, type }) => html`<dt>${label}</dt><dd>${show(record[name], type)}</dd>`)}</dl>
</section>`,
    { width: 'wide' },
  )
}

function show(value: OrgRecord[string] | undefined, type: ObjectSchema['fields'][number]['type']): string {
  if (type === 'datetime' && typeof value === 'number')
    return `${formatInstant(value).slice(0, 19).replace('T', ' ')} UTC`
  return String(value)
}

export function missingPage(): Html {
  return page(
    'Not found',
    html`<section class="card"><h1>Page not found</h1>
<p>The link may be incorrect, the record may have been deleted, or you may not have permission to view it.</p>
<p><a href="/">To the start page</a></p></section>`,
  )
}
