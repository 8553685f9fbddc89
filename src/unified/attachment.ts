import {
  type Column,
  constant,
  field,
  ids,
  integer,
  joined,
  ownerLink,
  type RecordType,
  text,
  textOf,
  type Value,
  within,
} from './mapping.ts'

/** The ticket itself, or the one that the e-mail or post with the file belongs to. */
function ticketBehind(fieldName: string): Record<string, Column> {
  const remoteId: Value = {
    from: 'rules',
    rules: [
      { value: field(fieldName), when: { hasPrefix: [fieldName, '500'] } },
      { value: joined('EmailMessage', fieldName, 'ParentId'), when: { hasPrefix: [fieldName, '02s'] } },
      { value: joined('FeedItem', fieldName, 'ParentId'), when: { hasPrefix: [fieldName, '0D5'] } },
    ],
    otherwise: text().value,
  }
  return {
    ticket_id: within('ticket', 'id', textOf({ from: 'unifiedId', value: remoteId })),
    ticket_remote_id: within('ticket', 'remoteId', textOf(remoteId)),
  }
}

const document = (fieldName: string): Value => joined('ContentDocument', 'ContentDocumentId', fieldName)

export const attachment: RecordType = {
  name: 'attachment',
  view: 'attachments',
  capabilities: ['helpdesk'],
  sources: [
    {
      object: 'ContentDocumentLink',
      page: { object: 'ContentDocument', field: 'ContentDocumentId' },
      // Every file is also linked to its owner and its library: those links are not attachments.
      leaveOut: [{ hasPrefix: ['LinkedEntityId', '005'] }, { hasPrefix: ['LinkedEntityId', '058'] }],
      columns: {
        kind: constant('file'),
        ...ids('parent', 'LinkedEntityId'),
        ...ticketBehind('LinkedEntityId'),
        name: textOf(document('Title')),
        extension: textOf(document('FileExtension')),
        content_type: textOf(document('FileType')),
        size_bytes: { type: 'bigint', value: document('ContentSize') },
        owner_id: within('owner', 'id', textOf({ from: 'unifiedId', value: document('OwnerId') })),
        owner_remote_id: within('owner', 'remoteId', textOf(document('OwnerId'))),
        owner_name: within('owner', 'name', text()),
        owner_kind: within(
          'owner',
          'kind',
          textOf({ from: 'prefix', value: document('OwnerId'), kinds: { '005': 'user', '00G': 'team' } }),
        ),
      },
    },
    {
      object: 'Attachment',
      columns: {
        kind: constant('attachment'),
        ...ids('parent', 'ParentId'),
        ...ticketBehind('ParentId'),
        name: text('Name'),
        extension: text(),
        content_type: text('ContentType'),
        size_bytes: integer('BodyLength'),
        ...ownerLink('owner', 'OwnerId'),
      },
    },
  ],
  indexes: [['parent_remote_id']],
}
