/** What the parts of the practice org's HTTP face share. */
import type { OrgClock } from './clock.ts'
import type { EventBus } from './events/event-bus.ts'
import type { PlannedFaults } from './faults.ts'
import type { Apps, ConnectedApp } from './oauth/apps.ts'
import type { Grants } from './oauth/grants.ts'
import type { SignIns } from './oauth/sign-in.ts'
import type { Org, OrgUser } from './org/model.ts'
import type { RequestLog } from './request-log.ts'
import type { ApiUsage } from './rest/usage.ts'

/** Where the org's APIs are. */
export interface OrgAddress {
  /** What token answers and identities name as `instance_url`; `origin` until the org is moved. */
  readonly instanceUrl: string
  /** What the data APIs at `origin` do: answer, or, once the org has moved, fail as an edge without a route or send on. */
  readonly oldHost: 'here' | 'no-route' | 'redirect'
}

export interface Context {
  /** Where people and apps log in: it stays when the org moves to another `instanceUrl()`. */
  readonly origin: string
  readonly org: Org
  /** Loopline's own app. */
  readonly app: ConnectedApp
  readonly apps: Apps
  readonly grants: Grants
  readonly signIns: SignIns
  readonly faults: PlannedFaults
  readonly usage: ApiUsage
  /** Change events and platform events: `events.publish` takes one that a program made. */
  readonly events: EventBus
  readonly requests: RequestLog
  readonly clock: OrgClock
  address(): OrgAddress
  /** `address().instanceUrl`: what `instance_url`, identity URLs and SOAP's serverUrl are built on. */
  instanceUrl(): string
}

/** The sign-in with this id, active or not. */
export function findUser(org: Org, userId: string): OrgUser | undefined {
  return org.users.find((user) => user.userId === userId)
}

/** The sign-in with this username; throws when there is none, since only programs and operators name users so. */
export function getUserByName(org: Org, username: string): OrgUser {
  const user = org.users.find((candidate) => candidate.username === username)
  if (!user) {
    const known = org.users.map((candidate) => candidate.username).join(', ')
    throw new RangeError(`The practice org has no sign-in "${username}"; it has ${known}`)
  }
  return user
}
