import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ORIGIN } from '../test-browser.ts'
import { DATA, testOrg } from './test-calls.ts'

const { get, failure, create, emulator } = testOrg()

interface Sub {
  readonly method: string
  readonly url: string
  readonly referenceId: string
  readonly body?: object
}

const post = (path: string, body: object, status = 200) => get(path, status, { method: 'POST', body })
const account = (referenceId: string, body: object = { Name: referenceId }): Sub => ({
  method: 'POST',
  url: `${DATA}/sobjects/Account`,
  referenceId,
  body,
})
const contact = (referenceId: string, body: object): Sub => ({
  ...account(referenceId, body),
  url: `${DATA}/sobjects/Contact`,
})
const countOf = async (name: string) =>
  (await get(`query?${new URLSearchParams({ q: `SELECT COUNT() FROM Account WHERE Name = '${name}'` })}`)).totalSize

test('composite, batch, collections and trees are listed', async () => {
  assert.deepEqual(Object.keys(await get('composite')), ['tree', 'batch', 'sobjects', 'graph'])
})

test('a request takes what an earlier one answered, in its address and in its body, from lists as well', async () => {
  const { compositeResponse } = await post('composite', {
    compositeRequest: [
      account('a', { Name: 'Referenced', NumberOfEmployees: 7 }),
      { method: 'GET', url: `${DATA}/sobjects/Account/@{a.id}?fields=Name,NumberOfEmployees`, referenceId: 'read' },
      contact('c', { LastName: '@{read.Name} contact', AccountId: '@{a.id}' }),
      { method: 'GET', url: `${DATA}/query?q=SELECT Id FROM Contact WHERE AccountId = '@{a.id}'`, referenceId: 'q' },
      { method: 'PATCH', url: `${DATA}/sobjects/Contact/@{q.records[0].Id}`, referenceId: 'p', body: { Title: 'CEO' } },
      account('copy', { Name: 'Copy', NumberOfEmployees: '@{read.NumberOfEmployees}' }),
    ],
  })
  assert.deepEqual(
    compositeResponse.map(({ httpStatusCode }: { httpStatusCode: number }) => httpStatusCode),
    [201, 200, 201, 200, 204, 201],
  )
  const [first, , made, , patched, copy] = compositeResponse
  assert.deepEqual(first.httpHeaders, { Location: `${DATA}/sobjects/Account/${first.body.id}` })
  assert.deepEqual([patched.body, patched.referenceId], [null, 'p'])
  const read = await get(`sobjects/Contact/${made.body.id}`)
  assert.deepEqual([read.LastName, read.Title, read.AccountId], ['Referenced contact', 'CEO', first.body.id])
  assert.equal((await get(`sobjects/Account/${copy.body.id}`)).NumberOfEmployees, 7)
})

test('one that names the answer of a failed request is halted, the others go on', async () => {
  const { compositeResponse } = await post('composite', {
    compositeRequest: [
      account('bad', { Site: 'No name' }),
      contact('c', { LastName: 'X', AccountId: '@{bad.id}' }),
      account('good'),
    ],
  })
  const [bad, halted, good] = compositeResponse
  assert.deepEqual([bad.httpStatusCode, bad.body[0].errorCode], [400, 'REQUIRED_FIELD_MISSING'])
  assert.deepEqual(bad.body[0].fields, ['Name'])
  assert.deepEqual(halted.body, [
    { message: 'Invalid reference specified. No value for bad.id found in bad', errorCode: 'PROCESSING_HALTED' },
  ])
  assert.equal(good.httpStatusCode, 201)
})

test('with allOrNone a failure takes back what was done before, and says so in every other place', async () => {
  const { compositeResponse } = await post('composite', {
    allOrNone: true,
    compositeRequest: [account('TakenBack'), contact('bad', { FirstName: 'No last name' }), account('NeverMade')],
  })
  const codes = compositeResponse.map(({ body }: { body: { errorCode: string }[] }) => body[0]?.errorCode)
  assert.deepEqual(codes, ['PROCESSING_HALTED', 'REQUIRED_FIELD_MISSING', 'PROCESSING_HALTED'])
  assert.deepEqual([await countOf('TakenBack'), await countOf('NeverMade')], [0, 0])
})

