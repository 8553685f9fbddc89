/**
 * The words of the common model, and which of an org's own words mean them. Orgs name statuses as they like, so
 * Salesforce's own flags (IsClosed, IsWon, IsConverted) decide wherever they exist, and words only the rest.
 */

import type { Condition, Rule, Value } from './mapping.ts'

const word = (value: string): Value => ({ from: 'constant', value })
const rule = (value: string, when: Condition): Rule => ({ value: word(value), when })
const missing = (field: string, pattern: readonly [string, string]): Condition => ({
  all: [{ isMissing: field }, { matches: pattern }],
})

/** `new`, `open`, `pending` (somebody else's turn), `closed`. */
export const ticketStatus: Value = {
  from: 'rules',
  rules: [
    rule('closed', { isTrue: 'IsClosed' }),
    // Only without the flag: a case in "Closed - awaiting survey" may well be open to Salesforce.
    rule(
      'closed',
      missing('IsClosed', ['Status', '\\m(closed|resolved|solved|done|completed?|cancell?ed|geschlossen|fermé)\\M']),
    ),
    rule('pending', {
      matches: ['Status', '\\m(waiting|awaiting|pending|on hold|hold|paused|blocked|snoozed|wartet|en attente)\\M'],
    }),
    rule('new', { matches: ['Status', '^\\W*(new|unassigned|received|submitted|neu|nouveau|nuevo)\\M'] }),
  ],
  otherwise: word('open'),
}

/** `low`, `normal`, `high`, `urgent`; null where the org says nothing. A word nobody knows is `normal`. */
export const ticketPriority: Value = {
  from: 'rules',
  rules: [
    rule('urgent', {
      matches: [
        'Priority',
        '\\m(urgent|critical|blocker|emergency|highest|immediate|p ?[01]|sev(erity)? ?-?1|dringend)\\M',
      ],
    }),
    rule('low', {
      matches: ['Priority', '\\m(low|lowest|minor|trivial|p ?[45]|sev(erity)? ?-?[45]|niedrig|basse)\\M'],
    }),
    rule('normal', { matches: ['Priority', '\\m(medium|normal|moderate)\\M'] }),
    rule('high', { matches: ['Priority', '\\m(high|major|important|p ?2|sev(erity)? ?-?2|hoch|haute)\\M'] }),
    rule('normal', { not: { isNull: 'Priority' } }),
  ],
  otherwise: { from: 'field', fields: [] },
}

/** `open`, `won`, `lost`. */
export const dealOutcome: Value = {
  from: 'rules',
  rules: [
    rule('won', { isTrue: 'IsWon' }),
    rule('lost', { isTrue: 'IsClosed' }),
    rule('won', missing('IsWon', ['StageName', '\\mwon\\M'])),
    rule('lost', missing('IsClosed', ['StageName', '\\m(lost|dead|abandoned)\\M'])),
  ],
  otherwise: word('open'),
}

/** A stage's outcome, told by the same flags. */
export const stageOutcome: Value = {
  from: 'rules',
  rules: [rule('won', { isTrue: 'IsWon' }), rule('lost', { isTrue: 'IsClosed' })],
  otherwise: word('open'),
}

/** `new`, `working`, `qualified`, `unqualified`, `converted`. */
export const leadStatus: Value = {
  from: 'rules',
  rules: [
    rule('converted', { isTrue: 'IsConverted' }),
    rule('unqualified', {
      matches: [
        'Status',
        '\\m(unqualified|disqualified|not converted|not interested|lost|dead|junk|spam|rejected|bad)\\M',
      ],
    }),
    rule('converted', missing('IsConverted', ['Status', '\\mconverted\\M'])),
    rule('qualified', { matches: ['Status', '\\m(qualified|converted|accepted|sql|mql)\\M'] }),
    rule('new', { matches: ['Status', '(^\\W*(new|open|neu)\\M)|\\m(not contacted|uncontacted|unassigned)\\M'] }),
  ],
  otherwise: word('working'),
}

/** `draft`, `published`, `archived`: Salesforce's own three, which no org can rename. */
export const publishState: Value = {
  from: 'rules',
  rules: [
    rule('published', { isOneOf: ['PublishStatus', ['Online']] }),
    rule('archived', { isOneOf: ['PublishStatus', ['Archived']] }),
    rule('draft', { not: { isNull: 'PublishStatus' } }),
  ],
  otherwise: { from: 'field', fields: [] },
}

/** What a change in a case's history is about. */
export const ticketChange: Value = {
  from: 'rules',
  rules: [
    rule('created', { isOneOf: ['Field', ['created', 'Created']] }),
    rule('status', { isOneOf: ['Field', ['Status']] }),
    rule('priority', { isOneOf: ['Field', ['Priority']] }),
    rule('owner', { isOneOf: ['Field', ['Owner', 'ownerAccepted', 'ownerAssignment', 'ownerEscalated']] }),
  ],
  otherwise: word('field'),
}
