/** Writes docs/model.md: every unified record with its columns and where they come from, out of the mappings themselves. */

import { writeFileSync } from 'node:fs'
import type { Condition, RecordType, Source, Value } from '../src/unified/mapping.ts'
import { recordTypes } from '../src/unified/record-types.ts'
import { columnsOf, stamps } from '../src/unified/views.ts'

export const modelPagePath = new URL('../docs/model.md', import.meta.url)

export function modelPage(): string {
  return `# The unified model

Written by \`node scripts/model.ts\` from the mappings in \`src/unified/\`; not to be edited by hand.

Each integration's schema has these views over its mirror. What an org does not have is null. Beside the columns named
here, every view has \`id\` (stable: the integration's id and Salesforce's), \`integration_id\`, \`remote_id\`, \`remote_url\`
(opens the record in Salesforce), \`created_at\`, \`updated_at\`, \`deleted_at\`, \`is_deleted\` and \`custom\` (the org's own
fields by API name). Deleted records stay in the views: add \`where not is_deleted\`. Of each reference, \`…_id\` is the
other record's \`id\`, and \`…_remote_id\` is Salesforce's, which joins quickly to \`remote_id\` within a schema.

${recordTypes.map(section).join('\n')}`
}

function section(type: RecordType): string {
  const own = Object.keys(columnsOf(type)).filter((name) => name in type.sources[0].columns)
  const rows = own.map((name) => {
    const from = type.sources.map((source) => origin(source, name))
    return `| \`${name}\` | ${type.sources[0].columns[name]?.type ?? ''} | ${[...new Set(from)].filter((one) => one !== '').join('; ')} |`
  })
  return `## ${type.view}

From ${type.sources.map((source) => source.object).join(', ')}; with ${type.capabilities.join(', ')}.

| column | type | from |
|---|---|---|
${rows.join('\n')}
`
}

function origin(source: Source, name: string): string {
  const value = { ...source.columns, ...stamps }[name]?.value
  if (!value) return ''
  if (value.from === 'constant') return `“${value.value}”`
  const fields = [...new Set(fieldsOf(value))].map((field) => `${source.object}.${field}`)
  return fields.join(', ')
}

/** As seen from the record: `ContactId → Contact.Email`. */
function fieldsOf(value: Value): string[] {
  switch (value.from) {
    case 'field':
      return value.fields.slice()
    case 'first':
    case 'available':
    case 'words':
      return value.values.flatMap(fieldsOf)
    case 'unifiedId':
    case 'prefix':
      return fieldsOf(value.value)
    case 'constant':
      return []
    case 'joined':
      return fieldsOf(value.value).map((field) => `${value.on} → ${value.object}.${field}`)
    case 'rules':
      return [
        ...value.rules.flatMap((rule) => [...fieldsIn(rule.when), ...fieldsOf(rule.value)]),
        ...fieldsOf(value.otherwise),
      ]
    case 'children':
      return [`Id ← ${value.object}.${value.field}`]
    case 'richText':
      return ['(rich text fields of the org’s own)']
  }
}

function fieldsIn(condition: Condition): string[] {
  if ('all' in condition) return condition.all.flatMap(fieldsIn)
  if ('not' in condition) return fieldsIn(condition.not)
  return Object.values(condition).flat().slice(0, 1)
}

if (import.meta.main) writeFileSync(modelPagePath, modelPage())
