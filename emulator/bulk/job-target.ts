/** Checks what a job is about before it takes any work; each Bulk API puts the refusal into its own envelope. */
import { type Org, OrgError, type OrgUser } from '../org/model.ts'
import type { ClassicJob } from './job.ts'
import { JobFailure } from './job-failure.ts'

type Target = Pick<ClassicJob, 'operation' | 'externalIdFieldName' | 'objectName'>

/** The exact name of the object. Throws JobFailure when the user can't do this to its records in bulk. */
export function checkTarget(org: Org, user: OrgUser, target: Target): string {
  const { operation, externalIdFieldName } = target
  const schema = findObject(org, user, target.objectName)
  if (!schema.bulk) {
    throw new JobFailure('InvalidEntity', `Entity '${schema.name}' is not supported by the Bulk API.`)
  }
  if (operation === 'hardDelete' && !user.permissions.has('BulkApiHardDelete')) {
    // Word for word as orgs answer, and as Data Loader looks for it.
    throw new JobFailure(
      'FeatureNotEnabled',
      'hardDelete operation requires special user profile permission, please contact your system administrator',
    )
  }
  if (operation !== 'upsert') return schema.name
  if (externalIdFieldName === null || externalIdFieldName === '') {
    const message = `External ID was blank for ${schema.name}. An External ID must be specified for upsert.`
    throw new JobFailure('InvalidJob', message)
  }
  const key = schema.fields.find(({ name }) => name.toLowerCase() === externalIdFieldName.toLowerCase())
  if (!key || !(key.externalId || key.idLookup === true || key.type === 'id')) {
    const message = `Field name provided, ${externalIdFieldName} does not match an External ID, Salesforce Id, or indexed field for ${schema.name}`
    throw new JobFailure('InvalidJob', message)
  }
  return schema.name
}

function findObject(org: Org, user: OrgUser, objectName: string): ReturnType<Org['getObject']> {
  try {
    return org.getObject(user, objectName)
  } catch (error) {
    if (error instanceof OrgError) throw new JobFailure('InvalidJob', `Unable to find object: ${objectName}`)
    throw error
  }
}
