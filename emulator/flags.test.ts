import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readSettings, SettingError, type Settings, USAGE } from './flags.ts'

/** Any two files: whether they hold a certificate is found out by who listens with it. */
const [cert, key] = [import.meta.filename, join(import.meta.dirname, 'flags.ts')]

/** A value that each flag takes, and what is read from it. */
const EXAMPLES: { readonly [flag: string]: readonly [args: string[], read: object] } = {
  '--port': [['0'], { port: 0 }],
  '--pubsub-port': [['0'], { pubSubPort: 0 }],
  '--tls-cert': [[cert, '--tls-key', key], {}],
  '--tls-key': [[key, '--tls-cert', cert], {}],
  '--pubsub-cert': [[cert, '--pubsub-key', key], {}],
  '--pubsub-key': [[key, '--pubsub-cert', cert], {}],
  '--host': [['::1'], { host: '::1' }],
  '--seed': [['7'], { seed: 7 }],
  '--scale': [['0.5'], { scale: 0.5 }],
  '--live': [['3'], { changesPerMinute: 3 }],
  '--data': [['somewhere'], { dataDir: 'somewhere' }],
  '--callback': [['http://127.0.0.1:9/x'], { callbackUrls: ['http://127.0.0.1:9/x'] }],
  '--anchor': [['2026-11-01T00:00:00Z'], { anchor: Date.UTC(2026, 10, 1) }],
  '--api-requests': [['10'], { dailyApiRequests: 10 }],
  '--session-minutes': [['15'], { sessionMinutes: 15 }],
  '--no-rotation': [[], { rotateRefreshTokens: false }],
  '--fault': [['{"do":{"answer":"limit"}}'], { faults: [{ do: { answer: 'limit' } }] }],
  '--schema': [['/tmp/schema'], { schemaDir: '/tmp/schema' }],
  '--person-accounts': [[], { settings: { personAccounts: true } }],
  '--multi-currency': [[], { settings: { multiCurrency: true } }],
  '--sandbox': [[], { settings: { isSandbox: true } }],
}

test('--help names every flag, and each flag it names is read', () => {
  const named = [...USAGE.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, flag]) => flag ?? '')
  assert.deepEqual(named, [...Object.keys(EXAMPLES), '--help'])
  for (const [flag, [args, read]] of Object.entries(EXAMPLES)) {
    const settings = readSettings([flag, ...args])
    assert.notEqual(settings, 'help')
    for (const [name, value] of Object.entries(read)) assert.deepEqual(settings[name as never], value, flag)
    // A switch stands without a value in the text, every other flag with one.
    assert.equal(new RegExp(`^ {2}${flag} \\S`, 'm').test(USAGE), args.length > 0, flag)
  }
  assert.equal(readSettings(['--help']), 'help')
})

test('one certificate serves HTTPS and the Pub/Sub API, unless that is given its own', () => {
  const read = (...args: string[]) => readSettings(args) as Settings
  const [text, other] = [cert, key].map((file) => readFileSync(file, 'utf8'))
  const plain = read()
  assert.deepEqual([plain.tls, plain.pubSubTls], [undefined, undefined])
  const both = read('--tls-cert', cert, '--tls-key', key)
  assert.deepEqual(
    [both.tls, both.pubSubTls],
    [
      { cert: text, key: other },
      { cert: text, key: other },
    ],
  )
  const alone = read('--pubsub-cert', cert, '--pubsub-key', key)
  assert.deepEqual([alone.tls, alone.pubSubTls], [undefined, { cert: text, key: other }])
  const own = read('--tls-cert', cert, '--tls-key', key, '--pubsub-cert', key, '--pubsub-key', cert)
  assert.deepEqual([own.tls, own.pubSubTls], [both.tls, { cert: other, key: text }])
  for (const alone of ['--tls-cert', '--tls-key', '--pubsub-cert', '--pubsub-key']) {
    assert.throws(() => read(alone, cert), new RegExp(`${alone.slice(0, -4)}.* go together`))
  }
  assert.throws(() => read('--tls-cert', '/nowhere', '--tls-key', key), /--tls-cert: the file \/nowhere can't be read/)
})

test('--live stands with or without a number', () => {
  const changes = (...args: string[]) => (readSettings(args) as { changesPerMinute?: number }).changesPerMinute
  assert.equal(changes('--live'), 20)
  assert.equal(changes('--live', '--seed', '1'), 20)
  assert.equal(changes('--live', '90'), 90)
  assert.equal(changes(), undefined)
})

test('trouble that makes no sense is refused with what is wrong with it', () => {
  for (const text of [
    'nonsense',
    '{}',
    '{"do":{}}',
    '{"do":{"answer":"maybe"}}',
    '{"when":{"path":"("},"do":{"reset":"before-work"}}',
    '{"do":{"withoutHeaders":["Date\\r\\nX-Injected: 1"]}}',
    '{"do":{"answer":{"status":500,"errorCode":"<b>"}}}',
  ]) {
    assert.throws(() => readSettings(['--fault', text]), SettingError, text)
  }
})
