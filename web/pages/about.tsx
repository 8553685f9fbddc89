import { SimpleGrid, Skeleton, Stack, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { About } from '../../src/api/schemas.ts'
import { CopyText } from '../components/copy-text.tsx'
import { ErrorNotice } from '../components/error-notice.tsx'
import { Facts } from '../components/facts.tsx'
import { PageHeader } from '../components/page-header.tsx'
import { WideTable } from '../components/wide-table.tsx'
import { aboutQuery } from '../queries.ts'

export default function AboutPage() {
  const { data: about, error } = useQuery(aboutQuery)
  return (
    <>
      <PageHeader title="About" description="This Loopline, and what Salesforce needs to know of it." />
      {error && <ErrorNotice error={error} />}
      {!about && !error && <Skeleton h={240} />}
      {about && (
        <Stack>
          <SimpleGrid cols={{ base: 1, md: 2 }}>
            <Facts
              title="Versions"
              facts={[
                ['Loopline', about.version],
                ['Node', about.nodeVersion],
                ['Postgres', `${about.databaseVersion}${about.embeddedDatabase ? ' (brought along)' : ''}`],
                ['Salesforce API', about.salesforceApiVersion],
              ]}
            />
            <Facts
              title="For an External Client App"
              facts={[
                ['Callback URL', <CopyText key="callback" text={about.callbackUrl} label="Copy the callback URL" />],
                ['Scopes', <CopyText key="scopes" text={about.scopes.join(' ')} label="Copy the scopes" />],
                [
                  'App of its own',
                  about.hasClient ? 'Yes, for all integrations' : 'None: each integration brings its own',
                ],
              ]}
            />
          </SimpleGrid>
          {about.practiceOrg && <Practice org={about.practiceOrg} />}
        </Stack>
      )}
    </>
  )
}

function Practice({ org }: { org: NonNullable<About['practiceOrg']> }) {
  return (
    <div>
      <Title order={2} mb={4}>
        Practice org
      </Title>
      <Text c="dimmed">A small Salesforce that runs beside Loopline, to try everything without an account.</Text>
      <CopyText text={org.origin} label="Copy the practice org’s address" />
      <WideTable minWidth={560} maxWidth={900} label="Sign-ins of the practice org">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Username</Table.Th>
            <Table.Th scope="col">Password</Table.Th>
            <Table.Th scope="col">Who</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {org.users.map((user) => (
            <Table.Tr key={user.username}>
              <Table.Td>
                <CopyText text={user.username} label={`Copy ${user.username}`} />
              </Table.Td>
              <Table.Td>
                <CopyText text={user.password} label={`Copy the password of ${user.username}`} />
              </Table.Td>
              <Table.Td>{user.about}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </div>
  )
}
