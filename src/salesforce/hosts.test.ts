import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LooplineError } from '../errors.ts'
import { isAllowedOrigin, normalizeDomain } from './hosts.ts'

const options = { extraOrigins: ['http://127.0.0.1:7466', 'https://proxy.acme.example'] }

const accepted: [pasted: string, origin: string, environment: 'production' | 'sandbox' | null][] = [
  ['acme', 'https://acme.my.salesforce.com', 'production'],
  ['  ACME ', 'https://acme.my.salesforce.com', 'production'],
  ['acme--uat', 'https://acme--uat.sandbox.my.salesforce.com', 'sandbox'],
  ['acme--uat.sandbox', 'https://acme--uat.sandbox.my.salesforce.com', 'sandbox'],
  ['acme-dev-ed', 'https://acme-dev-ed.develop.my.salesforce.com', 'production'],
  ['acme.my.salesforce.com', 'https://acme.my.salesforce.com', 'production'],
  ['acme.my.salesforce.com.', 'https://acme.my.salesforce.com', 'production'],
  ['acme.my.salesforce.com:443/', 'https://acme.my.salesforce.com', 'production'],
  ['http://acme.my.salesforce.com', 'https://acme.my.salesforce.com', 'production'],
  ['HTTPS://Acme.My.Salesforce.com/home/home.jsp?a=b#c', 'https://acme.my.salesforce.com', 'production'],
  [
    'https://acme.lightning.force.com/lightning/r/Case/5005f00001Kd9LmAAJ/view',
    'https://acme.my.salesforce.com',
    'production',
  ],
  [
    'https://acme--uat.sandbox.lightning.force.com/lightning/page/home',
    'https://acme--uat.sandbox.my.salesforce.com',
    'sandbox',
  ],
  ['https://acme-dev-ed.develop.lightning.force.com/', 'https://acme-dev-ed.develop.my.salesforce.com', 'production'],
  [
    'https://acme.my.salesforce-setup.com/lightning/setup/SetupOneHome/home',
    'https://acme.my.salesforce.com',
    'production',
  ],
  ['https://acme--uat.sandbox.my.salesforce-setup.com/x', 'https://acme--uat.sandbox.my.salesforce.com', 'sandbox'],
  ['https://acme.file.force.com/sfc/servlet.shepherd/x', 'https://acme.my.salesforce.com', 'production'],
  ['https://acme--c.vf.force.com/apex/Foo', 'https://acme.my.salesforce.com', 'production'],
  ['https://acme--uat--c.sandbox.vf.force.com/apex/Foo', 'https://acme--uat.sandbox.my.salesforce.com', 'sandbox'],
  ['acme--uat.my.salesforce.com', 'https://acme--uat.sandbox.my.salesforce.com', 'sandbox'],
  ['fun-app-1-dev-ed.scratch.my.salesforce.com', 'https://fun-app-1-dev-ed.scratch.my.salesforce.com', 'sandbox'],
  ['https://login.salesforce.com', 'https://login.salesforce.com', 'production'],
  ['https://test.salesforce.com/?locale=de', 'https://test.salesforce.com', 'sandbox'],
  ['login', 'https://login.salesforce.com', 'production'],
  ['https://welcome.salesforce.com', 'https://login.salesforce.com', 'production'],
  ['http://127.0.0.1:7466/anything', 'http://127.0.0.1:7466', null],
  ['127.0.0.1:7466', 'http://127.0.0.1:7466', null],
  ['proxy.acme.example', 'https://proxy.acme.example', null],
]

for (const [pasted, origin, environment] of accepted) {
  test(`“${pasted}” leads to ${origin}`, () => {
    const result = normalizeDomain(pasted, options)
    assert.equal(result.origin, origin)
    assert.equal(result.environment, environment)
    assert.ok(isAllowedOrigin(result.origin, options))
  })
}

