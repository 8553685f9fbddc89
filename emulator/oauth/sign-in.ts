/** Who may sign in with a username and password, and what an org's admin has to say about it (salesforce-api.md 2.8). */
import { createHash } from 'node:crypto'
import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context as HonoContext } from 'hono'
import ipaddr from 'ipaddr.js'
import { z } from 'zod'
import type { Org, OrgUser } from '../org/model.ts'

const HOUR_MS = 3_600_000

export const signInRulesSchema = z.strictObject({
  /** SOAP's login(); off in orgs made since 2025: https://help.salesforce.com/s/articleView?id=005132110&type=1 */
  soapLogin: z.boolean(),
  /** Off in orgs made since Summer '23: https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_disable_username_password_flow_ca.htm&type=5 */
  usernamePasswordFlow: z.boolean(),
  userAgentFlow: z.boolean(),
  /** Programs must append the user's security token to the password, as from outside of the trusted IP ranges. */
  securityToken: z.boolean(),
  /** Where logins may come from, as CIDR; anywhere when empty. */
  loginIpRanges: z.array(z.union([z.cidrv4(), z.cidrv6()])),
  /** Salesforce's limit is 3,600 an hour and user. */
  loginsPerHour: z.int().nonnegative(),
  /** Usernames. */
  lockedUsers: z.array(z.string()),
  frozenUsers: z.array(z.string()),
  /** API Access Control: only apps whose users an admin approves, and users with `UseAnyApiClient` (salesforce-api.md 2.9). */
  apiAccessControl: z.boolean(),
  /** The org itself is locked, closed or suspended. */
  orgLocked: z.boolean(),
})

type SignInRules = z.infer<typeof signInRulesSchema>

export type SignInEvent = { readonly type: 'sign-in-rules'; readonly rules: SignInRules }

export type SignInRefusal = 'wrong' | 'locked' | 'inactive' | 'ip' | 'rate' | 'org' | 'token'

/** The practice org is an old one: what new orgs switch off is on, until it is switched off. */
const OLD_ORG: SignInRules = {
  soapLogin: true,
  usernamePasswordFlow: true,
  userAgentFlow: true,
  securityToken: false,
  loginIpRanges: [],
  loginsPerHour: 3600,
  lockedUsers: [],
  frozenUsers: [],
  apiAccessControl: false,
  orgLocked: false,
}

export class SignIns {
  readonly #org: Org
  readonly #record: (event: SignInEvent) => void
  readonly #loginsAt = new Map<string, number[]>()
  #rules = OLD_ORG

  constructor(org: Org, record: (event: SignInEvent) => void) {
    this.#org = org
    this.#record = record
  }

  get rules(): SignInRules {
    return this.#rules
  }

  apply({ rules }: SignInEvent): void {
    this.#rules = { ...OLD_ORG, ...rules }
  }

  change(changes: { readonly [name in keyof SignInRules]?: SignInRules[name] | undefined }): SignInRules {
    for (const username of [...(changes.lockedUsers ?? []), ...(changes.frozenUsers ?? [])]) {
      if (!this.findUser(username)) throw new RangeError(`The practice org has no sign-in "${username}"`)
    }
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
    const event: SignInEvent = { type: 'sign-in-rules', rules: { ...this.#rules, ...given } }
    this.apply(event)
    this.#record(event)
    return this.#rules
  }

  /** The sign-in with this username, in whichever case it is written. */
  findUser(username: string): OrgUser | undefined {
    const wanted = username.trim().toLowerCase()
    return this.#org.users.find((candidate) => candidate.username.toLowerCase() === wanted)
  }

  /** What a program must append to its password when the org's rules ask for it. */
  securityTokenOf(user: OrgUser): string {
    return createHash('sha256').update(`security token ${user.userId} ${user.password}`).digest('hex').slice(0, 24)
  }

  /** Judges a username and password; a program's password may (or must) carry the security token. */
  judge(
    c: HonoContext,
    { username, password, by }: { username: string; password: string; by: 'person' | 'program' },
  ): { user: OrgUser } | { refusal: SignInRefusal } {
    const user = this.findUser(username)
    if (!user) return { refusal: 'wrong' }
    const withToken = user.password + this.securityTokenOf(user)
    const isRight = password === user.password || (by === 'program' && password === withToken)
    if (!isRight) return { refusal: 'wrong' }
    if (by === 'program' && this.#rules.securityToken && password !== withToken) return { refusal: 'token' }
    const refusal = this.judgeUser(c, user) ?? (this.countLogin(user) ? undefined : 'rate')
    return refusal === undefined ? { user } : { refusal }
  }

  /** What keeps a user out whose password isn't asked for: a refresh, an assertion, a session. */
  judgeUser(c: HonoContext, user: OrgUser | undefined): Exclude<SignInRefusal, 'token'> | undefined {
    if (this.#rules.orgLocked) return 'org'
    if (!user) return 'wrong'
    if (!user.active || this.#isFrozen(user)) return 'inactive'
    if (this.#rules.lockedUsers.some((username) => this.findUser(username) === user)) return 'locked'
    return this.#comesFromAllowedAddress(c) ? undefined : 'ip'
  }

  #isFrozen(user: OrgUser): boolean {
    return this.#rules.frozenUsers.some((username) => this.findUser(username)?.userId === user.userId)
  }

  #comesFromAllowedAddress(c: HonoContext): boolean {
    const ranges = this.#rules.loginIpRanges
    if (ranges.length === 0) return true
    const address = ipaddr.process(addressOf(c))
    return ranges.some((range) => {
      const [network, bits] = ipaddr.parseCIDR(range)
      return network.kind() === address.kind() && address.match(network, bits)
    })
  }

  /** Counts a login, of a person or a program; false when the user's logins of the last hour are as many as may be. */
  countLogin(user: OrgUser): boolean {
    const now = this.#org.now()
    const recent = (this.#loginsAt.get(user.userId) ?? []).filter((at) => now - at < HOUR_MS)
    const isAllowed = recent.length < this.#rules.loginsPerHour
    this.#loginsAt.set(user.userId, isAllowed ? [...recent, now] : recent)
    return isAllowed
  }
}

/** Where a request comes from; a call inside the process counts as one from this machine. */
function addressOf(c: HonoContext): string {
  return c.env?.incoming === undefined ? '127.0.0.1' : (getConnInfo(c).remote.address ?? '127.0.0.1')
}
