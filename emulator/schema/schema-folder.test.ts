import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createEmulator } from '../app.ts'
import type { Org } from '../org/model.ts'
import { readSchemaFolder } from '../org/schemas.ts'
import { rowsOf, signIns, testOrg } from '../org/test-org.ts'
import { watchSchemaFolder } from './watched-folder.ts'

function makeFolder(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'practice-schema-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return {
    folder,
    write: (name: string, content: object) => writeFileSync(join(folder, `${name}.json`), JSON.stringify(content)),
    remove: (name: string) => rmSync(join(folder, `${name}.json`)),
  }
}

const has = (org: Org, object: string, field: string) =>
  org.getObject(signIns(org).admin, object).fields.some(({ name }) => name === field)

test('an operator’s folder adds objects and fields, and follows its files while the org runs', (t) => {
  const { folder, write, remove } = makeFolder(t)
  write('Site__c', { fields: { Name: { type: 'string' }, Account__c: { type: 'reference', to: ['Account'] } } })
  write('Case', { fields: { Region__c: { type: 'string', length: 20 } } })
  const org = testOrg()
  const { admin } = signIns(org)
  const watched = watchSchemaFolder(org, folder, assert.fail)
  t.after(watched.close)
  assert.equal(org.getObject(admin, 'Site__c').keyPrefix, 'a00')
  assert.ok(has(org, 'Case', 'Region__c'))
  const id = org.create(admin.userId, 'Case', { Region__c: 'North' })

  write('Case', { fields: { Region__c: { type: 'string', length: 40 }, Zone__c: { type: 'double' } } })
  watched.read()
  assert.ok(has(org, 'Case', 'Zone__c'))
  assert.deepEqual(rowsOf(org, `SELECT Region__c FROM Case WHERE Id = '${id}'`), [['North']])
  write('Case', { fields: { Zone__c: { type: 'double' } } })
  remove('Site__c')
  watched.read()
  assert.ok(!has(org, 'Case', 'Region__c'))
  assert.throws(() => org.getObject(admin, 'Site__c'), { errorCode: 'NOT_FOUND' })
})

test('a changed file is picked up without being asked for', async (t) => {
  const { folder, write } = makeFolder(t)
  const { promise, resolve } = Promise.withResolvers<void>()
  const org = testOrg({ onSchemaChange: () => resolve() })
  const watched = watchSchemaFolder(org, folder, () => undefined)
  t.after(watched.close)
  const alive = setInterval(() => undefined, 1000)
  t.after(() => clearInterval(alive))
  write('Case', { fields: { Region__c: { type: 'string' } } })
  await promise
  assert.ok(has(org, 'Case', 'Region__c'))
})

test('a faulty file is told with its name and field, and changes nothing', (t) => {
  const { folder, write } = makeFolder(t)
  write('Case', { fields: { Region__c: { type: 'strin' }, Zone__c: { type: 'double', scal: 2 } } })
  writeFileSync(join(folder, 'Broken.json'), '{')
  assert.throws(
    () => readSchemaFolder(folder),
    (error: Error) => {
      assert.match(error.message, /Case\.json: fields\.Region__c\.type/)
      assert.match(error.message, /Case\.json: fields\.Zone__c: .*scal/)
      assert.match(error.message, /Broken\.json/)
      return true
    },
  )
})

test('changes to schema, permissions and sharing are there after a restart, with the folder’s', async (t) => {
  const { folder: dataDir } = makeFolder(t)
  const { folder: schemaDir, write } = makeFolder(t)
  write('Site__c', { fields: {} })
  const options = { origin: 'http://127.0.0.1:7466', scale: 0.1, dataDir, schemaDir }
  const describe = ({ org }: { org: Org }) => {
    const { agent } = signIns(org)
    return JSON.stringify(org.listObjects(agent))
  }
  const first = createEmulator(options)
  first.org.changeSchema({ kind: 'remove-field', object: 'Case', field: 'Error_Code__c' })
  first.org.changeAccess({ kind: 'object', permissionSet: 'Support Agent', object: 'Lead', rights: { read: true } })
  first.org.changeAccess({ kind: 'org-wide-default', object: 'Case', sharing: 'Private' })
  const before = describe(first)
  await first.close()
  const second = createEmulator(options)
  assert.equal(describe(second), before)
  await second.close()
})

test('an org in a folder stays of its kind', async (t) => {
  const { folder: dataDir } = makeFolder(t)
  const options = { origin: 'http://127.0.0.1:7466', scale: 0.1, dataDir }
  await createEmulator({ ...options, settings: { isSandbox: true } }).close()
  const again = createEmulator(options)
  assert.equal(again.org.isSandbox, true)
  await again.close()
  assert.throws(() => createEmulator({ ...options, settings: { multiCurrency: true } }), /another kind/)
})
