/** A ticket's time-line: what people said, in whatever way, and what changed. */

import {
  bool,
  type Column,
  type Condition,
  constant,
  field,
  ids,
  joined,
  link,
  personName,
  type RecordType,
  text,
  textOf,
  time,
  type Value,
  within,
} from './mapping.ts'
import { ticketChange } from './normalize.ts'

const word = (value: string): Value => ({ from: 'constant', value })
const nothing = text()
const onCasesOnly: Condition = { not: { hasPrefix: ['ParentId', '500'] } }

/** Who wrote it: a user, or whoever an e-mail came from. */
function author(name: Value, email: Value, id: Value, kind: Value): Record<string, Column> {
  return {
    author_id: within('author', 'id', textOf({ from: 'unifiedId', value: id })),
    author_remote_id: within('author', 'remoteId', textOf(id)),
    author_kind: within('author', 'kind', textOf(kind)),
    author_name: within('author', 'name', textOf(name)),
    author_email: within('author', 'email', textOf(email)),
  }
}

const byUser = author(
  joined('User', 'CreatedById', personName),
  joined('User', 'CreatedById', 'Email'),
  field('CreatedById'),
  word('user'),
)

const visibility = (publicWhen: Condition): Column =>
  textOf({ from: 'rules', rules: [{ value: word('public'), when: publicWhen }], otherwise: word('internal') })

const withoutMail = {
  direction: nothing,
  to_address: nothing,
  cc_address: nothing,
  sent_at: time(),
  has_attachment: bool(),
}

export const ticketComment: RecordType = {
  name: 'ticket_comment',
  view: 'ticket_comments',
  capabilities: ['helpdesk'],
  sources: [
    {
      object: 'CaseComment',
      page: { object: 'Case', field: 'ParentId' },
      columns: {
        ...ids('ticket', 'ParentId'),
        channel: constant('comment'),
        type: nothing,
        visibility: visibility({ isTrue: 'IsPublished' }),
        subject: nothing,
        body_text: text('CommentBody'),
        body_html: nothing,
        ...byUser,
        ...withoutMail,
      },
    },
    {
      object: 'EmailMessage',
      leaveOut: [onCasesOnly, { isOneOf: ['Status', ['5']] }, { isTrue: 'IsPrivateDraft' }],
      columns: {
        ...ids('ticket', 'ParentId'),
        channel: constant('email'),
        type: nothing,
        // What a customer wrote, that customer knows; for the rest the org's own flag decides, where it has one.
        visibility: textOf({
          from: 'rules',
          rules: [
            { value: word('public'), when: { isTrue: 'Incoming' } },
            { value: word('internal'), when: { isFalse: 'IsExternallyVisible' } },
          ],
          otherwise: word('public'),
        }),
        subject: text('Subject'),
        body_text: text('TextBody'),
        body_html: text('HtmlBody'),
        ...author(
          { from: 'first', values: [field('FromName'), field('FromAddress')] },
          field('FromAddress'),
          {
            from: 'rules',
            rules: [{ value: field('FromId'), when: { isTrue: 'Incoming' } }],
            otherwise: field('CreatedById'),
          },
          {
            from: 'rules',
            rules: [{ value: word('customer'), when: { isTrue: 'Incoming' } }],
            otherwise: word('user'),
          },
        ),
        direction: textOf({
          from: 'rules',
          rules: [{ value: word('inbound'), when: { isTrue: 'Incoming' } }],
          otherwise: word('outbound'),
        }),
        to_address: text('ToAddress'),
        cc_address: text('CcAddress'),
        // The sender's own Date header, which can be wrong: created_at gives the order.
        sent_at: time('MessageDate'),
        has_attachment: bool('HasAttachment'),
      },
    },
    {
      object: 'FeedItem',
      page: { object: 'Case', field: 'ParentId' },
      leaveOut: [
        onCasesOnly,
        // The feed's own copies of comments, e-mails and changes, all of which are here already.
        {
          isOneOf: [
            'Type',
            ['CaseCommentPost', 'EmailMessageEvent', 'TrackedChange', 'CreateRecordEvent', 'ChangeStatusPost'],
          ],
        },
      ],
      columns: {
        ...ids('ticket', 'ParentId'),
        channel: constant('feed'),
        type: text('Type'),
        visibility: visibility({ isOneOf: ['Visibility', ['AllUsers']] }),
        subject: text('Title'),
        body_text: textOf({
          from: 'rules',
          rules: [{ value: text().value, when: { isTrue: 'IsRichText' } }],
          otherwise: field('Body'),
        }),
        body_html: textOf({
          from: 'rules',
          rules: [{ value: field('Body'), when: { isTrue: 'IsRichText' } }],
          otherwise: text().value,
        }),
        ...byUser,
        ...withoutMail,
      },
    },
  ],
  indexes: [['ticket_remote_id', 'created_at']],
}

export const ticketEvent: RecordType = {
  name: 'ticket_event',
  view: 'ticket_events',
  capabilities: ['helpdesk'],
  sources: [
    {
      object: 'CaseHistory',
      page: { object: 'Case', field: 'CaseId' },
      // A change of owner is written twice: once with names, once with ids. The names stay.
      leaveOut: [{ all: [{ isOneOf: ['Field', ['Owner']] }, { matches: ['NewValue', '^00[5G][a-z0-9]{12,15}$'] }] }],
      columns: {
        ...ids('ticket', 'CaseId'),
        change: textOf(ticketChange),
        field: text('Field'),
        old_value: text('OldValue'),
        new_value: text('NewValue'),
        ...link('author', 'CreatedById', 'User'),
      },
    },
  ],
  indexes: [['ticket_remote_id', 'created_at']],
}
