/** Test Connection: everything a run will need, tried for real, and each gap named with its remedy. */

import type { Failure } from '../errors.ts'
import type { OAuthDeps } from '../oauth/authorize.ts'
import { createTokenSource } from '../oauth/tokens.ts'
import { createSalesforce, type Organization, type Salesforce } from '../salesforce/client.ts'
import type { ObjectDescribe } from '../salesforce/describe.ts'
import { SalesforceError } from '../salesforce/error.ts'
import { apiName, stringLiteral } from '../salesforce/soql.ts'
import { findConnection, saveApiUse } from '../store/connections.ts'
import type { Integration } from '../store/integrations.ts'
import { accessRemedy, classify } from './classify.ts'
import { type ObjectRule, objectsOf } from './objects.ts'

interface TestStep {
  readonly name: 'token' | 'identity' | 'api' | 'limits' | 'objects'
  readonly label: string
  readonly state: 'passed' | 'failed' | 'warning' | 'skipped'
  readonly message: string
  readonly remedy?: string
}

interface TestedObject {
  readonly objectName: string
  readonly label: string
  readonly readable: boolean
  /** Fields that the unified model wants and that the user may not see (or the org doesn't have). */
  readonly missingFields: string[]
  readonly message?: string
  readonly remedy?: string
}

export interface TestReport {
  readonly ok: boolean
  /** To which org and as whom, or which step failed. */
  readonly summary: string
  readonly testedAt: string
  readonly steps: TestStep[]
  readonly objects: TestedObject[]
  readonly failure: Failure | null
}

const labels: Record<TestStep['name'], string> = {
  token: 'Token',
  identity: 'Identity',
  api: 'API access',
  limits: 'API calls left',
  objects: 'Objects',
}

type Finding = Pick<TestStep, 'message'> & Partial<TestStep>

/**
 * Tries token, identity, API access, API calls left and each object of the capability, in this order, and stops at the
 * first that fails. Objects and fields that can't be read are a warning, as in a run: they stop nothing else. Also
 * asks Salesforce about a grant that was found dead before, and mends the connection's health when it lives again.
 */
export async function testConnection(
  deps: Omit<OAuthDeps, 'callbackUrl'>,
  integration: Integration,
): Promise<TestReport> {
  const steps: TestStep[] = []
  let objects: TestedObject[] = []
  let current: TestStep['name'] = 'token'
  const pass = (name: TestStep['name'], finding: Finding) => {
    steps.push({ name, label: labels[name], state: 'passed', ...finding })
  }
  const begin = (name: TestStep['name']) => {
    current = name
  }

  try {
    const tokens = createTokenSource(deps, integration.id, { tryDeadGrant: true })
    // A token that still works says nothing about the grant behind it: only renewing does.
    await tokens.renew(await tokens.current())
    pass('token', { message: 'Salesforce renewed the token.' })

    begin('identity')
    const salesforce = createSalesforce({ tokens, fetch: deps.fetch, log: deps.log })
    const identity = await salesforce.identity()
    pass('identity', { message: `${identity.name ?? identity.username} (${identity.username})` })

    begin('api')
    const organization = await salesforce.organization()
    pass('api', { message: `The API of ${nameOfOrg(organization)} answers.` })

    begin('limits')
    pass('limits', await checkLimits(deps, integration, salesforce))

    begin('objects')
    objects = await checkObjects(salesforce, objectsOf(integration.capability))
    const finding = summarizeObjects(objects)
    pass('objects', finding)

    const isUsable = finding.state !== 'failed'
    const gaps = finding.state === 'passed' ? '' : ` ${finding.message}`
    const summary = `Connected to ${await describeOrg(deps, integration, organization)} as ${identity.username}.${gaps}`
    return report(deps, { ok: isUsable, summary, steps, objects, failure: null })
  } catch (error) {
    const failure = classify(error)
    deps.log.info({ integrationId: integration.id, step: current, code: failure.code }, 'the connection test failed')
    steps.push({
      name: current,
      label: labels[current],
      state: 'failed',
      message: failure.message,
      ...(failure.remedy ? { remedy: failure.remedy } : {}),
    })
    const summary =
      failure.kind === 'reconnect'
        ? `Re-authentication is needed. ${failure.message}`
        : `${labels[current]}: ${failure.message}`
    return report(deps, { ok: false, summary, steps, objects, failure })
  }
}

function report(deps: Pick<OAuthDeps, 'now'>, found: Omit<TestReport, 'testedAt'>): TestReport {
  const names = Object.keys(labels) as TestStep['name'][]
  const untried = names.filter((name) => !found.steps.some((step) => step.name === name))
  const skipped = untried.map(
    (name): TestStep => ({ name, label: labels[name], state: 'skipped', message: 'Not tried.' }),
  )
  return { ...found, steps: [...found.steps, ...skipped], testedAt: deps.now().toISOString() }
}

function nameOfOrg(organization: Organization | undefined): string {
  return organization?.name ?? 'the org'
}

