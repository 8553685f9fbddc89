/** One org's APIs, spoken with one connection's token. */

import { type BulkQueries, type Cancellable, createBulkQueries } from './bulk-query.ts'
import { SalesforceError } from './error.ts'
import { asNumber, asRecord, asText } from './json.ts'
import { createQueries, type Queries } from './query.ts'
import { type ApiUse, createTransport, type TransportOptions } from './transport.ts'

/** The version that this code was written against. */
export const defaultApiVersion = 'v67.0'

export interface Identity {
  readonly orgId: string
  readonly userId: string
  readonly username: string
  readonly name: string | null
  readonly email: string | null
}

export interface Organization {
  readonly id: string
  readonly name: string
  readonly isSandbox: boolean
}

export interface Salesforce extends Queries, BulkQueries {
  /** How many requests this client has made that count against the org's daily API calls. */
  apiCalls(): number
  /** Salesforce's clock. Costs no API call. */
  orgTime(options?: Cancellable): Promise<Date>
  identity(options?: Cancellable): Promise<Identity>
  /** Undefined when the user may not read it. */
  organization(options?: Cancellable): Promise<Organization | undefined>
  /** The org's daily API calls; undefined when the user may not see them. */
  limits(options?: Cancellable): Promise<ApiUse | undefined>
}

export function createSalesforce(options: TransportOptions & { apiVersion?: string }): Salesforce {
  const { apiVersion = defaultApiVersion, onApiUse } = options
  const transport = createTransport(options)
  const queries = createQueries(transport, apiVersion)

  return {
    ...queries,
    ...createBulkQueries(transport, apiVersion),
    apiCalls: transport.apiCalls,
    async orgTime({ signal } = {}) {
      return transport.send({ path: '/services/data', anonymous: true, signal }, async (response, request) => {
        await response.body?.cancel()
        const time = new Date(response.headers.get('date') ?? '')
        if (!Number.isNaN(time.getTime())) return time
        throw new SalesforceError({
          status: 0,
          code: 'NO_DATE',
          message: 'Salesforce did not say what time it is.',
          request,
        })
      })
    },
    async identity({ signal } = {}) {
      const path = '/services/oauth2/userinfo'
      const user = asRecord(await transport.sendForJson({ path, signal }))
      const orgId = asText(user.organization_id)
      const userId = asText(user.user_id)
      const username = asText(user.preferred_username)
      if (!orgId || !userId || !username) {
        const message = 'Salesforce did not say whose token this is.'
        throw new SalesforceError({ status: 0, code: 'IDENTITY_INCOMPLETE', message, request: `GET ${path}` })
      }
      return { orgId, userId, username, name: asText(user.name), email: asText(user.email) }
    },
    async organization({ signal } = {}) {
      const soql = 'SELECT Id, Name, IsSandbox FROM Organization LIMIT 1'
      const page = await queries.query(soql, { all: false, signal }).catch(unlessForbidden)
      const record = page?.records[0]
      const id = asText(record?.Id)
      const name = asText(record?.Name)
      return id && name ? { id, name, isSandbox: record?.IsSandbox === true } : undefined
    },
    async limits({ signal } = {}) {
      const path = `/services/data/${apiVersion}/limits`
      const body = await transport.sendForJson({ path, signal }).catch(unlessForbidden)
      const daily = asRecord(asRecord(body).DailyApiRequests)
      const max = asNumber(daily.Max)
      const remaining = asNumber(daily.Remaining)
      if (max === null || remaining === null) return undefined
      const use = { used: max - remaining, max }
      onApiUse?.(use)
      return use
    },
  }
}

/** Undefined in place of an error that says that the user may not see this. */
function unlessForbidden(error: unknown): undefined {
  const isForbidden =
    error instanceof SalesforceError &&
    ((error.status === 403 && error.code !== 'REQUEST_LIMIT_EXCEEDED' && error.code !== 'API_DISABLED_FOR_ORG') ||
      ['INVALID_TYPE', 'INVALID_FIELD'].includes(error.code))
  if (!isForbidden) throw error
}
