import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createEmulator } from '../app.ts'
import { adminOf, ORIGIN } from '../test-browser.ts'

const emulator = createEmulator({ origin: ORIGIN, scale: 0.1, complain: () => undefined })
after(() => emulator.close())

async function post(body: string, path = '/services/Soap/u/67.0') {
  const response = await emulator.fetch(ORIGIN + path, {
    method: 'POST',
    body,
    headers: { 'content-type': 'text/xml', soapaction: '""' },
  })
  return { status: response.status, text: await response.text() }
}

function envelope(operation: string, { token = emulator.issueToken(adminOf(emulator).username), headers = '' } = {}) {
  return `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com"><s:Header>
<SessionHeader><sessionId>${token}</sessionId></SessionHeader>${headers}</s:Header><s:Body>${operation}</s:Body></s:Envelope>`
}

/** As https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_login.htm and clients' tests show it. */
test('a refused login is a LoginFault with code and message', async () => {
  const { status, text } = await post(
    envelope('<login><username>x</username><password>y</password></login>'),
    '/services/Soap/u/64.0',
  )
  assert.equal(status, 500)
  const message = 'Invalid username, password, security token; or user locked out.'
  assert.ok(text.includes('<faultcode>sf:INVALID_LOGIN</faultcode>'))
  assert.ok(text.includes(`<faultstring>INVALID_LOGIN: ${message}</faultstring>`))
  assert.ok(text.includes('xmlns:sf="urn:fault.partner.soap.sforce.com"'))
  assert.ok(text.includes('<sf:LoginFault xsi:type="sf:LoginFault"><sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode>'))
})

test('the enterprise API answers under its own namespace, and on the address with the org id', async () => {
  const { username, password } = adminOf(emulator)
  const login = envelope(`<login><username>${username}</username><password>${password}</password></login>`)
  const { status, text } = await post(login, '/services/Soap/c/64.0/00D000000000001')
  assert.equal(status, 200)
  assert.ok(text.includes('xmlns="urn:enterprise.soap.sforce.com"'))
  assert.ok(text.includes(`<serverUrl>${ORIGIN}/services/Soap/c/64.0/${emulator.org.id.slice(0, 15)}</serverUrl>`))
})

test('retired and unknown versions are refused', async () => {
  for (const version of ['30.0', '99.0', 'x']) {
    const { status, text } = await post(envelope('<getUserInfo/>'), `/services/Soap/u/${version}`)
    assert.equal(status, 500)
    assert.ok(text.includes('<faultcode>sf:UNSUPPORTED_API_VERSION</faultcode>'), version)
  }
})

test('what is not XML fails in the words of Salesforce, as an ampersand in a password does', async () => {
  const login = '<login><username>x</username><password>secret&Cl</password></login>'
  const cases = [
    ['', 'Premature end of file.'],
    [envelope(login), 'The reference to entity &#34;Cl&#34; must end with the &#39;;&#39; delimiter.'],
    [envelope('<getUserInfo/>').slice(0, -20), ''],
    [envelope('<constructor/>'), ''],
    ['hello', ''],
  ] as const
  for (const [body, message] of cases) {
    const { status, text } = await post(body)
    assert.equal(status, 500)
    assert.ok(text.includes('<faultcode>UNKNOWN_EXCEPTION</faultcode>'), text)
    assert.ok(text.includes(`<sf:exceptionMessage>${message}`), text)
  }
})

