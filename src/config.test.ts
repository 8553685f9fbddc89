import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError, readConfig } from './config.ts'

test('with no settings at all, everything has its documented default', () => {
  const config = readConfig({})
  assert.equal(config.publicUrl, 'http://127.0.0.1:7465')
  assert.equal(config.databaseUrl, undefined)
  assert.equal(config.emulator, true)
  assert.equal(config.secretKeys, undefined)
})

test('every mistake is named at once', () => {
  const env = {
    PORT: 'http',
    PUBLIC_URL: 'loopline.example.com',
    DATABASE_URL: 'mysql://x',
    SECRET_KEY: 'short',
    SALESFORCE_CLIENT_SECRET: 'secret-without-id',
    SALESFORCE_EXTRA_HOSTS: 'http://proxy.example.com',
    EMULATOR: 'maybe',
  }
  assert.throws(
    () => readConfig(env),
    (error) => {
      assert.ok(error instanceof ConfigError)
      for (const name of Object.keys(env)) assert.ok(error.message.includes(name), name)
      assert.ok(!error.message.includes('secret-without-id'), 'a value that may be secret is not repeated')
      return true
    },
  )
})

test('the practice org is left out once a client id is set, unless asked for', () => {
  assert.equal(readConfig({ SALESFORCE_CLIENT_ID: 'id' }).emulator, false)
  assert.equal(readConfig({ SALESFORCE_CLIENT_ID: 'id', EMULATOR: 'on' }).emulator, true)
})

test('extra hosts are origins: https anywhere, http on this machine only', () => {
  const ok = readConfig({ SALESFORCE_EXTRA_HOSTS: 'https://proxy.example.com, http://127.0.0.1:7466/' })
  assert.deepEqual(ok.extraOrigins, ['https://proxy.example.com', 'http://127.0.0.1:7466'])
  for (const bad of ['https://a.example/path', 'https://user@a.example', 'ftp://a.example', 'a.example']) {
    assert.throws(() => readConfig({ SALESFORCE_EXTRA_HOSTS: bad }), ConfigError, bad)
  }
})

test('an address that listens everywhere is opened as localhost', () => {
  assert.equal(readConfig({ HOST: '0.0.0.0', PORT: '80' }).publicUrl, 'http://localhost:80')
  assert.equal(readConfig({ PUBLIC_URL: 'https://loop.example/' }).publicUrl, 'https://loop.example')
})
