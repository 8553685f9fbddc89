/**
 * `FORMAT(Amount)`: numbers, amounts, dates and times as the user's locale writes them
 * (https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-select-format.html).
 */

import type { FieldType, FieldValue, Viewer } from '../org/model.ts'
import { currencyOf } from './currency.ts'
import type { Database } from './database.ts'
import { timeZoneOf } from './time-zone.ts'

/** How values of a type are written for the viewer. */
export function formatter(db: Database, viewer: Viewer, type: FieldType): (value: FieldValue) => FieldValue {
  const users = db.table('User')
  const slot = users.slotOf(viewer.userId)
  const locale = slot < 0 ? 'en-US' : String(users.column('LocaleSidKey')(slot) ?? 'en_US').replaceAll('_', '-')
  const numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 20 })
  switch (type) {
    case 'currency': {
      const amounts = new Intl.NumberFormat(locale, { style: 'currency', currency: currencyOf(db, viewer) })
      return (value) => (typeof value === 'number' ? amounts.format(value) : value)
    }
    case 'percent':
      return (value) => (typeof value === 'number' ? `${numbers.format(value)}%` : value)
    case 'date': {
      const dates = new Intl.DateTimeFormat(locale, {
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        timeZone: 'UTC',
      })
      return (value) => (typeof value === 'string' ? dates.format(Date.parse(value)) : value)
    }
    case 'datetime': {
      const { name } = timeZoneOf(db, viewer)
      const moments = new Intl.DateTimeFormat(locale, {
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: '2-digit',
        timeZone: name === 'GMT' ? 'UTC' : name,
      })
      // Newer ICU data puts a narrow space before AM, which Salesforce's answers don't have.
      return (value) => (typeof value === 'number' ? moments.format(value).replaceAll(/[\u202f\u00a0]/g, ' ') : value)
    }
    default:
      return (value) => (typeof value === 'number' ? numbers.format(value) : value === null ? null : String(value))
  }
}
