import { createRoute, z } from '@hono/zod-openapi'
import { hashPassword } from 'better-auth/crypto'
import { LooplineError } from '../errors.ts'
import { recordAudit } from '../store/audit.ts'
import type { Pool } from '../store/database.ts'
import { findInvitation, useUpInvitation } from '../store/invitations.ts'
import { hasAdmin, insertPerson } from '../store/people.ts'
import { type Auth, passwordLength } from './auth.ts'
import { hashLinkToken } from './link-token.ts'
import { shapePerson } from './people.ts'
import { answers, jsonBody, newRoutes } from './routes.ts'
import { InvitationPreview, Session } from './schemas.ts'
import { signIn } from './sign-in.ts'

const token = z.string().min(1).max(200)

const show = createRoute({
  method: 'get',
  path: '/session',
  tags: ['Session'],
  summary: 'Who is signed in',
  responses: answers(Session, '`person` is null when nobody is.'),
})

const lookUp = createRoute({
  method: 'get',
  path: '/invitations/lookup',
  tags: ['Session'],
  summary: 'What an invitation’s link leads to',
  request: { query: z.object({ token }) },
  responses: answers(InvitationPreview, 'Before it is accepted.'),
})

const accept = createRoute({
  method: 'post',
  path: '/invitations/accept',
  tags: ['Session'],
  summary: 'Accept an invitation and sign in',
  request: {
    body: jsonBody(
      z.object({
        token,
        name: z.string().trim().min(1, 'Enter your name.').max(100),
        /** Only on the first admin's link; an invitation is for its own address. */
        email: z.email('Enter an e-mail address.').max(254).optional(),
        password: z
          .string()
          .min(passwordLength.min, `At least ${passwordLength.min} characters.`)
          .max(passwordLength.max, `At most ${passwordLength.max} characters.`),
      }),
    ),
  },
  responses: answers(Session, 'Signed in: the session’s cookie is set.'),
})

/** The session, and how one comes to have one. */
export function sessionRoutes({
  sql,
  auth,
  publicUrl,
  now,
}: {
  sql: Pool
  auth: Auth
  publicUrl: string
  now: () => Date
}) {
  return newRoutes()
    .openapi(show, async (c) => {
      const person = c.get('caller')?.browser?.person
      // Whoever is signed in needs no setup; this spares the question at each load of the page.
      return c.json(
        { person: person ? shapePerson(person) : null, setupNeeded: !person && !(await hasAdmin(sql)) },
        200,
      )
    })
    .openapi(lookUp, async (c) => {
      const invitation = await findInvitation(sql, hashLinkToken(c.req.valid('query').token), now())
      if (!invitation) throw linkNotValid()
      const { email, role, expiresAt } = invitation
      return c.json({ email, role, expiresAt: expiresAt.toISOString() }, 200)
    })
    .openapi(accept, async (c) => {
      const form = c.req.valid('json')
      const tokenHash = hashLinkToken(form.token)
      // Looked up first: hashing a password is costly, and only for those who hold a link.
      if (!(await findInvitation(sql, tokenHash, now()))) throw linkNotValid()
      const passwordHash = await hashPassword(form.password)
      const person = await sql.begin(async (tx) => {
        const invitation = await useUpInvitation(tx, tokenHash, now())
        if (!invitation) throw linkNotValid()
        const email = invitation.email ?? form.email
        if (!email) throw emailMissing()
        const added = await insertPerson(tx, { name: form.name, email, role: invitation.role, passwordHash })
        const detail = { email: added.email, role: added.role }
        await recordAudit(tx, { actor: { id: added.id, name: added.email }, action: 'person.joined', detail })
        return added
      })
      await signIn(c, { auth, publicUrl, credentials: { email: person.email, password: form.password } })
      return c.json({ person: shapePerson(person), setupNeeded: false }, 200)
    })
}

function linkNotValid(): LooplineError {
  return new LooplineError({
    kind: 'invalid',
    code: 'LINK_NOT_VALID',
    message: 'This link no longer works: it was used, replaced by a newer one, or has expired.',
    remedy: 'Ask an admin for a new invitation. The first admin’s link is printed anew when Loopline starts.',
    field: 'token',
  })
}

function emailMissing(): LooplineError {
  return new LooplineError({
    kind: 'invalid',
    code: 'EMAIL_MISSING',
    message: 'Enter the e-mail address to sign in with.',
    field: 'email',
  })
}
