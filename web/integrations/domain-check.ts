import { useState } from 'react'
import type { DomainCheck } from '../../src/api/schemas.ts'
import { api, failureOf } from '../api.ts'
import { environments } from '../words.ts'
import type { IntegrationFormApi } from './integration-form.ts'

/**
 * Checks the domain when its field is left: whatever was pasted becomes the address that will be used, and the
 * environment follows when the address tells it. `notes` say what was changed.
 */
export function useDomainCheck(form: IntegrationFormApi) {
  const [result, setResult] = useState<{ origin: string; notes: string[] } | null>(null)

  const check = async () => {
    const typed = form.getValues().domain.trim()
    if (typed === '' || typed === result?.origin) return
    try {
      const { environment } = form.getValues()
      const found = await api.post<DomainCheck>('/salesforce-domain', { domain: typed, environment })
      // Somebody who types on has not asked for this answer any more.
      if (form.getValues().domain.trim() !== typed) return
      const notes = found.note === null ? [] : [found.note]
      if (found.environment !== null && found.environment !== form.getValues().environment) {
        form.setFieldValue('environment', found.environment)
        notes.push(`Environment is now ${environments[found.environment]}, as the address tells.`)
      }
      form.setFieldValue('domain', found.origin)
      form.clearFieldError('domain')
      setResult({ origin: found.origin, notes })
    } catch (error) {
      if (form.getValues().domain.trim() !== typed) return
      const { message, remedy } = failureOf(error)
      form.setFieldError('domain', [message, remedy].filter(Boolean).join(' '))
      setResult(null)
    }
  }

  const notes = result !== null && form.values.domain === result.origin ? result.notes : []
  return { check, notes }
}
