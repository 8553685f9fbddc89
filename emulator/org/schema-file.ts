/**
 * How an object is written down in a data file (`emulator/schema/Case.json`, an operator's own folder, or a control
 * call): only what differs from what its fields' types make of themselves. `schemas.ts` turns it into a description.
 */

import { z } from 'zod'

const FIELD_TYPES = [
  'id',
  'reference',
  'string',
  'textarea',
  'picklist',
  'multipicklist',
  'combobox',
  'boolean',
  'int',
  'long',
  'double',
  'currency',
  'percent',
  'date',
  'datetime',
  'time',
  'email',
  'phone',
  'url',
  'base64',
  'address',
  'encryptedstring',
  'anyType',
] as const

const value = z.union([z.string(), z.number(), z.boolean(), z.null()])

const picklistValue = z.union([
  z.string(),
  z.strictObject({
    value: z.string(),
    label: z.string().optional(),
    active: z.boolean().optional(),
    /** The controlling field's values for which this one may be chosen. */
    for: z.array(z.string()).optional(),
  }),
])

const rollUp = z.strictObject({
  function: z.enum(['COUNT', 'SUM', 'MIN', 'MAX']),
  /** The children and their lookup to this object. */
  of: z.string(),
  by: z.string(),
  /** The children's field; none for COUNT. */
  field: z.string().optional(),
  /** A formula over the child that must hold for it to count. */
  where: z.string().optional(),
})

export const fieldDefinition = z.strictObject({
  type: z.enum(FIELD_TYPES).optional(),
  label: z.string().optional(),
  help: z.string().optional(),
  length: z.int().nonnegative().optional(),
  precision: z.int().nonnegative().optional(),
  scale: z.int().nonnegative().optional(),
  /** A value must be there: `nillable` turned round. */
  required: z.boolean().optional(),
  /** Neither createable nor updateable. */
  readOnly: z.boolean().optional(),
  createable: z.boolean().optional(),
  updateable: z.boolean().optional(),
  filterable: z.boolean().optional(),
  sortable: z.boolean().optional(),
  groupable: z.boolean().optional(),
  unique: z.boolean().optional(),
  caseSensitive: z.boolean().optional(),
  externalId: z.boolean().optional(),
  idLookup: z.boolean().optional(),
  nameField: z.boolean().optional(),
  html: z.boolean().optional(),
  /** The display format of an auto-number, such as `INV-{00000}`. */
  autoNumber: z.string().optional(),
  defaultedOnCreate: z.boolean().optional(),
  /** What a new record gets. */
  default: value.optional(),
  restricted: z.boolean().optional(),
  values: z.array(picklistValue).optional(),
  /** A picklist of the org's own objects that permission sets speak of, or of their fields. */
  choices: z.enum(['objects', 'fields']).optional(),
  /** The picklist or checkbox on which the choice of values depends. */
  controller: z.string().optional(),
  to: z.array(z.string()).optional(),
  relationship: z.string().nullable().optional(),
  /** What the parents call the records that point to them. */
  child: z.string().optional(),
  /** What becomes of the record when its parent is deleted; the lookup is cleared unless told. */
  onDelete: z.enum(['cascade', 'restrict']).optional(),
  /** The compound field that this one is a part of. */
  compound: z.string().optional(),
  formula: z.string().optional(),
  rollUp: rollUp.optional(),
  /** Whether permission sets may hide it: what isn't required, unless told. */
  permissionable: z.boolean().optional(),
})
export type FieldDefinition = z.infer<typeof fieldDefinition>
export type RollUp = z.infer<typeof rollUp>

export const objectDefinition = z.strictObject({
  label: z.string().optional(),
  labelPlural: z.string().optional(),
  keyPrefix: z
    .string()
    .regex(/^[a-zA-Z0-9]{3}$/, 'must be three letters or digits')
    .optional(),
  custom: z.boolean().optional(),
  createable: z.boolean().optional(),
  updateable: z.boolean().optional(),
  deletable: z.boolean().optional(),
  queryable: z.boolean().optional(),
  retrieveable: z.boolean().optional(),
  replicateable: z.boolean().optional(),
  searchable: z.boolean().optional(),
  mergeable: z.boolean().optional(),
  undeletable: z.boolean().optional(),
  bulk: z.boolean().optional(),
  feedEnabled: z.boolean().optional(),
  customSetting: z.boolean().optional(),
  /** Its records' amounts are in a currency of their own when the org has several. */
  currency: z.boolean().optional(),
  /** The org-wide default: what those see who were given nothing else. */
  sharing: z.enum(['Private', 'Read', 'ReadWrite', 'ControlledByParent']).optional(),
  /** The lookup to the record that decides, when sharing is controlled by the parent. */
  parent: z.string().optional(),
  /** The object without whose read right this one isn't seen. */
  seenWith: z.string().optional(),
  /** Whether permission sets say who may do what with it; an object without goes with its parent, or is everyone's. */
  permissions: z.boolean().optional(),
  /** Only administrators write it. */
  setup: z.boolean().optional(),
  fields: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9_]*$/, 'is no field name'), fieldDefinition).optional(),
})
export type ObjectDefinition = z.infer<typeof objectDefinition>

/** Checks what a file or a call says about an object; throws a RangeError that names place and fault. */
export function readObjectDefinition(where: string, content: unknown): ObjectDefinition {
  const read = objectDefinition.safeParse(content)
  if (read.success) return read.data
  const faults = read.error.issues.map(({ path, message }) => `${where}: ${path.join('.') || 'the file'}: ${message}`)
  throw new RangeError(faults.join('\n'))
}
