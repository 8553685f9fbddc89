/** Test Connection: asks the API for a full rehearsal and shows every step, object and remedy. */

import { Alert, Badge, Button, Group, List, Modal, Skeleton, Stack, Table, Text, Title } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheck, IconCircleMinus, IconCircleX } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { Integration, TestReport } from '../../src/api/schemas.ts'
import { api } from '../api.ts'
import { CopyTextButton } from '../components/copy-text.tsx'
import { ErrorNotice } from '../components/error-notice.tsx'
import { RegenerateLink } from './regenerate-link.tsx'

type Step = TestReport['steps'][number]

const stepLooks: Record<Step['state'], { word: string; color: string; Icon: typeof IconCircleCheck }> = {
  passed: { word: 'Passed', color: 'var(--loopline-green)', Icon: IconCircleCheck },
  failed: { word: 'Failed', color: 'var(--loopline-red)', Icon: IconCircleX },
  warning: { word: 'Warning', color: 'var(--loopline-amber)', Icon: IconAlertTriangle },
  skipped: { word: 'Skipped', color: 'var(--loopline-grey)', Icon: IconCircleMinus },
}

/** The dialog; the test runs as soon as it opens. */
export function TestConnectionDialog({ integration, onClose }: { integration: Integration; onClose: () => void }) {
  const queryClient = useQueryClient()
  const test = useQuery({
    queryKey: ['test-connection', integration.id],
    queryFn: ({ signal }) => api.post<TestReport>(`/integrations/${integration.id}/test`, {}, { signal }),
    // Each opening is a new test; an old answer would be a false one.
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    refetchOnWindowFocus: false,
  })
  const finished = !test.isFetching
  useEffect(() => {
    if (finished) void queryClient.invalidateQueries({ queryKey: ['integrations'] })
  }, [finished, queryClient])

  return (
    <Modal opened onClose={onClose} title={`Test Connection: ${integration.name}`} size="lg">
      <Stack aria-live="polite" aria-busy={test.isFetching}>
        {test.isFetching && <Testing />}
        {!test.isFetching && test.error && <ErrorNotice error={test.error} />}
        {!test.isFetching && test.data && <Report report={test.data} integration={integration} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={() => void test.refetch()} disabled={test.isFetching}>
            Test again
          </Button>
          <Button onClick={onClose}>Close</Button>
        </Group>
      </Stack>
    </Modal>
  )
}

function Testing() {
  return (
    <Stack gap="sm">
      <Text>Asking Salesforce: token, identity, API access, API calls left, and each object.</Text>
      {['token', 'identity', 'api', 'limits', 'objects'].map((name) => (
        <Skeleton key={name} h={20} />
      ))}
    </Stack>
  )
}

function Report({ report, integration }: { report: TestReport; integration: Integration }) {
  const limited = report.objects.filter((object) => !object.readable || object.missingFields.length > 0)
  const readable = report.objects.filter((object) => object.readable).length
  return (
    <>
      <Alert
        color={report.ok ? 'green' : 'red'}
        variant="light"
        icon={report.ok ? <IconCircleCheck size={18} /> : <IconCircleX size={18} />}
      >
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Text fw={600} c="var(--mantine-color-text)">
            {report.summary}
          </Text>
          <CopyTextButton text={reportText(report, integration.name)} label="Copy report" />
        </Group>
        {report.failure?.kind === 'reconnect' && (
          <Stack gap="xs" mt="xs" align="flex-start">
            <Text>
              Re-authentication is needed: log in at Salesforce once more. Syncing goes on from where it stopped.
            </Text>
            <RegenerateLink integrationId={integration.id} />
          </Stack>
        )}
      </Alert>
      <List spacing={8} listStyleType="none" center={false} withPadding={false}>
        {report.steps.map((step) => (
          <StepLine key={step.name} step={step} />
        ))}
      </List>
      {report.objects.length > 0 && (
        <div>
          <Title order={3} mb={4}>
            {readable} of {report.objects.length} objects can be read
          </Title>
          <Table aria-label="Objects">
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">Object</Table.Th>
                <Table.Th scope="col">Result</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {[...limited, ...report.objects.filter((object) => !limited.includes(object))].map((object) => (
                <Table.Tr key={object.objectName}>
                  <Table.Td style={{ verticalAlign: 'top' }}>
                    {object.label}
                    {object.label !== object.objectName && (
                      <Text size="xs" c="dimmed">
                        {object.objectName}
                      </Text>
                    )}
                  </Table.Td>
                  <Table.Td>
                    <ObjectResult object={object} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </>
  )
}

function StepLine({ step }: { step: Step }) {
  const { word, color, Icon } = stepLooks[step.state]
  return (
    <List.Item icon={<Icon size={18} color={color} role="img" aria-label={word} />}>
      <Text fw={600} span>
        {step.label}
      </Text>{' '}
      <Text c="dimmed" span>
        {step.message}
      </Text>
      {step.remedy && <Text>{step.remedy}</Text>}
    </List.Item>
  )
}

function ObjectResult({ object }: { object: TestReport['objects'][number] }) {
  const missing = object.missingFields.length > 0
  const state = !object.readable ? 'failed' : missing ? 'warning' : 'passed'
  const { color, Icon } = stepLooks[state]
  return (
    <Stack gap={2}>
      <Group gap={6} wrap="nowrap" c={color}>
        <Icon size={16} aria-hidden style={{ flexShrink: 0 }} />
        <Text span c={color}>
          {!object.readable ? 'Cannot be read' : missing ? 'Readable, some fields are hidden' : 'Readable'}
        </Text>
      </Group>
      {object.message && <Text>{object.message}</Text>}
      {missing && (
        <Group gap={4}>
          {object.missingFields.map((field) => (
            <Badge key={field} variant="default" tt="none" fw={400} radius="sm">
              {field}
            </Badge>
          ))}
        </Group>
      )}
      {object.remedy && <Text c="dimmed">{object.remedy}</Text>}
    </Stack>
  )
}

function reportText(report: TestReport, name: string): string {
  return [
    `Test Connection: ${name}, ${report.testedAt}`,
    report.summary,
    ...report.steps.map(
      (step) => `[${step.state}] ${step.label}: ${step.message}${step.remedy ? ` ${step.remedy}` : ''}`,
    ),
    ...report.objects.map((object) => {
      const fields = object.missingFields.length > 0 ? `; hidden fields: ${object.missingFields.join(', ')}` : ''
      const says = [object.message, object.remedy].filter(Boolean).join(' ')
      return `${object.objectName}: ${object.readable ? 'readable' : 'not readable'}${fields}${says ? `. ${says}` : ''}`
    }),
  ].join('\n')
}