async function describeOrg(
  { sql }: Pick<OAuthDeps, 'sql'>,
  integration: Integration,
  organization: Organization | undefined,
): Promise<string> {
  if (organization) return `${organization.name}${organization.isSandbox ? ' (sandbox)' : ''}`
  const connection = await findConnection(sql, integration.id)
  return connection?.orgName ?? `org ${connection?.orgId ?? ''}`
}

async function checkLimits(
  { sql, now }: Pick<OAuthDeps, 'sql' | 'now'>,
  integration: Integration,
  salesforce: Salesforce,
): Promise<Finding> {
  const use = await salesforce.limits()
  if (!use) {
    return {
      message: 'This user may not see how many API calls are left; runs watch what each answer says of it.',
    }
  }
  await saveApiUse(sql, integration.id, { ...use, seenAt: now() })
  const count = new Intl.NumberFormat('en')
  const message = `${count.format(use.max - use.used)} of ${count.format(use.max)} are left for the next 24 hours.`
  if (use.used * 100 < use.max * integration.apiSharePercent) return { message }
  return {
    state: 'warning',
    message: `${message} Runs wait while more than ${integration.apiSharePercent} % are used.`,
    remedy: 'In Salesforce, Setup → Company Information shows who uses them.',
  }
}

async function checkObjects(salesforce: Salesforce, rules: readonly ObjectRule[]): Promise<TestedObject[]> {
  const described = await salesforce.describeObjects(rules.map(({ name }) => name))
  const seen = rules.map((rule) => ({ rule, ...readable(rule, described.get(rule.name)) }))
  // Asked as a run will ask: what describe promises, a query may still refuse.
  const asked = seen.filter(({ refusal }) => refusal === undefined)
  const answers = await salesforce.queryBatch(
    asked.map(({ rule, fields }) => ({ soql: probe(rule, fields), all: true })),
  )
  const refused = new Map(asked.map(({ rule }, index) => [rule.name, answers[index]]))

  return seen.map(({ rule, label, missingFields, refusal }) => {
    const answer = refused.get(rule.name)
    const failure =
      refusal ?? (answer instanceof SalesforceError ? classify(answer, { objectName: rule.name }) : undefined)
    if (failure) {
      const remedy = failure.remedy ?? accessRemedy(rule.name)
      return { objectName: rule.name, label, readable: false, missingFields: [], message: failure.message, remedy }
    }
    if (missingFields.length === 0) return { objectName: rule.name, label, readable: true, missingFields }
    return {
      objectName: rule.name,
      label,
      readable: true,
      missingFields,
      message: `The user may not see ${missingFields.join(', ')}, or the org does not have it.`,
      remedy: `Give the connected user read access to these fields of ${rule.name}.`,
    }
  })
}

interface Readable {
  readonly label: string
  readonly fields: string[]
  readonly missingFields: string[]
  readonly refusal?: Failure
}

function readable(rule: ObjectRule, described: ObjectDescribe | SalesforceError | undefined): Readable {
  if (!described || described instanceof SalesforceError || !described.queryable) {
    const error =
      described instanceof SalesforceError
        ? described
        : new SalesforceError({ status: 404, code: 'NOT_FOUND', message: 'Not queryable.', request: 'GET describe' })
    return { label: rule.label, fields: [], missingFields: [], refusal: classify(error, { objectName: rule.name }) }
  }
  const visible = new Set(described.fields.map(({ name }) => name))
  return {
    label: described.labelPlural || rule.label,
    fields: rule.neededFields.filter((field) => visible.has(field)),
    missingFields: rule.neededFields.filter((field) => !visible.has(field)),
  }
}

/** One record of the object, asked for in the way Salesforce demands for it. */
function probe(rule: ObjectRule, fields: readonly string[]): string {
  const [slice] = rule.slices
  // Answered only for a named parent; one that is no record's gives no row, and no refusal where reading is allowed.
  const nobody = rule.parents && `${apiName(rule.parents.field)} = ${stringLiteral('069000000000000AAA')}`
  const where = nobody ?? slice
  return `SELECT ${fields.map(apiName).join(', ')} FROM ${apiName(rule.name)}${where ? ` WHERE ${where}` : ''} LIMIT 1`
}

function summarizeObjects(objects: readonly TestedObject[]): Finding & Pick<TestStep, 'state'> {
  const refused = objects.filter((object) => !object.readable)
  const partial = objects.filter((object) => object.missingFields.length > 0)
  if (refused.length === 0 && partial.length === 0) {
    return { state: 'passed', message: `All ${objects.length} objects can be read.` }
  }
  const names = (some: readonly TestedObject[]) => some.map(({ label }) => label).join(', ')
  const sentences = [
    refused.length > 0 && `${refused.length} of ${objects.length} objects can’t be read: ${names(refused)}.`,
    partial.length > 0 && `Some fields can’t be read of: ${names(partial)}.`,
  ]
  const remedies = [...refused, ...partial].flatMap(({ remedy }) => (remedy ? [remedy] : []))
  return {
    state: refused.length === objects.length ? 'failed' : 'warning',
    message: sentences.filter(Boolean).join(' '),
    remedy: [...new Set(remedies)].join(' '),
  }
}
