import { LooplineError } from '../errors.ts'
import { SalesforceError } from '../salesforce/error.ts'
import { refuseRunStream } from '../store/run-streams.ts'
import { fenced } from '../store/runs.ts'
import { refuseStream } from '../store/streams.ts'
import { classify } from './classify.ts'
import type { PreparedStream } from './prepare.ts'
import type { WindowedRun } from './run-context.ts'

/** The org is no longer as it was described: describe it again, and go on with what that says. */
export class ShapeChanged extends Error {
  override readonly name = 'ShapeChanged'
}

/** Reads one stream. What Salesforce refuses stops that stream alone (then false); any other failure is the run's. */
export async function orRefuse(
  context: WindowedRun,
  { plan }: PreparedStream,
  read: () => Promise<void>,
): Promise<boolean> {
  const objectName = plan.rule.name
  try {
    await read()
    return true
  } catch (error) {
    if (!context.isFreshlyDescribed && error instanceof SalesforceError && isAboutShape(error)) {
      throw new ShapeChanged(error.message, { cause: error })
    }
    const failure = classify(error, { objectName })
    if (failure.kind === 'refused') {
      await fenced(context.session, context.run, async (tx) => {
        await refuseRunStream(tx, context.run, { objectName, failure })
        const { tableName } = plan.target
        await refuseStream(tx, context.run.integrationId, { objectName, label: plan.rule.label, tableName, failure })
      })
      context.log.warn({ objectName, code: failure.code }, failure.message)
      return false
    }
    // The object's name would be lost further up.
    throw error instanceof SalesforceError ? new LooplineError(failure, { cause: error }) : error
  }
}

function isAboutShape(error: SalesforceError): boolean {
  return error.code === 'INVALID_FIELD' || error.code === 'INVALID_TYPE'
}
