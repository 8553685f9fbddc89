/** Who a token speaks for: userinfo and the identity URL (salesforce-api.md 2.5). */
import { Hono, type Context as HonoContext } from 'hono'
import { type Context as EmulatorContext, findUser } from '../context.ts'
import type { OrgRecord, OrgUser } from '../org/model.ts'
import { formatRestDatetime } from '../values.ts'
import { formatted } from './answer-format.ts'
import type { Session } from './grants.ts'
import { readForm } from './request-form.ts'
import { identityUrl } from './token-answer.ts'

const IDENTITY_SCOPES = ['id', 'openid', 'profile', 'email', 'address', 'phone', 'api', 'web', 'full']
const LATEST_VERSION = '67.0'

export function createIdentityEndpoints(context: EmulatorContext): Hono {
  const { org, grants, apps } = context
  const endpoints = new Hono()

  /** Whose token comes with the call: in the header, or as `oauth_token`. */
  async function findCaller(c: HonoContext): Promise<{ session: Session; user: OrgUser } | 'missing' | 'bad'> {
    const header = /^(?:Bearer|OAuth) +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
    const token = header ?? (await readForm(c)).get('oauth_token') ?? undefined
    if (token === undefined) return c.req.header('authorization') === undefined ? 'missing' : 'bad'
    const session = grants.findSession(token)
    const user = session && findUser(org, session.userId)
    return session && user ? { session, user } : 'bad'
  }

  endpoints.on(['GET', 'POST'], '/services/oauth2/userinfo', async (c) => {
    const caller = await findCaller(c)
    if (caller === 'missing') return c.text('Missing_OAuth_Token', 403)
    if (caller === 'bad' || !caller.user.active) return c.text('Bad_OAuth_Token', 403)
    const { user, session } = caller
    const about = aboutUser(user)
    const value = {
      sub: identityUrl(context, user.userId),
      user_id: user.userId,
      organization_id: org.id,
      preferred_username: user.username,
      nickname: about.nickname,
      name: user.name,
      email: user.email,
      email_verified: true,
      given_name: user.firstName,
      family_name: user.lastName,
      zoneinfo: about.timezone,
      photos: about.photos,
      profile: `${context.instanceUrl()}/${user.userId}`,
      picture: about.photos.picture,
      ...(about.phone !== null && { phone_number: about.phone, phone_number_verified: false }),
      address: about.address,
      is_salesforce_integration_user: user.permissions.has('ApiUserOnly'),
      urls: urls(user.userId, undefined),
      active: user.active,
      user_type: about.userType,
      language: about.language,
      locale: about.locale,
      utcOffset: about.utcOffset,
      updated_at: about.updatedAt,
      is_app_installed: apps.find(session.clientId)?.installed ?? true,
    }
    return formatted(c, value, { root: 'user', asked: c.req.query('format') })
  })

  // Failures of the identity URL are plain words (salesforce-api.md 2.5).
  endpoints.on(['GET', 'POST'], '/id/:orgId/:userId', async (c) => {
    const caller = await findCaller(c)
    if (caller === 'missing') return c.text('Missing_OAuth_Token', 403)
    if (caller === 'bad') return c.text('Bad_OAuth_Token', 403)
    if (!isSameId(c.req.param('orgId'), org.id)) return c.text('Wrong_Org', 403)
    const user = org.users.find(({ userId }) => isSameId(c.req.param('userId'), userId))
    if (!user) return c.text('Bad_Id', 404)
    if (!caller.user.active) return c.text('Inactive', 403)
    if (!mayLookAt(caller, user)) return c.text('No_Access', 403)
    const about = aboutUser(user)
    const value = {
      id: identityUrl(context, user.userId),
      asserted_user: user.userId === caller.user.userId,
      user_id: user.userId,
      organization_id: org.id,
      username: user.username,
      nick_name: about.nickname,
      display_name: user.name,
      email: user.email,
      email_verified: true,
      first_name: user.firstName,
      last_name: user.lastName,
      timezone: about.timezone,
      photos: about.photos,
      addr_street: about.address.street_address ?? null,
      addr_city: about.address.locality ?? null,
      addr_state: about.address.region ?? null,
      addr_country: about.address.country ?? null,
      addr_zip: about.address.postal_code ?? null,
      mobile_phone: about.phone,
      mobile_phone_verified: false,
      is_lightning_login_user: false,
      status: { created_date: null, body: null },
      urls: urls(user.userId, c.req.query('version')),
      active: user.active,
      user_type: about.userType,
      language: about.language,
      locale: about.locale,
      utcOffset: about.utcOffset,
      last_modified_date: about.updatedAt,
      is_app_installed: apps.find(caller.session.clientId)?.installed ?? true,
    }
    return formatted(c, value, { root: 'user', asked: c.req.query('format') })
  })

  /** Another user's identity takes the api or full scope: https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_using_openid.htm&type=5 */
  function mayLookAt({ session, user }: { session: Session; user: OrgUser }, other: OrgUser): boolean {
    if (!session.scopes.some((scope) => IDENTITY_SCOPES.includes(scope))) return false
    if (user.userId === other.userId) return true
    const hasScope = session.scopes.includes('api') || session.scopes.includes('full')
    return hasScope && user.permissions.has('ApiEnabled')
  }

  function aboutUser(user: OrgUser) {
    const record = org.findRecord(user, 'User', user.userId)
    const host = context.instanceUrl()
    const timezone = text(record, 'TimeZoneSidKey') ?? 'GMT'
    const address = {
      street_address: text(record, 'Street'),
      locality: text(record, 'City'),
      region: text(record, 'State'),
      postal_code: text(record, 'PostalCode'),
      country: text(record, 'Country'),
    }
    const modified = record?.LastModifiedDate
    return {
      nickname: text(record, 'CommunityNickname') ?? user.alias,
      timezone,
      utcOffset: standardOffsetMs(timezone, org.now()),
      language: text(record, 'LanguageLocaleKey') ?? 'en_US',
      locale: text(record, 'LocaleSidKey') ?? 'en_US',
      userType: (text(record, 'UserType') ?? 'Standard').toUpperCase(),
      phone: text(record, 'MobilePhone') ?? null,
      // Parts that are empty are left out.
      address: Object.fromEntries(Object.entries(address).filter(([, part]) => part !== undefined)),
      photos: { picture: `${host}/profilephoto/005/F`, thumbnail: `${host}/profilephoto/005/T` },
      updatedAt: formatRestDatetime(typeof modified === 'number' ? modified : org.now()),
    }
  }

  /** With `{version}` in the place of a version, unless one is asked for. */
  function urls(userId: string, asked: string | undefined): object {
    const version = asked === 'latest' ? LATEST_VERSION : (asked ?? '{version}')
    const host = context.instanceUrl()
    const data = `${host}/services/data/v${version}`
    const soap = `${host}/services/Soap`
    const place = `${version}/${org.id.slice(0, 15)}`
    return {
      enterprise: `${soap}/c/${place}`,
      metadata: `${soap}/m/${place}`,
      partner: `${soap}/u/${place}`,
      rest: `${data}/`,
      sobjects: `${data}/sobjects/`,
      search: `${data}/search/`,
      query: `${data}/query/`,
      recent: `${data}/recent/`,
      tooling_soap: `${soap}/T/${place}`,
      tooling_rest: `${data}/tooling/`,
      profile: `${host}/${userId}`,
      feeds: `${data}/chatter/feeds`,
      groups: `${data}/chatter/groups`,
      users: `${data}/chatter/users`,
      feed_items: `${data}/chatter/feed-items`,
      feed_elements: `${data}/chatter/feed-elements`,
      custom_domain: host,
    }
  }

  return endpoints
}

/** Ids come with 15 or 18 characters. */
function isSameId(given: string, id: string): boolean {
  return given === id || given === id.slice(0, 15)
}

function text(record: OrgRecord | undefined, field: string): string | undefined {
  const value = record?.[field]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A zone's offset from UTC without its summer time, which is the smaller of two taken half a year apart. */
function standardOffsetMs(timeZone: string, now: number): number {
  const offsetAt = (at: number) => {
    const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
    const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? ''
    const [, sign = '+', hours = '0', minutes = '0'] = /GMT([+-])(\d{2}):(\d{2})/.exec(name) ?? []
    return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
  }
  return Math.min(offsetAt(now), offsetAt(now - 182 * 86_400_000))
}
