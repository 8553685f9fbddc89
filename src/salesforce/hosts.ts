/** The one list of hosts that Loopline may talk to, and what an admin may paste to name one of them. */

import { isIP } from 'node:net'
import { LooplineError } from '../errors.ts'

export interface HostOptions {
  /** Origins outside Salesforce's own domains that the operator allowed (SALESFORCE_EXTRA_HOSTS, the practice org). */
  readonly extraOrigins: readonly string[]
}

export interface NormalizedDomain {
  readonly origin: string
  /** Deduced from the address; null when it doesn't tell. */
  readonly environment: 'production' | 'sandbox' | null
  /** Said to the person when the address is not used as typed. */
  readonly note: string | null
}

const label = '[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?'
const partition = '(?:sandbox|develop|trailblaze|scratch|patch|demo|free)'
// Matched whole, never by ending: evil-my.salesforce.com and acme.my.salesforce.com.attacker.net must fail.
const myDomain = new RegExp(`^(?!xn--)${label}(?:\\.${partition})?\\.my\\.salesforce\\.com$`)
const loginHosts = new Set(['login.salesforce.com', 'test.salesforce.com'])

/** Whether Loopline may open a connection to this URL: https on Salesforce's own hosts, or an allowed extra origin. */
export function isAllowedOrigin(url: string | URL, { extraOrigins }: HostOptions): boolean {
  const parsed = typeof url === 'string' ? parseUrl(url) : url
  if (!parsed || parsed.username || parsed.password) return false
  if (extraOrigins.includes(parsed.origin)) return true
  return parsed.protocol === 'https:' && parsed.port === '' && isSalesforceHost(parsed.hostname)
}

/**
 * Turns whatever an admin pastes (a My Domain name, a Lightning or Setup address, with or without scheme and path)
 * into the origin to log in at. Throws a failure that says what is wrong with it and what to paste instead.
 */
export function normalizeDomain(input: string, { extraOrigins }: HostOptions): NormalizedDomain {
  const text = input.trim()
  if (text === '') throw refuse('DOMAIN_EMPTY', 'Enter the Salesforce domain.')
  const extra = findExtraOrigin(text, extraOrigins)
  if (extra) return { origin: extra, environment: null, note: null }

  const host = hostOf(text)
  const used = toLoginHost(host)
  const origin = `https://${used}`
  const isBareName = !host.includes('.')
  const note = used === host ? null : `${isBareName ? '' : `${nameOfAddress(host)} `}Loopline will use ${origin}`
  return { origin, environment: environmentOf(used), note }
}

function findExtraOrigin(text: string, extraOrigins: readonly string[]): string | undefined {
  const candidates = hasScheme(text) ? [text] : [`https://${text}`, `http://${text}`]
  for (const candidate of candidates) {
    const url = parseUrl(candidate)
    if (url && !url.username && !url.password && extraOrigins.includes(url.origin)) return url.origin
  }
  return undefined
}

/** The host of what was typed, in lower case, once nothing about it can point elsewhere than it seems to. */
function hostOf(text: string): string {
  // URL parsers drop tabs and line breaks, read a backslash as a slash, and turn other letters into punycode; what a
  // person sees must be what we use.
  if (/[^\x21-\x7e]|\\/.test(text)) {
    throw refuse('DOMAIN_INVALID', 'A Salesforce domain has only plain letters, digits, hyphens and dots.')
  }
  const url = parseUrl(hasScheme(text) ? text : `https://${text}`)
  if (!url || url.hostname === '') throw refuse('DOMAIN_INVALID', 'This is not a web address.')
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw refuse('DOMAIN_SCHEME', 'A Salesforce domain begins with https://.')
  }
  if (url.username || url.password) {
    throw refuse('DOMAIN_USER_INFO', 'This address has a user name in it (a part before “@”).')
  }
  const host = url.hostname.replace(/\.$/, '')
  // URL has already turned 0x7f.1 and 2130706433 into dotted numbers.
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0) {
    throw refuse('DOMAIN_IP_ADDRESS', 'This is an IP address, not a Salesforce domain.')
  }
  if (url.port !== '') throw refuse('DOMAIN_PORT', 'A Salesforce domain has no port number.')
  if (host.split('.').some((part) => part.startsWith('xn--'))) {
    throw refuse('DOMAIN_NOT_SALESFORCE', `${host} is not a Salesforce address, though it may look like one.`)
  }
  return host
}

