/**
 * Amounts in an org with several currencies: `convertCurrency()`, `USD5000`
 * (https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-querying-currency-fields.html).
 */

import type { ObjectSchema, Viewer } from '../org/model.ts'
import type { Column } from '../org/table.ts'
import type { Database } from './database.ts'

/** The org's currencies by ISO code: how many units make one of the corporate currency. */
export function conversionRates(db: Database, viewer: Viewer): ReadonlyMap<string, number> | undefined {
  if (!db.visibleObject(viewer, 'CurrencyType')) return undefined
  const table = db.table('CurrencyType')
  const [code, rate] = [table.column('IsoCode'), table.column('ConversionRate')]
  const rates = new Map<string, number>()
  for (let slot = 0; slot < table.slotCount(); slot++) {
    if (table.exists(slot)) rates.set(String(code(slot)), Number(rate(slot)))
  }
  return rates.size > 0 ? rates : undefined
}

/** A field's amounts in the corporate currency; undefined where records have no currency of their own. */
export function corporateAmount(
  db: Database,
  schema: ObjectSchema,
  { value, rates }: { value: Column; rates: ReadonlyMap<string, number> },
): Column | undefined {
  if (!schema.fields.some((field) => field.name === 'CurrencyIsoCode')) return undefined
  const code = db.table(schema.name).column('CurrencyIsoCode')
  return (slot) => {
    const amount = value(slot)
    return typeof amount === 'number' ? amount / (rates.get(String(code(slot))) ?? 1) : null
  }
}

/** The currency that the viewer's user record names. */
export function currencyOf(db: Database, viewer: Viewer): string {
  const users = db.table('User')
  const has = users.schema.fields.find(({ name }) => name === 'DefaultCurrencyIsoCode' || name === 'CurrencyIsoCode')
  const slot = users.slotOf(viewer.userId)
  const code = has && slot >= 0 ? users.column(has.name)(slot) : null
  return typeof code === 'string' ? code : 'EUR'
}
