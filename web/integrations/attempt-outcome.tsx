/** The outcome of a login that went through this very window: `?attempt=` in the address. */

import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { ConnectAttempt } from '../../src/api/schemas.ts'
import { api } from '../api.ts'
import { ErrorNotice } from '../components/error-notice.tsx'
import { connectReturnAddress } from './connect.ts'
import { dropDraft } from './integration-form.ts'
import { sayConnected } from './outcome.ts'

const route = getRouteApi('/app/settings/integrations')

/** Says how it went, once, and takes it out of the address; a failure stays on the page. */
export function AttemptOutcome() {
  const { attempt: id } = route.useSearch()
  const navigate = route.useNavigate()
  const router = useRouter()
  const queryClient = useQueryClient()
  const [failed, setFailed] = useState<ConnectAttempt | null>(null)
  const { data, error } = useQuery({
    queryKey: ['connect-attempt', id],
    queryFn: ({ signal }) => api.get<ConnectAttempt>(`/connect-attempts/${id}`, { signal }),
    enabled: id !== undefined,
    refetchInterval: (query) => (query.state.data?.state === 'pending' ? 1_000 : false),
  })

  useEffect(() => {
    if (!data || data.id !== id || data.state === 'pending') return
    if (data.state === 'succeeded') {
      const isNew = !connectReturnAddress()?.includes('/edit')
      if (isNew) dropDraft()
      sayConnected(data.connection, isNew)
      void queryClient.invalidateQueries({ queryKey: ['integrations'] })
    } else {
      setFailed(data)
    }
    void navigate({ search: {}, replace: true })
  }, [data, id, navigate, queryClient])

  if (error) return <ErrorNotice error={error} />
  if (!failed) return null
  const back = connectReturnAddress()
  return (
    <ErrorNotice
      failure={
        failed.failure ?? {
          kind: 'invalid',
          code: 'ATTEMPT_EXPIRED',
          message: 'The login at Salesforce was not finished in time.',
          action: 'Nothing was changed; what you entered is kept.',
        }
      }
    >
      {back && (
        <Button size="xs" variant="default" onClick={() => router.history.push(back)}>
          Back to the form
        </Button>
      )}
    </ErrorNotice>
  )
}
