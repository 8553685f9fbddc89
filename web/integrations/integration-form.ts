/** The values of the wizard and of Edit, their checks, and the draft that survives a reload. */

import { useForm } from '@mantine/form'
import type { Integration, IntegrationChanges, IntegrationDraft } from '../../src/api/schemas.ts'
import { capabilities } from '../words.ts'

export interface FormValues {
  name: string
  capability: NonNullable<IntegrationDraft['capability']>
  environment: NonNullable<IntegrationDraft['environment']>
  domain: string
  pullBy: NonNullable<IntegrationDraft['pullBy']>
  /** A day (`2024-11-22`), or null for everything. */
  pullFrom: string | null
  syncEveryMinutes: string
  clientId: string
  clientSecret: string
}

export type IntegrationFormApi = ReturnType<typeof useIntegrationForm>
type FieldName = keyof FormValues

const fieldNames: FieldName[] = [
  'name',
  'capability',
  'environment',
  'domain',
  'pullBy',
  'pullFrom',
  'syncEveryMinutes',
  'clientId',
  'clientSecret',
]
const basicFields: FieldName[] = ['name', 'capability']

/** The form; `onValuesChange` sees every change. */
export function useIntegrationForm(initialValues: FormValues, onValuesChange?: (values: FormValues) => void) {
  return useForm<FormValues>({
    initialValues,
    ...(onValuesChange ? { onValuesChange } : {}),
    validate: {
      name: (name) =>
        name.trim() === '' ? 'Give the integration a name.' : name.trim().length > 80 ? 'At most 80 characters.' : null,
      domain: (domain) => (domain.trim() === '' ? 'Enter the Salesforce domain.' : null),
      pullFrom: (day) => (day !== null && day > today() ? 'This date is in the future.' : null),
    },
  })
}

/** Which tab holds the first of these errors. */
export function tabOfErrors(errors: Record<string, unknown>): 'basic' | 'authentication' {
  return basicFields.some((field) => errors[field]) ? 'basic' : 'authentication'
}

/** Puts the API's messages beside their fields; whether all of them have one. */
export function showFieldErrors(form: IntegrationFormApi, errors: Record<string, string>): boolean {
  const known = Object.entries(errors).flatMap(([path, message]): [FieldName, string][] => {
    // The API names the fields of a draft `draft.name`.
    const field = fieldNames.find((name) => name === path.split('.').at(-1))
    return field ? [[field, message]] : []
  })
  form.setErrors(Object.fromEntries(known))
  return known.length > 0 && known.length === Object.keys(errors).length
}

/** What the wizard starts with. */
export function emptyValues(name: string): FormValues {
  return {
    name,
    capability: 'helpdesk',
    environment: 'production',
    domain: '',
    pullBy: 'updated',
    pullFrom: twoYearsBack(),
    syncEveryMinutes: '15',
    clientId: '',
    clientSecret: '',
  }
}

/** What Edit starts with. */
export function valuesOf(integration: Integration, settings: NonNullable<Integration['settings']>): FormValues {
  return {
    name: integration.name,
    capability: integration.capability,
    environment: integration.environment,
    domain: settings.domain,
    pullBy: settings.pullBy,
    pullFrom: settings.pullFrom === null ? null : settings.pullFrom.slice(0, 10),
    syncEveryMinutes: String(settings.syncEveryMinutes),
    clientId: settings.clientSource === 'integration' ? settings.clientId : '',
    clientSecret: '',
  }
}

/** The values as the API takes a new integration. Content has no choices of its own beyond where to log in. */
export function draftOf(values: FormValues): IntegrationDraft {
  const { capability, environment, clientId, clientSecret } = values
  return {
    name: values.name.trim(),
    capability,
    environment,
    domain: values.domain.trim(),
    ...(capability === 'content'
      ? { pullFrom: null }
      : {
          pullBy: values.pullBy,
          pullFrom: dayStart(values.pullFrom),
          syncEveryMinutes: Number(values.syncEveryMinutes),
        }),
    ...(clientId.trim() === '' ? {} : { clientId: clientId.trim() }),
    ...(clientSecret.trim() === '' ? {} : { clientSecret: clientSecret.trim() }),
  }
}

/** Only what differs from before. */
export function changesOf(before: FormValues, values: FormValues): IntegrationChanges {
  const changed = (field: FieldName) => before[field] !== values[field]
  return {
    ...(changed('name') ? { name: values.name.trim() } : {}),
    ...(changed('capability') ? { capability: values.capability } : {}),
    ...(changed('environment') ? { environment: values.environment } : {}),
    ...(changed('domain') ? { domain: values.domain.trim() } : {}),
    ...(changed('pullBy') ? { pullBy: values.pullBy } : {}),
    ...(changed('pullFrom') ? { pullFrom: dayStart(values.pullFrom) } : {}),
    ...(changed('syncEveryMinutes') ? { syncEveryMinutes: Number(values.syncEveryMinutes) } : {}),
    ...(changed('clientId') ? { clientId: values.clientId.trim() } : {}),
    ...(changed('clientSecret') ? { clientSecret: values.clientSecret.trim() } : {}),
  }
}

/** "Salesforce Helpdesk", or with a number when that is taken. */
export function suggestName(capability: FormValues['capability'], taken: readonly string[]): string {
  const names = new Set(taken.map((name) => name.toLowerCase()))
  const base = `Salesforce ${capabilities[capability].label}`
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? base : `${base} ${number}`
    if (!names.has(name.toLowerCase())) return name
  }
}

const draftKey = 'loopline.draft.salesforce'

/** Keeps the draft for a reload, without the client's secret: storage is no place for it. */
export function keepDraft(values: FormValues): void {
  sessionStorage.setItem(draftKey, JSON.stringify({ ...values, clientSecret: '' }))
}

/** The draft of this tab, if there is one. */
export function findDraft(): FormValues | null {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(draftKey) ?? 'null')
    if (typeof kept !== 'object' || kept === null) return null
    return { ...emptyValues(''), ...(kept as Partial<FormValues>) }
  } catch {
    return null
  }
}

export function dropDraft(): void {
  sessionStorage.removeItem(draftKey)
}

function dayStart(day: string | null): string | null {
  return day === null ? null : `${day}T00:00:00.000Z`
}

function today(): string {
  return new Date().toISOString().slice(0, 10)
}

function twoYearsBack(): string {
  const date = new Date()
  date.setUTCFullYear(date.getUTCFullYear() - 2)
  return date.toISOString().slice(0, 10)
}
