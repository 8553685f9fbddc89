/** Opportunities with their line items and stage history. */

import { expectedRevenue } from './automation.ts'
import { DAY } from './calendar.ts'
import { CAMPAIGNS, STANDARD_PRICEBOOK } from './catalog.ts'
import type { Company } from './company.ts'
import type { Customers } from './customers.ts'
import { dateOf } from './dates.ts'
import { fraction, pick, weighted } from './draw.ts'
import { idOfSlot, slotOfId } from './ids.ts'
import { type Layers, layersOver, stepTime } from './layers.ts'
import type { People } from './people.ts'
import { FORECAST_NAMES, STAGES } from './sales-process.ts'
import type { Seeded } from './table.ts'
import { dealNames, nextSteps, products } from './words-sales.ts'

const WON = 5
const LOST = 6
/** One row as the deal is entered, then one per stage it moves to; the last one closes it. */
const MOVES = [0, 12, 26, 40, 58, 80].map((delayDays) => ({ delayDays, spreadDays: delayDays / 4 }))
const LINES = [0, 0, 0, 0].map((delayDays) => ({ delayDays }))
const ENDINGS = weighted([
  ['won', 38],
  ['lost', 46],
  ['open', 16],
] as const)

interface DealState {
  slot: number
  createdAt: number
  account: number
  stage: number
  amount: number
  changedAt: number
  closedAt: number
  lines: number
  binnedAt: number
}

export interface Deals {
  readonly count: number
  id(slot: number): string
  accountOf(slot: number): number
  contactOf(slot: number): number
  /** When a deal was put into the recycle bin, or 0. */
  binnedAt(slot: number): number
  readonly tables: {
    readonly Opportunity: Seeded
    readonly OpportunityLineItem: Seeded
    readonly OpportunityHistory: Seeded
    readonly OpportunityContactRole: Seeded
  }
}

