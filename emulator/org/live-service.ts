/** Life in customer care. */

import { type Found, type Kind, type Life, toOneOf } from './life.ts'
import { MAIL_DOMAIN } from './people.ts'
import { choicesOf } from './schemas.ts'
import { feedPosts, greetings, internalNotes, publicNotes, topics, urgencies } from './words-service.ts'

const CASE_PRIORITIES = choicesOf('Case', 'Priority')
const OPEN = 'FROM Case WHERE IsClosed = false ORDER BY CreatedDate DESC LIMIT 60'
const RECENTLY_CLOSED = 'FROM Case WHERE IsClosed = true ORDER BY CreatedDate DESC LIMIT 40'
const SUPPORT_ADDRESS = `support@${MAIL_DOMAIN}`

function openCase(life: Life): boolean {
  const { org, oneOf, find } = life
  const contact = oneOf(find('SELECT Id, AccountId, Name, Email FROM Contact ORDER BY Id DESC LIMIT 200'))
  const topic = oneOf(topics)
  if (!contact || !topic) return false
  const model = oneOf(topic.models) ?? topic.product
  const text = `${oneOf(greetings) ?? 'Hello,'}\n\n${topic.report.replaceAll('{model}', model)} ${topic.detail}\n\n${oneOf(urgencies) ?? ''}\n\n${contact.Name}`
  const subject = (oneOf(topic.subjects) ?? model).replaceAll('{model}', model)
  const origin = oneOf(['Email', 'Email', 'Web', 'Phone'] as const) ?? 'Email'
  const queue = oneOf(find("SELECT QueueId FROM QueueSobject WHERE SobjectType = 'Case'"))
  const ownerId = life.chance() % 2 === 0 ? String(queue?.QueueId ?? life.adminId) : life.agent()
  const by = origin === 'Phone' ? life.agent() : life.adminId
  const id = org.create(by, 'Case', {
    ContactId: contact.Id ?? null,
    AccountId: contact.AccountId ?? null,
    Subject: subject,
    Description: text,
    Origin: origin,
    Type: topic.type,
    Reason: topic.reason,
    Priority: oneOf(CASE_PRIORITIES) ?? 'Medium',
    OwnerId: ownerId,
    Product_Line__c: topic.product,
    Error_Code__c: topic.errorCode,
    Under_Warranty__c: life.chance() % 5 !== 0,
    SuppliedName: origin === 'Phone' ? null : (contact.Name ?? null),
  })
  if (origin === 'Email') receive(life, id, { subject, text, contact })
  else org.create(life.agent(), 'CaseComment', { ParentId: id, CommentBody: topic.questions, IsPublished: true })
  return true
}

function receive(
  { org, adminId }: Life,
  caseId: string,
  { subject, text, contact }: { subject: string; text: string; contact: Found },
): void {
  org.create(
    adminId,
    'EmailMessage',
    {
      ParentId: caseId,
      RelatedToId: caseId,
      Subject: subject,
      TextBody: text,
      FromName: contact.Name ?? null,
      FromAddress: contact.Email ?? null,
      ToAddress: SUPPORT_ADDRESS,
      Incoming: true,
      Status: '1',
      IsExternallyVisible: true,
    },
    { asSystem: true },
  )
}

/** The statuses that an open case may go to from where it is. */
function nextStatus(status: string): readonly string[] {
  return status === 'New'
    ? ['Working']
    : ['Working', 'Waiting on Customer', 'Escalated'].filter((name) => name !== status)
}

