import { article, articleVersion, category } from './article.ts'
import { attachment } from './attachment.ts'
import { ticketComment, ticketEvent } from './conversation.ts'
import { deal, dealLine, dealStage, dealStageChange, product } from './deal.ts'
import { file, folder } from './file.ts'
import type { Capability, RecordType } from './mapping.ts'
import { account, contact, team, user } from './people.ts'
import { activity, campaign, lead } from './sales.ts'
import { ticket } from './ticket.ts'

/** The whole unified model. */
export const recordTypes: readonly RecordType[] = [
  ticket,
  ticketComment,
  ticketEvent,
  attachment,
  contact,
  account,
  user,
  team,
  lead,
  deal,
  dealStage,
  dealStageChange,
  dealLine,
  product,
  campaign,
  activity,
  article,
  articleVersion,
  category,
  file,
  folder,
]

/** The records that a capability gives. */
export function recordTypesOf(capability: Capability): readonly RecordType[] {
  return recordTypes.filter((type) => type.capabilities.includes(capability))
}
