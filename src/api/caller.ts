/** Who is calling: a person by their session cookie, or a program by an API key. */

import type { Context, MiddlewareHandler } from 'hono'
import { LooplineError } from '../errors.ts'
import type { Pool } from '../store/database.ts'
import { findPerson, type StoredPerson } from '../store/people.ts'
import type { Auth } from './auth.ts'

export interface Caller {
  /** A program with a `read` key counts as a member, one with a `manage` key as an admin. */
  readonly role: 'admin' | 'member'
  /** For the audit trail. */
  readonly actor: { readonly id: string; readonly name: string }
  /** null: a program. */
  readonly browser: { readonly person: StoredPerson; readonly sessionId: string } | null
}

export interface ApiEnv {
  Variables: { caller: Caller | null; requestId: string }
}

/** Sets `caller`: null when nobody says who they are. A key that is not valid is refused, whatever is asked for. */
export function identifyCaller({ auth, sql }: { auth: Auth; sql: Pool }): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const key = bearerOf(c)
    c.set('caller', key === undefined ? await callerBySession(auth, c) : await callerByKey(auth, sql, key))
    await next()
  }
}

/** The caller of a route that only lets signed-in callers in. */
export function callerOf(c: Context<ApiEnv>): Caller {
  const caller = c.get('caller')
  if (!caller) throw notSignedIn()
  return caller
}

/** The person and session of a route that only lets people in. */
export function browserOf(c: Context<ApiEnv>): NonNullable<Caller['browser']> {
  const { browser } = callerOf(c)
  if (!browser) throw new Error('A route for people let a program in.')
  return browser
}

export function notSignedIn(): LooplineError {
  return new LooplineError({
    kind: 'invalid',
    code: 'NOT_SIGNED_IN',
    message: 'You are not signed in.',
    remedy: 'Sign in, or send an API key as “Authorization: Bearer …”.',
  })
}

/** The API key of the request, if it came with one. */
export function bearerOf(c: Context): string | undefined {
  return c.req.header('authorization')?.match(/^Bearer\s+(\S+)$/i)?.[1]
}

async function callerBySession(auth: Auth, c: Context<ApiEnv>): Promise<Caller | null> {
  if (!c.req.header('cookie')) return null
  const { response, headers } = await auth.api.getSession({ headers: c.req.raw.headers, returnHeaders: true })
  // A session in use is extended once a day: its cookie then goes along.
  for (const cookie of headers?.getSetCookie() ?? []) c.header('set-cookie', cookie, { append: true })
  if (!response) return null
  const { user, session } = response
  const role = user.role === 'admin' ? 'admin' : 'member'
  const person = { id: user.id, name: user.name, email: user.email, role, createdAt: user.createdAt } as const
  return { role, actor: { id: user.id, name: user.email }, browser: { person, sessionId: session.id } }
}

async function callerByKey(auth: Auth, sql: Pool, key: string): Promise<Caller> {
  const { valid, key: found } = await auth.api.verifyApiKey({ body: { key } })
  const owner = valid && found ? await findPerson(sql, found.referenceId) : undefined
  if (!found || !owner) {
    throw new LooplineError({
      kind: 'invalid',
      code: 'KEY_NOT_VALID',
      message: 'This API key is not valid: it was revoked, has expired, or never existed.',
      remedy: 'Create a new one under Settings → API keys.',
    })
  }
  // A key never does more than its owner may.
  const manages = found.permissions?.loopline?.includes('manage') === true && owner.role === 'admin'
  return {
    role: manages ? 'admin' : 'member',
    actor: { id: owner.id, name: `${owner.email} (API key “${found.name}”)` },
    browser: null,
  }
}
