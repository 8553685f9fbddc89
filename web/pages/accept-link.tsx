/** The form behind both one-time links: the first admin's and an invitation's. */

import { Button, PasswordInput, Skeleton, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { InvitationPreview, Session } from '../../src/api/schemas.ts'
import { api, fieldErrors } from '../api.ts'
import { ErrorNotice } from '../components/error-notice.tsx'
import { AppLink } from '../components/page-header.tsx'
import { sessionQuery } from '../queries.ts'

const passwordLength = 10

/** The token travels in the fragment, which no server or log ever sees. */
function tokenInAddress(): string {
  return new URLSearchParams(window.location.hash.slice(1)).get('token') ?? ''
}

/** Looks the link up, asks for a name and a password, and signs in. */
export function AcceptLink({ button, broken }: { button: string; broken: string }) {
  const [token] = useState(tokenInAddress)
  const preview = useQuery({
    queryKey: ['invitation', token],
    queryFn: ({ signal }) => api.get<InvitationPreview>('/invitations/lookup', { query: { token }, signal }),
    enabled: token !== '',
    staleTime: Number.POSITIVE_INFINITY,
  })

  if (token === '') {
    return <LinkProblem error={new Error('The address holds no token; was the whole link copied?')} broken={broken} />
  }
  if (preview.error) return <LinkProblem error={preview.error} broken={broken} />
  if (!preview.data) return <Skeleton h={220} />
  return <AcceptForm token={token} preview={preview.data} button={button} />
}

function LinkProblem({ error, broken }: { error: Error; broken: string }) {
  return (
    <Stack>
      <ErrorNotice failure={{ kind: 'invalid', code: 'LINK', message: broken, detail: error.message }} />
      <AppLink to="/sign-in">Sign in instead</AppLink>
    </Stack>
  )
}

function AcceptForm({ token, preview, button }: { token: string; preview: InvitationPreview; button: string }) {
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const form = useForm({
    initialValues: { name: '', email: preview.email ?? '', password: '' },
    validate: {
      name: (value) => (value.trim() === '' ? 'Enter your name.' : null),
      email: (value) => (/^\S+@\S+\.\S+$/.test(value.trim()) ? null : 'Enter an e-mail address.'),
      password: (value) => (value.length < passwordLength ? `At least ${passwordLength} characters.` : null),
    },
  })
  const accept = useMutation({
    mutationFn: (values: typeof form.values) =>
      api.post<Session>('/invitations/accept', {
        token,
        name: values.name.trim(),
        password: values.password,
        ...(preview.email === null ? { email: values.email.trim() } : {}),
      }),
    onSuccess: async (session) => {
      queryClient.setQueryData(sessionQuery.queryKey, session)
      await navigate({ to: '/', replace: true })
    },
    onError: (error) => form.setErrors(fieldErrors(error)),
  })

  return (
    <form onSubmit={form.onSubmit((values) => accept.mutate(values))} noValidate>
      <Stack>
        <TextInput label="Name" autoComplete="name" autoFocus {...form.getInputProps('name')} />
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="username"
          readOnly={preview.email !== null}
          {...(preview.email === null ? {} : { description: 'The invitation is for this address.' })}
          {...form.getInputProps('email')}
        />
        <PasswordInput
          label="Password"
          description={`At least ${passwordLength} characters.`}
          autoComplete="new-password"
          {...form.getInputProps('password')}
        />
        {accept.error && <ErrorNotice error={accept.error} />}
        <Button type="submit" loading={accept.isPending}>
          {button}
        </Button>
      </Stack>
    </form>
  )
}
