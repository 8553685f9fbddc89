/** Which records each user looked at lately, for the list of recently viewed ones. */

import { wholeSecond } from './transactions.ts'

interface Viewed {
  readonly objectName: string
  readonly id: string
  readonly at: number
}

/** RecentlyViewed keeps 200 records for each user (https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_recentlyviewed.htm). */
const MOST = 200

export class ViewedRecords {
  readonly #now: () => number
  readonly #byUser = new Map<string, Map<string, Viewed>>()

  constructor(now: () => number) {
    this.#now = now
  }

  add(userId: string, objectName: string, id: string): void {
    const viewed = this.#byUser.get(userId) ?? new Map<string, Viewed>()
    this.#byUser.set(userId, viewed)
    viewed.delete(id)
    viewed.set(id, { objectName, id, at: this.#now() })
    const [oldest] = viewed.keys()
    if (viewed.size > MOST && oldest !== undefined) viewed.delete(oldest)
  }

  /** When the user last viewed a record, or null. */
  find(userId: string, id: string): number | null {
    const found = this.#byUser.get(userId)?.get(id)
    return found ? wholeSecond(found.at) : null
  }

  list(userId: string): readonly Viewed[] {
    return [...(this.#byUser.get(userId)?.values() ?? [])].reverse()
  }
}
