import { NativeSelect, Radio, Stack, Text, TextInput } from '@mantine/core'
import { DateInput } from '@mantine/dates'
import type { About } from '../../src/api/schemas.ts'
import { environments, pullByChoices, syncIntervals } from '../words.ts'
import { ClientAppFields } from './client-app-fields.tsx'
import { useDomainCheck } from './domain-check.ts'
import type { IntegrationFormApi } from './integration-form.ts'
import { PracticeOrg } from './practice-org.tsx'

/** Where to log in and what to pull; Content Management needs no more than the former. */
export function AuthenticationFields({ form, about }: { form: IntegrationFormApi; about: About | undefined }) {
  const domain = useDomainCheck(form)
  const { capability, syncEveryMinutes } = form.values
  const isPractice = about?.practiceOrg?.origin === form.values.domain
  const intervals = syncIntervals.some(({ value }) => value === syncEveryMinutes)
    ? syncIntervals
    : [...syncIntervals, { value: syncEveryMinutes, label: `${syncEveryMinutes} minutes` }]

  return (
    <Stack gap="lg">
      <Radio.Group
        label="Environment"
        description="Where you log in at Salesforce."
        {...form.getInputProps('environment')}
      >
        <Stack gap="xs" mt="xs">
          {Object.entries(environments).map(([value, label]) => (
            <Radio key={value} value={value} label={label} />
          ))}
        </Stack>
      </Radio.Group>

      <div>
        <TextInput
          label="Salesforce domain URL"
          description="Any address of your org will do: My Domain, Lightning or Setup, as it stands in your browser."
          placeholder="https://acme.my.salesforce.com"
          inputMode="url"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          {...form.getInputProps('domain')}
          onBlur={() => void domain.check()}
        />
        <div role="status">
          {domain.notes.map((note) => (
            <Text key={note} size="xs" mt={4} c="var(--loopline-blue)">
              {note}
            </Text>
          ))}
        </div>
        {about?.practiceOrg && <PracticeOrg org={about.practiceOrg} form={form} chosen={isPractice} />}
      </div>

      {capability !== 'content' && (
        <>
          <Radio.Group label="Pull Record By" {...form.getInputProps('pullBy')}>
            <Stack gap="sm" mt="xs">
              {Object.entries(pullByChoices).map(([value, { label, means }]) => (
                <Radio key={value} value={value} label={label} description={means} />
              ))}
            </Stack>
          </Radio.Group>
          <DateInput
            label="Pull records from"
            description="Older records are left out; people, companies and products always come whole. Empty: everything."
            valueFormat="D MMM YYYY"
            maxDate={new Date()}
            clearable
            clearButtonProps={{ 'aria-label': 'Clear the date' }}
            maw={320}
            {...form.getInputProps('pullFrom')}
          />
          <NativeSelect
            label="Sync every"
            description="A sync in which nothing changed costs one API call."
            data={intervals}
            maw={320}
            {...form.getInputProps('syncEveryMinutes')}
          />
        </>
      )}

      {about && !isPractice && <ClientAppFields form={form} about={about} />}
    </Stack>
  )
}
