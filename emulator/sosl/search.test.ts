import assert from 'node:assert/strict'
import test from 'node:test'
import { ANCHOR, signIns, testOrg } from '../org/test-org.ts'

const org = testOrg({ now: () => ANCHOR })
const { admin, agent } = signIns(org)

/** Records made for these tests, in words that nobody else uses. */
const acme = org.create(admin.userId, 'Account', { Name: 'Zorbex Labs & Sorvig', Phone: '+49 555 7788' })
const other = org.create(admin.userId, 'Account', { Name: 'Zorbexian Trading', Description: 'Sells qwertium in Labs' })
const person = org.create(admin.userId, 'Contact', {
  LastName: 'Zorbex',
  Email: 'first.zorb@qwert.example',
  AccountId: acme,
})
const solved = org.create(admin.userId, 'Case', { Subject: 'Zorbex labs: no qwertium', Status: 'Closed' })
const open = org.create(admin.userId, 'Case', { Subject: 'A question', Description: 'About zorbex, 寒い qwertium' })
const deleted = org.create(admin.userId, 'Account', { Name: 'Zorbex deleted' })
org.delete(admin.userId, 'Account', deleted)

const find = (sosl: string, viewer = admin) =>
  org.search(viewer, sosl).found.flatMap((result) => result.rows.map((row) => String(result.idOf(row))))

const RETURNING = 'RETURNING Account, Contact, Case'
// https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-sosl-find.html
const SEARCHES: readonly [string, readonly string[]][] = [
  ['{zorbex}', [acme, person, open, solved]],
  ['{ZORBEX labs}', [acme, solved]],
  ['{zorbex AND labs}', [acme, solved]],
  ['{"zorbex labs"}', [acme, solved]],
  ['{"labs zorbex"}', []],
  ['{zorbex AND NOT labs}', [person, open]],
  ['{labs AND (qwertium OR sorvig) AND zorb*}', [other, acme, solved]],
  ['{qwertium OR sorvig}', [other, acme, open, solved]],
  ['{zorb*}', [other, acme, person, open, solved]],
  ['{zorbe?}', [acme, person, open, solved]],
  ['{zorb}', [person]],
  ['{zorb} IN NAME FIELDS', []],
  ['{zorbex} IN NAME FIELDS', [acme, person, solved]],
  ['{first.zorb\\@qwert.example} IN EMAIL FIELDS', [person]],
  ['{7788} IN PHONE FIELDS', [acme]],
  ['{7788} IN EMAIL FIELDS', []],
  ['{zorbex} IN SIDEBAR FIELDS', [acme, person, solved]],
  ['{寒}', [open]],
]

for (const [search, expected] of SEARCHES) {
  test(`FIND ${search} finds ${expected.length} records`, () => {
    const [braces, scope = ''] = search.split(/(?<=\})/)
    assert.deepEqual(find(`FIND ${braces}${scope} ${RETURNING}`), expected)
  })
}

test('RETURNING says which fields, filters, orders and cuts, object by object', () => {
  const { found } = org.search(
    admin,
    'FIND {zorbex} IN ALL FIELDS RETURNING Case(Subject, Status, Owner.Name WHERE IsClosed = true), Account(Name ORDER BY Name DESC LIMIT 1), Lead',
  )
  assert.deepEqual(
    found.map(({ objectName, columns, rows }) => [objectName, columns.map(({ path }) => path), rows]),
    [
      ['Case', ['Subject', 'Status', 'Owner.Name'], [['Zorbex labs: no qwertium', 'Closed', admin.name]]],
      ['Account', ['Name'], [['Zorbex Labs & Sorvig']]],
    ],
  )
})

test('without RETURNING every object that can be searched is', () => {
  const { found } = org.search(admin, 'FIND {zorbex}')
  assert.deepEqual(found.map(({ objectName }) => objectName).sort(), ['Account', 'Case', 'Contact'])
})

test('a limit on the whole search is shared out among the objects', () => {
  const count = (limit: number) =>
    org.search(admin, `FIND {zorb*} ${RETURNING} LIMIT ${limit}`).found.map(({ rows }) => rows.length)
  assert.deepEqual(count(3), [1, 1, 1])
  assert.deepEqual(count(4), [2, 1, 1])
  assert.deepEqual(count(100), [2, 1, 2])
})

test('a search shows nobody more than a query would', () => {
  assert.deepEqual(find('FIND {zorbex} RETURNING Account(Id), Case(Id WHERE IsClosed = true)', agent), [acme, solved])
  assert.throws(() => find('FIND {zorbex} RETURNING Opportunity', agent), { errorCode: 'INVALID_TYPE' })
  org.hideField(agent.userId, 'Case', 'Description')
  assert.deepEqual(find('FIND {zorbex} RETURNING Case', agent), [solved])
})

