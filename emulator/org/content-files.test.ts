import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import type { Change, Org } from './model.ts'
import { rowsOf, signIns, testOrg } from './test-org.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const row = (org: Org, soql: string, all = false) => rowsOf(org, soql, { all })[0]

function upload(org: Org, fields: { [field: string]: string } = {}) {
  const by = signIns(org).admin.userId
  const file = { PathOnClient: 'C:/notes/Résumé.txt', VersionData: base64('grüße') }
  const version = org.create(by, 'ContentVersion', { ...file, ...fields })
  const [documentId] = row(org, `SELECT ContentDocumentId FROM ContentVersion WHERE Id = '${version}'`) ?? []
  return { by, version, documentId: String(documentId) }
}

// Fields and flags: salesforce-api.md 10.2.
test('an upload makes a document that knows its file: title, type, size, checksum, owner', () => {
  const org = testOrg()
  const { by, version, documentId } = upload(org)
  const record = org.findRecord(signIns(org).admin, 'ContentVersion', version)
  assert.deepEqual(
    [
      record?.Title,
      record?.FileType,
      record?.FileExtension,
      record?.ContentSize,
      record?.Checksum,
      record?.VersionNumber,
    ],
    ['Résumé', 'TEXT', 'txt', 7, createHash('md5').update('grüße').digest('hex'), '1'],
  )
  const document = `SELECT Title, ContentSize, LatestPublishedVersionId, OwnerId, PublishStatus FROM ContentDocument WHERE Id = '${documentId}'`
  assert.deepEqual(row(org, document), ['Résumé', 7, version, by, 'R'])
  const links = `SELECT LinkedEntityId, ShareType, Visibility FROM ContentDocumentLink WHERE ContentDocumentId = '${documentId}'`
  assert.deepEqual(rowsOf(org, links), [[by, 'I', 'AllUsers']])
  const bytes = org.readBlob(signIns(org).admin, 'ContentVersion', version, 'VersionData')
  assert.equal(Buffer.from(bytes ?? []).toString(), 'grüße')
})

test('a second version becomes the latest of its document', () => {
  const org = testOrg()
  const { version, documentId } = upload(org)
  const next = upload(org, {
    ContentDocumentId: documentId,
    PathOnClient: 'new.pdf',
    VersionData: base64('longer text'),
  })
  assert.equal(next.documentId, documentId)
  const versions = `SELECT Id, VersionNumber, IsLatest FROM ContentVersion WHERE ContentDocumentId = '${documentId}' ORDER BY VersionNumber`
  assert.deepEqual(rowsOf(org, versions), [
    [version, '1', false],
    [next.version, '2', true],
  ])
  const document = `SELECT Title, FileType, ContentSize, LatestPublishedVersionId FROM ContentDocument WHERE Id = '${documentId}'`
  assert.deepEqual(row(org, document), ['new', 'PDF', 11, next.version])
})

test('a first location links the file to its record, or puts it into a library', () => {
  const org = testOrg()
  const [caseId] = row(org, 'SELECT Id FROM Case LIMIT 1') ?? []
  const onCase = upload(org, { FirstPublishLocationId: String(caseId) })
  const link = (documentId: string, entity: unknown) =>
    row(
      org,
      `SELECT ShareType FROM ContentDocumentLink WHERE ContentDocumentId = '${documentId}' AND LinkedEntityId = '${entity}'`,
    )
  assert.deepEqual(link(onCase.documentId, caseId), ['V'])
  const [library] = row(org, 'SELECT Id FROM ContentWorkspace LIMIT 1') ?? []
  const { documentId } = upload(org, { FirstPublishLocationId: String(library) })
  assert.deepEqual(row(org, `SELECT ParentId, PublishStatus FROM ContentDocument WHERE Id = '${documentId}'`), [
    library,
    'P',
  ])
  assert.deepEqual(link(documentId, library), ['I'])
})

test('a library has a top folder; a file in it is a member of the folder, can be moved to another, and goes with its document', () => {
  const org = testOrg()
  const by = signIns(org).admin.userId
  const library = org.create(by, 'ContentWorkspace', { Name: 'Drawings' })
  const [root = null] = row(org, `SELECT RootContentFolderId FROM ContentWorkspace WHERE Id = '${library}'`) ?? []
  assert.deepEqual(row(org, `SELECT Name, ParentContentFolderId FROM ContentFolder WHERE Id = '${root}'`), [
    'Drawings',
    null,
  ])
  const { documentId } = upload(org)
  org.create(by, 'ContentWorkspaceDoc', { ContentWorkspaceId: library, ContentDocumentId: documentId })
  const members = `SELECT Id, ChildRecordId FROM ContentFolderMember WHERE ParentContentFolderId = '${root}'`
  const [member, child] = row(org, members) ?? []
  assert.equal(child, documentId)
  const held = `SELECT ContentWorkspaceId, IsOwner FROM ContentWorkspaceDoc WHERE ContentDocumentId = '${documentId}'`
  assert.deepEqual(rowsOf(org, held), [[library, true]])
  assert.deepEqual(row(org, `SELECT ParentId, PublishStatus FROM ContentDocument WHERE Id = '${documentId}'`), [
    library,
    'P',
  ])
  const below = org.create(by, 'ContentFolder', { Name: 'Old', ParentContentFolderId: String(root) })
  org.update(by, 'ContentFolderMember', String(member), { ParentContentFolderId: below })
  assert.deepEqual(rowsOf(org, members), [])
  org.delete(by, 'ContentDocument', documentId)
  assert.deepEqual(rowsOf(org, held), [])
})

