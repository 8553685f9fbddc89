/** Signing in and out, through better-auth's handler, which also counts the attempts. */

import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { LooplineError } from '../errors.ts'
import { type Auth, addressHeader } from './auth.ts'
import type { ApiEnv } from './caller.ts'
import { clientAddress } from './client-address.ts'

const Credentials = z.object({
  email: z.email('Enter an e-mail address.'),
  password: z.string().min(1, 'Enter the password.').max(500),
})

/** Of better-auth's many routes only these two are open. */
export function signInRoutes({ auth, publicUrl }: { auth: Auth; publicUrl: string }): Hono<ApiEnv> {
  return new Hono<ApiEnv>()
    .post('/sign-in/email', async (c) => {
      const credentials = Credentials.parse(await c.req.json().catch(() => ({})))
      await signIn(c, { auth, publicUrl, credentials })
      return c.json({ signedIn: true })
    })
    .post('/sign-out', async (c) => {
      const response = await askBetterAuth(c, { auth, publicUrl, path: '/sign-out', body: {} })
      passCookiesOn(c, response)
      return c.json({ signedIn: false })
    })
}

/** Sets the session's cookie, or throws what the person should read. */
export async function signIn(
  c: Context<ApiEnv>,
  { auth, publicUrl, credentials }: { auth: Auth; publicUrl: string; credentials: z.infer<typeof Credentials> },
): Promise<void> {
  const response = await askBetterAuth(c, { auth, publicUrl, path: '/sign-in/email', body: credentials })
  if (response.status === 429) {
    const seconds = Number(response.headers.get('x-retry-after')) || 60
    throw new LooplineError({
      kind: 'invalid',
      code: 'TOO_MANY_ATTEMPTS',
      message: 'Too many attempts to sign in from here.',
      remedy: `Try again in ${seconds === 1 ? 'a second' : `${seconds} seconds`}.`,
    })
  }
  if (response.status >= 500) throw new Error(`Signing in failed with status ${response.status}.`)
  if (!response.ok) {
    throw new LooplineError({
      kind: 'invalid',
      code: 'SIGN_IN_REFUSED',
      message: 'This e-mail address and password don’t belong together.',
      remedy: 'Check both. An admin can invite you anew if you have lost the password.',
    })
  }
  passCookiesOn(c, response)
}

// A request of our own making: nothing of the caller's gets through but what is named here. That it came from our own
// page has been checked already.
function askBetterAuth(
  c: Context,
  { auth, publicUrl, path, body }: { auth: Auth; publicUrl: string; path: string; body: unknown },
): Promise<Response> {
  const headers = new Headers({
    'content-type': 'application/json',
    origin: new URL(publicUrl).origin,
    [addressHeader]: clientAddress(c),
  })
  for (const name of ['cookie', 'user-agent']) {
    const value = c.req.header(name)
    if (value) headers.set(name, value)
  }
  return auth.handler(
    new Request(`${publicUrl}/api/auth${path}`, { method: 'POST', headers, body: JSON.stringify(body) }),
  )
}

function passCookiesOn(c: Context, response: Response): void {
  for (const cookie of response.headers.getSetCookie()) c.header('set-cookie', cookie, { append: true })
}
