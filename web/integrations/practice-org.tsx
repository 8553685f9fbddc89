import { Button, Group, Paper, Stack, Text } from '@mantine/core'
import type { About } from '../../src/api/schemas.ts'
import { CopyText } from '../components/copy-text.tsx'
import type { IntegrationFormApi } from './integration-form.ts'

/** Offers the practice org to whoever has no Salesforce account at hand; once chosen, shows how to log in there. */
export function PracticeOrg({
  org,
  form,
  chosen,
}: {
  org: NonNullable<About['practiceOrg']>
  form: IntegrationFormApi
  chosen: boolean
}) {
  const choose = () => {
    form.setFieldValue('domain', org.origin)
    form.clearFieldError('domain')
  }
  if (!chosen) {
    return (
      <Group gap="xs" mt="xs">
        <Text c="dimmed">No Salesforce org at hand?</Text>
        <Button size="compact-sm" variant="light" onClick={choose}>
          Use the practice org
        </Button>
      </Group>
    )
  }
  return (
    <Paper p="sm" mt="xs" bg="var(--loopline-subtle)">
      <Text fw={600}>This is the practice org, a small Salesforce that runs beside Loopline.</Text>
      <Text c="dimmed">Log in there as one of these:</Text>
      <Stack gap="xs" mt="xs">
        {org.users.map((user) => (
          <div key={user.username}>
            <Group gap="sm">
              <CopyText text={user.username} label={`Copy ${user.username}`} />
              <CopyText text={user.password} label={`Copy the password of ${user.username}`} />
            </Group>
            <Text size="xs" c="dimmed">
              {user.about}
            </Text>
          </div>
        ))}
      </Stack>
    </Paper>
  )
}
