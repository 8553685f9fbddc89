/** What Salesforce fills into a record by itself: defaults, numbers, and everything that follows from other fields. */

import { caseNumber } from './cases.ts'
import type { FieldSchema, FieldValue, ObjectSchema, RecordFields } from './model.ts'
import { FORECAST_NAMES, STAGES } from './sales-process.ts'
import type { Table } from './table.ts'
import { wholeSecond } from './transactions.ts'

type Tables = ReadonlyMap<string, Table>

interface Occasion {
  readonly userId: string
  readonly at: number
  readonly slot: number
  readonly created: boolean
  /** The object as whoever saves it sees it: their record types give the default. */
  readonly schema: ObjectSchema
}

/** A record on its way into its table. */
interface Filling {
  readonly tables: Tables
  readonly table: Table
  readonly occasion: Occasion
  /** What was asked for. */
  readonly given: RecordFields
  /** What will be set. */
  readonly filled: Record<string, FieldValue>
  /** What the field will hold. */
  current(name: string): FieldValue
  changed(...names: string[]): boolean
  /** What the field of the record behind a lookup holds. */
  beyond(objectName: string, lookup: string, field: string): FieldValue
}

/** One field of a record by its id, or null. */
export function readField(tables: Tables, objectName: string, id: FieldValue | undefined, field: string): FieldValue {
  const table = tables.get(objectName)
  if (!table || typeof id !== 'string') return null
  const slot = table.slotOf(id)
  return slot < 0 ? null : table.column(field)(slot)
}

/** The fields of a change, with defaults and everything that Salesforce works out from them. */
export function filledIn(tables: Tables, table: Table, occasion: Occasion, fields: RecordFields): RecordFields {
  const { created, slot } = occasion
  const given = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, tidied(table, name, value)]))
  const filled: Record<string, FieldValue> = created ? { ...defaultsOf(table, occasion), ...given } : { ...given }
  const current = (name: string) =>
    name in filled ? (filled[name] ?? null) : created ? null : table.column(name)(slot)
  const filling: Filling = {
    tables,
    table,
    occasion,
    given,
    filled,
    current,
    changed: (...names) => created || names.some((name) => name in given),
    beyond: (objectName, lookup, field) => readField(tables, objectName, current(lookup), field),
  }
  const isPerson = table.schema.fields.some((field) => field.compoundFieldName === 'Name')
  if (isPerson && ('FirstName' in given || 'LastName' in given)) {
    filled.Name = [current('FirstName'), current('LastName')].filter(Boolean).join(' ')
  }
  FILLERS[table.schema.name]?.(filling)
  return filled
}

/** A value as Salesforce keeps it: text without spaces around it, numbers rounded to the field's decimal places. */
function tidied(table: Table, name: string, value: FieldValue): FieldValue {
  const field = table.schema.fields.find((candidate) => candidate.name === name)
  if (!field || value === null) return value
  if (typeof value === 'string' && TRIMMED.has(field.type)) return value.trim() === '' ? null : value.trim()
  if (typeof value === 'number' && ROUNDED.has(field.type)) return rounded(value, field)
  return field.type === 'datetime' && typeof value === 'number' ? wholeSecond(value) : value
}

const TRIMMED = new Set(['string', 'textarea', 'picklist', 'combobox', 'email', 'phone', 'url'])
const ROUNDED = new Set(['double', 'currency', 'percent'])

function rounded(value: number, { scale }: FieldSchema): number {
  const factor = 10 ** scale
  return Number.isSafeInteger(Math.round(value * factor)) ? Math.round(value * factor) / factor : value
}

function defaultsOf(table: Table, { userId, schema, slot }: Occasion): Record<string, FieldValue> {
  const defaults: Record<string, FieldValue> = {}
  for (const field of table.schema.fields) {
    const preset = field.picklistValues.find((choice) => choice.defaultValue)
    if (field.defaultValue !== undefined) defaults[field.name] = field.defaultValue
    else if (preset) defaults[field.name] = preset.value
    else if (field.name === 'OwnerId') defaults.OwnerId = userId
    else if (field.name === 'RecordTypeId') {
      const preset = schema.recordTypes?.find(({ isDefault, available }) => isDefault && available)
      if (preset && !preset.id.startsWith('012000000000000')) defaults.RecordTypeId = preset.id
    } else if (field.autoNumber && field.displayFormat !== undefined) {
      defaults[field.name] = autoNumber(field.displayFormat, slot + 1)
    }
  }
  return defaults
}

/** A number in its display format: `INV-{00000}` (https://help.salesforce.com/s/articleView?id=sf.custom_field_types.htm). */
function autoNumber(format: string, number: number): string {
  return format.replace(/\{(0+)\}/, (_, zeros: string) => String(number).padStart(zeros.length, '0'))
}

