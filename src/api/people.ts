import { createRoute, z } from '@hono/zod-openapi'
import { LooplineError } from '../errors.ts'
import { recordAudit } from '../store/audit.ts'
import type { Pool } from '../store/database.ts'
import { deleteInvitation, insertInvitation, listInvitations, type StoredInvitation } from '../store/invitations.ts'
import { changeRole, deletePerson, isEmailInUse, listPeople, type StoredPerson } from '../store/people.ts'
import { callerOf } from './caller.ts'
import { newLinkToken } from './link-token.ts'
import { answers, answersNothing, idParam, jsonBody, newRoutes, wholeList } from './routes.ts'
import { Invitation, InvitationWithLink, listOf, Person, Role } from './schemas.ts'

const invitationLifeMs = 7 * 24 * 60 * 60 * 1000

const list = createRoute({
  method: 'get',
  path: '/people',
  tags: ['People'],
  summary: 'List who may sign in',
  responses: answers(listOf(Person), 'Everybody, who came first first.'),
})

const change = createRoute({
  method: 'patch',
  path: '/people/{id}',
  tags: ['People'],
  summary: 'Give somebody another role',
  request: { params: idParam, body: jsonBody(z.object({ role: Role })) },
  responses: answers(Person, 'The person with the new role.'),
})

const remove = createRoute({
  method: 'delete',
  path: '/people/{id}',
  tags: ['People'],
  summary: 'Remove somebody, with their sessions and API keys',
  request: { params: idParam },
  responses: answersNothing('They are signed out everywhere.'),
})

const listInvited = createRoute({
  method: 'get',
  path: '/people/invitations',
  tags: ['People'],
  summary: 'List invitations that nobody has accepted yet',
  responses: answers(listOf(Invitation), 'Newest first.'),
})

const invite = createRoute({
  method: 'post',
  path: '/people/invitations',
  tags: ['People'],
  summary: 'Invite somebody',
  description: 'Answers with a link to send them; it works once, for 7 days, and is not shown again.',
  request: { body: jsonBody(z.object({ email: z.email('Enter an e-mail address.').max(254), role: Role })) },
  responses: answers(InvitationWithLink, 'The invitation and its link.'),
})

const withdraw = createRoute({
  method: 'delete',
  path: '/people/invitations/{id}',
  tags: ['People'],
  summary: 'Withdraw an invitation',
  request: { params: idParam },
  responses: answersNothing('Its link no longer works.'),
})

/** People and the invitations that make them. */
export function peopleRoutes({ sql, publicUrl, now }: { sql: Pool; publicUrl: string; now: () => Date }) {
  return newRoutes()
    .openapi(list, async (c) => c.json(wholeList((await listPeople(sql)).map(shapePerson)), 200))
    .openapi(change, async (c) => {
      const { id } = c.req.valid('param')
      const { role } = c.req.valid('json')
      const before = await sql.begin(async (tx) => {
        const person = await changeRole(tx, id, role)
        if (person.role !== role) {
          const detail = { email: person.email, from: person.role, to: role }
          await recordAudit(tx, { actor: callerOf(c).actor, action: 'person.role-changed', detail })
        }
        return person
      })
      return c.json(shapePerson({ ...before, role }), 200)
    })
    .openapi(remove, async (c) => {
      await sql.begin(async (tx) => {
        const { email } = await deletePerson(tx, c.req.valid('param').id)
        await recordAudit(tx, { actor: callerOf(c).actor, action: 'person.removed', detail: { email } })
      })
      return c.body(null, 204)
    })
    .openapi(listInvited, async (c) => c.json(wholeList((await listInvitations(sql, now())).map(shapeInvitation)), 200))
    .openapi(invite, async (c) => {
      const { email, role } = c.req.valid('json')
      const { actor } = callerOf(c)
      if (await isEmailInUse(sql, email)) throw alreadyHere(email)
      const { token, tokenHash } = newLinkToken()
      const createdAt = now()
      const expiresAt = new Date(createdAt.getTime() + invitationLifeMs)
      const invitation = await sql.begin(async (tx) => {
        await recordAudit(tx, { actor, action: 'person.invited', detail: { email, role } })
        return insertInvitation(tx, { email, role, invitedBy: actor.name, tokenHash, createdAt, expiresAt })
      })
      return c.json({ invitation: shapeInvitation(invitation), link: `${publicUrl}/invitation#token=${token}` }, 200)
    })
    .openapi(withdraw, async (c) => {
      await sql.begin(async (tx) => {
        const withdrawn = await deleteInvitation(tx, c.req.valid('param').id)
        if (!withdrawn) throw invitationGone()
        await recordAudit(tx, { actor: callerOf(c).actor, action: 'invitation.withdrawn', detail: withdrawn })
      })
      return c.body(null, 204)
    })
}

export function shapePerson({ id, name, email, role, createdAt }: StoredPerson): Person {
  return { id, name, email, role, createdAt: createdAt.toISOString() }
}

function shapeInvitation(invitation: StoredInvitation): Invitation {
  return {
    id: invitation.id,
    email: invitation.email ?? '',
    role: invitation.role,
    createdAt: invitation.createdAt.toISOString(),
    expiresAt: invitation.expiresAt.toISOString(),
    invitedBy: invitation.invitedBy ?? '',
  }
}

function alreadyHere(email: string): LooplineError {
  return new LooplineError({
    kind: 'invalid',
    code: 'EMAIL_IN_USE',
    message: `${email} can sign in already.`,
    remedy: 'Change their role in the list of people instead.',
    field: 'email',
  })
}

function invitationGone(): LooplineError {
  return new LooplineError({
    kind: 'invalid',
    code: 'INVITATION_NOT_FOUND',
    message: 'This invitation is not here any more: it was accepted, withdrawn or has expired.',
  })
}
