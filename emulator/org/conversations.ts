/** What is said on a case: comments, e-mails and posts. */

import type { CaseState, Cases } from './cases.ts'
import type { Company } from './company.ts'
import type { Customers } from './customers.ts'
import { pick } from './draw.ts'
import { idOfSlot } from './ids.ts'
import { type Layers, layersOver } from './layers.ts'
import { MAIL_DOMAIN, type People } from './people.ts'
import type { Seeded } from './table.ts'
import { feedPosts, greetings, internalNotes, publicNotes, topics, urgencies } from './words-service.ts'

const SUPPORT_ADDRESS = `support@${MAIL_DOMAIN}`
const COMMENTS = [0.4, 1.2, 2.5, 5, 9, 16].map((delayDays) => ({ delayDays, spreadDays: delayDays / 3 }))
/** The customer writes first, the support answers, and so on. */
const EMAILS = [
  { delayDays: 0 },
  { delayDays: 0.3 },
  { delayDays: 1, spreadDays: 0.5 },
  { delayDays: 1.6, spreadDays: 0.3 },
  { delayDays: 6, spreadDays: 3 },
  { delayDays: 9, spreadDays: 2 },
]

const COMMENT_COUNTS = [0, 1, 1, 2, 3, 6] as const
const EMAIL_COUNTS = [0, 0, 1, 2, 2, 5] as const

export interface Conversations {
  readonly emails: Layers
  readonly tables: { readonly CaseComment: Seeded; readonly EmailMessage: Seeded; readonly FeedItem: Seeded }
}

