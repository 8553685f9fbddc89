import { Alert, Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { ApiProblem, signIn } from '../api.ts'
import { ErrorNotice } from '../components/error-notice.tsx'
import { sessionQuery } from '../queries.ts'
import { GuestPage } from './guest-page.tsx'

const route = getRouteApi('/sign-in')

export default function SignInPage() {
  const { next } = route.useSearch()
  const router = useRouter()
  const queryClient = useQueryClient()
  const session = useQuery(sessionQuery)
  const form = useForm({
    initialValues: { email: '', password: '' },
    validate: {
      email: (value) => (value.trim() === '' ? 'Enter your e-mail address.' : null),
      password: (value) => (value === '' ? 'Enter your password.' : null),
    },
  })
  const enter = useMutation({
    mutationFn: (values: { email: string; password: string }) =>
      signIn({ email: values.email.trim(), password: values.password }),
    onSuccess: async () => {
      await queryClient.resetQueries()
      // Only a path of our own: an address handed in must not lead people elsewhere.
      router.history.push(next?.startsWith('/') && !next.startsWith('//') ? next : '/')
    },
  })
  const wrongPassword = enter.error instanceof ApiProblem && enter.error.status === 401

  return (
    <GuestPage title="Sign in to Loopline">
      {session.data?.setupNeeded && (
        <Alert color="indigo" variant="light" title="There is no admin yet">
          Open the one-time link that Loopline printed when it started, or start it again to get a new one.
        </Alert>
      )}
      <form onSubmit={form.onSubmit((values) => enter.mutate(values))} noValidate>
        <Stack>
          <TextInput label="E-mail" type="email" autoComplete="username" autoFocus {...form.getInputProps('email')} />
          <PasswordInput label="Password" autoComplete="current-password" {...form.getInputProps('password')} />
          {wrongPassword && (
            <Alert color="red" variant="light" role="alert" title="E-mail and password do not match.">
              Check both; an admin can also send you a new invitation.
            </Alert>
          )}
          {enter.error && !wrongPassword && <ErrorNotice error={enter.error} />}
          <Button type="submit" loading={enter.isPending}>
            Sign in
          </Button>
        </Stack>
      </form>
    </GuestPage>
  )
}