const FILLERS: { readonly [objectName: string]: (filling: Filling) => void } = {
  Case({ table, occasion, filled, current, changed, beyond, given }) {
    if (occasion.created) filled.CaseNumber = caseNumber(occasion.slot)
    if ('ContactId' in given) {
      filled.ContactEmail = beyond('Contact', 'ContactId', 'Email')
      filled.ContactPhone = beyond('Contact', 'ContactId', 'Phone')
      if (current('AccountId') === null) filled.AccountId = beyond('Contact', 'ContactId', 'AccountId')
    }
    if (!changed('Status')) return
    const wasClosed = !occasion.created && table.column('IsClosed')(occasion.slot) === true
    filled.IsClosed = current('Status') === 'Closed'
    if (occasion.created) filled.IsClosedOnCreate = filled.IsClosed
    if (filled.IsClosed !== wasClosed && !('ClosedDate' in given)) {
      filled.ClosedDate = filled.IsClosed ? wholeSecond(occasion.at) : null
    }
  },
  Opportunity: fillOpportunity,
  OpportunityLineItem({ filled, current, beyond, given }) {
    if ('PricebookEntryId' in given) {
      filled.Product2Id = beyond('PricebookEntry', 'PricebookEntryId', 'Product2Id')
      filled.Name = beyond('Product2', 'Product2Id', 'Name')
      filled.ProductCode = beyond('Product2', 'Product2Id', 'ProductCode')
      filled.ListPrice = beyond('PricebookEntry', 'PricebookEntryId', 'UnitPrice')
      if (current('UnitPrice') === null) filled.UnitPrice = filled.ListPrice
    }
    const full = Number(current('Quantity') ?? 0) * Number(current('UnitPrice') ?? 0)
    filled.TotalPrice = Math.round(full * 100) / 100
  },
  Task({ tables, table, occasion, filled, current, changed }) {
    if (changed('Status')) {
      const done = current('Status') === 'Completed'
      const wasDone = !occasion.created && table.column('IsClosed')(occasion.slot) === true
      filled.IsClosed = done
      if (done !== wasDone) filled.CompletedDateTime = done ? wholeSecond(occasion.at) : null
    }
    if (changed('Priority')) filled.IsHighPriority = current('Priority') === 'High'
    if (changed('WhatId', 'WhoId')) filled.AccountId = accountOfActivity(tables, current('WhatId'), current('WhoId'))
  },
  Event(filling) {
    const { tables, filled, current, changed } = filling
    if (changed('WhatId', 'WhoId')) filled.AccountId = accountOfActivity(tables, current('WhatId'), current('WhoId'))
    fillTimes(filling)
  },
  EmailMessage({ filled, current, occasion }) {
    if (occasion.created && current('MessageDate') === null) filled.MessageDate = wholeSecond(occasion.at)
  },
}

/** An event's times, each of which may be said in two ways. */
function fillTimes({ filled, current, changed }: Filling): void {
  if (!changed('StartDateTime', 'ActivityDateTime', 'EndDateTime', 'DurationInMinutes')) return
  const start = 'ActivityDateTime' in filled ? current('ActivityDateTime') : current('StartDateTime')
  if (typeof start !== 'number') return
  filled.StartDateTime = start
  filled.ActivityDateTime = start
  filled.ActivityDate = new Date(start).toISOString().slice(0, 10)
  const end = current('EndDateTime')
  const minutes = current('DurationInMinutes')
  if ('EndDateTime' in filled && typeof end === 'number') filled.DurationInMinutes = Math.round((end - start) / 60_000)
  else if (typeof minutes === 'number') filled.EndDateTime = start + minutes * 60_000
  const until = current('EndDateTime')
  if (typeof until === 'number') filled.EndDate = new Date(until).toISOString().slice(0, 10)
}

/** The account that an activity counts for: that of what it is about, else of whom it is with. */
function accountOfActivity(tables: Tables, whatId: FieldValue, whoId: FieldValue): FieldValue {
  if (typeof whatId === 'string' && whatId.startsWith('001')) return whatId
  const objectName = String(whatId).startsWith('006') ? 'Opportunity' : 'Case'
  return readField(tables, objectName, whatId, 'AccountId') ?? readField(tables, 'Contact', whoId, 'AccountId')
}

function fillOpportunity({ table, occasion, filled, given, current, changed }: Filling): void {
  const isPriced = !occasion.created && table.column('HasOpportunityLineItem')(occasion.slot) === true
  // Salesforce ignores an amount that is derived from products, without an error (salesforce-api.md 9):
  // https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_opportunity.htm
  if (isPriced && 'Amount' in given && !('HasOpportunityLineItem' in given)) delete filled.Amount
  const stage = STAGES.find(({ name }) => name === current('StageName'))
  if (stage && changed('StageName')) {
    if (!('Probability' in given)) filled.Probability = stage.probability
    filled.IsClosed = stage.category === 'Closed' || stage.category === 'Omitted'
    filled.IsWon = stage.category === 'Closed'
    filled.ForecastCategory = stage.category
    filled.ForecastCategoryName = FORECAST_NAMES[stage.category] ?? null
  }
  const closeDate = current('CloseDate')
  if (changed('CloseDate') && typeof closeDate === 'string') {
    const quarter = Math.ceil(Number(closeDate.slice(5, 7)) / 3)
    filled.FiscalYear = Number(closeDate.slice(0, 4))
    filled.FiscalQuarter = quarter
    filled.Fiscal = `${closeDate.slice(0, 4)} ${quarter}`
  }
  if (changed('Amount', 'Probability', 'StageName')) {
    filled.ExpectedRevenue = expectedRevenue(current('Amount'), current('Probability'))
  }
}

/** What an amount is worth at a probability, to the cent. */
export function expectedRevenue(amount: FieldValue, probability: FieldValue): FieldValue {
  return typeof amount === 'number' ? Math.round(amount * Number(probability ?? 0)) / 100 : null
}