test("the whole request's allOrNone holds for a collection inside it, too", async () => {
  const collection = {
    method: 'POST',
    url: `${DATA}/composite/sobjects`,
    referenceId: 'list',
    body: {
      allOrNone: false,
      records: [{ attributes: { type: 'Account' }, Name: 'InList' }, { attributes: { type: 'Account' } }],
    },
  }
  const loose = await post('composite', { allOrNone: false, compositeRequest: [collection, account('Beside')] })
  assert.deepEqual(
    loose.compositeResponse[0].body.map(({ success }: { success: boolean }) => success),
    [true, false],
  )
  assert.deepEqual([await countOf('InList'), await countOf('Beside')], [1, 1])
  const strict = await post('composite', { allOrNone: true, compositeRequest: [account('Before'), collection] })
  assert.equal(strict.compositeResponse[0].body[0].errorCode, 'PROCESSING_HALTED')
  assert.equal(strict.compositeResponse[1].body[0].errors[0].statusCode, 'ALL_OR_NONE_OPERATION_ROLLED_BACK')
  assert.deepEqual([await countOf('InList'), await countOf('Before')], [1, 0])
})

test('a request inside has headers of its own, and else those of the whole', async () => {
  const q = (referenceId: string, httpHeaders?: Record<string, string>) => ({
    method: 'GET',
    url: `${DATA}/query?q=SELECT Id FROM Case`,
    referenceId,
    ...(httpHeaders && { httpHeaders }),
  })
  const { compositeResponse } = await get('composite', 200, {
    method: 'POST',
    body: { compositeRequest: [q('own', { 'Sforce-Query-Options': 'batchSize=201' }), q('outer')] },
    headers: { 'Sforce-Query-Options': 'batchSize=200' },
  })
  assert.deepEqual(
    compositeResponse.map(({ body }: { body: { records: object[] } }) => body.records.length),
    [201, 200],
  )
})

test('an all-or-none composite becomes one commit', async () => {
  const commits: number[] = []
  const stop = emulator.org.onCommit(({ changes }) => commits.push(changes.length))
  await post('composite', { allOrNone: true, compositeRequest: [account('Together1'), account('Together2')] })
  stop()
  assert.equal(commits.length, 1)
})

test('more than 25 requests, more than five queries, or a reference id used twice are refused', async () => {
  const send = (compositeRequest: Sub[]) => failure('composite', { method: 'POST', body: { compositeRequest } })
  const many = (count: number, one: Sub) =>
    Array.from({ length: count }, (_, index) => ({ ...one, referenceId: `r${index}` }))
  assert.deepEqual(await send(many(26, account('a'))), [400, 'LIMIT_EXCEEDED'])
  assert.deepEqual(await send(many(6, { method: 'GET', url: `${DATA}/query?q=x`, referenceId: 'q' })), [
    400,
    'LIMIT_EXCEEDED',
  ])
  assert.deepEqual(await send([account('a'), account('a')]), [400, 'INVALID_INPUT'])
  assert.deepEqual(await send([account('not-allowed')]), [400, 'JSON_PARSER_ERROR'])
})

test('a blob is not read inside a composite request, a path outside the API not at all', async () => {
  const { compositeResponse } = await post('composite', {
    compositeRequest: [
      { method: 'GET', url: `${DATA}/sobjects/Attachment/00P000000000000/Body`, referenceId: 'blob' },
      { method: 'GET', url: '/services/oauth2/userinfo', referenceId: 'outside' },
      { method: 'GET', url: `${DATA}/composite`, referenceId: 'itself' },
    ],
  })
  assert.deepEqual(
    compositeResponse.map(({ httpStatusCode }: { httpStatusCode: number }) => httpStatusCode),
    [400, 404, 404],
  )
})

test('a batch writes by richInput, each request for itself', async () => {
  const { hasErrors, results } = await post('composite/batch', {
    batchRequests: [
      { method: 'POST', url: 'v67.0/sobjects/Account', richInput: { Name: 'InBatch' } },
      { method: 'POST', url: 'v67.0/sobjects/Account', richInput: {} },
      { method: 'GET', url: 'v67.0/limits' },
    ],
  })
  assert.equal(hasErrors, true)
  assert.deepEqual(
    results.map(({ statusCode }: { statusCode: number }) => statusCode),
    [201, 400, 200],
  )
  assert.equal(await countOf('InBatch'), 1)
})

const attributes = (type: string, referenceId: string) => ({ type, referenceId })

test('a tree makes records with their children, and lists the ids level by level', async () => {
  const { hasErrors, results } = await post(
    'composite/tree/Account',
    {
      records: [
        {
          attributes: attributes('Account', 'ref1'),
          Name: 'Tree',
          Contacts: {
            records: [
              { attributes: attributes('Contact', 'ref2'), LastName: 'Smith' },
              { attributes: attributes('Contact', 'ref3'), LastName: 'Evans' },
            ],
          },
        },
        { attributes: attributes('Account', 'ref4'), Name: 'Second tree' },
      ],
    },
    201,
  )
  assert.equal(hasErrors, false)
  const ids = new Map(results.map(({ referenceId, id }: { referenceId: string; id: string }) => [referenceId, id]))
  assert.deepEqual([...ids.keys()], ['ref1', 'ref4', 'ref2', 'ref3'])
  assert.equal((await get(`sobjects/Contact/${ids.get('ref3')}`)).AccountId, ids.get('ref1'))
})

