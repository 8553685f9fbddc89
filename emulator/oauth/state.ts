/** All that the practice org remembers about who may enter, and the events by which it does. */
import type { Org } from '../org/model.ts'
import { type AppEvent, Apps, practiceApps } from './apps.ts'
import { type BrowserEvent, Browsers } from './browser.ts'
import { AuthorizationCodes, type CodeEvent } from './codes.ts'
import { DeviceCodes } from './device-codes.ts'
import { type GrantEvent, Grants } from './grants.ts'
import { type SignInEvent, SignIns } from './sign-in.ts'
import { SigningKey } from './signing-key.ts'

export type OauthEvent = AppEvent | BrowserEvent | CodeEvent | GrantEvent | SignInEvent

export interface OauthState {
  readonly apps: Apps
  readonly grants: Grants
  readonly codes: AuthorizationCodes
  readonly devices: DeviceCodes
  readonly browsers: Browsers
  readonly signIns: SignIns
  readonly key: SigningKey
  /** Makes an event so that a journal kept. */
  replay(event: OauthEvent): void
}

/** The state of a new org; `record` is told of each change, to be replayed at the next start. */
export function createOauthState(options: {
  readonly org: Org
  readonly origin: string
  readonly seed: number
  readonly callbackUrls: readonly string[]
  readonly rotatesRefreshTokens: boolean
  readonly sessionMinutes: number
  readonly record: (event: OauthEvent) => void
}): OauthState {
  const { org, origin, seed, callbackUrls, rotatesRefreshTokens, record } = options
  const now = () => org.now()
  const sessionMs = options.sessionMinutes * 60_000
  const admin = org.users[0]?.username ?? ''
  const integrationUser = org.users.find(({ permissions }) => permissions.has('ApiUserOnly'))?.username ?? admin
  const apps = new Apps({
    seed,
    apps: practiceApps({ seed, origin, callbackUrls, rotatesRefreshTokens, integrationUser, admin }),
    record,
  })
  const key = new SigningKey()
  const grants = new Grants({ orgId: org.id, issuer: origin, now, sessionMs, apps, key, record })
  const codes = new AuthorizationCodes({ now, record })
  const browsers = new Browsers({ now, sessionMs, origin, record })
  const signIns = new SignIns(org, record)

  function replay(event: OauthEvent): void {
    switch (event.type) {
      case 'app-saved':
        apps.apply(event)
        break
      case 'sign-in-rules':
        signIns.apply(event)
        break
      case 'code-issued':
      case 'code-used':
        codes.apply(event)
        break
      case 'browser-logged-in':
      case 'browser-logged-out':
        browsers.apply(event)
        break
      default:
        grants.apply(event)
    }
  }

  return { apps, grants, codes, devices: new DeviceCodes(now), browsers, signIns, key, replay }
}
