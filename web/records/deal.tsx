import { Group, Text } from '@mantine/core'
import { useParams } from '@tanstack/react-router'
import type { Activity, Deal, DealLine, DealStageChange } from '../../src/api/record-schemas.ts'
import { AppLink, PageHeader } from '../components/page-header.tsx'
import { RelativeTime } from '../components/relative-time.tsx'
import { formatDate, formatMoney } from './amounts.ts'
import { CustomFields } from './custom-fields.tsx'
import type { ListColumn } from './record-list.tsx'
import {
  DeletedNotice,
  Facts,
  OpenInSalesforce,
  Panel,
  RecordColumns,
  RecordGate,
  RecordIds,
  useRecord,
} from './record-page.tsx'
import { RelatedList } from './related-list.tsx'
import { PlainText } from './rich-text.tsx'
import { StageTag } from './states.tsx'

const BACK = { label: 'Deals', to: '/deals' }

/** One deal: what it is about, how it got where it is, and what was done for it. */
export default function DealPage() {
  const { id } = useParams({ from: '/app/deals/$id' })
  const deal = useRecord<Deal>(`/deals/${encodeURIComponent(id)}`)
  return (
    <RecordGate record={deal} noun="deal" back={BACK}>
      {(value) => <DealView deal={value} />}
    </RecordGate>
  )
}

function DealView({ deal }: { deal: Deal }) {
  const path = `/deals/${encodeURIComponent(deal.id)}`
  return (
    <>
      <PageHeader
        title={deal.name || 'No name'}
        back={BACK}
        actions={<OpenInSalesforce url={deal.remoteUrl} />}
        description={
          <Group gap="4px 12px">
            <StageTag outcome={deal.outcome} stage={deal.stage} />
            {deal.amount !== null && (
              <Text span fw={600} c="var(--mantine-color-text)">
                {formatMoney(deal.amount, deal.currency)}
              </Text>
            )}
            {deal.closeDate && <span>closes {formatDate(deal.closeDate)}</span>}
          </Group>
        }
      />
      <DeletedNotice deletedAt={deal.deletedAt} noun="deal" />
      <RecordColumns
        side={
          <>
            <Panel title="Deal">
              <Facts
                facts={{
                  Account: deal.account && (
                    <AppLink to="/customers/accounts/$id" params={{ id: deal.account.id }}>
                      {deal.account.name ?? deal.account.id}
                    </AppLink>
                  ),
                  Owner: deal.owner?.name,
                  Probability: deal.probability === null ? null : `${deal.probability} %`,
                  Expected: formatMoney(deal.expectedRevenue, deal.currency),
                  Forecast: deal.forecastCategory,
                  Type: deal.type,
                  Source: deal.source,
                  Campaign: deal.campaign?.name,
                  'Next step': deal.nextStep,
                }}
              />
            </Panel>
            <CustomFields custom={deal.custom} />
            <RecordIds record={deal} />
          </>
        }
      >
        {deal.description && (
          <Panel title="Description">
            <PlainText text={deal.description} />
          </Panel>
        )}
        <Panel title="Products">
          <RelatedList<DealLine>
            label="Products of this deal"
            path={`${path}/lines`}
            columns={lineColumns}
            card={(line) => <LineCard line={line} />}
            none="No products are on this deal."
          />
        </Panel>
        <Panel title="Stage history">
          <RelatedList<DealStageChange>
            label="Stage history of this deal"
            path={`${path}/stage-changes`}
            columns={stageColumns(deal.currency)}
            card={(change) => <StageChangeCard change={change} currency={deal.currency} />}
            none="Salesforce has no stage history for this deal."
          />
        </Panel>
        <Panel title="Activities">
          <RelatedList<Activity>
            label="Activities of this deal"
            path={`${path}/activities`}
            columns={activityColumns}
            card={(activity) => <ActivityCard activity={activity} />}
            none="No tasks or events belong to this deal."
          />
        </Panel>
      </RecordColumns>
    </>
  )
}

const lineColumns: readonly ListColumn<DealLine>[] = [
  { header: 'Product', cell: (line) => line.product?.name ?? line.name },
  { header: 'Code', width: '140px', cell: (line) => line.product?.code },
  { header: 'Quantity', width: '96px', align: 'end', cell: (line) => line.quantity?.toLocaleString('en-GB') },
  { header: 'Price', width: '120px', align: 'end', cell: (line) => formatMoney(line.unitPrice, line.currency) },
  { header: 'Total', width: '130px', align: 'end', cell: (line) => formatMoney(line.totalPrice, line.currency) },
]

function LineCard({ line }: { line: DealLine }) {
  return (
    <Group justify="space-between" wrap="nowrap" align="baseline">
      <Text>
        {line.quantity?.toLocaleString('en-GB')} × {line.product?.name ?? line.name}
      </Text>
      <Text fw={600}>{formatMoney(line.totalPrice, line.currency)}</Text>
    </Group>
  )
}

const stageColumns = (currency: string | null): readonly ListColumn<DealStageChange>[] => [
  { header: 'Stage', cell: (change) => change.stage },
  { header: 'Amount', width: '112px', align: 'end', cell: (change) => formatMoney(change.amount, currency) },
  {
    header: 'Probability',
    width: '110px',
    align: 'end',
    cell: (change) => (change.probability === null ? null : `${change.probability} %`),
  },
  { header: 'Closes', width: '120px', cell: (change) => formatDate(change.closeDate) },
  { header: 'By', width: '136px', cell: (change) => change.author?.name },
  { header: 'When', width: '112px', cell: (change) => <RelativeTime iso={change.createdAt} /> },
]

function StageChangeCard({ change, currency }: { change: DealStageChange; currency: string | null }) {
  return (
    <>
      <Group justify="space-between" wrap="nowrap">
        <Text fw={500}>{change.stage}</Text>
        <Text>{formatMoney(change.amount, currency)}</Text>
      </Group>
      <Text size="xs" c="dimmed">
        {change.author?.name} <RelativeTime iso={change.createdAt} />
      </Text>
    </>
  )
}

const activityColumns: readonly ListColumn<Activity>[] = [
  { header: 'Subject', cell: (activity) => activity.subject ?? 'No subject' },
  { header: 'Kind', width: '64px', cell: kindOf },
  { header: 'State', width: '100px', cell: (activity) => activity.orgStatus },
  { header: 'Owner', width: '116px', cell: (activity) => activity.owner?.name },
  { header: 'When', width: '104px', cell: (activity) => <ActivityTime activity={activity} /> },
]

function ActivityCard({ activity }: { activity: Activity }) {
  return (
    <>
      <Text fw={500}>{activity.subject ?? 'No subject'}</Text>
      <Text size="xs" c="dimmed">
        {[kindOf(activity), activity.orgStatus, activity.owner?.name].filter(Boolean).join(' · ')}{' '}
        <ActivityTime activity={activity} />
      </Text>
    </>
  )
}

function ActivityTime({ activity }: { activity: Activity }) {
  if (activity.startsAt && !activity.isAllDay) return <RelativeTime iso={activity.startsAt} />
  return formatDate(activity.dueOn)
}

function kindOf({ kind, type }: Activity): string {
  return type ?? (kind === 'task' ? 'Task' : 'Event')
}
