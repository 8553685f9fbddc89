import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DATA, testOrg } from './test-calls.ts'

const { get, failure, create } = testOrg()
const asked = (path: string, query: Record<string, string>) => `${path}?${new URLSearchParams(query)}`

test('SOSL answers records of several objects, with the fields that were asked for', async () => {
  const account = await create('Account', { Name: 'Zyxwinkel Heating' })
  const contact = await create('Contact', { LastName: 'Zyxwinkel' })
  const q = 'FIND {Zyxwinkel} IN NAME FIELDS RETURNING Account(Id, Name), Contact(Id)'
  const { searchRecords } = await get(asked('search', { q }))
  assert.deepEqual(searchRecords, [
    {
      attributes: { type: 'Account', url: `${DATA}/sobjects/Account/${account}` },
      Id: account,
      Name: 'Zyxwinkel Heating',
    },
    { attributes: { type: 'Contact', url: `${DATA}/sobjects/Contact/${contact}` }, Id: contact },
  ])
  assert.deepEqual(await failure('search'), [400, 'MISSING_ARGUMENT'])
})

test('a search by parameters says the same in a query string and in a body', async () => {
  for (const Name of ['Qwertzu One', 'Qwertzu Two', 'Qwertzu Three']) await create('Account', { Name })
  const byQuery = await get(
    asked('parameterizedSearch', {
      q: 'Qwertzu',
      sobject: 'Account',
      'Account.fields': 'Id,Name',
      'Account.limit': '2',
    }),
  )
  const byBody = await get('parameterizedSearch', 200, {
    method: 'POST',
    body: { q: 'Qwertzu', sobjects: [{ name: 'Account', fields: ['Id', 'Name'], limit: 2 }] },
  })
  assert.equal(byQuery.searchRecords.length, 2)
  assert.deepEqual(byQuery, byBody)
  const wrong = asked('parameterizedSearch', { q: 'Qwertzu', sobject: 'Account', 'Account.limit': 'two' })
  assert.deepEqual(await failure(wrong), [400, 'ILLEGAL_QUERY_PARAMETER_VALUE'])
})

test('suggestions are records whose name begins like what was typed, and say whether there are more', async () => {
  for (const Name of ['Plimsoll A', 'Plimsoll B']) await create('Account', { Name })
  const one = await get(asked('search/suggestions', { q: 'Plims', sobject: 'Account', limit: '1' }))
  assert.deepEqual([one.autoSuggestResults.length, one.hasMoreResults], [1, true])
  const all = await get(asked('search/suggestions', { q: 'Plims', sobject: 'Account' }))
  assert.deepEqual([all.autoSuggestResults.length, all.hasMoreResults], [2, false])
  assert.deepEqual(Object.keys(all.autoSuggestResults[0]), ['attributes', 'Id', 'Name'])
})
