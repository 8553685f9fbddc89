/** Uploading files: a version makes its document, or becomes the next version of one (salesforce-api.md 10.2). */

import { extname, parse } from 'node:path'
import { readField } from './automation.ts'
import type { BlobStore } from './blob-store.ts'
import { md5 } from './file-bytes.ts'
import { idOfSlot } from './ids.ts'
import { type FieldValue, type ObjectSchema, OrgError, type RecordFields } from './model.ts'
import { liveSlot, type Records } from './record-changes.ts'
import { wholeSecond } from './transactions.ts'

/** What Salesforce calls files of an extension: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_contentversion.htm */
const FILE_TYPES: { readonly [extension: string]: string } = {
  csv: 'CSV',
  doc: 'WORD',
  docx: 'WORD_X',
  gif: 'GIF',
  htm: 'HTML',
  html: 'HTML',
  jpeg: 'JPG',
  jpg: 'JPG',
  json: 'JSON',
  mp3: 'MP3',
  mp4: 'MP4',
  pdf: 'PDF',
  png: 'PNG',
  ppt: 'POWER_POINT',
  pptx: 'POWER_POINT_X',
  rtf: 'RTF',
  snote: 'SNOTE',
  svg: 'SVG',
  txt: 'TEXT',
  xls: 'EXCEL',
  xlsx: 'EXCEL_X',
  xml: 'XML',
  zip: 'ZIP',
}

interface Stored {
  readonly fields: RecordFields
  /** The bytes of the record's file, when it has one. */
  readonly bytes: Uint8Array | undefined
}

/** Moves the bytes of base64 fields into the store; the record keeps their keys. */
export function storeBytes(blobs: BlobStore, schema: ObjectSchema, fields: RecordFields): Stored {
  const kept: Record<string, FieldValue> = { ...fields }
  let bytes: Uint8Array | undefined
  for (const { name, type, label } of schema.fields) {
    const text = fields[name]
    if (type !== 'base64' || typeof text !== 'string') continue
    if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text)) {
      const message = `${label}: value not of required type: ${text.slice(0, 80)}`
      throw new OrgError('INVALID_TYPE_ON_FIELD_IN_RECORD', message, 400, [name])
    }
    bytes = Buffer.from(text, 'base64')
    kept[name] = blobs.put(bytes)
  }
  if (bytes && schema.fields.some(({ name }) => name === 'BodyLength')) kept.BodyLength = bytes.length
  return { fields: kept, bytes }
}

/** A version's fields with a title: its file's name, when none is given. */
export function titled(fields: RecordFields): RecordFields {
  const path = fields.PathOnClient ?? null
  if (fields.ContentUrl === undefined && path === null) {
    throw new OrgError('REQUIRED_FIELD_MISSING', 'Required fields are missing: [PathOnClient]', 400, ['PathOnClient'])
  }
  const title = fields.Title ?? (path === null ? (fields.ContentUrl ?? null) : parse(String(path)).name)
  return { ...fields, Title: title }
}

/** Adds a version and what belongs to it; gives the version's id. */
export function insertVersion(records: Records, userId: string, { fields, bytes }: Stored): string {
  const documents = records.tableOf('ContentDocument')
  const versions = records.tableOf('ContentVersion')
  const at = wholeSecond(records.stamp())
  const isLink = typeof fields.ContentUrl === 'string'
  const extension = extname(String(fields.PathOnClient ?? '')).slice(1)
  const location = typeof fields.FirstPublishLocationId === 'string' ? fields.FirstPublishLocationId : undefined
  const library = location?.startsWith(records.tableOf('ContentWorkspace').schema.keyPrefix ?? '') ? location : null
  const existing = typeof fields.ContentDocumentId === 'string' ? fields.ContentDocumentId : undefined

  const file = {
    Title: fields.Title ?? null,
    FileExtension: isLink || extension === '' ? null : extension,
    FileType: isLink ? 'LINK' : (FILE_TYPES[extension.toLowerCase()] ?? 'UNKNOWN'),
    ContentSize: bytes?.length ?? 0,
  }
  // The document names its latest version, and the version its document: both ids are known before.
  const versionId = idOfSlot(versions.schema.keyPrefix ?? '', versions.slotCount())
  const latest = { ...file, LatestPublishedVersionId: versionId, ContentModifiedDate: at }
  let number = 1
  let documentId = existing
  if (documentId === undefined) {
    documentId = records.insert(userId, 'ContentDocument', {
      ...latest,
      OwnerId: fields.OwnerId ?? userId,
      PublishStatus: library === null ? 'R' : 'P',
      ParentId: library,
      SharingOption: fields.SharingOption ?? 'A',
      SharingPrivacy: fields.SharingPrivacy ?? 'N',
      Description: fields.Description ?? null,
    })
  } else {
    liveSlot(documents, documentId)
    for (const slot of versions.slotsWith('ContentDocumentId', documentId)) {
      if (versions.isDeleted(slot)) continue
      number = Math.max(number, Number(versions.column('VersionNumber')(slot)) + 1)
      if (versions.column('IsLatest')(slot) !== true) continue
      records.write(userId, 'ContentVersion', versions.idOf(slot), { IsLatest: false }, { stamps: 'system' })
    }
  }
  const version = records.insert(userId, 'ContentVersion', {
    Origin: 'C',
    ContentLocation: isLink ? 'L' : 'S',
    SharingOption: 'A',
    SharingPrivacy: 'N',
    ...fields,
    ...file,
    ContentDocumentId: documentId,
    IsLatest: true,
    VersionNumber: String(number),
    PublishStatus: library === null ? 'R' : 'P',
    ContentModifiedDate: fields.ContentModifiedDate ?? at,
    ContentModifiedById: userId,
    Checksum: bytes ? md5(bytes) : null,
  })
  if (existing === undefined) link(records, userId, { documentId, ownerId: String(fields.OwnerId ?? userId), location })
  else records.write(userId, 'ContentDocument', documentId, latest)
  return version
}