function toLoginHost(host: string): string {
  if (host === 'welcome.salesforce.com' || host === 'login') return 'login.salesforce.com'
  if (host === 'test') return 'test.salesforce.com'
  const candidate = withSandboxLabel(toMyDomain(host))
  if (isSalesforceHost(candidate)) return candidate
  throw explainRefusal(host)
}

function toMyDomain(host: string): string {
  if (new RegExp(`^${label}(?:\\.${partition})?$`).test(host)) {
    // Developer Edition names end in -dev-ed, and their hosts have had the word "develop" since 2023.
    return /-dev-ed$/.test(host) ? `${host}.develop.my.salesforce.com` : `${host}.my.salesforce.com`
  }
  return host
    .replace(/\.lightning\.force\.com$/, '.my.salesforce.com')
    .replace(/\.my\.salesforce-setup\.com$/, '.my.salesforce.com')
    .replace(/\.file\.force\.com$/, '.my.salesforce.com')
    .replace(/--[a-z0-9_]+(\.[a-z]+)?\.vf\.force\.com$/, '$1.my.salesforce.com')
}

/** `acme--uat` is always a sandbox (a My Domain name has no double hyphen), and its host has the word `sandbox`. */
function withSandboxLabel(host: string): string {
  return host.replace(/^([a-z0-9-]+--[a-z0-9-]+)\.my\.salesforce\.com$/, '$1.sandbox.my.salesforce.com')
}

function isSalesforceHost(host: string): boolean {
  return loginHosts.has(host) || myDomain.test(host)
}

function environmentOf(host: string): 'production' | 'sandbox' {
  return host === 'test.salesforce.com' || /\.(?:sandbox|scratch)\.my\./.test(host) ? 'sandbox' : 'production'
}

function nameOfAddress(host: string): string {
  if (host.endsWith('.lightning.force.com')) return 'This is a Lightning address.'
  if (host.endsWith('.my.salesforce-setup.com')) return 'This is a Setup address.'
  if (host.endsWith('.vf.force.com')) return 'This is a Visualforce address.'
  if (host.endsWith('.file.force.com')) return 'This is the address of a file.'
  if (host === 'welcome.salesforce.com') return 'This is Salesforce’s welcome page.'
  return 'This sandbox address is out of date.'
}

const whereToFind =
  'In Salesforce, open Setup, search for “My Domain”, and paste the Current My Domain URL: it looks like https://acme.my.salesforce.com.'

function explainRefusal(host: string): LooplineError {
  if (
    /^[a-z]{2,4}\d+\.(?:salesforce|force)\.com$/.test(host) ||
    /\.[a-z]{2,4}\d+\.[a-z.]*(?:sales)?force\.com$/.test(host)
  ) {
    return refuse('DOMAIN_INSTANCED', `${host} names one of Salesforce’s servers, which orgs move away from.`)
  }
  if (host.endsWith('.site.com') || host.endsWith('.force.com')) {
    return refuse('DOMAIN_SITE', `${host} is a page that an org publishes, not the address its own users log in at.`)
  }
  if (
    /\.(?:salesforce\.mil|crmforce\.mil|sfcrmproducts\.cn|sfcrmapps\.cn|my-salesforce\.com|my-lightning\.com)$/.test(
      host,
    )
  ) {
    return refuse(
      'DOMAIN_OTHER_CLOUD',
      `${host} is in another of Salesforce’s clouds, which this installation does not allow.`,
      'Ask whoever runs Loopline to add its origin to SALESFORCE_EXTRA_HOSTS.',
    )
  }
  if (host === 'salesforce.com' || /^[a-z0-9-]+\.salesforce\.com$/.test(host)) {
    return refuse('DOMAIN_NOT_AN_ORG', `${host} is Salesforce’s own web site, not an org’s.`)
  }
  return refuse('DOMAIN_NOT_SALESFORCE', `${host} is not a Salesforce address.`)
}

function refuse(code: string, message: string, remedy = whereToFind): LooplineError {
  return new LooplineError({ kind: 'invalid', code, message, remedy, field: 'domain' })
}

function hasScheme(text: string): boolean {
  // "localhost:7466" has a port, not a scheme.
  return /^[a-z][a-z0-9+.-]*:(?!\d)/i.test(text)
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}
