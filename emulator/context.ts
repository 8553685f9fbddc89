/** What the parts of the practice org's HTTP face share. */
import type { PlannedFaults } from './faults.ts'
import type { Grants } from './oauth/grants.ts'
import type { Org, OrgUser } from './org/model.ts'
import type { ApiUsage } from './rest/usage.ts'

/** The External Client App that the practice org knows. */
export interface ConnectedApp {
  readonly name: string
  readonly clientId: string
  readonly clientSecret: string
  readonly callbackUrls: readonly string[]
  readonly scopes: readonly string[]
}

export interface Context {
  readonly origin: string
  readonly org: Org
  readonly app: ConnectedApp
  readonly grants: Grants
  readonly faults: PlannedFaults
  readonly usage: ApiUsage
  isAppInstalled(): boolean
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