const refused: [pasted: string, code: string][] = [
  ['', 'DOMAIN_EMPTY'],
  ['   ', 'DOMAIN_EMPTY'],
  ['https://', 'DOMAIN_INVALID'],
  ['acme my salesforce', 'DOMAIN_INVALID'],
  ['acme.my.sales\tforce.com', 'DOMAIN_INVALID'],
  ['аcme.my.salesforce.com', 'DOMAIN_INVALID'], // a Cyrillic first letter
  ['xn--cme-7cd.my.salesforce.com', 'DOMAIN_NOT_SALESFORCE'],
  ['ftp://acme.my.salesforce.com', 'DOMAIN_SCHEME'],
  ['javascript:alert(1)', 'DOMAIN_INVALID'],
  ['https://acme.my.salesforce.com@attacker.net', 'DOMAIN_USER_INFO'],
  ['https://user:secret@acme.my.salesforce.com', 'DOMAIN_USER_INFO'],
  ['https://acme.my.salesforce.com:8443', 'DOMAIN_PORT'],
  ['http://127.0.0.1:7467', 'DOMAIN_IP_ADDRESS'],
  ['https://169.254.169.254/latest/meta-data', 'DOMAIN_IP_ADDRESS'],
  ['http://2130706433/', 'DOMAIN_IP_ADDRESS'],
  ['http://0x7f.1/', 'DOMAIN_IP_ADDRESS'],
  ['https://[::1]/', 'DOMAIN_IP_ADDRESS'],
  ['https://evil-my.salesforce.com', 'DOMAIN_NOT_AN_ORG'],
  ['https://my.salesforce.com.attacker.net', 'DOMAIN_NOT_SALESFORCE'],
  ['https://acme.my.salesforce.com.attacker.net', 'DOMAIN_NOT_SALESFORCE'],
  ['https://acme.my.salesforce.com\\.attacker.net@x', 'DOMAIN_INVALID'],
  ['https://attacker.net/acme.my.salesforce.com', 'DOMAIN_NOT_SALESFORCE'],
  ['https://attacker.net#.my.salesforce.com', 'DOMAIN_NOT_SALESFORCE'],
  ['https://a.b.my.salesforce.com', 'DOMAIN_NOT_SALESFORCE'],
  ['https://na123.salesforce.com', 'DOMAIN_INSTANCED'],
  ['https://cs42.salesforce.com', 'DOMAIN_INSTANCED'],
  ['https://acme--uat.cs42.my.salesforce.com', 'DOMAIN_INSTANCED'],
  ['https://acme.my.site.com/support/s/', 'DOMAIN_SITE'],
  ['https://foo.force.com', 'DOMAIN_SITE'],
  ['https://acme.my.salesforce.mil', 'DOMAIN_OTHER_CLOUD'],
  ['https://www.salesforce.com', 'DOMAIN_NOT_AN_ORG'],
  ['https://help.salesforce.com/s/', 'DOMAIN_NOT_AN_ORG'],
  ['https://proxy.acme.example.attacker.net', 'DOMAIN_NOT_SALESFORCE'],
]

for (const [pasted, code] of refused) {
  test(`“${pasted}” is refused with a reason (${code})`, () => {
    assert.throws(
      () => normalizeDomain(pasted, options),
      (error) => {
        assert.ok(error instanceof LooplineError)
        assert.equal(error.failure.kind, 'invalid')
        assert.equal(error.failure.field, 'domain')
        assert.ok(error.failure.remedy)
        assert.equal(error.failure.code, code)
        return true
      },
    )
  })
}

test('the page is told when an address is not used as typed, and only then', () => {
  assert.equal(
    normalizeDomain('https://acme.lightning.force.com/x', options).note,
    'This is a Lightning address. Loopline will use https://acme.my.salesforce.com',
  )
  assert.equal(normalizeDomain('acme', options).note, 'Loopline will use https://acme.my.salesforce.com')
  assert.equal(normalizeDomain('https://acme.my.salesforce.com/', options).note, null)
})

test('only exact Salesforce hosts over https, and extra origins, may be connected to', () => {
  const isAllowed = (url: string) => isAllowedOrigin(url, options)
  assert.ok(isAllowed('https://acme.my.salesforce.com/services/data'))
  assert.ok(isAllowed('http://127.0.0.1:7466/services/data'))
  for (const url of [
    'http://acme.my.salesforce.com',
    'https://acme.my.salesforce.com:444',
    'https://user@acme.my.salesforce.com',
    'http://user@127.0.0.1:7466',
    'https://127.0.0.1:7466',
    'https://acme.lightning.force.com',
    'https://acme.my.salesforce.com.',
    'https://xn--acme.my.salesforce.com',
    'file:///etc/passwd',
    'nonsense',
  ]) {
    assert.equal(isAllowed(url), false, url)
  }
})
