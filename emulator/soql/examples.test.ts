/** The examples of the SOQL reference, run as they stand there where the practice org has their objects. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { ANCHOR, signIns, testOrg } from '../org/test-org.ts'

const org = testOrg({ now: () => ANCHOR })
const { admin } = signIns(org)
const ask = (soql: string) => org.query(admin, soql, { all: false })

// https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-select-examples.html,
// ...-select-typeof.html, ...-select-comparisonoperators.html, ...-select-groupby-rollup.html, ...-groupby-cube.html,
// ...-select-date-functions.html, ...-select-fields.html, ...-alias.html, ...-relationships-lookup.html
const EXAMPLES: readonly [string, readonly string[]][] = [
  ['SELECT Id, Name, BillingCity FROM Account', ['Id', 'Name', 'BillingCity']],
  ["SELECT Id FROM Contact WHERE Name LIKE 'A%' AND MailingState='California'", ['Id']],
  ['SELECT Name FROM Account ORDER BY Name DESC NULLS LAST', ['Name']],
  ["SELECT Name FROM Account WHERE Industry = 'media' LIMIT 125", ['Name']],
  ["SELECT Name FROM Account WHERE Industry = 'media' ORDER BY BillingPostalCode ASC NULLS LAST LIMIT 125", ['Name']],
  ['SELECT COUNT() FROM Contact', []],
  ['SELECT LeadSource, COUNT(Name) FROM Lead GROUP BY LeadSource', ['LeadSource', 'expr0']],
  ['SELECT Name, COUNT(Id) FROM Account GROUP BY Name HAVING COUNT(Id) > 1', ['Name', 'expr0']],
  ['SELECT Contact.FirstName, Contact.Account.Name FROM Contact', ['FirstName', 'Account.Name']],
  ['SELECT Account.Name, (SELECT Contact.LastName FROM Account.Contacts) FROM Account', ['Name', 'Contacts']],
  [
    "SELECT Name, (SELECT LastName FROM Contacts WHERE CreatedBy.Alias = 'x') FROM Account WHERE Industry = 'media'",
    ['Name', 'Contacts'],
  ],
  [
    "SELECT Id, Who.FirstName, Who.LastName FROM Task WHERE Owner.FirstName LIKE 'B%'",
    ['Id', 'Who.FirstName', 'Who.LastName'],
  ],
  ["SELECT Id, Owner.Name FROM Task WHERE Owner.FirstName like 'B%'", ['Id', 'Owner.Name']],
  [
    'SELECT TYPEOF What WHEN Account THEN Phone, NumberOfEmployees WHEN Opportunity THEN Amount, CloseDate ELSE Name, Email END FROM Event',
    ['What'],
  ],
  [
    'SELECT Amount, Id, Name, (SELECT Quantity, ListPrice, PricebookEntry.UnitPrice, PricebookEntry.Name FROM OpportunityLineItems) FROM Opportunity',
    ['Amount', 'Id', 'Name', 'OpportunityLineItems'],
  ],
  ["SELECT count() FROM Contact c, c.Account a WHERE a.name = 'MyriadPubs'", []],
  ["SELECT Id FROM Task WHERE What.Type IN ('Account', 'Opportunity')", ['Id']],
  [
    "SELECT Id, Name FROM Account WHERE Id IN ( SELECT AccountId FROM Opportunity WHERE StageName = 'Closed Lost' )",
    ['Id', 'Name'],
  ],
  ['SELECT Id FROM Account WHERE Id NOT IN ( SELECT AccountId FROM Opportunity WHERE IsClosed = false )', ['Id']],
  [
    "SELECT Id, Name FROM Account WHERE Id IN ( SELECT AccountId FROM Contact WHERE LastName LIKE 'apple%' ) AND Id IN ( SELECT AccountId FROM Opportunity WHERE isClosed = false )",
    ['Id', 'Name'],
  ],
  [
    'SELECT LeadSource, Rating, GROUPING(LeadSource) grpLS, GROUPING(Rating) grpRating, COUNT(Name) cnt FROM Lead GROUP BY ROLLUP(LeadSource, Rating)',
    ['LeadSource', 'Rating', 'grpLS', 'grpRating', 'cnt'],
  ],
  [
    'SELECT Type, BillingCountry, GROUPING(Type) grpType, GROUPING(BillingCountry) grpCty, COUNT(id) accts FROM Account GROUP BY CUBE(Type, BillingCountry) ORDER BY GROUPING(Type), GROUPING(BillingCountry)',
    ['Type', 'BillingCountry', 'grpType', 'grpCty', 'accts'],
  ],
  [
    'SELECT CALENDAR_YEAR(CreatedDate), SUM(Amount) FROM Opportunity GROUP BY CALENDAR_YEAR(CreatedDate)',
    ['expr0', 'expr1'],
  ],
  ['SELECT CreatedDate, Amount FROM Opportunity WHERE CALENDAR_YEAR(CreatedDate) = 2026', ['CreatedDate', 'Amount']],
  [
    'SELECT HOUR_IN_DAY(convertTimezone(CreatedDate)), SUM(Amount) FROM Opportunity GROUP BY HOUR_IN_DAY(convertTimezone(CreatedDate))',
    ['expr0', 'expr1'],
  ],
  ["SELECT Company, toLabel(Status) FROM Lead WHERE toLabel(Status) = 'le Draft'", ['Company', 'Status']],
  ['SELECT FORMAT(MIN(closedate)) Amt FROM opportunity', ['Amt']],
  [
    'SELECT MIN(CreatedDate), FirstName, LastName FROM Contact GROUP BY FirstName, LastName',
    ['expr0', 'FirstName', 'LastName'],
  ],
  [
    'SELECT Id, CaseNumber, Account.Id, Account.Name FROM Case ORDER BY Account.Name',
    ['Id', 'CaseNumber', 'Account.Id', 'Account.Name'],
  ],
  ["SELECT Id FROM Contact WHERE LastName = 'Young' or Account.Name = 'Quarry'", ['Id']],
  ['SELECT Id FROM Case WHERE Contact.LastName = null', ['Id']],
  ['SELECT Id, Name FROM Contact FOR VIEW', ['Id', 'Name']],
  ['SELECT Id FROM Account USING SCOPE Mine', ['Id']],
  [
    "SELECT Title FROM Knowledge__kav WHERE PublishStatus='online' WITH DATA CATEGORY Topics__c BELOW All__c",
    ['Title'],
  ],
]

for (const [soql, columns] of EXAMPLES) {
  test(`the reference's example is answered: ${soql}`, () => {
    const result = ask(soql)
    assert.deepEqual(
      result.columns.map(({ path }) => path),
      columns,
    )
    assert.equal([...result.rows()].length, result.countOnly ? 0 : result.totalSize)
  })
}

// https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-select-reserved-characters.html,
// ...-quotedstringescapes.html, ...-dateformats.html
const LITERALS = [
  "Subject LIKE 'Bob\\'s BBQ \\\\ \\n\\r\\t\\b\\f\\\" \\_ \\%'",
  "Subject = '\\u00e9'",
  'CreatedDate > 2005-10-08T01:02:03Z',
  'CreatedDate > 1999-01-01T23:01:01+01:00',
  'CreatedDate > 1999-01-01T23:01:01-08:00',
  'CreatedDate < 2005-10-08T00:00:00.000Z AND NOT (Priority = null)',
  ...[
    'YESTERDAY',
    'TODAY',
    'TOMORROW',
    'LAST_WEEK',
    'THIS_WEEK',
    'NEXT_WEEK',
    'LAST_MONTH',
    'THIS_MONTH',
    'NEXT_MONTH',
  ],
  ...['LAST_90_DAYS', 'NEXT_90_DAYS', 'LAST_N_DAYS:365', 'NEXT_N_DAYS:15', 'N_DAYS_AGO:25'],
  ...['NEXT_N_WEEKS:4', 'LAST_N_WEEKS:52', 'N_WEEKS_AGO:3', 'NEXT_N_MONTHS:2', 'LAST_N_MONTHS:12', 'N_MONTHS_AGO:6'],
  ...['THIS_QUARTER', 'LAST_QUARTER', 'NEXT_QUARTER', 'NEXT_N_QUARTERS:2', 'LAST_N_QUARTERS:2', 'N_QUARTERS_AGO:8'],
  ...['THIS_YEAR', 'LAST_YEAR', 'NEXT_YEAR', 'NEXT_N_YEARS:5', 'LAST_N_YEARS:5', 'N_YEARS_AGO:4'],
  ...['THIS_FISCAL_QUARTER', 'LAST_FISCAL_QUARTER', 'NEXT_FISCAL_QUARTER', 'NEXT_N_FISCAL_QUARTERS:6'],
  ...[
    'LAST_N_FISCAL_QUARTERS:6',
    'N_FISCAL_QUARTERS_AGO:6',
    'THIS_FISCAL_YEAR',
    'LAST_FISCAL_YEAR',
    'NEXT_FISCAL_YEAR',
  ],
  ...['NEXT_N_FISCAL_YEARS:3', 'LAST_N_FISCAL_YEARS:3', 'N_FISCAL_YEARS_AGO:3'],
].map((text) => (/^[A-Z0-9_:]+$/.test(text) ? `CreatedDate = ${text}` : text))

test('every literal and date literal of the reference is understood', () => {
  for (const where of LITERALS) assert.ok(ask(`SELECT COUNT() FROM Case WHERE ${where}`).totalSize >= 0, where)
})
