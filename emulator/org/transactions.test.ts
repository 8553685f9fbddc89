import assert from 'node:assert/strict'
import test from 'node:test'
import type { Change, Commit, Org } from './model.ts'
import { ANCHOR, rowsOf, signIns, testOrg } from './test-org.ts'

/** An org whose clock stands still until it is set. */
function withClock(onChange?: (change: Change) => void) {
  const clock = { now: ANCHOR + 60_500 }
  const org = testOrg({ now: () => clock.now, ...(onChange && { onChange }) })
  return { clock, org, by: signIns(org).admin.userId }
}

const subjects = (org: Org) =>
  rowsOf(org, "SELECT Subject, SystemModstamp FROM Case WHERE Subject LIKE 'T-%' ORDER BY Subject").map(String)

test('everything in a transaction carries one stamp and is told of as one commit', () => {
  const { org, by, clock } = withClock()
  const commits: Commit[] = []
  org.onCommit((commit) => commits.push(commit))
  org.transaction(
    () => {
      org.create(by, 'Case', { Subject: 'T-1' })
      clock.now += 3_000
      const id = org.create(by, 'Case', { Subject: 'T-2' })
      org.update(by, 'Case', id, { Status: 'Working' })
    },
    { origin: 'com/salesforce/api/rest/67.0;client=t' },
  )
  const stamp = ANCHOR + 60_000
  assert.deepEqual(subjects(org), [`T-1,${stamp}`, `T-2,${stamp}`])
  const [commit, ...more] = commits
  assert.equal(more.length, 0)
  assert.equal(commit?.origin, 'com/salesforce/api/rest/67.0;client=t')
  assert.equal(commit?.byUserId, by)
  assert.match(String(commit?.key), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.deepEqual(
    commit?.changes.filter(({ objectName }) => objectName === 'Case').map(({ kind }) => kind),
    ['create', 'create', 'update'],
  )
  const update = commit?.changes.find(({ kind }) => kind === 'update')
  assert.equal(update?.before?.Status, 'New')
})

test('a transaction that fails leaves nothing behind, and its ids are not given again', () => {
  const journal: Change[] = []
  const { org, by } = withClock((change) => journal.push(change))
  let lost = ''
  assert.throws(
    () =>
      org.transaction(() => {
        lost = org.create(by, 'Case', { Subject: 'T-1' })
        org.create(by, 'Contact', {})
      }),
    { errorCode: 'REQUIRED_FIELD_MISSING' },
  )
  assert.deepEqual(subjects(org), [])
  assert.deepEqual(journal, [])
  assert.ok(org.create(by, 'Case', { Subject: 'T-2' }) > lost)
})

test('what fails inside a transaction is taken back even when the rest goes on', () => {
  const { org, by } = withClock()
  const existing = org.create(by, 'Case', { Subject: 'T-0' })
  org.transaction(() => {
    org.create(by, 'Case', { Subject: 'T-1' })
    assert.throws(() =>
      org.transaction(() => {
        org.update(by, 'Case', existing, { Subject: 'T-changed' })
        org.delete(by, 'Case', existing)
        throw new Error('no')
      }),
    )
    org.create(by, 'Case', { Subject: 'T-2' })
  })
  assert.deepEqual(
    subjects(org).map((text) => text.split(',')[0]),
    ['T-0', 'T-1', 'T-2'],
  )
  assert.deepEqual(org.listDeletions(signIns(org).admin, 'Case', ANCHOR, ANCHOR + 600_000).entries, [])
})

test('a slow change is stamped when it was made and seen only later, by everybody at once', () => {
  const { org, by, clock } = withClock()
  const commits: Commit[] = []
  org.onCommit((commit) => commits.push(commit))
  const id = org.create(by, 'Case', { Subject: 'T-late' }, { visibleAfterMs: 240_000 })
  assert.equal(org.findRecord(signIns(org).admin, 'Case', id), undefined)
  clock.now += 100_000
  org.create(by, 'Case', { Subject: 'T-soon' })
  assert.deepEqual(subjects(org), [`T-soon,${ANCHOR + 160_000}`])
  clock.now = ANCHOR + 60_500 + 240_000
  assert.deepEqual(subjects(org), [`T-late,${ANCHOR + 60_000}`, `T-soon,${ANCHOR + 160_000}`])
  const late = commits.find(({ changes }) => changes.some((change) => change.id === id))
  assert.equal(late?.at, ANCHOR + 300_500)
})

test('with a commit lag every change waits, in its order, until the lag is taken away', () => {
  const { org, by, clock } = withClock()
  const id = org.create(by, 'Case', { Subject: 'T-1' })
  org.setCommitLag(5_000)
  org.update(by, 'Case', id, { Subject: 'T-2' })
  assert.deepEqual(subjects(org), [`T-1,${ANCHOR + 60_000}`])
  clock.now += 2_000
  org.update(by, 'Case', id, { Subject: 'T-3' })
  clock.now += 3_000
  assert.deepEqual(subjects(org), [`T-2,${ANCHOR + 60_000}`])
  clock.now += 2_000
  assert.deepEqual(subjects(org), [`T-3,${ANCHOR + 62_000}`])
  org.setCommitLag(0)
  org.update(by, 'Case', id, { Subject: 'T-4' })
  assert.deepEqual(subjects(org), [`T-4,${ANCHOR + 67_000}`])
})

test('a change that was put off when the process ended shows itself on time after a restart', () => {
  const journal: Change[] = []
  const { org, by, clock } = withClock((change) => journal.push(change))
  const late = org.create(by, 'Case', { Subject: 'T-late' }, { visibleAfterMs: 60_000 })
  const soon = org.create(by, 'Case', { Subject: 'T-soon' })
  const restarted = { now: clock.now }
  const again = testOrg({ now: () => restarted.now })
  for (const change of JSON.parse(JSON.stringify(journal)) as Change[]) again.replay(change)
  const { admin } = signIns(again)
  assert.equal(again.findRecord(admin, 'Case', late), undefined)
  assert.ok(again.findRecord(admin, 'Case', soon))
  const next = again.create(by, 'Case', { Subject: 'T-next' })
  assert.ok(next > soon && next > late)
  restarted.now += 60_000
  assert.equal(again.findRecord(admin, 'Case', late)?.SystemModstamp, ANCHOR + 60_000)
})

test('a listener hears of commits in order until it stops', () => {
  const { org, by } = withClock()
  const heard: string[] = []
  const stop = org.onCommit(({ changes }) => heard.push(String(changes[0]?.fields?.Subject)))
  org.create(by, 'Case', { Subject: 'T-1' })
  org.create(by, 'Case', { Subject: 'T-2' })
  stop()
  org.create(by, 'Case', { Subject: 'T-3' })
  assert.deepEqual(heard, ['T-1', 'T-2'])
})

test('a record that somebody else changed meanwhile keeps the later stamp when the slow change shows itself', () => {
  const { org, by, clock } = withClock()
  const id = org.create(by, 'Case', { Subject: 'T-1' })
  org.update(by, 'Case', id, { Priority: 'High', Subject: 'T-slow' }, { visibleAfterMs: 60_000 })
  clock.now += 30_000
  org.update(by, 'Case', id, { Origin: 'Web' })
  assert.deepEqual(subjects(org), [`T-1,${ANCHOR + 90_000}`])
  clock.now += 30_000
  assert.deepEqual(subjects(org), [`T-slow,${ANCHOR + 90_000}`])
})

test('a slow edit of a record that was deleted meanwhile changes nothing, and its details still come back with it', () => {
  const { org, by, clock } = withClock()
  const id = org.create(by, 'Case', { Subject: 'T-1' })
  const comment = org.create(by, 'CaseComment', { ParentId: id, CommentBody: 'Kept' })
  org.update(by, 'Case', id, { Subject: 'T-slow' }, { visibleAfterMs: 60_000 })
  clock.now += 30_000
  org.delete(by, 'Case', id)
  clock.now += 60_000
  org.undelete(by, 'Case', id)
  assert.equal(org.findRecord(signIns(org).admin, 'Case', id)?.Subject, 'T-1')
  assert.ok(org.findRecord(signIns(org).admin, 'CaseComment', comment))
})

test('what a record held before a transaction failed is found again by it', () => {
  const { org, by } = withClock()
  const { admin } = signIns(org)
  const id = org.create(by, 'Contact', { LastName: 'T', Email: 'before@example.com' })
  assert.throws(() =>
    org.transaction(() => {
      org.update(by, 'Contact', id, { Email: 'after@example.com' })
      assert.deepEqual(org.findIdsByField(admin, 'Contact', 'Email', 'after@example.com'), [id])
      throw new Error('fails')
    }),
  )
  assert.deepEqual(org.findIdsByField(admin, 'Contact', 'Email', 'before@example.com'), [id])
})
