import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deflateSync, gzipSync } from 'node:zlib'
import { jsonOf, ORIGIN } from '../test-browser.ts'
import { DATA, testOrg } from './test-calls.ts'

const { call, get, failure, emulator } = testOrg()
const JSON_TYPE = { 'content-type': 'application/json' }
const account = JSON.stringify({ Name: 'Compressed' })

const post = (body: string | Uint8Array, headers: Record<string, string>) => ({ method: 'POST', body, headers })
const messageOf = async (body: string) => (await get('sobjects/Account', 400, post(body, JSON_TYPE)))[0].message

test('a body may come as gzip or deflate', async () => {
  for (const [encoding, bytes] of [
    ['gzip', gzipSync(account)],
    ['deflate', deflateSync(account)],
  ] as const) {
    const { id } = await get('sobjects/Account', 201, post(bytes, { ...JSON_TYPE, 'content-encoding': encoding }))
    assert.equal((await get(`sobjects/Account/${id}`)).Name, 'Compressed')
  }
})

test('a body that is not what its encoding says, or unpacks to more than 50 MB, is refused', async () => {
  const zipped = { ...JSON_TYPE, 'content-encoding': 'gzip' }
  assert.deepEqual(await failure('sobjects/Account', post(account, zipped)), [400, 'POST_BODY_PARSE_ERROR'])
  const bomb = gzipSync(Buffer.alloc(60 * 1024 * 1024))
  assert.deepEqual(await failure('sobjects/Account', post(bomb, zipped)), [400, 'EXCEEDED_MAX_SIZE_REQUEST'])
  const unknown = { ...JSON_TYPE, 'content-encoding': 'br' }
  assert.deepEqual(await failure('sobjects/Account', post(account, unknown)), [415, 'UNSUPPORTED_MEDIA_TYPE'])
})

test('a body without an end is read no further than 50 MB', async () => {
  let sent = 0
  const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      sent += 1_000_000
      controller.enqueue(new Uint8Array(1_000_000))
    },
  })
  const [admin] = emulator.org.users
  const response = await emulator.fetch(`${ORIGIN}${DATA}/sobjects/Account`, {
    method: 'POST',
    body: endless,
    duplex: 'half',
    headers: { ...JSON_TYPE, authorization: `Bearer ${emulator.issueToken(admin?.username ?? '')}` },
  } as RequestInit)
  assert.equal((await jsonOf(response))[0].errorCode, 'EXCEEDED_MAX_SIZE_REQUEST')
  assert.ok(sent < 60_000_000)
})

test('answers are packed with what the client takes', async () => {
  for (const encoding of ['gzip', 'deflate']) {
    const response = await call('sobjects', { headers: { 'accept-encoding': encoding } })
    // Node decodes gzip in process and leaves the rest.
    assert.equal(response.headers.get('content-encoding'), encoding)
  }
})

test('another content type is 415, whoever wants nothing but XML gets 406', async () => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml']) {
    assert.deepEqual(await failure('sobjects/Account', post(account, { 'content-type': type })), [
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ])
  }
  const xml = await call('sobjects', { headers: { accept: 'application/xml' } })
  assert.deepEqual([xml.status, await xml.text()], [406, ''])
  assert.equal((await call('sobjects', { headers: { accept: 'application/xml, */*;q=0.5' } })).status, 200)
})

test('text that is not JSON is refused with the character and its place', async () => {
  for (const [body, message] of [
    [
      '{"Name": "x",}',
      "Unexpected character ('}' (code 125)): was expecting double-quote to start field name at [line:1, column:14]",
    ],
    ['{"Name": x}', "Unrecognized token 'x': was expecting 'null', 'true', 'false' or NaN at [line:1, column:10]"],
    [
      '{"Name"\n "x"}',
      "Unexpected character ('\"' (code 34)): was expecting a colon to separate field name and value at [line:2, column:2]",
    ],
    [
      '{"Name": "x"',
      'Unexpected end-of-input: expected close marker for OBJECT (from [line:1, column:0]) at [line:1, column:12]',
    ],
    [
      '{"Name": "x" "Site": 1}',
      "Unexpected character ('\"' (code 34)): was expecting comma to separate OBJECT entries at [line:1, column:14]",
    ],
    ['{"Name": "x', 'Unexpected end-of-input: was expecting closing quote for a string value at [line:1, column:11]'],
    ['{"Name": 01}', 'Invalid numeric value at [line:1, column:11]'],
    [
      '[1, 2',
      'Unexpected end-of-input: expected close marker for ARRAY (from [line:1, column:0]) at [line:1, column:5]',
    ],
    ['{"Name": "\\q"}', 'Unrecognized character escape at [line:1, column:11]'],
  ] as const) {
    assert.equal(await messageOf(body), message, body)
  }
})

test('a long text whose last character is wrong, and one of nothing but brackets, are refused as soon as they are read', async () => {
  const long = `[${'{"Name": "x"},\n'.repeat(100_000)}x]`
  assert.match(await messageOf(long), /^Unrecognized token 'x'.* at \[line:100001, column:1\]$/)
  assert.equal(await messageOf('['.repeat(100_000)), 'The request body is nested too deeply')
})

test('no body at all is said to be missing', async () => {
  assert.equal(await messageOf(''), 'The HTTP entity body is required, but this request has no entity body.')
})

test('a value of the wrong kind is refused with the token that was found', async () => {
  assert.match(
    await messageOf('{"Name": "x", "NumberOfEmployees": "many"}'),
    /^Cannot deserialize instance of int from VALUE_STRING value many/,
  )
})
