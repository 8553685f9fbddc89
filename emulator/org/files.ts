/** Files and attachments: documents, their versions, and the records they hang on. */

import { DAY } from './calendar.ts'
import type { Cases } from './cases.ts'
import type { Company } from './company.ts'
import type { Customers } from './customers.ts'
import { dateOf } from './dates.ts'
import type { Deals } from './deals.ts'
import { fraction, pick } from './draw.ts'
import { fileKinds, md5 } from './file-bytes.ts'
import { idOfSlot, slotOfId } from './ids.ts'
import { type Layers, layersOver, stepTime } from './layers.ts'
import { listed } from './listed.ts'
import type { People } from './people.ts'
import type { Seeded } from './table.ts'

const TITLES = [
  'Event log',
  'Yield per hour',
  'Photo of the type label',
  'Commissioning report',
  'Übergabeprotokoll',
  'Offer "turnkey"',
]
const LIBRARIES = ['Product documentation', 'Installer handbook'] as const
const FOLDERS = ['Inverters', 'Storage', 'Heat pumps'] as const
const IN_LIBRARY = 8

interface Related {
  readonly people: People
  readonly customers: Customers
  readonly cases: Cases
  readonly deals: Deals
  readonly emails: Layers
  emailExists(slot: number): boolean
}

export interface Files {
  readonly tables: { readonly [objectName: string]: Seeded }
  bytes(objectName: string, slot: number): Uint8Array | undefined
}