test('one bad record fells the tree, and is named', async () => {
  const answer = await post(
    'composite/tree/Account',
    {
      records: [
        {
          attributes: attributes('Account', 'ref1'),
          Name: 'Felled',
          Contacts: { records: [{ attributes: attributes('Contact', 'ref2'), LastName: 'X', Email: '123' }] },
        },
      ],
    },
    400,
  )
  assert.deepEqual(answer, {
    hasErrors: true,
    results: [
      {
        referenceId: 'ref2',
        errors: [
          { statusCode: 'INVALID_EMAIL_ADDRESS', message: 'Email: invalid email address: 123', fields: ['Email'] },
        ],
      },
    ],
  })
  assert.equal(await countOf('Felled'), 0)
})

test('each record of a tree whose reference is used twice is named', async () => {
  const records = ['ref1', 'ref1', 'ref2'].map((name) => ({ attributes: attributes('Account', name), Name: 'Twice' }))
  const { hasErrors, results } = await post('composite/tree/Account', { records }, 400)
  assert.equal(hasErrors, true)
  assert.deepEqual(
    results.map(({ referenceId }: { referenceId: string }) => referenceId),
    ['ref1', 'ref1'],
  )
  assert.equal(await countOf('Twice'), 0)
})

test('a tree has at most 200 records, of at most five types, at most five levels deep', async () => {
  const refused = (records: object[], object = 'Account') =>
    failure(`composite/tree/${object}`, { method: 'POST', body: { records } })
  const many = Array.from({ length: 201 }, (_, index) => ({
    attributes: attributes('Account', `r${index}`),
    Name: 'X',
  }))
  assert.deepEqual(await refused(many), [400, 'INVALID_INPUT'])
  let deep: object = { attributes: attributes('Account', 'r0'), Name: 'X' }
  for (let level = 1; level <= 5; level += 1) {
    deep = { attributes: attributes('Account', `r${level}`), Name: 'X', ChildAccounts: { records: [deep] } }
  }
  assert.deepEqual(await refused([deep]), [400, 'INVALID_INPUT'])
  const children = (relationship: string, type: string) => ({
    [relationship]: { records: [{ attributes: attributes(type, type), Name: 'X' }] },
  })
  const wide = {
    attributes: attributes('Account', 'root'),
    Name: 'X',
    ...children('Contacts', 'Contact'),
    ...children('Cases', 'Case'),
    ...children('Opportunities', 'Opportunity'),
    ...children('Tasks', 'Task'),
    ...children('Events', 'Event'),
  }
  assert.deepEqual(await refused([wide]), [400, 'INVALID_INPUT'])
})

test('each graph is done or not done as a whole, in whatever order its requests name each other', async () => {
  const { graphs } = await post('composite/graph', {
    graphs: [
      {
        graphId: '1',
        compositeRequest: [contact('c', { LastName: 'First', AccountId: '@{a.id}' }), account('a', { Name: 'Graph1' })],
      },
      { graphId: '2', compositeRequest: [account('b', { Name: 'Graph2' }), contact('d', { FirstName: 'No last' })] },
    ],
  })
  const [good, bad] = graphs
  assert.deepEqual([good.graphId, good.isSuccessful, bad.graphId, bad.isSuccessful], ['1', true, '2', false])
  assert.ok(
    good.graphResponse.compositeResponse.every(
      ({ httpStatusCode }: { httpStatusCode: number }) => httpStatusCode === 201,
    ),
  )
  const codes = bad.graphResponse.compositeResponse.map(
    ({ body }: { body: { errorCode: string }[] }) => body[0]?.errorCode,
  )
  assert.deepEqual(codes, ['PROCESSING_HALTED', 'REQUIRED_FIELD_MISSING'])
  assert.deepEqual([await countOf('Graph1'), await countOf('Graph2')], [1, 0])
})

