import { Group, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { Lead } from '../../src/api/record-schemas.ts'
import { RelativeTime } from '../components/relative-time.tsx'
import classes from './record-list.module.css'
import type { ListColumn } from './record-list.tsx'
import { LeadStatusTag } from './states.tsx'

export const leadColumns: readonly ListColumn<Lead>[] = [
  { header: 'Name', sort: { by: 'name', first: 'ascending' }, cell: (lead) => <LeadLink lead={lead} /> },
  { header: 'Company', width: '18%', cell: (lead) => lead.company },
  {
    header: 'Status',
    width: '190px',
    cell: (lead) => <LeadStatusTag status={lead.status} orgStatus={lead.orgStatus} />,
  },
  { header: 'E-mail', width: '17%', cell: (lead) => lead.email },
  { header: 'Owner', width: '140px', cell: (lead) => lead.owner?.name },
  {
    header: 'Created',
    width: '112px',
    sort: { by: 'createdAt', first: 'descending' },
    cell: (lead) => <RelativeTime iso={lead.createdAt} />,
  },
  {
    header: 'Changed',
    width: '112px',
    sort: { by: 'updatedAt', first: 'descending' },
    cell: (lead) => <RelativeTime iso={lead.updatedAt} />,
  },
]

/** A lead in a list on a narrow screen. */
export function LeadCard({ lead }: { lead: Lead }) {
  return (
    <>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <LeadStatusTag status={lead.status} orgStatus={lead.orgStatus} />
        <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
          <RelativeTime iso={lead.updatedAt} />
        </Text>
      </Group>
      <Text fw={500} truncate>
        <LeadLink lead={lead} />
      </Text>
      <Text size="xs" c="dimmed" truncate>
        {[lead.company, lead.email].filter(Boolean).join(' · ')}
      </Text>
    </>
  )
}

function LeadLink({ lead }: { lead: Lead }) {
  return (
    <Link to="/leads/$id" params={{ id: lead.id }} className={classes.rowLink} data-row-link>
      {lead.name || lead.company || 'No name'}
    </Link>
  )
}