test("the made-up libraries' files are in their top folders", () => {
  const org = testOrg()
  const inLibraries = rowsOf(org, 'SELECT Id, ParentId FROM ContentDocument WHERE ParentId != null')
  assert.ok(inLibraries.length > 0)
  for (const [documentId, library] of inLibraries) {
    const folder = `SELECT RootContentFolderId FROM ContentWorkspace WHERE Id = '${library}'`
    const member = `SELECT ParentContentFolderId FROM ContentFolderMember WHERE ChildRecordId = '${documentId}'`
    assert.deepEqual(rowsOf(org, member), rowsOf(org, folder))
    const held = `SELECT ContentWorkspaceId FROM ContentWorkspaceDoc WHERE ContentDocumentId = '${documentId}'`
    assert.deepEqual(rowsOf(org, held), [[library]])
  }
})

test('a document and its latest version are renamed together', () => {
  const org = testOrg()
  const { by, version, documentId } = upload(org)
  org.update(by, 'ContentDocument', documentId, { Title: 'One' })
  assert.deepEqual(row(org, `SELECT Title FROM ContentVersion WHERE Id = '${version}'`), ['One'])
  org.update(by, 'ContentVersion', version, { Title: 'Two' })
  assert.deepEqual(row(org, `SELECT Title FROM ContentDocument WHERE Id = '${documentId}'`), ['Two'])
})

test('a document takes its versions and links along when it is deleted', () => {
  const org = testOrg()
  const { by, version, documentId } = upload(org)
  assert.throws(() => org.delete(by, 'ContentVersion', version), { errorCode: 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY' })
  org.delete(by, 'ContentDocument', documentId)
  assert.equal(row(org, `SELECT Id FROM ContentVersion WHERE Id = '${version}'`), undefined)
  const links = `SELECT Id FROM ContentDocumentLink WHERE ContentDocumentId = '${documentId}'`
  assert.deepEqual(rowsOf(org, links), [])
  org.undelete(by, 'ContentDocument', documentId)
  assert.ok(row(org, `SELECT Id FROM ContentVersion WHERE Id = '${version}'`))
})

test('an upload without a file name, with broken base64 or to a document that is gone is refused', () => {
  const org = testOrg()
  const { by, documentId } = upload(org)
  const file = { PathOnClient: 'a.txt', VersionData: base64('x') }
  const create = (fields: object) => () => org.create(by, 'ContentVersion', { ...fields })
  assert.throws(create({ VersionData: file.VersionData }), {
    errorCode: 'REQUIRED_FIELD_MISSING',
    fields: ['PathOnClient'],
  })
  assert.throws(create({ ...file, VersionData: '%%%' }), { errorCode: 'INVALID_TYPE_ON_FIELD_IN_RECORD' })
  org.delete(by, 'ContentDocument', documentId)
  assert.throws(create({ ...file, ContentDocumentId: documentId }), { errorCode: 'ENTITY_IS_DELETED' })
})

test('a file is linked to a record once', () => {
  const org = testOrg()
  const { by, documentId } = upload(org)
  const [caseId = null] = row(org, 'SELECT Id FROM Case LIMIT 1') ?? []
  const link = { ContentDocumentId: documentId, LinkedEntityId: String(caseId), ShareType: 'V' }
  org.create(by, 'ContentDocumentLink', link)
  assert.throws(() => org.create(by, 'ContentDocumentLink', link), { errorCode: 'DUPLICATE_VALUE' })
})

test('bytes are kept beside the journal, not in it, and found again after a restart', () => {
  const blobFolder = mkdtempSync(join(tmpdir(), 'practice-blobs-'))
  try {
    const journal: Change[] = []
    const org = testOrg({ blobFolder, onChange: (change) => journal.push(change) })
    const text = 'a rather long text '.repeat(500)
    const { version } = upload(org, { VersionData: base64(text) })
    const lines = JSON.stringify(journal)
    assert.ok(lines.length < text.length && !lines.includes(base64(text)))
    const again = testOrg({ blobFolder })
    for (const change of JSON.parse(lines) as Change[]) again.replay(change)
    const bytes = again.readBlob(signIns(again).admin, 'ContentVersion', version, 'VersionData')
    assert.equal(Buffer.from(bytes ?? []).toString(), text)
  } finally {
    rmSync(blobFolder, { recursive: true, force: true })
  }
})
