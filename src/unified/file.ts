import {
  bool,
  constant,
  ids,
  integer,
  joined,
  link,
  ownerLink,
  type RecordType,
  text,
  textOf,
  time,
} from './mapping.ts'

export const file: RecordType = {
  name: 'file',
  view: 'files',
  capabilities: ['content'],
  sources: [
    {
      object: 'ContentDocument',
      columns: {
        title: text('Title'),
        description: text('Description'),
        file_type: text('FileType'),
        extension: text('FileExtension'),
        size_bytes: integer('ContentSize'),
        checksum_md5: textOf(joined('ContentVersion', 'LatestPublishedVersionId', 'Checksum')),
        file_name: textOf(joined('ContentVersion', 'LatestPublishedVersionId', 'PathOnClient')),
        version_number: textOf(joined('ContentVersion', 'LatestPublishedVersionId', 'VersionNumber')),
        version_remote_id: text('LatestPublishedVersionId'),
        is_archived: bool('IsArchived'),
        content_modified_at: time('ContentModifiedDate'),
        ...link('folder', 'ParentId', 'ContentWorkspace'),
        ...ownerLink('owner', 'OwnerId'),
      },
    },
  ],
  indexes: [
    ['created_at'],
    ['updated_at'],
    ['title'],
    ['size_bytes'],
    ['file_type', 'created_at'],
    ['owner_remote_id', 'created_at'],
  ],
  choices: ['file_type', 'owner_remote_id'],
  search: ['title', 'description', 'extension'],
}

/** Libraries, and the folders in them. */
export const folder: RecordType = {
  name: 'folder',
  view: 'folders',
  capabilities: ['content'],
  sources: [
    {
      object: 'ContentWorkspace',
      columns: {
        kind: constant('library'),
        name: text('Name'),
        description: text('Description'),
        ...ids('parent', 'RootContentFolderId'),
      },
    },
    {
      object: 'ContentFolder',
      columns: {
        kind: constant('folder'),
        name: text('Name'),
        description: text(),
        ...ids('parent', 'ParentContentFolderId'),
      },
    },
  ],
}
