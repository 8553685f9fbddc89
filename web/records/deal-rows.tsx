import { Group, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { Deal } from '../../src/api/record-schemas.ts'
import { RelativeTime } from '../components/relative-time.tsx'
import { formatDate, formatMoney } from './amounts.ts'
import classes from './record-list.module.css'
import type { ListColumn } from './record-list.tsx'
import { StageTag } from './states.tsx'

type DealColumn = ListColumn<Deal>

const name: DealColumn = {
  header: 'Deal',
  sort: { by: 'name', first: 'ascending' },
  cell: (deal) => <DealLink deal={deal} />,
}
const account: DealColumn = { header: 'Account', width: '20%', cell: (deal) => deal.account?.name }
const stage: DealColumn = {
  header: 'Stage',
  width: '176px',
  cell: (deal) => <StageTag outcome={deal.outcome} stage={deal.stage} />,
}
const amount: DealColumn = {
  header: 'Amount',
  width: '120px',
  align: 'end',
  sort: { by: 'amount', first: 'descending' },
  cell: (deal) => formatMoney(deal.amount, deal.currency),
}
const closes: DealColumn = {
  header: 'Closes',
  width: '116px',
  sort: { by: 'closeDate', first: 'descending' },
  cell: (deal) => formatDate(deal.closeDate),
}
const owner: DealColumn = { header: 'Owner', width: '140px', cell: (deal) => deal.owner?.name }
const changed: DealColumn = {
  header: 'Changed',
  width: '112px',
  sort: { by: 'updatedAt', first: 'descending' },
  cell: (deal) => <RelativeTime iso={deal.updatedAt} />,
}

export const dealColumns: readonly DealColumn[] = [name, account, stage, amount, closes, owner, changed]

/** For the page of the account they are with. */
export const accountDealColumns: readonly DealColumn[] = [name, stage, amount, closes, owner]

/** A deal in a list on a narrow screen. */
export function DealCard({ deal }: { deal: Deal }) {
  return (
    <>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <StageTag outcome={deal.outcome} stage={deal.stage} />
        <Text span fw={600} style={{ whiteSpace: 'nowrap' }}>
          {formatMoney(deal.amount, deal.currency)}
        </Text>
      </Group>
      <Text fw={500} lineClamp={2}>
        <DealLink deal={deal} />
      </Text>
      <Text size="xs" c="dimmed" truncate>
        {[deal.account?.name, deal.owner?.name, deal.closeDate && `closes ${formatDate(deal.closeDate)}`]
          .filter(Boolean)
          .join(' · ')}
      </Text>
    </>
  )
}

/** Leads to the deal's page, and covers the row or card it stands in. */
export function DealLink({ deal }: { deal: Deal }) {
  return (
    <Link to="/deals/$id" params={{ id: deal.id }} className={classes.rowLink} data-row-link>
      {deal.name || 'No name'}
    </Link>
  )
}
