/** Products, price books and campaigns: what does not grow with the company's size. */

import { DAY } from './calendar.ts'
import type { Company } from './company.ts'
import { dateOf } from './dates.ts'
import { pick } from './draw.ts'
import { idOfSlot } from './ids.ts'
import { listed } from './listed.ts'
import type { People } from './people.ts'
import type { Seeded } from './table.ts'
import { campaigns as campaignWords, products } from './words-sales.ts'

export const STANDARD_PRICEBOOK = idOfSlot('01s', 0)
export const CAMPAIGNS = 12
const DISCOUNT = 0.88

/** The tables of what the company sells and how it advertises it. */
export function createCatalog(company: Company, people: People): { readonly [objectName: string]: Seeded } {
  const setUp = { at: people.setUpAt, byUserId: people.admin.id }
  const spread = company.draw('Campaign')
  const years = (company.anchor - company.start) / CAMPAIGNS
  const campaignStart = (slot: number) => Math.floor((company.start + slot * years) / 1000) * 1000
  const cents = (price: number) => Math.round(price * 100) / 100
  return {
    Product2: listed(
      products.map(({ name, code, family, price, about }, n) => ({
        Name: name,
        ProductCode: code,
        Description: about,
        IsActive: n % 19 !== 0,
        IsArchived: false,
        Family: family,
        QuantityUnitOfMeasure: family === 'Services' && price > 100 ? 'Hour' : 'Each',
        StockKeepingUnit: `${code}-EU`,
        DisplayUrl: `https://www.sunstead.practice.example/products/${code.toLowerCase()}`,
        Warranty_Years__c: family === 'Panels' ? 30 : family === 'Services' ? null : 10,
      })),
      setUp,
    ),
    Pricebook2: listed(
      [
        { Name: 'Standard Price Book', IsActive: true, IsStandard: true, IsArchived: false },
        {
          Name: 'Installer Prices',
          IsActive: true,
          IsStandard: false,
          IsArchived: false,
          Description: 'Partners, 12 % off',
        },
      ],
      setUp,
    ),
    // The standard entry of each product comes first: a line item's entry has its product's slot.
    PricebookEntry: listed(
      [0, 1].flatMap((book) =>
        products.map(({ name, code, price }, n) => ({
          Name: name,
          Pricebook2Id: idOfSlot('01s', book),
          Product2Id: idOfSlot('01t', n),
          UnitPrice: book === 0 ? price : cents(price * DISCOUNT),
          IsActive: true,
          UseStandardPrice: false,
          ProductCode: code,
          IsArchived: false,
        })),
      ),
      setUp,
    ),
    Campaign: listed(
      Array.from({ length: CAMPAIGNS }, (_, n) => {
        const words = pick(campaignWords, n)
        const starts = campaignStart(n) + 14 * DAY
        const ended = starts + 40 * DAY < company.anchor
        return {
          Name: `${words.name} ${dateOf(starts).slice(0, 7)}`,
          Type: words.type,
          Status: ended ? 'Completed' : 'In Progress',
          StartDate: dateOf(starts),
          EndDate: dateOf(starts + 40 * DAY),
          ExpectedRevenue: 20_000 + (spread(n) % 60) * 1000,
          BudgetedCost: 4_000 + (spread(n) % 20) * 500,
          ActualCost: ended ? 3_500 + (spread(n) % 25) * 480 : null,
          ExpectedResponse: 2.5 + (spread(n) % 60) / 10,
          IsActive: !ended,
          Description: `${words.name}, planned by ${pick(people.sales, n).name}.`,
          OwnerId: pick(people.sales, n).id,
        }
      }),
      { at: campaignStart, byUserId: people.admin.id },
    ),
  }
}
