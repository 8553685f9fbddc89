import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serveOrg } from './served-org.ts'

const isError = (errorCode: string, message: RegExp) => (error: Error & { errorCode?: string }) =>
  error.errorCode === errorCode && message.test(error.message)

test('jsforce reads a list page by page, each record once', async (t) => {
  const { connect } = await serveOrg(t)
  const connection = connect()
  const { totalSize } = await connection.query('SELECT COUNT() FROM Case')
  const query = connection.query('SELECT Id, CaseNumber FROM Case')
  const ids: (string | undefined)[] = []
  query.on('record', (record: { Id?: string }) => ids.push(record.Id))
  await query.run({ autoFetch: true, maxFetch: 100_000, headers: { 'Sforce-Query-Options': 'batchSize=200' } })
  assert.ok(totalSize > 200)
  assert.equal(ids.length, totalSize)
  assert.equal(new Set(ids).size, totalSize)
})

test("jsforce's query builder finds, sorts, skips and limits", async (t) => {
  const connection = (await serveOrg(t)).connect()
  for (const [n, LastName] of ['Ångström', "O'Neill", 'back\\slash', '100%'].entries()) {
    await connection.sobject('Contact').create({ LastName, Title: 'Builder', Birthdate: `199${n}-01-01` })
  }
  const contacts = connection.sobject('Contact')
  const names = async (where: object) =>
    (
      await contacts
        .find({ Title: 'Builder', ...where }, ['LastName'])
        .sort('LastName')
        .execute()
    ).map(({ LastName }) => LastName)
  assert.deepEqual(await names({ LastName: "O'Neill" }), ["O'Neill"])
  assert.deepEqual(await names({ LastName: { $like: '100\\%' } }), ['100%'])
  // jsforce escapes quotes only: "if you use a backslash character in any other context, an error occurs", says the reference.
  await assert.rejects(
    names({ LastName: 'back\\slash' }),
    isError('MALFORMED_QUERY', /Illegal character sequence '\\s'/),
  )
  assert.deepEqual(await names({ LastName: { $in: ['ångström', '100%'] } }), ['100%', 'Ångström'])
  assert.deepEqual(await names({ LastName: { $nin: ['Ångström', '100%'] } }), ['back\\slash', "O'Neill"])
  assert.deepEqual(await names({ $or: [{ LastName: '100%' }, { LastName: { $like: 'o%' } }] }), ['100%', "O'Neill"])
  assert.deepEqual(await names({ Email: null }), ['100%', 'back\\slash', "O'Neill", 'Ångström'])
  const cut = await contacts
    .find({ Title: 'Builder' }, ['LastName', 'Birthdate'])
    .sort({ Birthdate: -1 })
    .skip(1)
    .limit(2)
    .execute()
  assert.deepEqual(
    cut.map(({ Birthdate }) => Birthdate),
    ['1992-01-01', '1991-01-01'],
  )
  assert.equal(await contacts.count({ Title: 'Builder' }), 4)
})

test("jsforce's builder includes children, filtered and limited", async (t) => {
  const connection = (await serveOrg(t)).connect()
  const created = await connection.sobject('Account').create({ Name: 'Family' })
  assert.ok(!Array.isArray(created) && created.id)
  for (const LastName of ['Ada', 'Ben', 'Cleo']) {
    await connection.sobject('Contact').create({ LastName, AccountId: created.id })
  }
  const [account] = await connection
    .sobject('Account')
    .find({ Id: created.id }, ['Name', 'Owner.Name'])
    .include('Contacts', { LastName: { $ne: 'Ben' } }, 'LastName, CreatedBy.Name', { limit: 5 })
    .end()
    .execute()
  assert.equal(account?.Name, 'Family')
  assert.equal(account?.Owner?.Name, 'Ada Lindqvist')
  const { Contacts: children } = account as unknown as {
    Contacts: { totalSize: number; done: boolean; records: { LastName: string; CreatedBy: { Name: string } }[] }
  }
  assert.deepEqual([children.totalSize, children.done], [2, true])
  assert.deepEqual(
    children.records.map(({ LastName, CreatedBy }) => [LastName, CreatedBy.Name]),
    [
      ['Ada', 'Ada Lindqvist'],
      ['Cleo', 'Ada Lindqvist'],
    ],
  )
})

test('jsforce reads what a lookup points to by its type', async (t) => {
  const connection = (await serveOrg(t)).connect()
  const { records } = await connection.query(
    'SELECT Id, TYPEOF What WHEN Account THEN Name, Phone, Owner.Name WHEN Case THEN CaseNumber ELSE Name END FROM Task WHERE WhatId != null LIMIT 200',
  )
  const parents = records.map(({ What }) => What)
  const account = parents.find(({ attributes }) => attributes.type === 'Account')
  assert.match(account.attributes.url, /^\/services\/data\/v67\.0\/sobjects\/Account\/001/)
  assert.deepEqual(Object.keys(account), ['attributes', 'Name', 'Phone', 'Owner'])
  assert.equal(account.Owner.attributes.type, 'User')
  const onCase = parents.find(({ attributes }) => attributes.type === 'Case')
  assert.deepEqual(Object.keys(onCase), ['attributes', 'CaseNumber'])
})

test('jsforce groups, with names of its own and without', async (t) => {
  const connection = (await serveOrg(t)).connect()
  const { records, totalSize } = await connection.query(
    'SELECT Status, COUNT(Id), MAX(CreatedDate) latest FROM Case GROUP BY ROLLUP(Status) ORDER BY COUNT(Id) DESC',
  )
  assert.equal(records.length, totalSize)
  assert.deepEqual(Object.keys(records[0] ?? {}), ['attributes', 'Status', 'expr0', 'latest'])
  assert.deepEqual([records[0]?.attributes, records[0]?.Status], [{ type: 'AggregateResult' }, null])
  const counts = records.map(({ expr0 }) => Number(expr0))
  assert.equal(
    counts[0],
    counts.slice(1).reduce((sum, count) => sum + count, 0),
  )
  assert.match(String(records[0]?.latest), /^\d{4}-\d\d-\d\dT[\d:.]+\+0000$/)
})

test('jsforce reads deleted records when it asks for them', async (t) => {
  const connection = (await serveOrg(t)).connect()
  const created = await connection.sobject('Case').create({ Subject: 'Deleted soon' })
  assert.ok(!Array.isArray(created) && created.id)
  await connection.sobject('Case').destroy(created.id)
  const soql = "SELECT Id, IsDeleted FROM Case WHERE Subject = 'Deleted soon'"
  assert.equal((await connection.query(soql)).totalSize, 0)
  const { records } = await connection.query(soql, { scanAll: true })
  assert.deepEqual(
    records.map(({ IsDeleted }) => IsDeleted),
    [true],
  )
})

test('jsforce gets errors with the place in them', async (t) => {
  const connection = (await serveOrg(t)).connect()
  await assert.rejects(
    Promise.resolve(connection.query('SELECT Id, Foo__c FROM Case')),
    isError(
      'INVALID_FIELD',
      /^\nSELECT Id, Foo__c FROM Case\n {11}\^\nERROR at Row:1:Column:12\nNo such column 'Foo__c'/,
    ),
  )
  await assert.rejects(
    Promise.resolve(connection.query('SELECT Id FROM Nope')),
    isError('INVALID_TYPE', /Row:1:Column:16/),
  )
  await assert.rejects(
    Promise.resolve(connection.query('SELECT Id FROM Case OFFSET 2001')),
    isError('NUMBER_OUTSIDE_VALID_RANGE', /Maximum SOQL offset allowed is 2000/),
  )
})
