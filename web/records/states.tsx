/** Loopline's own words for the states of records, and how each looks. */

import type {
  DealOutcome,
  LeadStatus,
  PublishState,
  TicketPriority,
  TicketStatus,
} from '../../src/api/record-schemas.ts'
import { Tag, type Tone } from './tag.tsx'

interface Look {
  word: string
  tone: Tone
}

export const TICKET_STATUSES: Record<TicketStatus, Look> = {
  new: { word: 'New', tone: 'blue' },
  open: { word: 'Open', tone: 'green' },
  pending: { word: 'Pending', tone: 'amber' },
  closed: { word: 'Closed', tone: 'grey' },
}

export const TICKET_PRIORITIES: Record<TicketPriority, Look> = {
  urgent: { word: 'Urgent', tone: 'red' },
  high: { word: 'High', tone: 'amber' },
  normal: { word: 'Normal', tone: 'grey' },
  low: { word: 'Low', tone: 'grey' },
}

export const DEAL_OUTCOMES: Record<DealOutcome, Look> = {
  open: { word: 'Open', tone: 'blue' },
  won: { word: 'Won', tone: 'green' },
  lost: { word: 'Lost', tone: 'grey' },
}

export const LEAD_STATUSES: Record<LeadStatus, Look> = {
  new: { word: 'New', tone: 'blue' },
  working: { word: 'Working', tone: 'amber' },
  qualified: { word: 'Qualified', tone: 'green' },
  unqualified: { word: 'Unqualified', tone: 'grey' },
  converted: { word: 'Converted', tone: 'green' },
}

export const PUBLISH_STATES: Record<PublishState, Look> = {
  published: { word: 'Published', tone: 'green' },
  draft: { word: 'Draft', tone: 'amber' },
  archived: { word: 'Archived', tone: 'grey' },
}

/** The org's own word in Loopline's colour; Loopline's word on hover. */
export function TicketStatusTag({ status, orgStatus }: { status: TicketStatus | null; orgStatus: string | null }) {
  return <StateTag look={status && TICKET_STATUSES[status]} orgWord={orgStatus} />
}

export function LeadStatusTag({ status, orgStatus }: { status: LeadStatus | null; orgStatus: string | null }) {
  return <StateTag look={status && LEAD_STATUSES[status]} orgWord={orgStatus} />
}

export function StageTag({ outcome, stage }: { outcome: DealOutcome | null; stage: string | null }) {
  return <StateTag look={outcome && DEAL_OUTCOMES[outcome]} orgWord={stage} />
}

export function PublishStateTag({ state }: { state: PublishState | null }) {
  return <StateTag look={state && PUBLISH_STATES[state]} orgWord={null} />
}

function StateTag({ look, orgWord }: { look: Look | null; orgWord: string | null }) {
  if (look === null) return orgWord
  return <Tag tone={look.tone} text={orgWord ?? look.word} meaning={look.word} />
}

/** Only what stands out is coloured. */
export function PriorityText({
  priority,
  orgPriority,
}: {
  priority: TicketPriority | null
  orgPriority: string | null
}) {
  if (priority === null) return orgPriority
  const { tone, word } = TICKET_PRIORITIES[priority]
  if (tone === 'grey') return orgPriority ?? word
  return <span style={{ color: `var(--loopline-${tone})`, fontWeight: 600 }}>{orgPriority ?? word}</span>
}