/** The company's opportunities. */
export function createDeals(company: Company, people: People, customers: Customers): Deals {
  const { draw, seed } = company
  const count = company.scaled(900)
  const steps = company.steps('Opportunity', count)
  const moves = layersOver('OpportunityHistory', MOVES, { steps, seed })
  const lines = layersOver('OpportunityLineItem', LINES, { steps, seed })
  const traitDraw = draw('Opportunity.traits')
  const pathDraw = draw('Opportunity.path')
  const accountDraw = draw('Opportunity.account')
  const lineDraw = draw('OpportunityLineItem')
  const binnedAt = company.bin('Opportunity', 110).putAt

  const createdAt = (slot: number) => stepTime(steps, slot)
  const accountOf = (slot: number) =>
    Math.floor(fraction(accountDraw(slot)) ** 1.3 * customers.accountsAt(slot / count))
  const contactOf = (slot: number) => customers.contactOf(accountOf(slot), traitDraw(slot))
  const lineCount = (slot: number) => (pathDraw(slot) >>> 3) % 5
  const ending = (slot: number) => pick(ENDINGS, pathDraw(slot))
  /** How many open stages a deal goes through before it ends. */
  const openMoves = (slot: number) => 1 + ((pathDraw(slot) >>> 7) % 4)
  const planned = (slot: number, move: number) =>
    move === 0 || (move < MOVES.length - 1 ? move <= openMoves(slot) : ending(slot) !== 'open')
  const stageAfter = (slot: number, move: number) =>
    move < MOVES.length - 1 ? move : ending(slot) === 'won' ? WON : LOST

  const quantity = (line: number) => 1 + (lineDraw(line) % 12)
  const productOf = (line: number) => products[(lineDraw(line) >>> 5) % products.length] ?? pick(products, 0)
  const cents = (amount: number) => Math.round(amount * 100) / 100
  const total = (line: number) => cents(quantity(line) * productOf(line).price)

  const state: DealState = {
    slot: -1,
    createdAt: 0,
    account: 0,
    stage: 0,
    amount: 0,
    changedAt: 0,
    closedAt: 0,
    lines: 0,
    binnedAt: 0,
  }
  function stateOf(slot: number): DealState {
    if (state.slot === slot) return state
    state.slot = slot
    state.createdAt = createdAt(slot)
    state.account = accountOf(slot)
    state.lines = lineCount(slot)
    let amount = 0
    for (let line = 0; line < state.lines; line++) amount += total(lines.slotOf(slot, line))
    state.amount = state.lines > 0 ? cents(amount) : 2_000 + (traitDraw(slot) % 480) * 100
    state.stage = 0
    state.closedAt = 0
    state.changedAt = state.lines > 0 ? lines.at(lines.slotOf(slot, state.lines - 1)) : state.createdAt
    for (let move = 1; move < MOVES.length; move++) {
      if (!planned(slot, move)) continue
      const row = moves.slotOf(slot, move)
      if (row < 0) continue
      const at = moves.at(row)
      state.stage = stageAfter(slot, move)
      state.changedAt = Math.max(state.changedAt, at)
      if (state.stage >= WON) state.closedAt = at
    }
    state.binnedAt = binnedAt(slot, state.changedAt)
    return state
  }

  const stageOf = (slot: number) => STAGES[stateOf(slot).stage] ?? STAGES[0]
  const closeDate = (slot: number) => {
    const of = stateOf(slot)
    return dateOf(of.closedAt || of.createdAt + (60 + (traitDraw(slot) % 90)) * DAY)
  }
  const ownerOf = (slot: number) => pick(people.sales, traitDraw(slot) >>> 6)
  const stamp = (slot: number) => stateOf(slot).binnedAt || stateOf(slot).changedAt
  const quarter = (slot: number) => Math.ceil(Number(closeDate(slot).slice(5, 7)) / 3)
  const byDeal = (layers: Layers) => (parentId: string) => {
    const slot = slotOfId('006', parentId)
    if (slot < 0 || slot >= count) return []
    return Array.from({ length: layers.count }, (_, layer) => layers.slotOf(slot, layer)).filter((found) => found >= 0)
  }

  const Opportunity: Seeded = {
    slots: count,
    createdAt,
    deleted: (slot) => stateOf(slot).binnedAt > 0,
    columns: {
      AccountId: (slot) => customers.accountId(stateOf(slot).account),
      RecordTypeId: () => people.recordTypeId('Direct_Deal'),
      Name: (slot) =>
        `${customers.accountName(stateOf(slot).account)} – ${pick(dealNames, traitDraw(slot))}`.slice(0, 120),
      Description: (slot) =>
        traitDraw(slot) % 3 === 0 ? `${pick(dealNames, traitDraw(slot))}; "turnkey", incl. scaffolding.` : null,
      StageName: (slot) => stageOf(slot).name,
      Amount: (slot) => stateOf(slot).amount,
      Probability: (slot) => stageOf(slot).probability,
      ExpectedRevenue: (slot) => expectedRevenue(stateOf(slot).amount, stageOf(slot).probability),
      TotalOpportunityQuantity: (slot) => {
        let sum = 0
        for (let line = 0; line < lineCount(slot); line++) sum += quantity(lines.slotOf(slot, line))
        return sum || null
      },
      CloseDate: closeDate,
      Type: (slot) => pick(['New Business', 'Existing Business', 'Upgrade', 'Replacement'], traitDraw(slot) >>> 3),
      NextStep: (slot) => (stateOf(slot).closedAt ? null : pick(nextSteps, traitDraw(slot))),
      LeadSource: (slot) =>
        pick(['Web', 'Phone Inquiry', 'Partner Referral', 'Trade Show', 'Other'], pathDraw(slot) >>> 2),
      IsClosed: (slot) => stateOf(slot).stage >= WON,
      IsWon: (slot) => stateOf(slot).stage === WON,
      ForecastCategory: (slot) => stageOf(slot).category,
      ForecastCategoryName: (slot) => FORECAST_NAMES[stageOf(slot).category] ?? null,
      CampaignId: (slot) =>
        traitDraw(slot) % 4 === 0 ? idOfSlot('701', Math.floor((slot / count) * CAMPAIGNS * 0.9)) : null,
      HasOpportunityLineItem: (slot) => stateOf(slot).lines > 0,
      Pricebook2Id: (slot) => (stateOf(slot).lines > 0 ? STANDARD_PRICEBOOK : null),
      OwnerId: (slot) => ownerOf(slot).id,
      CreatedDate: createdAt,
      CreatedById: (slot) => ownerOf(slot).id,
      LastModifiedDate: stamp,
      LastModifiedById: (slot) => ownerOf(slot).id,
      SystemModstamp: stamp,
      FiscalQuarter: quarter,
      FiscalYear: (slot) => Number(closeDate(slot).slice(0, 4)),
      Fiscal: (slot) => `${closeDate(slot).slice(0, 4)} ${quarter(slot)}`,
      ContactId: (slot) => customers.contactId(contactOf(slot)),
      Loss_Reason__c: (slot) =>
        stateOf(slot).stage === LOST
          ? pick(['Price', 'Timing', 'Competitor', 'No Decision'], traitDraw(slot) >>> 8)
          : null,
      Discount__c: (slot) => (traitDraw(slot) % 5 === 0 ? (traitDraw(slot) % 1500) / 100 : null),
      System_Size_kWp__c: (slot) => 3 + (traitDraw(slot) % 9700) / 100,
    },
  }

  const lineStamp = (line: number) => stateOf(lines.parentOf(line)).binnedAt || lines.at(line)
  const OpportunityLineItem: Seeded = {
    slots: lines.slots,
    exists: (line) => lines.layerOf(line) < lineCount(lines.parentOf(line)),
    createdAt: lines.at,
    deleted: (line) => stateOf(lines.parentOf(line)).binnedAt > 0,
    children: { OpportunityId: byDeal(lines) },
    columns: {
      OpportunityId: (line) => idOfSlot('006', lines.parentOf(line)),
      SortOrder: (line) => lines.layerOf(line) + 1,
      PricebookEntryId: (line) => idOfSlot('01u', products.indexOf(productOf(line))),
      Product2Id: (line) => idOfSlot('01t', products.indexOf(productOf(line))),
      ProductCode: (line) => productOf(line).code,
      Name: (line) => productOf(line).name,
      Quantity: quantity,
      TotalPrice: total,
      UnitPrice: (line) => productOf(line).price,
      ListPrice: (line) => productOf(line).price,
      Description: (line) => (lineDraw(line) % 6 === 0 ? productOf(line).about : null),
      CreatedDate: lines.at,
      CreatedById: (line) => ownerOf(lines.parentOf(line)).id,
      LastModifiedDate: lineStamp,
      LastModifiedById: (line) => ownerOf(lines.parentOf(line)).id,
      SystemModstamp: lineStamp,
    },
  }

  const stageAt = (row: number) => STAGES[stageAfter(moves.parentOf(row), moves.layerOf(row))] ?? STAGES[0]
  const OpportunityHistory: Seeded = {
    slots: moves.slots,
    exists: (row) => moves.parentOf(row) >= 0 && planned(moves.parentOf(row), moves.layerOf(row)),
    createdAt: moves.at,
    deleted: (row) => stateOf(moves.parentOf(row)).binnedAt > 0,
    children: { OpportunityId: byDeal(moves) },
    columns: {
      OpportunityId: (row) => idOfSlot('006', moves.parentOf(row)),
      CreatedDate: moves.at,
      CreatedById: (row) => ownerOf(moves.parentOf(row)).id,
      StageName: (row) => stageAt(row).name,
      Amount: (row) => stateOf(moves.parentOf(row)).amount,
      ExpectedRevenue: (row) => expectedRevenue(stateOf(moves.parentOf(row)).amount, stageAt(row).probability),
      CloseDate: (row) => closeDate(moves.parentOf(row)),
      Probability: (row) => stageAt(row).probability,
      ForecastCategory: (row) => stageAt(row).category,
      SystemModstamp: (row) => stateOf(moves.parentOf(row)).binnedAt || moves.at(row),
    },
  }

  const roleStamp = (slot: number) => stateOf(slot).binnedAt || createdAt(slot)
  const OpportunityContactRole: Seeded = {
    slots: count,
    createdAt,
    deleted: (slot) => stateOf(slot).binnedAt > 0,
    children: {
      OpportunityId: (parentId) => [slotOfId('006', parentId)].filter((slot) => slot >= 0 && slot < count),
    },
    columns: {
      OpportunityId: (slot) => idOfSlot('006', slot),
      ContactId: (slot) => customers.contactId(contactOf(slot)),
      Role: (slot) => pick(['Decision Maker', 'Business User', 'Evaluator', 'Other'], pathDraw(slot) >>> 9),
      IsPrimary: () => true,
      CreatedDate: createdAt,
      CreatedById: (slot) => ownerOf(slot).id,
      LastModifiedDate: roleStamp,
      LastModifiedById: (slot) => ownerOf(slot).id,
      SystemModstamp: roleStamp,
    },
  }

  return {
    count,
    id: (slot) => idOfSlot('006', slot),
    accountOf,
    contactOf,
    binnedAt: (slot) => stateOf(slot).binnedAt,
    tables: { Opportunity, OpportunityLineItem, OpportunityHistory, OpportunityContactRole },
  }
}
