/** The storage that records and files take, counted from when the org was made. */
import type { Context } from '../context.ts'
import type { Change } from '../org/model.ts'

/** Most records count as 2 KB, whatever is in them (https://help.salesforce.com/s/articleView?id=xcloud.overview_storage.htm&type=5). */
const RECORD_MB = 2 / 1024
const BYTES_PER_MB = 1024 * 1024

/** Takes from the org's allocations what is created, and gives back what is gone for good. */
export function meterStorage({ org, usage }: Pick<Context, 'org' | 'usage'>): void {
  org.onCommit(({ changes }) => {
    for (const change of changes) {
      if (change.kind === 'hard-delete') usage.add('DataStorageMB', -RECORD_MB)
      if (change.kind !== 'create') continue
      usage.add('DataStorageMB', RECORD_MB)
      usage.add('FileStorageMB', fileBytes(change) / BYTES_PER_MB)
    }
  })
}

function fileBytes({ fields = {} }: Change): number {
  return Number(fields.ContentSize ?? fields.BodyLength ?? 0)
}
