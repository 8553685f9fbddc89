import { Radio, Stack, TextInput } from '@mantine/core'
import { api } from '../api.ts'
import { capabilities } from '../words.ts'
import type { IntegrationFormApi } from './integration-form.ts'

/** Name and capability. `exceptId` is the integration that may keep its own name. */
export function BasicFields({ form, exceptId }: { form: IntegrationFormApi; exceptId?: string }) {
  const nameProps = form.getInputProps('name')
  return (
    <Stack gap="lg">
      <TextInput
        label="Name"
        description="What people here will know it by."
        autoComplete="off"
        maxLength={80}
        data-autofocus
        {...nameProps}
        onBlur={() => void checkName(form, exceptId)}
      />
      <Radio.Group
        label="Capability"
        description="What is pulled from Salesforce."
        {...form.getInputProps('capability')}
      >
        <Stack gap="sm" mt="xs">
          {Object.entries(capabilities).map(([value, { label, pulls }]) => (
            <Radio key={value} value={value} label={label} description={pulls} />
          ))}
        </Stack>
      </Radio.Group>
    </Stack>
  )
}

/** Whether the name can be used; says so beside the field when not. */
export async function checkName(form: IntegrationFormApi, exceptId?: string): Promise<boolean> {
  if (form.validateField('name').hasError) return false
  const name = form.getValues().name.trim()
  const query = exceptId === undefined ? { name } : { name, exceptId }
  // Without an answer the API decides when the form is sent.
  const { available } = await api
    .get<{ available: boolean }>('/integrations/name-available', { query })
    .catch(() => ({ available: true }))
  if (!available && form.getValues().name.trim() === name) {
    form.setFieldError('name', 'There is already an integration with this name.')
  }
  return available
}
