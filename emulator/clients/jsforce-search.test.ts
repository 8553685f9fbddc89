import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serveOrg } from './served-org.ts'

test('jsforce searches by SOSL, over several objects', async (t) => {
  const connection = (await serveOrg(t)).connect()
  await connection.sobject('Account').create({ Name: 'Quillon Works' })
  await connection.sobject('Contact').create({ LastName: 'Quillon', Email: 'someone@quillon.example' })
  const { searchRecords } = await connection.search(
    'FIND {quillon} IN ALL FIELDS RETURNING Account(Id, Name), Contact(LastName, Email, Owner.Name)',
  )
  assert.deepEqual(
    searchRecords.map((record) => [record.attributes?.type, record.Name ?? record.LastName]),
    [
      ['Account', 'Quillon Works'],
      ['Contact', 'Quillon'],
    ],
  )
  const [account, contact] = searchRecords
  assert.equal(account?.attributes?.url, `/services/data/v67.0/sobjects/Account/${account?.Id}`)
  assert.equal(contact?.Owner?.Name, 'Ada Lindqvist')
  const { searchRecords: nothing } = await connection.search('FIND {nobodycalledthat} RETURNING Account(Id)')
  assert.deepEqual(nothing, [])
})

test('jsforce is told what is wrong with a search', async (t) => {
  const connection = (await serveOrg(t)).connect()
  await assert.rejects(
    connection.search('FIND {a}'),
    (error: Error & { errorCode?: string }) =>
      error.errorCode === 'MALFORMED_SEARCH' && error.message === 'search term must be longer than one character: a',
  )
})

test('a search by parameters answers the same records', async (t) => {
  const connection = (await serveOrg(t)).connect()
  await connection.sobject('Account').create({ Name: 'Quillon Works' })
  const byPost = await connection.request<{ searchRecords: { Name?: string }[] }>({
    method: 'POST',
    url: '/parameterizedSearch',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ q: 'quillon', fields: ['Name'], sobjects: [{ name: 'Account', limit: 5 }] }),
  })
  assert.deepEqual(
    byPost.searchRecords.map(({ Name }) => Name),
    ['Quillon Works'],
  )
  const byGet = await connection.request<{ searchRecords: { Name?: string }[] }>(
    '/parameterizedSearch/?q=quillon&sobject=Account&Account.fields=Name&Account.limit=5',
  )
  assert.deepEqual(
    byGet.searchRecords.map(({ Name }) => Name),
    ['Quillon Works'],
  )
})