/** The company's files. */
export function createFiles(
  company: Company,
  { people, customers, cases, deals, emails, emailExists }: Related,
): Files {
  const { draw, seed } = company
  const count = company.scaled(300)
  const steps = company.steps('ContentDocument', count)
  const createdAt = (document: number) => stepTime(steps, document)
  const versions = layersOver('ContentVersion', [{ delayDays: 0 }, { delayDays: 30, spreadDays: 20 }], { steps, seed })
  const links = layersOver('ContentDocumentLink', [{ delayDays: 0 }, { delayDays: 0, together: true }], { steps, seed })
  const traits = draw('ContentDocument')
  const where = draw('ContentDocument.where')
  const binned = company.bin('ContentDocument', 60).putAt

  const kindOf = (document: number) => pick(fileKinds, traits(document))
  const title = (document: number) => `${pick(TITLES, traits(document) >>> 3)} ${dateOf(createdAt(document))}`
  const ownerOf = (document: number) => pick(people.support, traits(document) >>> 6).id
  const inLibrary = (document: number) => where(document) % IN_LIBRARY === 0
  const revised = (document: number) => (where(document) >>> 4) % 5 === 0
  const latestOf = (document: number) => {
    const second = revised(document) ? versions.slotOf(document, 1) : -1
    return second >= 0 ? second : versions.slotOf(document, 0)
  }
  const changedAt = (document: number) => versions.at(latestOf(document))
  const binnedAt = (document: number) => binned(document, changedAt(document))
  const stamp = (document: number) => binnedAt(document) || changedAt(document)
  const bytesOf = (version: number) => {
    const document = versions.parentOf(version)
    return kindOf(document).bytes(title(document), traits(document) + versions.layerOf(version))
  }

  // A file on a case belongs to one of the cases of the days before, so that a case's files are found nearby.
  const window = Math.max(1, Math.ceil(cases.count / 60))
  const caseOf = (document: number) =>
    Math.max(0, Math.floor((document / count) * cases.count) - 1 - (traits(document) % window))
  function entityOf(document: number): string {
    if (inLibrary(document)) return idOfSlot('058', where(document) % LIBRARIES.length)
    const chance = (where(document) >>> 8) % 20
    const parent = caseOf(document)
    const deal = Math.max(0, Math.floor((document / count) * deals.count) - 1)
    const email = emails.slotOf(parent, 0)
    // What hangs on a deleted record would be deleted with it, so files in use hang on others.
    if (chance < 14 && cases.binnedAt(parent) === 0) {
      return chance < 4 && email >= 0 && emailExists(email) ? idOfSlot('02s', email) : cases.id(parent)
    }
    if (chance < 17 && deals.binnedAt(deal) === 0) return deals.id(deal)
    return customers.accountId(Math.floor(fraction(where(document)) * customers.accountsAt(document / count)))
  }
  const owned = (link: number) => links.layerOf(link) === 1

  const author = {
    CreatedById: ownerOf,
    LastModifiedById: ownerOf,
    OwnerId: ownerOf,
    Title: title,
    FileType: (document: number) => kindOf(document).fileType,
    FileExtension: (document: number) => kindOf(document).extension,
    SharingOption: () => 'A',
    SharingPrivacy: () => 'N',
  }
  const ofVersion = Object.fromEntries(
    Object.entries(author).map(([name, column]) => [name, (version: number) => column(versions.parentOf(version))]),
  )

  const ContentDocument: Seeded = {
    slots: count,
    createdAt,
    deleted: (document) => binnedAt(document) > 0,
    columns: {
      ...author,
      CreatedDate: createdAt,
      LastModifiedDate: stamp,
      SystemModstamp: stamp,
      PublishStatus: (document) => (inLibrary(document) ? 'P' : 'R'),
      LatestPublishedVersionId: (document) => idOfSlot('068', latestOf(document)),
      ParentId: (document) => (inLibrary(document) ? entityOf(document) : null),
      ContentSize: (document) => bytesOf(latestOf(document)).length,
      ContentModifiedDate: changedAt,
    },
  }

  const versionStamp = (version: number) => {
    const document = versions.parentOf(version)
    // A version stops being the latest when the next one comes.
    return binnedAt(document) || changedAt(document)
  }
  const ContentVersion: Seeded = {
    slots: versions.slots,
    exists: (version) => {
      const document = versions.parentOf(version)
      return document >= 0 && (versions.layerOf(version) === 0 || revised(document))
    },
    createdAt: versions.at,
    deleted: (version) => binnedAt(versions.parentOf(version)) > 0,
    children: {
      ContentDocumentId(parentId) {
        const document = slotOfId('069', parentId)
        if (document < 0 || document >= count) return []
        return [versions.slotOf(document, 0), versions.slotOf(document, 1)].filter((slot) => slot >= 0)
      },
    },
    columns: {
      ...ofVersion,
      ContentDocumentId: (version) => idOfSlot('069', versions.parentOf(version)),
      IsLatest: (version) => latestOf(versions.parentOf(version)) === version,
      VersionNumber: (version) => String(versions.layerOf(version) + 1),
      PathOnClient: (version) => {
        const document = versions.parentOf(version)
        return `${title(document)}.${kindOf(document).extension}`
      },
      ContentModifiedDate: versions.at,
      ContentModifiedById: (version) => ownerOf(versions.parentOf(version)),
      CreatedDate: versions.at,
      LastModifiedDate: versionStamp,
      SystemModstamp: versionStamp,
      PublishStatus: (version) => (inLibrary(versions.parentOf(version)) ? 'P' : 'R'),
      ContentSize: (version) => bytesOf(version).length,
      FirstPublishLocationId: (version) => {
        const entity = entityOf(versions.parentOf(version))
        return entity.startsWith('02s') ? null : entity
      },
      Origin: () => 'H',
      ContentLocation: () => 'S',
      TextPreview: (version) =>
        kindOf(versions.parentOf(version)).extension === 'txt'
          ? new TextDecoder().decode(bytesOf(version)).slice(0, 120)
          : null,
      Checksum: (version) => md5(bytesOf(version)),
    },
  }

  const ContentDocumentLink: Seeded = {
    slots: links.slots,
    exists: (link) => !owned(link) || (where(links.parentOf(link)) >>> 13) % 2 === 0,
    createdAt: links.at,
    deleted: (link) => binnedAt(links.parentOf(link)) > 0,
    children: {
      ContentDocumentId(parentId) {
        const document = slotOfId('069', parentId)
        return document < 0 || document >= count ? [] : [links.slotOf(document, 0), links.slotOf(document, 1)]
      },
      LinkedEntityId(parentId) {
        const email = slotOfId('02s', parentId)
        const found = email >= 0 && email < emails.slots ? emails.parentOf(email) : cases.slotOf(parentId)
        if (found < 0) return undefined
        // The first documents reach for cases before the first, and get the first.
        const from = found === 0 ? 0 : Math.floor(((found + 1) / cases.count) * count) - 1
        const to = Math.min(count - 1, Math.ceil(((found + window + 2) / cases.count) * count) + 1)
        const slots: number[] = []
        for (let document = Math.max(0, from); document <= to; document++) {
          slots.push(links.slotOf(document, 0), links.slotOf(document, 1))
        }
        return slots
      },
    },
    columns: {
      LinkedEntityId: (link) => (owned(link) ? ownerOf(links.parentOf(link)) : entityOf(links.parentOf(link))),
      ContentDocumentId: (link) => idOfSlot('069', links.parentOf(link)),
      SystemModstamp: (link) => binnedAt(links.parentOf(link)) || links.at(link),
      ShareType: (link) => (owned(link) ? 'I' : 'V'),
      Visibility: () => 'AllUsers',
    },
  }

  // A library's file is in one row here and in one there, numbered like its document.
  const inOneLibrary: Seeded = {
    slots: count,
    exists: inLibrary,
    createdAt,
    deleted: (document) => binnedAt(document) > 0,
    columns: {
      CreatedDate: createdAt,
      CreatedById: ownerOf,
      LastModifiedDate: (document) => binnedAt(document) || createdAt(document),
      LastModifiedById: ownerOf,
      SystemModstamp: (document) => binnedAt(document) || createdAt(document),
    },
  }
  const documentId = (document: number) => idOfSlot('069', document)
  const documentSlot = (parentId: string) => [slotOfId('069', parentId)].filter((slot) => slot >= 0 && slot < count)
  const ContentWorkspaceDoc: Seeded = {
    ...inOneLibrary,
    children: { ContentDocumentId: documentSlot },
    columns: {
      ...inOneLibrary.columns,
      ContentWorkspaceId: entityOf,
      ContentDocumentId: documentId,
      IsOwner: () => true,
    },
  }
  const ContentFolderMember: Seeded = {
    ...inOneLibrary,
    children: { ChildRecordId: documentSlot },
    columns: {
      ...inOneLibrary.columns,
      ParentContentFolderId: (document) => idOfSlot('07H', slotOfId('058', entityOf(document))),
      ChildRecordId: documentId,
    },
  }

  const attachments = layersOver('Attachment', [{ delayDays: 0.6, spreadDays: 0.5 }], { steps: cases.steps, seed })
  const attached = draw('Attachment')
  const textKinds = fileKinds.filter(({ extension }) => extension !== 'png')
  const attachmentKind = (slot: number) => pick(textKinds, attached(slot) >>> 5)
  const attachmentName = (slot: number) => `${pick(TITLES, attached(slot))} ${slot}.${attachmentKind(slot).extension}`
  const attachmentBytes = (slot: number) => attachmentKind(slot).bytes(attachmentName(slot), attached(slot))
  const caseBin = (slot: number) => cases.binnedAt(attachments.parentOf(slot))
  const attachmentOwner = (slot: number) => cases.state(attachments.parentOf(slot)).agent.id
  const attachmentStamp = (slot: number) => caseBin(slot) || attachments.at(slot)
  const Attachment: Seeded = {
    slots: attachments.slots,
    exists: (slot) => attachments.parentOf(slot) >= 0 && attached(slot) % 15 === 0,
    createdAt: attachments.at,
    deleted: (slot) => caseBin(slot) > 0,
    children: {
      ParentId(parentId) {
        const found = cases.slotOf(parentId)
        return found < 0 ? [] : [attachments.slotOf(found, 0)].filter((slot) => slot >= 0)
      },
    },
    columns: {
      ParentId: (slot) => cases.id(attachments.parentOf(slot)),
      Name: attachmentName,
      ContentType: (slot) => attachmentKind(slot).contentType,
      BodyLength: (slot) => attachmentBytes(slot).length,
      OwnerId: attachmentOwner,
      CreatedDate: attachments.at,
      CreatedById: attachmentOwner,
      LastModifiedDate: attachmentStamp,
      LastModifiedById: attachmentOwner,
      SystemModstamp: attachmentStamp,
      Description: (slot) => (attached(slot) % 4 === 0 ? 'Sent by the customer' : null),
    },
  }

  const setUp = { at: people.setUpAt, byUserId: people.admin.id }
  return {
    tables: {
      ContentDocument,
      ContentVersion,
      ContentDocumentLink,
      ContentWorkspaceDoc,
      ContentFolderMember,
      Attachment,
      ContentFolder: listed(
        FOLDERS.map((name, n) => ({ Name: name, ParentContentFolderId: n === 0 ? null : idOfSlot('07H', 0) })),
        setUp,
      ),
      ContentWorkspace: listed(
        LIBRARIES.map((name, n) => ({
          Name: name,
          DeveloperName: name.replaceAll(' ', '_'),
          Description: `${name}, kept by ${people.writers[0]?.name ?? 'nobody'}`,
          TagModel: 'U',
          WorkspaceType: 'R',
          RootContentFolderId: idOfSlot('07H', n),
          LastWorkspaceActivityDate: company.start + n * DAY,
        })),
        setUp,
      ),
    },
    bytes(objectName, slot) {
      if (objectName === 'ContentVersion') return bytesOf(slot)
      return objectName === 'Attachment' ? attachmentBytes(slot) : undefined
    },
  }
}
