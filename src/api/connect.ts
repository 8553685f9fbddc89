/** From a form to Salesforce's login, and what became of it. */

import { createRoute, z } from '@hono/zod-openapi'
import { LooplineError } from '../errors.ts'
import { type OAuthDeps, startAuthorization } from '../oauth/authorize.ts'
import { checkDomain } from '../oauth/domain.ts'
import { attemptFailures } from '../oauth/explain.ts'
import { findConnection } from '../store/connections.ts'
import { getIntegration, isNameTaken } from '../store/integrations.ts'
import { findAttempt, finishAttempt, type OAuthAttempt } from '../store/oauth-attempts.ts'
import { browserOf } from './caller.ts'
import { shapeConnection } from './integration-shape.ts'
import { answers, idParam, jsonBody, newRoutes } from './routes.ts'
import { ConnectAttempt, ConnectStart, DomainCheck, Environment, IntegrationDraft } from './schemas.ts'

const tags = ['Connecting']

const check = createRoute({
  method: 'post',
  path: '/salesforce-domain',
  tags,
  summary: 'Normalize what somebody pasted as a Salesforce address',
  request: { body: jsonBody(z.object({ domain: z.string().max(500), environment: Environment.optional() })) },
  responses: answers(DomainCheck, 'What will be used.'),
})

const nameAvailable = createRoute({
  method: 'get',
  path: '/integrations/name-available',
  tags,
  summary: 'Whether an integration may have this name',
  request: { query: z.object({ name: z.string().trim().max(200), exceptId: z.string().optional() }) },
  responses: answers(z.object({ available: z.boolean() }), 'Names are unique, whatever their case.'),
})

const connect = createRoute({
  method: 'post',
  path: '/integrations/connect',
  tags,
  summary: 'Start to connect a new integration',
  description: 'The integration is made when somebody has logged in at `authorizationUrl` and allowed access.',
  request: { body: jsonBody(z.object({ draft: IntegrationDraft })) },
  responses: answers(ConnectStart, 'Where to send the login window.'),
})

const reconnect = createRoute({
  method: 'post',
  path: '/integrations/{id}/reconnect',
  tags,
  summary: 'Start to connect an integration again (Re-generate Token)',
  request: { params: idParam },
  responses: answers(ConnectStart, 'Where to send the login window.'),
})

const show = createRoute({
  method: 'get',
  path: '/connect-attempts/{id}',
  tags,
  summary: 'What became of a login',
  request: { params: idParam },
  responses: answers(ConnectAttempt, 'Ask again while it is `pending`.'),
})

const cancel = createRoute({
  method: 'post',
  path: '/connect-attempts/{id}/cancel',
  tags,
  summary: 'Give a login up',
  request: { params: idParam },
  responses: answers(ConnectAttempt, 'It can no longer succeed.'),
})

/** Domain and name checks, and the login itself. */
export function connectRoutes({ oauth }: { oauth: OAuthDeps }) {
  const { sql, extraOrigins, now } = oauth

  async function getAttempt(id: string, personId: string): Promise<OAuthAttempt> {
    const attempt = await findAttempt(sql, id)
    if (attempt?.personId !== personId) throw attemptGone()
    return attempt
  }

  async function shapeAttempt(attempt: OAuthAttempt): Promise<ConnectAttempt> {
    const integrationId = attempt.resultIntegrationId
    const connection = integrationId ? await findConnection(sql, integrationId) : undefined
    const isExpired = attempt.state === 'pending' && attempt.usedAt === null && attempt.expiresAt <= now()
    return {
      id: attempt.id,
      state: isExpired ? 'expired' : attempt.state,
      integrationId,
      connection: connection ? shapeConnection(connection) : null,
      failure: isExpired ? attemptFailures.expired : attempt.failure,
    }
  }

  return newRoutes()
    .openapi(check, (c) => c.json(checkDomain(c.req.valid('json'), { extraOrigins }), 200))
    .openapi(nameAvailable, async (c) => {
      const { name, exceptId } = c.req.valid('query')
      return c.json({ available: !(await isNameTaken(sql, name, exceptId)) }, 200)
    })
    .openapi(connect, async (c) => {
      const { person, sessionId } = browserOf(c)
      const { draft } = c.req.valid('json')
      return c.json(await startAuthorization(oauth, { draft, person: { id: person.id, sessionId } }), 200)
    })
    .openapi(reconnect, async (c) => {
      const { person, sessionId } = browserOf(c)
      const integration = await getIntegration(sql, c.req.valid('param').id)
      return c.json(await startAuthorization(oauth, { integration, person: { id: person.id, sessionId } }), 200)
    })
    .openapi(show, async (c) => {
      const attempt = await getAttempt(c.req.valid('param').id, browserOf(c).person.id)
      return c.json(await shapeAttempt(attempt), 200)
    })
    .openapi(cancel, async (c) => {
      const { id } = await getAttempt(c.req.valid('param').id, browserOf(c).person.id)
      await finishAttempt(sql, id, { failure: attemptFailures.cancelled })
      return c.json(await shapeAttempt(await getAttempt(id, browserOf(c).person.id)), 200)
    })
}

function attemptGone(): LooplineError {
  return new LooplineError({
    kind: 'invalid',
    code: 'ATTEMPT_NOT_FOUND',
    message: 'This login is not known (any more).',
    remedy: 'Connect again.',
  })
}
