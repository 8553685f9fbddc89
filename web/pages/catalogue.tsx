import { Card, Group, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { IconCloud, IconSearch } from '@tabler/icons-react'
import { getRouteApi, Link } from '@tanstack/react-router'
import { EmptyState } from '../components/empty-state.tsx'
import { PageHeader } from '../components/page-header.tsx'
import classes from './catalogue.module.css'

const route = getRouteApi('/app/admin/settings/integrations/new')

const catalogue = [
  {
    name: 'Salesforce',
    to: '/settings/integrations/new/salesforce',
    about: 'Copies tickets, customers, deals, articles and files from a Salesforce org, and keeps them up to date.',
    finds: 'salesforce service cloud sales cloud helpdesk crm knowledge case content management',
  },
] as const

export default function CataloguePage() {
  const { q = '' } = route.useSearch()
  const navigate = route.useNavigate()
  const wanted = q.trim().toLowerCase()
  const found = catalogue.filter(({ name, finds }) => `${name} ${finds}`.toLowerCase().includes(wanted))

  return (
    <>
      <PageHeader
        title="Add Integration"
        description="Choose what to connect. Nothing is changed there; Loopline only reads what you allow."
        back={{ label: 'Integrations', to: '/settings/integrations' }}
      />
      <Stack maw={760}>
        <TextInput
          type="search"
          aria-label="Search integrations"
          placeholder="Search integrations"
          leftSection={<IconSearch size={16} aria-hidden />}
          defaultValue={q}
          autoFocus
          onChange={(event) => {
            const text = event.currentTarget.value
            void navigate({ search: text === '' ? {} : { q: text }, replace: true })
          }}
        />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          {found.map(({ name, to, about }) => (
            <Card key={name} withBorder className={classes.card} renderRoot={(props) => <Link to={to} {...props} />}>
              <Group gap="sm" mb={4}>
                <IconCloud size={26} stroke={1.5} aria-hidden color="var(--loopline-blue)" />
                <Text fw={600} size="lg">
                  {name}
                </Text>
              </Group>
              <Text c="dimmed">{about}</Text>
            </Card>
          ))}
        </SimpleGrid>
        {found.length === 0 && (
          <EmptyState title={`Nothing is called “${q}”`}>Loopline connects Salesforce; try another word.</EmptyState>
        )}
      </Stack>
    </>
  )
}
