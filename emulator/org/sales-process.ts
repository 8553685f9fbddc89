/** What the values of the sales picklists mean: how likely a stage is to be won, which lead status is the end. */

export const LEAD_STATUSES = [
  { name: 'Open - Not Contacted', converted: false },
  { name: 'Working - Contacted', converted: false },
  { name: 'Closed - Converted', converted: true },
  { name: 'Closed - Not Converted', converted: false },
] as const

/** The sales process, in order. */
export const STAGES = [
  { name: 'Prospecting', probability: 10, category: 'Pipeline' },
  { name: 'Qualification', probability: 25, category: 'Pipeline' },
  { name: 'Site Survey', probability: 40, category: 'Pipeline' },
  { name: 'Proposal/Price Quote', probability: 65, category: 'BestCase' },
  { name: 'Negotiation/Review', probability: 85, category: 'Forecast' },
  { name: 'Closed Won', probability: 100, category: 'Closed' },
  { name: 'Closed Lost', probability: 0, category: 'Omitted' },
] as const

/** The label that goes with a forecast category. */
export const FORECAST_NAMES: { readonly [category: string]: string } = {
  Pipeline: 'Pipeline',
  BestCase: 'Best Case',
  Forecast: 'Commit',
  Closed: 'Closed',
  Omitted: 'Omitted',
}