const escapeHtml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** The conversations on the company's cases. */
export function createConversations(
  company: Company,
  { people, customers, cases }: { people: People; customers: Customers; cases: Cases },
): Conversations {
  const { draw, seed } = company
  const over = { steps: cases.steps, seed }
  const comments = layersOver('CaseComment', COMMENTS, over)
  const emails = layersOver('EmailMessage', EMAILS, over)
  const feed = layersOver('FeedItem', [{ delayDays: 0.7, spreadDays: 0.4 }], over)
  const talk = draw('Case.talk')
  const commentDraw = draw('CaseComment')
  const emailDraw = draw('EmailMessage')
  const feedDraw = draw('FeedItem')
  const binned = company.bin('CaseComment', 400).putAt

  /** Nobody comments on a case after it was closed. */
  const open = (of: CaseState, at: number) => !of.closed || at <= of.closedAt
  const stateFor = (layers: Layers) => (slot: number) => cases.state(layers.parentOf(slot))
  const byCase = (layers: Layers) => (parentId: string) => {
    const slot = cases.slotOf(parentId)
    if (slot < 0) return []
    return Array.from({ length: layers.count }, (_, layer) => layers.slotOf(slot, layer))
      .filter((found) => found >= 0)
      .sort((a, b) => a - b)
  }

  const commentCase = stateFor(comments)
  const commentText = (slot: number) => {
    const drawn = commentDraw(slot)
    const topic = topics[commentCase(slot).topic]
    if (drawn % 5 === 0) return topic?.questions ?? null
    if (drawn % 5 === 1) return topic?.answer ?? null
    return pick(published(slot) ? publicNotes : internalNotes, drawn >>> 4)
  }
  const published = (slot: number) => (commentDraw(slot) >>> 2) % 2 === 0
  const commentBin = (slot: number) => cases.binnedAt(comments.parentOf(slot)) || binned(slot, comments.at(slot))
  const commentStamp = (slot: number) => commentBin(slot) || comments.at(slot)

  const CaseComment: Seeded = {
    slots: comments.slots,
    exists(slot) {
      const parent = comments.parentOf(slot)
      if (parent < 0 || comments.layerOf(slot) >= pick(COMMENT_COUNTS, talk(parent) >>> 5)) return false
      return open(cases.state(parent), comments.at(slot))
    },
    createdAt: comments.at,
    deleted: (slot) => commentBin(slot) > 0,
    children: { ParentId: byCase(comments) },
    columns: {
      ParentId: (slot) => cases.id(comments.parentOf(slot)),
      IsPublished: published,
      CommentBody: commentText,
      CreatedDate: comments.at,
      CreatedById: (slot) =>
        (commentDraw(slot) % 7 === 0 ? pick(people.support, commentDraw(slot)) : commentCase(slot).agent).id,
      LastModifiedDate: commentStamp,
      LastModifiedById: (slot) => commentCase(slot).agent.id,
      SystemModstamp: commentStamp,
    },
  }

  const emailCase = stateFor(emails)
  const incoming = (slot: number) => emails.layerOf(slot) % 2 === 0
  const emailExists = (slot: number) => {
    const parent = emails.parentOf(slot)
    if (parent < 0 || emails.layerOf(slot) >= pick(EMAIL_COUNTS, talk(parent))) return false
    return open(cases.state(parent), emails.at(slot))
  }
  const subject = (slot: number) => {
    const of = emailCase(slot)
    const title = cases.subject(of.slot)
    return emails.layerOf(slot) === 0 ? title : `RE: ${title} [ thread::${of.slot.toString(36)}:: ]`
  }
  function written(slot: number): string {
    const of = emailCase(slot)
    const topic = topics[of.topic] ?? pick(topics, 0)
    const drawn = emailDraw(slot)
    const customer = customers.contactName(of.contact)
    const model = cases.model(of.slot)
    switch (emails.layerOf(slot)) {
      case 0:
        return `${pick(greetings, drawn)}\n\n${topic.report.replaceAll('{model}', model)} ${topic.detail}\n\n${pick(urgencies, drawn >>> 4)}\n\n${customer}`
      case 1:
        return `Hello ${customer},\n\nthank you for your message. ${topic.questions}\n\nKind regards\n${of.agent.name}\nSunstead Customer Care`
      case 2:
        return `Hi ${of.agent.first},\n\nplease find it attached. ${topic.detail}\n\n${pick(urgencies, drawn >>> 4)}\n${customer}`
      case 3:
        return `Hello ${customer},\n\n${topic.answer}\n\nPlease let us know whether it helps.\n\n${of.agent.name}`
      case 4:
        return `${pick(greetings, drawn)}\n\n${drawn % 3 === 0 ? 'Unfortunately it has come back this morning, see photo.' : 'That did it, everything is green again. 👍 Thank you!'}\n\n${customer}`
      default:
        return `Hello ${customer},\n\n${topic.fix}\nWe are closing this ticket; simply answer to open it again.\n\n${of.agent.name}`
    }
  }
  function textBody(slot: number): string {
    const own = written(slot)
    const layer = emails.layerOf(slot)
    const previous = layer === 0 ? -1 : emails.slotOf(emails.parentOf(slot), layer - 1)
    if (previous < 0) return own
    const quoted = written(previous).replaceAll('\n', '\n> ')
    return `${own}\n\n-----Original Message-----\nFrom: ${incoming(previous) ? customers.contactEmail(emailCase(slot).contact) : SUPPORT_ADDRESS}\n\n> ${quoted}`
  }
  const customerAddress = (slot: number) => customers.contactEmail(emailCase(slot).contact)
  const emailStamp = (slot: number) => cases.binnedAt(emails.parentOf(slot)) || emails.at(slot)
  const messageId = (slot: number) => `<${slot.toString(36)}.${emailDraw(slot).toString(36)}@${MAIL_DOMAIN}>`

  const EmailMessage: Seeded = {
    slots: emails.slots,
    exists: emailExists,
    createdAt: emails.at,
    deleted: (slot) => cases.binnedAt(emails.parentOf(slot)) > 0,
    children: { ParentId: byCase(emails), RelatedToId: byCase(emails) },
    columns: {
      ParentId: (slot) => cases.id(emails.parentOf(slot)),
      RelatedToId: (slot) => cases.id(emails.parentOf(slot)),
      CreatedDate: emails.at,
      CreatedById: (slot) => (incoming(slot) ? people.admin : emailCase(slot).agent).id,
      LastModifiedDate: emailStamp,
      LastModifiedById: (slot) => emailCase(slot).agent.id,
      SystemModstamp: emailStamp,
      TextBody: textBody,
      HtmlBody: (slot) =>
        `<html><body><p>${escapeHtml(written(slot)).replaceAll('\n\n', '</p><p>').replaceAll('\n', '<br/>')}</p></body></html>`,
      Headers: (slot) => (incoming(slot) ? `Message-ID: ${messageId(slot)}\nX-Mailer: Practice Mail 1.0` : null),
      Subject: subject,
      FromName: (slot) =>
        incoming(slot) ? customers.contactName(emailCase(slot).contact) : emailCase(slot).agent.name,
      FromAddress: (slot) => (incoming(slot) ? customerAddress(slot) : SUPPORT_ADDRESS),
      ToAddress: (slot) => (incoming(slot) ? SUPPORT_ADDRESS : customerAddress(slot)),
      CcAddress: (slot) => (emailDraw(slot) % 9 === 0 ? `office@${MAIL_DOMAIN}; archive@${MAIL_DOMAIN}` : null),
      Incoming: incoming,
      HasAttachment: (slot) => emails.layerOf(slot) === 2 && emailDraw(slot) % 3 === 0,
      Status: (slot) => {
        if (!incoming(slot)) return '3'
        const next = emails.slotOf(emails.parentOf(slot), emails.layerOf(slot) + 1)
        return next >= 0 && emailExists(next) ? '2' : '1'
      },
      MessageDate: (slot) => emails.at(slot) - (incoming(slot) ? (emailDraw(slot) % 90) * 1000 : 0),
      ReplyToEmailMessageId: (slot) => {
        const layer = emails.layerOf(slot)
        const previous = layer === 0 ? -1 : emails.slotOf(emails.parentOf(slot), layer - 1)
        return previous >= 0 && emailExists(previous) ? idOfSlot('02s', previous) : null
      },
      IsExternallyVisible: () => true,
      MessageIdentifier: messageId,
      ThreadIdentifier: (slot) => messageId(emails.slotOf(emails.parentOf(slot), 0)),
      IsTracked: (slot) => !incoming(slot),
      IsOpened: (slot) => !incoming(slot) && emailDraw(slot) % 4 !== 0,
      FirstOpenedDate: (slot) =>
        !incoming(slot) && emailDraw(slot) % 4 !== 0
          ? Math.min(company.anchor, emails.at(slot) + 1000 * (60 + (emailDraw(slot) % 9000)))
          : null,
    },
  }

  const feedStamp = (slot: number) => cases.binnedAt(feed.parentOf(slot)) || feed.at(slot)
  const FeedItem: Seeded = {
    slots: feed.slots,
    exists: (slot) => feed.parentOf(slot) >= 0 && talk(feed.parentOf(slot)) % 6 === 2,
    createdAt: feed.at,
    deleted: (slot) => cases.binnedAt(feed.parentOf(slot)) > 0,
    children: { ParentId: byCase(feed) },
    columns: {
      ParentId: (slot) => cases.id(feed.parentOf(slot)),
      Type: (slot) => pick(['TextPost', 'TextPost', 'CallLogPost', 'LinkPost'], feedDraw(slot)),
      CreatedDate: feed.at,
      CreatedById: (slot) => pick(people.support, feedDraw(slot) >>> 5).id,
      LastModifiedDate: feedStamp,
      SystemModstamp: feedStamp,
      Revision: () => 1,
      CommentCount: () => 0,
      LikeCount: (slot) => feedDraw(slot) % 4,
      Body: (slot) =>
        feedDraw(slot) % 4 === 1
          ? `<p>${pick(feedPosts, feedDraw(slot) >>> 3)}</p>`
          : pick(feedPosts, feedDraw(slot) >>> 3),
      IsRichText: (slot) => feedDraw(slot) % 4 === 1,
      LinkUrl: (slot) =>
        feedDraw(slot) % 4 === 3 ? `https://wiki.${MAIL_DOMAIN}/errors?id=${feedDraw(slot) % 90}` : null,
      Title: (slot) => (feedDraw(slot) % 4 === 3 ? 'Internal wiki: error codes' : null),
      InsertedById: (slot) => pick(people.support, feedDraw(slot) >>> 5).id,
      Visibility: (slot) => (feedDraw(slot) % 3 === 0 ? 'AllUsers' : 'InternalUsers'),
      Status: () => 'Published',
      HasLink: (slot) => feedDraw(slot) % 4 === 3,
    },
  }

  return { emails, tables: { CaseComment, EmailMessage, FeedItem } }
}
