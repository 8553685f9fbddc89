import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { createEmulator } from '../app.ts'
import type { Org } from './model.ts'
import { ANCHOR, rowsOf, signIns } from './test-org.ts'

test('files, rules, a purged delete log, merged records and article states are there after a restart', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'practice-restart-'))
  let now = ANCHOR + 60_000
  const open = () =>
    createEmulator({ origin: 'http://org.example', dataDir, anchor: ANCHOR, scale: 0.1, now: () => now })
  const merged = (org: Org, id: string) =>
    rowsOf(org, `SELECT IsDeleted, MasterRecordId FROM Account WHERE Id = '${id}'`, { all: true })
  try {
    const before = open()
    const { org } = before
    const by = signIns(org).admin.userId
    const VersionData = Buffer.from('kept').toString('base64')
    const file = org.create(by, 'ContentVersion', { PathOnClient: 'a.txt', VersionData })
    const rule = { kind: 'validation', name: 'r', object: 'Case', when: { Status: 'Closed' }, message: 'No' } as const
    org.setSaveRule(rule)
    const [master = '', loser = ''] = ['A', 'B'].map((Name) => org.create(by, 'Account', { Name }))
    const child = org.create(by, 'Account', { Name: 'Child', ParentId: loser })
    org.merge(by, 'Account', master, [loser])
    const draft = org.create(by, 'Knowledge__kav', { Title: 'T', UrlName: 'T' })
    org.actOnArticle(by, { kind: 'publish', versionId: draft })
    const boss = org.create(by, 'Contact', { LastName: 'Boss' })
    const report = org.create(by, 'Contact', { LastName: 'Report', ReportsToId: boss })
    org.delete(by, 'Contact', boss)
    now += 60_000
    org.purgeDeleteLog(now)
    await before.close()

    now += 60_000
    const after = open()
    const again = after.org
    const { admin } = signIns(again)
    const bytes = again.readBlob(admin, 'ContentVersion', file, 'VersionData')
    assert.equal(Buffer.from(bytes ?? []).toString(), 'kept')
    assert.throws(() => again.create(by, 'Case', { Status: 'Closed' }), { message: 'No' })
    assert.deepEqual(merged(again, loser), [[true, master]])
    assert.equal(again.findRecord(admin, 'Account', child)?.ParentId, master)
    assert.equal(again.findRecord(admin, 'Knowledge__kav', draft)?.PublishStatus, 'Online')
    const { earliest, entries } = again.listDeletions(admin, 'Account', 0, now)
    assert.deepEqual([earliest, entries], [ANCHOR + 120_000, []])
    // A lookup that was cleared before the restart is filled again after it.
    again.undelete(by, 'Contact', boss)
    assert.equal(again.findRecord(admin, 'Contact', report)?.ReportsToId, boss)
    await after.close()
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
})
