/** Several currencies: each record's amounts are in one of them (salesforce-api.md 6.5). */

import { dateOf } from './dates.ts'
import { drawOf, pick, weighted } from './draw.ts'
import { slotOfId } from './ids.ts'
import { listed } from './listed.ts'
import type { FieldDefinition } from './schema-file.ts'
import type { Definitions } from './schemas.ts'
import type { Column, Seeded } from './table.ts'

/** Units of each for one unit of the company's own, the first. */
const CURRENCIES = [
  { code: 'EUR', rate: 1, places: 2 },
  { code: 'USD', rate: 1.08, places: 2 },
  { code: 'GBP', rate: 0.86, places: 2 },
  { code: 'CHF', rate: 0.95, places: 2 },
  { code: 'JPY', rate: 162.5, places: 0 },
] as const

const DAY_MS = 86_400_000

/** The field that says which. */
export const currencyField: FieldDefinition = {
  type: 'picklist',
  label: 'Currency ISO Code',
  length: 255,
  restricted: true,
  default: 'EUR',
  values: CURRENCIES.map(({ code }) => code),
  permissionable: false,
}

/** What the switch adds to the objects whose records have a currency. */
export function currencyDefinitions(definitions: Definitions): Definitions {
  return new Map(
    [...definitions]
      .filter(([, { currency }]) => currency === true)
      .map(([name]) => {
        const own = { CurrencyIsoCode: currencyField }
        return [name, { fields: name === 'User' ? { ...own, DefaultCurrencyIsoCode: currencyField } : own }]
      }),
  )
}

const CHOSEN = weighted([
  ['EUR', 6],
  ['USD', 3],
  ['GBP', 2],
  ['CHF', 1],
] as const)

/** Which lookup gives a record its currency, where it has none of its own. */
const FOLLOWS: { readonly [objectName: string]: { lookup: string; objectName: string; keyPrefix: string } } = {
  Contact: { lookup: 'AccountId', objectName: 'Account', keyPrefix: '001' },
  Case: { lookup: 'AccountId', objectName: 'Account', keyPrefix: '001' },
  Opportunity: { lookup: 'AccountId', objectName: 'Account', keyPrefix: '001' },
  OpportunityLineItem: { lookup: 'OpportunityId', objectName: 'Opportunity', keyPrefix: '006' },
  OpportunityContactRole: { lookup: 'OpportunityId', objectName: 'Opportunity', keyPrefix: '006' },
  OpportunityHistory: { lookup: 'OpportunityId', objectName: 'Opportunity', keyPrefix: '006' },
}

/** The seeded records with their currencies, and the rates between them. */
export function withCurrencies(
  tables: { readonly [objectName: string]: Seeded },
  {
    definitions,
    seed,
    setUp,
    anchor,
  }: {
    definitions: Definitions
    seed: number
    setUp: { at(slot: number): number; byUserId: string }
    anchor: number
  },
): { readonly [objectName: string]: Seeded } {
  const chosen = drawOf(seed, 'Account.currency')
  function currencyOf(objectName: string): Column {
    if (objectName === 'Account') return (slot) => pick(CHOSEN, chosen(slot))
    const above = FOLLOWS[objectName]
    const lookup = above && tables[objectName]?.columns[above.lookup]
    if (!above || !lookup) return () => CURRENCIES[0].code
    const parent = currencyOf(above.objectName)
    return (slot) => {
      const found = slotOfId(above.keyPrefix, String(lookup(slot) ?? ''))
      return found < 0 ? CURRENCIES[0].code : parent(found)
    }
  }
  const own = [...currencyDefinitions(definitions).keys()].flatMap((name): [string, Seeded][] => {
    const table = tables[name]
    if (!table) return []
    const CurrencyIsoCode = currencyOf(name)
    return [[name, { ...table, columns: { DefaultCurrencyIsoCode: () => 'EUR', ...table.columns, CurrencyIsoCode } }]]
  })
  const halfYears = [anchor - 365 * DAY_MS, anchor - 182 * DAY_MS]
  return {
    ...tables,
    ...Object.fromEntries(own),
    CurrencyType: listed(
      CURRENCIES.map(({ code, rate, places }) => ({
        IsoCode: code,
        ConversionRate: rate,
        DecimalPlaces: places,
        IsActive: true,
        IsCorporate: code === CURRENCIES[0].code,
      })),
      setUp,
    ),
    DatedConversionRate: listed(
      CURRENCIES.slice(1).flatMap(({ code, rate }) =>
        halfYears.map((from, n) => ({
          IsoCode: code,
          StartDate: dateOf(from),
          NextStartDate: dateOf(halfYears[n + 1] ?? Date.UTC(9999, 11, 31)),
          ConversionRate: n === 0 ? Math.round(rate * 1_030) / 1_000 : rate,
        })),
      ),
      setUp,
    ),
  }
}
