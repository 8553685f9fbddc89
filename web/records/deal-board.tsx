import { Button, Skeleton, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useId } from 'react'
import type { Deal, DealStage } from '../../src/api/record-schemas.ts'
import { api } from '../api.ts'
import { ErrorNotice } from '../components/error-notice.tsx'
import { AppLink } from '../components/page-header.tsx'
import { formatCount, formatUnits } from '../format.ts'
import type { Page } from '../queries.ts'
import { formatDate, formatMoney } from './amounts.ts'
import classes from './deal-board.module.css'
import { DealLink } from './deal-rows.tsx'
import { IntegrationFilter } from './integration-filter.tsx'
import { ListFilters } from './list-filters.tsx'
import type { ListSearch } from './list-search.ts'
import { StageTag } from './states.tsx'

const FRESH_MS = 15_000
const CARDS = 20

/** A stage with its totals, one for each currency. */
interface Column {
  stage: string
  outcome: DealStage['outcome']
  count: number
  totals: DealStage[]
}

/** Every stage as a column, in the org's own order: how many deals, what they come to, and the newest of them. */
export function DealBoard({ search, empty }: { search: ListSearch; empty: ReactNode }) {
  const integrationId = search.one('integrationId')
  const stages = useQuery({
    queryKey: ['deals', 'by-stage', integrationId],
    queryFn: ({ signal }) =>
      api.get<Pick<Page<DealStage>, 'items'>>('/deals/by-stage', { query: { integrationId }, signal }),
    refetchInterval: FRESH_MS,
  })
  if (stages.error) {
    return (
      <ErrorNotice error={stages.error}>
        <Button size="xs" variant="default" onClick={() => void stages.refetch()}>
          Try again
        </Button>
      </ErrorNotice>
    )
  }
  const columns = columnsOf(stages.data?.items ?? [])
  return (
    <>
      <ListFilters search={search} names={['integrationId']}>
        <IntegrationFilter search={search} capabilities={['crm']} />
      </ListFilters>
      {stages.isPending ? (
        <Skeleton height={320} className={classes.late ?? ''} role="status" aria-label="Loading deals" />
      ) : columns.every((column) => column.count === 0) ? (
        empty
      ) : (
        <div className={classes.board}>
          {columns.map((column) => (
            <StageColumn key={column.stage} column={column} integrationId={integrationId} />
          ))}
        </div>
      )}
    </>
  )
}

function StageColumn({ column, integrationId }: { column: Column; integrationId: string | undefined }) {
  const id = useId()
  const { stage, outcome, count, totals } = column
  const query = { stage, integrationId, sort: '-createdAt', limit: CARDS }
  const deals = useQuery({
    queryKey: ['deals', 'of-stage', query],
    queryFn: ({ signal }) => api.get<Page<Deal>>('/deals', { query, signal }),
    refetchInterval: FRESH_MS,
    enabled: count > 0,
  })
  return (
    <section className={classes.column} aria-labelledby={id}>
      <header className={classes.head}>
        <Title order={2} id={id} fz="sm">
          <StageTag outcome={outcome} stage={stage} />
        </Title>
        <Text size="xs" c="dimmed">
          {formatUnits(count, 'deal')}
        </Text>
        {totals
          .filter((total) => total.count > 0)
          .map((total) => (
            <Text key={total.currency} fw={600}>
              {formatMoney(total.amount, total.currency)}
            </Text>
          ))}
      </header>
      <div className={classes.cards}>
        {deals.data?.items.map((deal) => (
          <article key={deal.id} className={classes.card}>
            <Text fw={500} lineClamp={2}>
              <DealLink deal={deal} />
            </Text>
            <Text size="xs" c="dimmed" truncate>
              {deal.account?.name}
            </Text>
            <div className={classes.numbers}>
              <span>{formatMoney(deal.amount, deal.currency)}</span>
              <span className={classes.date}>{formatDate(deal.closeDate)}</span>
            </div>
          </article>
        ))}
        {count > CARDS && (
          <AppLink to="/deals" search={{ stage, integrationId }} size="xs">
            All {formatCount(count)}
          </AppLink>
        )}
      </div>
    </section>
  )
}

function columnsOf(totals: readonly DealStage[]): Column[] {
  const columns = new Map<string, Column>()
  for (const total of totals) {
    const stage = total.stage ?? 'No stage'
    const column = columns.get(stage) ?? { stage, outcome: total.outcome, count: 0, totals: [] }
    column.count += total.count
    column.totals.push(total)
    columns.set(stage, column)
  }
  return [...columns.values()]
}