test('what is no envelope, or names entities of its own, is refused unread', async () => {
  const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>${envelope('<getUserInfo/>')}`
  for (const body of ['<hello/>', bomb, envelope('')]) {
    const { status, text } = await post(body)
    assert.equal(status, 500)
    assert.ok(text.includes('<faultcode>soapenv:Client</faultcode>'), body)
  }
})

test('a call without a SOAPAction and a look with a browser are refused as Salesforce does', async () => {
  const url = `${ORIGIN}/services/Soap/u/67.0`
  for (const headers of [{}, { soapaction: '' }]) {
    const response = await emulator.fetch(url, { method: 'POST', body: envelope('<getUserInfo/>'), headers })
    assert.equal(response.status, 500)
    assert.match(await response.text(), /soapenv:Client<.*SOAPAction HTTP header missing/)
  }
  const seen = await emulator.fetch(url)
  assert.equal(seen.status, 405)
  assert.match(await seen.text(), /Only POST allowed/)
})

test('the enterprise API names the object by its type, and an empty typed value is an empty text', async () => {
  const record =
    '<sObjects xsi:type="ns:Account" xmlns:ns="urn:sobject.enterprise.soap.sforce.com"><ns:Name>By type</ns:Name>' +
    '<ns:Phone xsi:type="xsd:string"></ns:Phone></sObjects>'
  const { text } = await post(envelope(`<create>${record}</create>`), '/services/Soap/c/67.0')
  // The order of the WSDL, which generated clients rely on.
  assert.match(text, /<result><id>001\w{15}<\/id><success>true<\/success><\/result>/)
  const [row] = emulator.org
    .query(adminOf(emulator), "SELECT Phone FROM Account WHERE Name = 'By type'", { all: false })
    .rows()
  assert.deepEqual(row, [null])
})

test('an object that there is not fails the whole call, before anything is written', async () => {
  const soql = "SELECT Id FROM Account WHERE Name = 'Before'"
  for (const [type, message] of [
    ['<type>Nope</type>', /INVALID_TYPE: sObject type &#39;Nope&#39; is not supported/],
    ['', /INVALID_TYPE: Must send a concrete entity type/],
  ] as const) {
    const records = `<sObjects><type>Account</type><Name>Before</Name></sObjects><sObjects>${type}<Name>x</Name></sObjects>`
    const { status, text } = await post(envelope(`<create>${records}</create>`))
    assert.equal(status, 500)
    assert.match(text, message)
    assert.match(text, /<sf:InvalidSObjectFault /)
  }
  assert.equal(emulator.org.query(adminOf(emulator), soql, { all: false }).totalSize, 0)
})

test('sessions are ended by their ids, each for itself', async () => {
  const token = emulator.issueToken(adminOf(emulator).username)
  const ids = `<sessionIds>${token}</sessionIds><sessionIds>nobody</sessionIds>`
  const { text } = await post(envelope(`<invalidateSessions>${ids}</invalidateSessions>`))
  assert.deepEqual(
    [...text.matchAll(/<success>(\w+)</g)].map(([, success]) => success),
    ['true', 'false'],
  )
  assert.equal((await post(envelope('<getUserInfo/>', { token }))).status, 500)
})

test('with AllOrNoneHeader one bad record takes the others back', async () => {
  const headers = '<AllOrNoneHeader><allOrNone>true</allOrNone></AllOrNoneHeader>'
  const records =
    '<sObjects><type>Account</type><Name>Kept or not</Name></sObjects><sObjects><type>Account</type></sObjects>'
  const { status, text } = await post(envelope(`<create>${records}</create>`, { headers }))
  assert.equal(status, 200)
  assert.deepEqual(
    [...text.matchAll(/<statusCode>(\w+)<\/statusCode>/g)].map(([, code]) => code),
    ['ALL_OR_NONE_OPERATION_ROLLED_BACK', 'REQUIRED_FIELD_MISSING'],
  )
  const soql = "SELECT Id FROM Account WHERE Name = 'Kept or not'"
  assert.equal(emulator.org.query(adminOf(emulator), soql, { all: false }).totalSize, 0)
  await post(envelope(`<create>${records}</create>`))
  assert.equal(emulator.org.query(adminOf(emulator), soql, { all: false }).totalSize, 1)
})

test('calls count as API calls and say so', async () => {
  const before = emulator.apiCallsUsed()
  const { text } = await post(envelope('<getServerTimestamp/>'))
  assert.equal(emulator.apiCallsUsed(), before + 1)
  assert.ok(text.includes(`<LimitInfoHeader><limitInfo><current>${before + 1}</current>`))
})