test('articles are found by data category', () => {
  const articles = (categories: string) =>
    org
      .search(
        admin,
        `FIND {the} RETURNING Knowledge__kav(Id WHERE PublishStatus = 'Online') WITH DATA CATEGORY ${categories}`,
      )
      .found.flatMap(({ rows }) => rows.flat())
  const all = articles('Products__c BELOW All__c')
  assert.ok(all.length > 0)
  const [name] = org
    .query(
      admin,
      `SELECT DataCategoryName FROM Knowledge__DataCategorySelection WHERE ParentId = '${all[0]}' AND DataCategoryGroupName = 'Products'`,
      { all: false },
    )
    .rows()
  const some = articles(`Products__c AT ${name?.[0]}__c`)
  assert.ok(some.includes(all[0] ?? null))
  assert.ok(some.length < all.length)
})

const REFUSED: readonly [string, string, RegExp][] = [
  ['zorbex', 'MALFORMED_SEARCH', /^No search term found\. The search term must be enclosed in braces\.$/],
  ['FIND {}', 'MALFORMED_SEARCH', /^No search term found/],
  ['FIND {a}', 'MALFORMED_SEARCH', /^search term must be longer than one character: a$/],
  ['FIND {a*}', 'MALFORMED_SEARCH', /^search term must be longer than one character: a\*$/],
  ['FIND {zorbex} RETURN Account', 'MALFORMED_SEARCH', /ERROR at Row:1:Column:14\nunexpected token: 'RETURN'$/],
  // https://github.com/restforce/restforce/issues/688
  [
    'FIND {John|jane_gray@uoa.edu} RETURNING Contact',
    'MALFORMED_SEARCH',
    /^\nFIND {John\|jane_gray@uoa\.edu} RETURNING Contact\n {9}\^\nERROR at Row:1:Column:10\nline 1:10 mismatched character '\|' expecting '}'$/,
  ],
  ['FIND {zorbex} LIMIT many', 'MALFORMED_SEARCH', /Column:20\nunexpected token: 'many'$/],
  ['FIND {zorbex} IN SOME FIELDS', 'MALFORMED_SEARCH', /unexpected token: 'SOME'$/],
  ['FIND {zorbex AND}', 'MALFORMED_SEARCH', /unexpected token: '<EOF>'$/],
  ['FIND {zorbex} RETURNING Account(Id', 'MALFORMED_SEARCH', /mismatched input '<EOF>' expecting '\)'$/],
  ['FIND {zorbex} RETURNING Foo', 'INVALID_TYPE', /sObject type 'Foo' is not supported/],
  ['FIND {zorbex} RETURNING Account(Foo)', 'INVALID_FIELD', /Column:33\nNo such column 'Foo' on entity 'Account'/],
]

for (const [sosl, errorCode, message] of REFUSED) {
  test(`refused with ${errorCode}: ${sosl}`, () => assert.throws(() => find(sosl), { errorCode, message }))
}

test('a search string of over 10,000 characters finds nothing, one of over 4,000 knows no operators', () => {
  assert.deepEqual(find(`FIND {zorbex ${'x'.repeat(10_000)}} ${RETURNING}`), [])
  const long = `zorbex${' OR zorbex'.repeat(450)}`
  assert.deepEqual(find(`FIND {${long}} ${RETURNING}`), [acme, person, open, solved])
  assert.deepEqual(find(`FIND {${long} OR sorvig} ${RETURNING}`), [acme])
})

test('a search by parameters is the search that its parameters spell', () => {
  const { found } = org.searchParameterized(admin, {
    q: 'zorb*',
    fields: ['Id', 'Name'],
    sobjects: [
      { name: 'Contact', fields: ['LastName'], limit: 10 },
      { name: 'Account', where: "Name LIKE 'zorb%'", orderBy: ['Name ASC'] },
      { name: 'Case', fields: ['Subject'], limit: 1 },
    ],
    defaultLimit: 1,
  })
  assert.deepEqual(
    found.map(({ objectName, rows }) => [objectName, rows]),
    [
      ['Contact', [['Zorbex']]],
      ['Account', [[acme, 'Zorbex Labs & Sorvig']]],
      ['Case', [['A question']]],
    ],
  )
  assert.throws(() => org.searchParameterized(admin, { q: 'zorb*', overallLimit: 2001 }), {
    errorCode: 'INVALID_SEARCH',
  })
  assert.throws(() => org.searchParameterized(admin, { q: 'zorb*', sobjects: [{ name: 'Case', where: 'x' }] }), {
    errorCode: 'MALFORMED_SEARCH',
  })
})
