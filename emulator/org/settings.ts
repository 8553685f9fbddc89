/** The org's lists of statuses and stages, which tell what is closed, won or converted. */

import { listed } from './listed.ts'
import type { People } from './people.ts'
import { FORECAST_NAMES, LEAD_STATUSES, STAGES } from './sales-process.ts'
import { choicesOf } from './schemas.ts'
import type { Seeded } from './table.ts'

/** The tables of statuses and stages. */
export function createSettings(people: People): { readonly [objectName: string]: Seeded } {
  const setUp = { at: people.setUpAt, byUserId: people.admin.id }
  return {
    UserLicense: listed(
      [
        { Name: 'Salesforce', LicenseDefinitionKey: 'SFDC', MasterLabel: 'Salesforce', TotalLicenses: 200 },
        {
          Name: 'Salesforce Integration',
          LicenseDefinitionKey: 'PID_Salesforce_Integration',
          MasterLabel: 'Salesforce Integration',
          TotalLicenses: 5,
        },
      ].map((license) => ({ ...license, Status: 'Active', UsedLicenses: 1 })),
      setUp,
    ),
    CaseStatus: listed(
      choicesOf('Case', 'Status').map((name, n) => ({
        MasterLabel: name,
        ApiName: name,
        SortOrder: n + 1,
        IsDefault: n === 0,
        IsClosed: name === 'Closed',
      })),
      setUp,
    ),
    LeadStatus: listed(
      LEAD_STATUSES.map(({ name, converted }, n) => ({
        MasterLabel: name,
        ApiName: name,
        SortOrder: n + 1,
        IsDefault: n === 0,
        IsConverted: converted,
      })),
      setUp,
    ),
    OpportunityStage: listed(
      STAGES.map(({ name, probability, category }, n) => ({
        MasterLabel: name,
        ApiName: name,
        IsActive: true,
        SortOrder: n + 1,
        IsClosed: category === 'Closed' || category === 'Omitted',
        IsWon: category === 'Closed',
        ForecastCategory: category,
        ForecastCategoryName: FORECAST_NAMES[category] ?? null,
        DefaultProbability: probability,
      })),
      setUp,
    ),
  }
}
