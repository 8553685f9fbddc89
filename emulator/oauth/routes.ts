/** All of OAuth's routes together. */
import { Hono, type Context as HonoContext } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Context as EmulatorContext } from '../context.ts'
import type { OrgUser } from '../org/model.ts'
import { formatted } from './answer-format.ts'
import { createAnswers } from './authorization-answer.ts'
import { createAuthorization } from './authorize.ts'
import { createDiscovery } from './discovery.ts'
import { OauthError } from './errors.ts'
import { createIdentityEndpoints } from './identity.ts'
import { createSignInPages } from './sign-in-pages.ts'
import type { OauthState } from './state.ts'
import { createTokenEndpoint } from './token.ts'
import { createTokenCare, REVOKE_PATH } from './token-care.ts'

const LARGEST_FORM_BYTES = 128 * 1024

/** The routes, and who is logged in with a browser. */
export function createOauth(
  context: EmulatorContext,
  state: OauthState,
): { routes: Hono; findBrowserUser(c: HonoContext): OrgUser | undefined } {
  const routes = new Hono()
  const answers = createAnswers(context, state)
  const pages = createSignInPages(context, { state, answers })

  const largest = bodyLimit({
    maxSize: LARGEST_FORM_BYTES,
    onError: () => {
      throw new OauthError('invalid_request', 'request is too large')
    },
  })
  for (const path of ['/services/oauth2/*', '/id/*', '/login', '/continue', '/setup/*']) routes.use(path, largest)
  routes.onError((error, c) => {
    if (!(error instanceof OauthError)) throw error
    const value = { error: error.error, error_description: error.message }
    // Revocation's errors are form-encoded unless JSON is asked for: https://github.com/omniphx/forrest/issues/213
    const isRevocation = c.req.path === REVOKE_PATH && c.req.query('callback') === undefined
    const otherwise = isRevocation ? 'urlencoded' : 'json'
    return formatted(c, value, { root: 'OAuth', status: 400, asked: c.req.query('format'), otherwise })
  })
  routes.route('/', pages.routes)
  routes.route('/', createAuthorization(context, { state, answers, pages }))
  routes.route('/', createTokenEndpoint(context, state))
  routes.route('/', createTokenCare(context))
  routes.route('/', createIdentityEndpoints(context))
  routes.route('/', createDiscovery(context, state.key))
  return { routes, findBrowserUser: pages.findUser }
}