function link(
  records: Records,
  userId: string,
  { documentId, ownerId, location }: { documentId: string; ownerId: string; location: string | undefined },
): void {
  const about = { ContentDocumentId: documentId, Visibility: 'AllUsers' }
  records.insert(userId, 'ContentDocumentLink', { ...about, LinkedEntityId: ownerId, ShareType: 'I' })
  if (location === undefined || location === ownerId) return
  if (location.startsWith(records.tableOf('ContentWorkspace').schema.keyPrefix ?? '')) {
    insertIntoLibrary(records, userId, { ContentDocumentId: documentId, ContentWorkspaceId: location })
  } else records.insert(userId, 'ContentDocumentLink', { ...about, LinkedEntityId: location, ShareType: 'V' })
}

/**
 * Puts a document into a library and its top folder; the first library owns it
 * (https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_contentworkspacedoc.htm).
 */
export function insertIntoLibrary(records: Records, userId: string, fields: RecordFields): string {
  const documents = records.tableOf('ContentDocument')
  const { ContentDocumentId = null, ContentWorkspaceId = null } = fields
  const documentId = String(ContentDocumentId)
  const owner = documents.column('ParentId')(liveSlot(documents, documentId))
  if (owner === null) {
    records.write(userId, 'ContentDocument', documentId, { ParentId: ContentWorkspaceId, PublishStatus: 'P' })
  }
  const link = { ContentDocumentId, LinkedEntityId: ContentWorkspaceId, ShareType: 'I', Visibility: 'AllUsers' }
  refuseSecondLink(records, link)
  records.insert(userId, 'ContentDocumentLink', link)
  const folder = readField(records.tables, 'ContentWorkspace', ContentWorkspaceId, 'RootContentFolderId')
  const isOwner = owner === null || owner === ContentWorkspaceId
  if (isOwner && folder !== null) {
    records.insert(userId, 'ContentFolderMember', { ParentContentFolderId: folder, ChildRecordId: documentId })
  }
  return records.insert(userId, 'ContentWorkspaceDoc', { ...fields, IsOwner: isOwner })
}

/** Makes a library with its top folder. */
export function insertLibrary(records: Records, userId: string, fields: RecordFields): string {
  const RootContentFolderId = records.insert(userId, 'ContentFolder', { Name: fields.Name ?? null })
  return records.insert(userId, 'ContentWorkspace', { WorkspaceType: 'R', ...fields, RootContentFolderId })
}

/** Throws when the document is linked to the record already. */
export function refuseSecondLink(records: Records, fields: RecordFields): void {
  const links = records.tableOf('ContentDocumentLink')
  const isTaken = links
    .slotsWith('ContentDocumentId', fields.ContentDocumentId ?? null)
    .some((slot) => !links.isDeleted(slot) && links.column('LinkedEntityId')(slot) === fields.LinkedEntityId)
  // Salesforce names neither the field nor the record here.
  if (isTaken) {
    const message = 'duplicate value found: <unknown> duplicates value on record with id: <unknown>'
    throw new OrgError('DUPLICATE_VALUE', message)
  }
}