test('a graph that goes in a circle, or is too large, is refused; after 14 failed ones no more are tried', async () => {
  const send = (graphs: object[]) => failure('composite/graph', { method: 'POST', body: { graphs } })
  const circle = [account('a', { Name: '@{b.id}' }), account('b', { Name: '@{a.id}' })]
  assert.deepEqual(await send([{ graphId: 'g', compositeRequest: circle }]), [400, 'INVALID_INPUT'])
  const deep = Array.from({ length: 16 }, (_, index) =>
    account(`n${index}`, { Name: index === 0 ? 'X' : `@{n${index - 1}.id}` }),
  )
  assert.deepEqual(await send([{ graphId: 'g', compositeRequest: deep }]), [400, 'LIMIT_EXCEEDED'])
  const graphs76 = Array.from({ length: 76 }, (_, index) => ({ graphId: `g${index}`, compositeRequest: [] }))
  assert.deepEqual(await send(graphs76), [400, 'LIMIT_EXCEEDED'])
  const many = Array.from({ length: 501 }, (_, index) => account(`n${index}`))
  assert.deepEqual(await send([{ graphId: 'g', compositeRequest: many }]), [400, 'LIMIT_EXCEEDED'])

  const bad = Array.from({ length: 14 }, (_, index) => ({ graphId: `b${index}`, compositeRequest: [account('x', {})] }))
  const { graphs } = await post('composite/graph', {
    graphs: [...bad, { graphId: 'last', compositeRequest: [account('y', { Name: 'NotTried' })] }],
  })
  assert.equal(graphs.at(-1).graphResponse.compositeResponse[0].body[0].errorCode, 'PROCESSING_HALTED')
  assert.equal(await countOf('NotTried'), 0)
})

test('resources are not there before the version that brought them', async () => {
  const body = { graphs: [] }
  assert.deepEqual(await failure('/services/data/v49.0/composite/graph', { method: 'POST', body }), [404, 'NOT_FOUND'])
  await get('/services/data/v50.0/composite/graph', 200, { method: 'POST', body })
})

test('collections read by id, in the given order, with null for what is not there', async () => {
  const ids = [await create('Account', { Name: 'One' }), await create('Account', { Name: 'Two' })]
  const [second = '', first = ''] = [ids[1], ids[0]]
  const asked = [second, '001000000000000AAA', first, 'nonsense']
  const names = (records: ({ Name: string } | null)[]) => records.map((record) => record?.Name ?? null)
  const expected = ['Two', null, 'One', null]
  assert.deepEqual(names(await get(`composite/sobjects/Account?ids=${asked}&fields=Name`)), expected)
  assert.deepEqual(names(await post('composite/sobjects/Account', { ids: asked, fields: ['Name'] })), expected)
  assert.deepEqual(await failure(`composite/sobjects/Account?ids=${first}&fields=Nope__c`), [400, 'INVALID_FIELD'])
})

test('collections write records of several types, and say of each what became of it', async () => {
  const results = await post('composite/sobjects', {
    records: [
      { attributes: { type: 'Account' }, Name: 'Listed' },
      { attributes: { type: 'Contact' }, LastName: 'Listed', Account: { ERP_Number__c: 'nobody' } },
      { attributes: { type: 'Account' }, id: '001000000000000AAA', Name: 'X' },
    ],
  })
  assert.deepEqual(
    results.map(({ success, errors }: { success: boolean; errors: { statusCode: string }[] }) => [
      success,
      errors[0]?.statusCode,
    ]),
    [
      [true, undefined],
      [false, 'INVALID_FIELD'],
      [false, 'INVALID_FIELD_FOR_INSERT_UPDATE'],
    ],
  )
  const id = results[0].id
  const updates = await get('composite/sobjects', 200, {
    method: 'PATCH',
    body: {
      records: [
        { attributes: { type: 'Account' }, id, Name: 'Relisted' },
        { attributes: { type: 'Account' }, id: '003000000000000AAA', Name: 'X' },
        { attributes: { type: 'Account' }, Name: 'X' },
      ],
    },
  })
  assert.deepEqual(updates[0], { id, success: true, errors: [] })
  assert.deepEqual(
    updates.slice(1).map(({ errors }: { errors: { statusCode: string }[] }) => errors[0]?.statusCode),
    ['MALFORMED_ID', 'MISSING_ARGUMENT'],
  )
  const upserts = await get('composite/sobjects/Account/ERP_Number__c', 200, {
    method: 'PATCH',
    body: {
      records: [
        { attributes: { type: 'Account' }, ERP_Number__c: 'L-1', Name: 'Listed upsert' },
        { attributes: { type: 'Account' }, ERP_Number__c: 'L-1', Name: 'Listed again' },
        { attributes: { type: 'Account' }, Name: 'No key' },
      ],
    },
  })
  assert.deepEqual(
    upserts.map(({ success, created }: { success: boolean; created?: boolean }) => [success, created]),
    [
      [true, true],
      [true, false],
      [false, undefined],
    ],
  )
  const deleted = await get(`composite/sobjects?ids=${id},malformed&allOrNone=true`, 200, { method: 'DELETE' })
  assert.deepEqual(
    deleted.map(({ errors }: { errors: { statusCode: string }[] }) => errors[0]?.statusCode),
    ['ALL_OR_NONE_OPERATION_ROLLED_BACK', 'MALFORMED_ID'],
  )
  assert.equal((await get(`sobjects/Account/${id}`)).Name, 'Relisted')
})

