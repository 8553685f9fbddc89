/** Control calls for what people do in Salesforce's pages and this org has no page for, and for trouble with saving. */

import { z } from 'zod'
import type { OnControl } from '../control-calls.ts'
import { idOfSlot } from './ids.ts'
import { fieldsFromJson } from './input.ts'
import type { Org } from './model.ts'
import { saveRuleSchema } from './save-rules.ts'

const id = z.string().min(15).max(18)
const fields = z.record(z.string(), z.unknown())

const articleActionSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['publish', 'archive', 'edit', 'delete-draft']), versionId: id }),
  z.object({ kind: z.literal('translate'), versionId: id, language: z.string() }),
  z.object({ kind: z.literal('delete-article'), articleId: id }),
])

/** The calls about records. */
export function recordControls(on: OnControl, org: Org): void {
  const [admin] = org.users
  if (!admin) throw new Error('The practice org has an administrator')
  const by = admin.userId

  on(
    'late-record',
    z.object({ object: z.string(), fields, showAfterMs: z.int().nonnegative() }),
    {
      what: 'Create a record that shows itself only so long after its own time stamps',
      example: { object: 'Case', fields: { Subject: 'Stamped now, seen later' }, showAfterMs: 5_000 },
    },
    (body) => {
      const schema = org.getObject(admin, body.object)
      const values = fieldsFromJson(org, admin, schema, body.fields)
      return { id: org.create(by, schema.name, values, { visibleAfterMs: body.showAfterMs }) }
    },
  )
  on(
    'save-rule',
    saveRuleSchema,
    {
      what: 'Make a validation rule or a duplicate rule, or take one away (kind "removed")',
      example: {
        kind: 'validation',
        name: 'Reason when closed',
        object: 'Case',
        when: { Status: 'Closed', Reason: null },
        message: 'A closed case needs a reason',
        field: 'Reason',
      },
    },
    (rule) => org.setSaveRule(rule),
  )
  on(
    'lock-rows',
    z.object({ object: z.string().optional(), id: id.optional(), times: z.int().positive().default(1) }),
    {
      what: 'Let the next writes to an object (or to one record) fail with UNABLE_TO_LOCK_ROW',
      example: { object: 'Case', times: 1 },
    },
    (lock) => org.lockRows(lock),
  )
  on(
    'empty-recycle-bin',
    z.object({ ids: z.array(id).optional() }),
    { what: 'Take these records, or all, out of the recycle bin for good', example: {} },
    (body) => org.emptyRecycleBin(by, body.ids),
  )
  on(
    'purge-delete-log',
    z.object({ upTo: z.iso.datetime({ offset: true }).optional() }),
    {
      what: 'Forget deletions up to a moment (now, unless told): getDeleted no longer reaches back to them',
      example: {},
    },
    (body) => org.purgeDeleteLog(body.upTo === undefined ? org.now() : Date.parse(body.upTo)),
  )
  on(
    'merge',
    z.object({ object: z.string(), masterId: id, loserIds: z.array(id).min(1), fields: fields.default({}) }),
    {
      what: 'Merge up to two records into a master, as the administrator',
      example: { object: 'Account', masterId: idOfSlot('001', 0), loserIds: [idOfSlot('001', 1)] },
    },
    (body) => {
      const schema = org.getObject(admin, body.object)
      return org.merge(by, schema.name, body.masterId, body.loserIds, fieldsFromJson(org, admin, schema, body.fields))
    },
  )
  on(
    'convert-lead',
    z.object({
      leadId: id,
      convertedStatus: z.string(),
      accountId: id.optional(),
      contactId: id.optional(),
      doNotCreateOpportunity: z.boolean().optional(),
      opportunityName: z.string().optional(),
      overwriteLeadSource: z.boolean().optional(),
      ownerId: id.optional(),
    }),
    {
      what: 'Convert a lead into an account, a contact and an opportunity',
      example: { leadId: openLead(org), convertedStatus: 'Closed - Converted', ownerId: by },
    },
    (body) => org.convertLead(by, body),
  )
  on(
    'articles',
    articleActionSchema,
    {
      what: 'Publish, archive, edit, translate or delete a knowledge article, or its draft',
      example: { kind: 'edit', versionId: onlineArticle(org) },
    },
    (action) => ({ id: org.actOnArticle(by, action) }),
  )
}

/** A record for an example: the first that the query finds. */
function firstId(org: Org, soql: string): string {
  const [admin] = org.users
  const rows = admin ? org.query(admin, soql, { all: false }).rows() : []
  for (const [found] of rows) return String(found)
  return ''
}

const openLead = (org: Org) =>
  firstId(org, "SELECT Id FROM Lead WHERE IsConverted = false AND Status LIKE 'Open%' LIMIT 1")

const onlineArticle = (org: Org) =>
  firstId(org, "SELECT Id FROM Knowledge__kav WHERE PublishStatus = 'Online' AND Language = 'fr' LIMIT 1")
