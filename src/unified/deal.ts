/** Deals, and what they are made of. */

import { bool, date, decimal, detail, ids, integer, link, ownerLink, type RecordType, text, textOf } from './mapping.ts'
import { dealOutcome, stageOutcome } from './normalize.ts'

export const deal: RecordType = {
  name: 'deal',
  view: 'deals',
  capabilities: ['crm'],
  sources: [
    {
      object: 'Opportunity',
      columns: {
        name: text('Name'),
        stage: text('StageName'),
        outcome: textOf(dealOutcome),
        amount: decimal('Amount'),
        expected_revenue: decimal('ExpectedRevenue'),
        currency: text('CurrencyIsoCode'),
        probability: decimal('Probability'),
        forecast_category: text('ForecastCategoryName', 'ForecastCategory'),
        close_date: date('CloseDate'),
        type: text('Type'),
        source: text('LeadSource'),
        next_step: text('NextStep'),
        description: detail(text('Description')),
        ...link('account', 'AccountId', 'Account'),
        ...ownerLink('owner', 'OwnerId'),
        ...link('campaign', 'CampaignId', 'Campaign'),
      },
    },
  ],
  indexes: [
    ['created_at'],
    ['updated_at'],
    ['name'],
    ['close_date'],
    ['amount'],
    ['stage', 'created_at'],
    ['outcome', 'created_at'],
    ['owner_remote_id', 'created_at'],
    ['account_remote_id', 'created_at'],
  ],
  choices: ['stage', 'owner_remote_id'],
  search: ['name', 'next_step'],
}

export const dealStage: RecordType = {
  name: 'deal_stage',
  view: 'deal_stages',
  capabilities: ['crm'],
  sources: [
    {
      object: 'OpportunityStage',
      page: { object: null, field: 'Id' },
      columns: {
        // What a deal's stage says.
        stage: text('ApiName', 'MasterLabel'),
        label: text('MasterLabel'),
        outcome: textOf(stageOutcome),
        sort_order: integer('SortOrder'),
        probability: decimal('DefaultProbability'),
        is_active: bool('IsActive'),
      },
    },
  ],
}

export const dealStageChange: RecordType = {
  name: 'deal_stage_change',
  view: 'deal_stage_changes',
  capabilities: ['crm'],
  sources: [
    {
      object: 'OpportunityHistory',
      page: { object: 'Opportunity', field: 'OpportunityId' },
      columns: {
        ...ids('deal', 'OpportunityId'),
        stage: text('StageName'),
        amount: decimal('Amount'),
        expected_revenue: decimal('ExpectedRevenue'),
        probability: decimal('Probability'),
        forecast_category: text('ForecastCategory'),
        close_date: date('CloseDate'),
        ...link('author', 'CreatedById', 'User'),
      },
    },
  ],
  indexes: [['deal_remote_id', 'created_at']],
}

export const dealLine: RecordType = {
  name: 'deal_line',
  view: 'deal_lines',
  capabilities: ['crm'],
  sources: [
    {
      object: 'OpportunityLineItem',
      columns: {
        ...ids('deal', 'OpportunityId'),
        ...link('product', 'Product2Id', 'Product2', { code: 'ProductCode' }),
        name: text('Name'),
        description: text('Description'),
        quantity: decimal('Quantity'),
        unit_price: decimal('UnitPrice'),
        list_price: decimal('ListPrice'),
        discount: decimal('Discount'),
        total_price: decimal('TotalPrice'),
        currency: text('CurrencyIsoCode'),
        service_date: date('ServiceDate'),
        sort_order: integer('SortOrder'),
      },
    },
  ],
  indexes: [['deal_remote_id', 'created_at']],
}

export const product: RecordType = {
  name: 'product',
  view: 'products',
  capabilities: ['crm'],
  sources: [
    {
      object: 'Product2',
      columns: {
        name: text('Name'),
        code: text('ProductCode'),
        sku: text('StockKeepingUnit'),
        family: text('Family'),
        description: text('Description'),
        unit: text('QuantityUnitOfMeasure'),
        is_active: bool('IsActive'),
      },
    },
  ],
  indexes: [['name'], ['created_at'], ['updated_at']],
  search: ['name', 'code', 'sku', 'family'],
}
