import { Group } from '@mantine/core'
import { useParams } from '@tanstack/react-router'
import type { Lead, NamedReference } from '../../src/api/record-schemas.ts'
import { AppLink, PageHeader } from '../components/page-header.tsx'
import { formatCount } from '../format.ts'
import { addressLines } from './address-lines.tsx'
import { formatDate, formatMoney } from './amounts.ts'
import { CustomFields } from './custom-fields.tsx'
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
import { PlainText } from './rich-text.tsx'
import { LeadStatusTag } from './states.tsx'
import { WebAddress } from './web-address.tsx'

const BACK = { label: 'Leads', to: '/leads' }

/** One lead: who it is, how to reach them, and what became of them. */
export default function LeadPage() {
  const { id } = useParams({ from: '/app/leads/$id' })
  const lead = useRecord<Lead>(`/leads/${encodeURIComponent(id)}`)
  return (
    <RecordGate record={lead} noun="lead" back={BACK}>
      {(value) => <LeadView lead={value} />}
    </RecordGate>
  )
}

function LeadView({ lead }: { lead: Lead }) {
  return (
    <>
      <PageHeader
        title={lead.name || lead.company || 'No name'}
        back={BACK}
        actions={<OpenInSalesforce url={lead.remoteUrl} />}
        description={
          <Group gap="4px 12px">
            <LeadStatusTag status={lead.status} orgStatus={lead.orgStatus} />
            <span>{[lead.title, lead.company].filter(Boolean).join(', ')}</span>
          </Group>
        }
      />
      <DeletedNotice deletedAt={lead.deletedAt} noun="lead" />
      <RecordColumns
        side={
          <>
            <CustomFields custom={lead.custom} />
            <RecordIds record={lead} />
          </>
        }
      >
        {lead.isConverted && (
          <Panel title={`Converted ${formatDate(lead.convertedOn) ?? ''}`.trim()}>
            <Facts
              facts={{
                Account: lead.convertedAccount && (
                  <RecordLink to="/customers/accounts/$id" of={lead.convertedAccount} />
                ),
                Contact: lead.convertedContact && (
                  <RecordLink to="/customers/contacts/$id" of={lead.convertedContact} />
                ),
                Deal: lead.convertedDeal && <RecordLink to="/deals/$id" of={lead.convertedDeal} />,
              }}
            />
          </Panel>
        )}
        <Panel title="Lead">
          <Facts
            facts={{
              'E-mail': lead.email && <a href={`mailto:${lead.email}`}>{lead.email}</a>,
              Phone: lead.phone && <a href={`tel:${lead.phone}`}>{lead.phone}</a>,
              Mobile: lead.mobilePhone && <a href={`tel:${lead.mobilePhone}`}>{lead.mobilePhone}</a>,
              Website: lead.website && <WebAddress address={lead.website} />,
              Address: addressLines(lead.address),
              Owner: lead.owner?.name && `${lead.owner.name}${lead.owner.kind === 'team' ? ' (queue)' : ''}`,
              Source: lead.source,
              Rating: lead.rating,
              Industry: lead.industry,
              Employees: lead.employees === null ? null : formatCount(lead.employees),
              Revenue: formatMoney(lead.annualRevenue, lead.currency),
            }}
          />
        </Panel>
        {lead.description && (
          <Panel title="Description">
            <PlainText text={lead.description} />
          </Panel>
        )}
      </RecordColumns>
    </>
  )
}

function RecordLink({
  to,
  of,
}: {
  to: '/customers/accounts/$id' | '/customers/contacts/$id' | '/deals/$id'
  of: NamedReference
}) {
  return (
    <AppLink to={to} params={{ id: of.id }}>
      {of.name ?? of.remoteId}
    </AppLink>
  )
}