test('the records of a collection become one commit, without those that fail', async (t) => {
  const commits: number[] = []
  t.after(emulator.org.onCommit(({ changes }) => commits.push(changes.length)))
  const records = ['One', '', 'Two'].map((Name) => ({ attributes: { type: 'Account' }, Name }))
  const results = await get('composite/sobjects', 200, { method: 'POST', body: { records } })
  assert.deepEqual(
    results.map(({ success }: { success: boolean }) => success),
    [true, false, true],
  )
  assert.deepEqual(commits, [2])
})

test('a collection with a type, a field or a value that cannot be read is refused as a whole', async () => {
  const good = { attributes: { type: 'Account' }, Name: 'NotAlone' }
  for (const [bad, code] of [
    [{ attributes: { type: 'Nope' }, Name: 'X' }, 'INVALID_TYPE'],
    [{ ...good, Nope__c: 1 }, 'INVALID_FIELD'],
    [{ ...good, NumberOfEmployees: 'many' }, 'JSON_PARSER_ERROR'],
    [{ Name: 'No type' }, 'JSON_PARSER_ERROR'],
  ] as const) {
    const sent = { method: 'POST', body: { records: [good, bad] } }
    assert.deepEqual(await failure('composite/sobjects', sent), [400, code])
  }
  assert.equal(await countOf('NotAlone'), 0)
})

test('a collection has at most 200 records, in at most ten chunks', async () => {
  const record = (type: string) => ({ attributes: { type }, [type === 'Account' ? 'Name' : 'LastName']: 'X' })
  const send = (records: object[]) => failure('composite/sobjects', { method: 'POST', body: { records } })
  assert.deepEqual(await send(Array.from({ length: 201 }, () => record('Account'))), [400, 'EXCEEDED_ID_LIMIT'])
  const mixed = Array.from({ length: 11 }, (_, index) => record(index % 2 === 0 ? 'Account' : 'Contact'))
  assert.deepEqual(await send(mixed), [400, 'LIMIT_EXCEEDED'])
})

test('a multipart collection carries the bytes of each of its records', async () => {
  const ParentId = await create('Case', { Subject: 'With files' })
  const records = ['one', 'two'].map((name) => ({
    attributes: { type: 'Attachment', binaryPartName: `part-${name}`, binaryPartNameAlias: 'Body' },
    Name: name,
    ParentId,
  }))
  const form = new FormData()
  form.append('collection', new Blob([JSON.stringify({ records })], { type: 'application/json' }))
  for (const name of ['one', 'two']) form.append(`part-${name}`, new Blob([`bytes of ${name}`]), name)
  const results = await get('composite/sobjects', 200, { method: 'POST', body: form })
  const bodies = await Promise.all(
    results.map(async ({ id }: { id: string }) => {
      const bytes = emulator.org.readBlob(emulator.org.users[0] ?? assert.fail(), 'Attachment', id, 'Body')
      return Buffer.from(bytes ?? []).toString()
    }),
  )
  assert.deepEqual(bodies, ['bytes of one', 'bytes of two'])
})

test('platform events are published in collections, too, each under an id of its own', async () => {
  const defined = await emulator.fetch(`${ORIGIN}/_control/events/platform-events`, {
    method: 'POST',
    body: JSON.stringify({ name: 'Low_Ink__e', fields: { Printer__c: 'string' } }),
    headers: { 'content-type': 'application/json' },
  })
  assert.equal(defined.status, 200)
  const records = ['one', 'two'].map((Printer__c) => ({ attributes: { type: 'Low_Ink__e' }, Printer__c }))
  const results = await post('composite/sobjects', { records })
  assert.deepEqual(
    results.map(({ success, errors }: { success: boolean; errors: { statusCode: string }[] }) => [
      success,
      errors[0]?.statusCode,
    ]),
    [
      [true, 'OPERATION_ENQUEUED'],
      [true, 'OPERATION_ENQUEUED'],
    ],
  )
  assert.notEqual(results[0].errors[0].message, results[1].errors[0].message)
})
