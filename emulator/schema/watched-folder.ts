/** An operator's own schema folder: more objects, or more fields on the org's own, also while the org is running. */

import { watch } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import type { Org, SchemaChange } from '../org/model.ts'
import type { ObjectDefinition } from '../org/schema-file.ts'
import { type Definitions, readSchemaFolder } from '../org/schemas.ts'

interface Watched {
  /** Reads the folder now; throws a RangeError when a file is wrong. */
  read(): void
  close(): void
}

/** Brings the org's schema to what the folder says, and keeps it there; a faulty file changes nothing and is told. */
export function watchSchemaFolder(org: Org, folder: string, complain: (message: string) => void): Watched {
  let before: Definitions = new Map()

  function read(): void {
    const now = readSchemaFolder(folder)
    for (const change of changesBetween(org, before, now)) org.changeSchema(change)
    before = now
  }

  read()
  const watcher = watch(folder, () => {
    try {
      read()
    } catch (error) {
      complain(error instanceof Error ? error.message : String(error))
    }
  })
  watcher.unref()
  return { read, close: () => watcher.close() }
}

/** What to change so that the org has what the folder says, and no longer what only the folder said. */
function changesBetween(org: Org, before: Definitions, now: Definitions): readonly SchemaChange[] {
  const changes: SchemaChange[] = []
  for (const [object, definition] of now) {
    const known = org.schemaOf(object)
    if (!known) changes.push({ kind: 'add-object', object, definition })
    else changes.push(...fieldChanges(object, known, { before: before.get(object), definition }))
  }
  for (const [object, { fields = {} }] of before) {
    const known = org.schemaOf(object)
    if (now.has(object) || !known) continue
    const isWhole = Object.keys(known.fields ?? {}).every((field) => field in fields)
    if (isWhole) changes.push({ kind: 'remove-object', object })
    else changes.push(...Object.keys(fields).map((field) => ({ kind: 'remove-field', object, field }) as const))
  }
  return changes
}

function fieldChanges(
  object: string,
  known: ObjectDefinition,
  { before, definition }: { before: ObjectDefinition | undefined; definition: ObjectDefinition },
): readonly SchemaChange[] {
  const changes: SchemaChange[] = []
  const { fields = {}, ...traits } = definition
  const differs = Object.entries(traits).some(([trait, told]) => !isDeepStrictEqual(Reflect.get(known, trait), told))
  if (differs) changes.push({ kind: 'change-object', object, definition: traits })
  for (const [field, told] of Object.entries(fields)) {
    const has = known.fields?.[field]
    if (!has) changes.push({ kind: 'add-field', object, field, definition: told })
    else if (!isDeepStrictEqual(has, { ...has, ...told })) {
      changes.push({ kind: 'change-field', object, field, definition: told })
    }
  }
  for (const field of Object.keys(before?.fields ?? {})) {
    if (!(field in fields) && known.fields?.[field]) changes.push({ kind: 'remove-field', object, field })
  }
  return changes
}
