import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEmulator, type Emulator } from '../app.ts'
import { adminOf, authorizeUrl, CALLBACK_URL, newVerifier, ORIGIN, postToken, TestBrowser } from '../test-browser.ts'

type Fields = Record<string, string | undefined>

/** The table of salesforce-api.md 2.8 for the token endpoint: what was done, and the error and description that follow. */
const TOKEN_ERRORS: readonly [
  cause: string,
  error: string,
  description: string,
  ask: (org: Asked) => Promise<Answer>,
][] = [
  ['a revoked refresh token', 'invalid_grant', 'expired access/refresh token', ({ refresh }) => refresh('nobody’s')],
  ['a code that never was one', 'invalid_grant', 'expired authorization code', ({ code }) => code({ code: 'aPrx' })],
  ['a wrong password', 'invalid_grant', 'authentication failure', ({ password }) => password()],
  [
    'a foreign address',
    'invalid_grant',
    'ip restricted',
    ({ emulator, refresh, refreshToken }) => {
      emulator.signIns.change({ loginIpRanges: ['203.0.113.0/24'] })
      return refresh(refreshToken)
    },
  ],
  [
    'a deactivated user',
    'inactive_user',
    'user is inactive',
    ({ emulator, refresh, refreshToken }) => {
      emulator.setUserActive(adminOf(emulator).username, false)
      return refresh(refreshToken)
    },
  ],
  [
    'a locked org',
    'inactive_org',
    'org is locked, closed, or suspended',
    ({ emulator, refresh, refreshToken }) => {
      emulator.signIns.change({ orgLocked: true })
      return refresh(refreshToken)
    },
  ],
  [
    'an unknown app',
    'invalid_client_id',
    'client identifier invalid',
    ({ refresh, refreshToken }) => refresh(refreshToken, { client_id: 'nope' }),
  ],
  [
    'a wrong secret',
    'invalid_client',
    'invalid client credentials',
    ({ refresh, refreshToken }) => refresh(refreshToken, { client_secret: 'nope' }),
  ],
  [
    'a code without a callback',
    'redirect_uri_missing',
    'redirect_uri must be provided',
    ({ code }) => code({ redirect_uri: undefined }),
  ],
  [
    'a code with another callback',
    'redirect_uri_mismatch',
    'redirect_uri must match configuration',
    ({ code }) => code({ redirect_uri: `${CALLBACK_URL}/` }),
  ],
  [
    'a wrong code verifier',
    'invalid_request',
    'invalid code verifier',
    ({ code }) => code({ code_verifier: newVerifier().verifier }),
  ],
  [
    'a code verifier with a tilde',
    'invalid_grant',
    'invalid code verifier',
    ({ code }) => code({ code_verifier: `${'v'.repeat(43)}~` }),
  ],
  ['no code verifier', 'invalid_grant', 'missing code verifier', ({ code }) => code({ code_verifier: undefined })],
  [
    'an unknown flow',
    'unsupported_grant_type',
    'grant type not supported',
    ({ refresh, refreshToken }) => refresh(refreshToken, { grant_type: 'magic' }),
  ],
  [
    'no flow at all',
    'unsupported_grant_type',
    'grant type not supported',
    ({ refresh, refreshToken }) => refresh(refreshToken, { grant_type: undefined }),
  ],
  [
    'a blocked app',
    'app_blocked',
    'this app is blocked by admin',
    ({ emulator, refresh, refreshToken }) => {
      emulator.apps.save({ name: 'Loopline', blocked: true })
      return refresh(refreshToken)
    },
  ],
  [
    'an app for approved users',
    'invalid_app_access',
    'user is not admin approved to access this app',
    ({ emulator, refresh, refreshToken }) => {
      emulator.apps.save({ name: 'Loopline', permittedUsers: 'admin-approved' })
      return refresh(refreshToken)
    },
  ],
]

/** Names that Salesforce's help and its own code list, for causes that aren't here. */
const OTHER_ERRORS = [
  'server_error',
  'service_unavailable',
  'system_down',
  'unknown_error',
  'bad_jti_claim',
  'app_not_found',
]

type Answer = Awaited<ReturnType<typeof postToken>>

interface Asked {
  readonly emulator: Emulator
  readonly refreshToken: string | undefined
  refresh(token: string | undefined, fields?: Fields): Promise<Answer>
  /** Gets a code as it should be, and trades it with these changes. */
  code(changes: Fields): Promise<Answer>
  password(): Promise<Answer>
}

async function practice(run: (asked: Asked) => Promise<void>): Promise<void> {
  const emulator = createEmulator({ origin: ORIGIN, scale: 0.1 })
  const admin = adminOf(emulator)
  try {
    await run({
      emulator,
      refreshToken: emulator.issueRefreshToken(admin.username).refresh_token,
      refresh: (token, fields = {}) =>
        postToken(emulator, { grant_type: 'refresh_token', refresh_token: token, ...fields }),
      async code(changes) {
        const { verifier, challenge } = newVerifier()
        const browser = new TestBrowser(emulator)
        await browser.open(authorizeUrl(emulator, challenge))
        const { url } = await browser.logIn(admin)
        return postToken(emulator, {
          grant_type: 'authorization_code',
          code: url.searchParams.get('code') ?? '',
          redirect_uri: CALLBACK_URL,
          code_verifier: verifier,
          ...changes,
        })
      },
      password: () => {
        const { clientId, clientSecret } = emulator.apps.getByName('Classic Connector')
        const client = { client_id: clientId, client_secret: clientSecret }
        return postToken(emulator, { ...client, grant_type: 'password', username: admin.username, password: 'no' })
      },
    })
  } finally {
    await emulator.close()
  }
}

for (const [cause, error, description, ask] of TOKEN_ERRORS) {
  test(`${cause} is answered with 400, ${error}: ${description}`, () =>
    practice(async (asked) => {
      const expected = { status: 400, body: { error, error_description: description } }
      assert.deepEqual(await ask(asked), expected)
    }))
}

test('every other error of the list comes when it is asked for, once', () =>
  practice(async ({ emulator, refresh, refreshToken }) => {
    for (const errorCode of OTHER_ERRORS) {
      emulator.faults.add({ do: { fault: 'token-error', errorCode, message: 'as asked for' } })
      const answer = await refresh(refreshToken)
      assert.deepEqual(answer, { status: 400, body: { error: errorCode, error_description: 'as asked for' } })
    }
    assert.equal((await refresh(refreshToken)).status, 200)
  }))
