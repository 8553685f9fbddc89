/** SOAP's own way in and out: login(), logout(), and what they and getUserInfo() say about a user. */
import type { Context as HonoContext } from 'hono'
import type { Context as EmulatorContext } from '../context.ts'
import type { SignInRefusal } from '../oauth/sign-in.ts'
import type { OrgUser } from '../org/model.ts'
import { SoapFault, type SoapValue, textOf, type XmlElement } from './envelope.ts'

/** login() is not there in versions from this one on: https://help.salesforce.com/s/articleView?id=005132110&type=1 */
const FIRST_WITHOUT_LOGIN = 65
const INVALID = 'Invalid username, password, security token; or user locked out.'

// The codes are those of https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm
const REFUSALS: { readonly [refusal in SignInRefusal]: readonly [code: string, message: string] } = {
  wrong: ['INVALID_LOGIN', INVALID],
  inactive: ['INVALID_LOGIN', INVALID],
  locked: ['INVALID_LOGIN', INVALID],
  token: [
    'LOGIN_MUST_USE_SECURITY_TOKEN',
    `${INVALID} Are you at a new location? When accessing Salesforce--either via a desktop client or the API--from ` +
      'outside of your company’s trusted networks, you must add a security token to your password to log in. To get ' +
      'your new security token, log in to Salesforce. From your personal settings, enter Reset My Security Token in ' +
      'the Quick Find box, then select Reset My Security Token.',
  ],
  ip: ['LOGIN_DURING_RESTRICTED_DOMAIN', 'Logging in from current domain prohibited'],
  rate: ['LOGIN_RATE_EXCEEDED', 'Login rate exceeded'],
  org: ['ORG_LOCKED', 'This organization is locked'],
}

/** Where calls of one API and version go. */
export interface SoapEndpoint {
  readonly path: 'c' | 'u'
  readonly version: string
}

export function logIn(
  context: EmulatorContext,
  c: HonoContext,
  { endpoint, args }: { endpoint: SoapEndpoint; args: XmlElement },
): SoapValue {
  const { org, grants, signIns, instanceUrl } = context
  if (Number(endpoint.version) >= FIRST_WITHOUT_LOGIN) {
    throw new SoapFault(
      'INVALID_OPERATION',
      `The SOAP Login operation is not available in the API version specified (${endpoint.version}). Refer to the documentation for supported versions.`,
    )
  }
  if (!signIns.rules.soapLogin) {
    throw new SoapFault(
      'INVALID_OPERATION',
      'SOAP API login() is disabled by default in this org. Contact the org administrator to enable SOAP API login().',
    )
  }
  const judged = signIns.judge(c, {
    username: textOf(args, 'username') ?? '',
    password: textOf(args, 'password') ?? '',
    by: 'program',
  })
  if ('refusal' in judged) throw new SoapFault(...REFUSALS[judged.refusal], 'LoginFault')
  const { user } = judged
  if (!user.permissions.has('ApiEnabled')) {
    throw new SoapFault('API_DISABLED_FOR_ORG', 'API is not enabled for this Organization or Partner', 'LoginFault')
  }
  const { accessToken, issuedAt } = grants.startSession({ userId: user.userId, app: null, scopes: ['full'] })
  const session = grants.findSession(accessToken)
  const soap = `${instanceUrl()}/services/Soap`
  const place = `${endpoint.version}/${org.id.slice(0, 15)}`
  return {
    metadataServerUrl: `${soap}/m/${place}`,
    passwordExpired: false,
    sandbox: org.isSandbox,
    serverUrl: `${soap}/${endpoint.path}/${place}`,
    sessionId: accessToken,
    userId: user.userId,
    userInfo: aboutUser(context, user, session ? grants.expiryOf(session) - issuedAt : 0),
  }
}

/** https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_getuserinfo_getuserinforesult.htm */
export function aboutUser({ org }: EmulatorContext, user: OrgUser, sessionMs: number): SoapValue {
  const record = org.findRecord(user, 'User', user.userId)
  const text = (field: string, otherwise: string) => {
    const value = record?.[field]
    return typeof value === 'string' && value !== '' ? value : otherwise
  }
  const { multiCurrency, personAccounts } = org.settings
  return {
    accessibilityMode: false,
    chatterExternal: false,
    currencySymbol: multiCurrency ? null : '€',
    orgAttachmentFileSizeLimit: 26_214_400,
    orgDefaultCurrencyIsoCode: multiCurrency ? null : 'EUR',
    orgDefaultCurrencyLocale: multiCurrency ? null : 'de_DE',
    orgDisallowHtmlAttachments: false,
    orgHasPersonAccounts: personAccounts,
    organizationId: org.id,
    organizationMultiCurrency: multiCurrency,
    organizationName: org.name,
    profileId: text('ProfileId', ''),
    roleId: text('UserRoleId', '') || null,
    sessionSecondsValid: Math.floor(sessionMs / 1000),
    userDefaultCurrencyIsoCode: multiCurrency ? text('DefaultCurrencyIsoCode', 'EUR') : null,
    userEmail: user.email,
    userFullName: user.name,
    userId: user.userId,
    userLanguage: text('LanguageLocaleKey', 'en_US'),
    userLocale: text('LocaleSidKey', 'en_US'),
    userName: user.username,
    userTimeZone: text('TimeZoneSidKey', 'GMT'),
    userType: text('UserType', 'Standard'),
    userUiSkin: 'Theme3',
  }
}