export const serviceLife: readonly Kind[] = [
  { name: 'a case is opened', share: 14, happen: openCase },
  toOneOf('a case moves on', 12, `SELECT Id, Status ${OPEN}`, (life, found, id) => {
    const status = life.oneOf(nextStatus(String(found.Status))) ?? 'Working'
    life.org.update(life.agent(), 'Case', id, { Status: status, IsEscalated: status === 'Escalated' })
  }),
  toOneOf('a case is given to somebody', 7, `SELECT Id, OwnerId ${OPEN}`, (life, found, id) => {
    const taker = life.agent()
    life.org.update(taker, 'Case', id, { OwnerId: taker === found.OwnerId ? life.adminId : taker })
  }),
  toOneOf('a priority changes', 4, `SELECT Id, Priority ${OPEN}`, (life, found, id) => {
    const other = CASE_PRIORITIES.filter((priority) => priority !== found.Priority)
    life.org.update(life.agent(), 'Case', id, { Priority: life.oneOf(other) ?? 'High' })
  }),
  toOneOf('somebody comments', 12, `SELECT Id ${OPEN}`, (life, _found, id) => {
    const isPublished = life.chance() % 2 === 0
    const text = life.oneOf(isPublished ? publicNotes : internalNotes) ?? null
    life.org.create(life.agent(), 'CaseComment', { ParentId: id, CommentBody: text, IsPublished: isPublished })
  }),
  toOneOf('a customer writes', 7, `SELECT Id, Subject, Contact.Name, Contact.Email ${OPEN}`, (life, found, id) => {
    const contact = { Name: found['Contact.Name'] ?? null, Email: found['Contact.Email'] ?? null }
    const text = `${life.oneOf(greetings)}\n\nany news on this? ${life.oneOf(urgencies)}\n\n${contact.Name}`
    receive(life, id, { subject: `RE: ${found.Subject}`, text, contact })
  }),
  toOneOf('the support answers', 7, `SELECT Id, Subject, Contact.Name, Contact.Email ${OPEN}`, (life, found, id) => {
    const topic = life.oneOf(topics)
    life.org.create(
      life.agent(),
      'EmailMessage',
      {
        ParentId: id,
        RelatedToId: id,
        Subject: `RE: ${found.Subject}`,
        TextBody: `Hello ${found['Contact.Name']},\n\n${topic?.questions}\n\nSunstead Customer Care`,
        FromName: 'Sunstead Customer Care',
        FromAddress: SUPPORT_ADDRESS,
        ToAddress: found['Contact.Email'] ?? null,
        Incoming: false,
        Status: '3',
        IsExternallyVisible: true,
      },
      { asSystem: true },
    )
  }),
  toOneOf('somebody posts', 3, `SELECT Id ${OPEN}`, (life, _found, id) => {
    const body = life.oneOf(feedPosts) ?? null
    const post = {
      ParentId: id,
      Type: 'TextPost',
      Body: body,
      Status: 'Published',
      Visibility: 'InternalUsers',
      Revision: 1,
    }
    life.org.create(life.agent(), 'FeedItem', { ...post, CommentCount: 0, LikeCount: 0 }, { asSystem: true })
  }),
  toOneOf('a case is closed', 10, `SELECT Id ${OPEN}`, (life, _found, id) => {
    const topic = life.oneOf(topics)
    life.org.update(life.agent(), 'Case', id, {
      Status: 'Closed',
      Root_Cause__c: topic?.cause ?? 'Unknown',
      Resolution__c: topic?.fix ?? null,
    })
  }),
  toOneOf('a case is opened again', 2, `SELECT Id ${RECENTLY_CLOSED}`, (life, _found, id) => {
    life.org.update(life.agent(), 'Case', id, { Status: 'Working', Reopened_Count__c: 1 })
  }),
  toOneOf('a case is deleted', 2, `SELECT Id ${RECENTLY_CLOSED}`, (life, _found, id) => {
    life.org.delete(life.adminId, 'Case', id)
  }),
  toOneOf(
    'a case is restored',
    1,
    'SELECT Id FROM Case WHERE IsDeleted = true ORDER BY Id DESC LIMIT 10',
    (life, _found, id) => life.org.undelete(life.adminId, 'Case', id),
    { all: true },
  ),
  toOneOf('a comment is deleted', 2, 'SELECT Id FROM CaseComment ORDER BY Id DESC LIMIT 30', (life, _found, id) => {
    life.org.delete(life.adminId, 'CaseComment', id)
  }),
]
