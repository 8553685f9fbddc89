/** Why a job or batch failed, in the words of the Bulk API (salesforce-api.md 5.1, 5.6). */
import { OrgError } from '../org/model.ts'

/** Ends a job or batch with one of the Bulk API's own codes. */
export class JobFailure extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** A failure that was asked for; its message may say the code, as `errorMessage` does: `InvalidBatch : Failed to process query: ...`. */
export function plannedFailure(
  { errorCode, message }: { errorCode?: string | undefined; message?: string | undefined },
  usualMessage: string,
): JobFailure {
  const [, code, rest] = /^([A-Z]\w+) : (?:Failed to process query: )?(.*)$/s.exec(message ?? '') ?? []
  return new JobFailure(errorCode ?? code ?? 'InvalidBatch', rest ?? message ?? usualMessage)
}

/** `InvalidBatch : Field name not found : Foo__c`, for rows to load. */
export function loadFailureText(error: unknown): string {
  if (error instanceof JobFailure) return `${error.code} : ${error.message}`
  if (error instanceof OrgError) return `InvalidBatch : ${error.message}`
  return `Unknown : ${String(error)}`
}

/** `InvalidBatch : Failed to process query: QUERY_TIMEOUT: ...`, for a query. */
export function queryFailureText(error: unknown): string {
  if (error instanceof JobFailure && error.code !== 'InvalidBatch') return loadFailureText(error)
  const reason = error instanceof OrgError ? `${error.errorCode}: ${error.message}` : (error as Error).message
  return `InvalidBatch : Failed to process query: ${reason}`
}
