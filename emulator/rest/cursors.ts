/** Query results that are read page by page: `nextRecordsUrl` and its locators (salesforce-api.md 3.6). */
import { withChecksum } from '../org/ids.ts'
import { OrgError, type QueryResult, type ResultRow } from '../org/model.ts'

/** Two days (salesforce-api.md 0.1). */
const LIFE_MS = 2 * 86_400_000
/** Of how many rows all cursors together may remember the places, at 4 bytes each; the one used longest ago goes first. */
const HELD_ROWS = 20_000_000
/** What the query itself takes, in rows. */
const CURSOR_ROWS = 5000

/** What a query found when it was asked: the records stay the same from page to page, their values are those of now. */
interface Cursor {
  readonly result: QueryResult
  readonly userId: string
  readonly batchSize: number
  readonly openedAt: number
}

export interface QueryPage {
  readonly result: QueryResult
  readonly totalSize: number
  readonly rows: readonly ResultRow[]
  readonly batchSize: number
  /** `0r8...-2000`, or undefined after the last row. */
  readonly nextLocator: string | undefined
}

/** The results that somebody may still read on, each for two days and for its user alone. */
export class QueryCursors {
  readonly #now: () => number
  readonly #startedAt: number
  readonly #cursors = new Map<string, Cursor>()
  #opened = 0

  constructor(now: () => number) {
    this.#now = now
    this.#startedAt = now()
  }

  /** The first page of a result. */
  openFirstPage(result: QueryResult, { userId, batchSize }: { userId: string; batchSize: number }): QueryPage {
    const rows = result.rows()[Symbol.iterator]()
    const first = takePage(rows, batchSize)
    // One page is the whole answer: nothing has to be counted.
    if (rows.next().done) return { result, totalSize: first.length, rows: first, nextLocator: undefined, batchSize }

    const locator = this.#newLocator()
    this.#makeRoom(result.totalSize)
    this.#cursors.set(locator, { userId, batchSize, result, openedAt: this.#now() })
    const nextLocator = `${locator}-${first.length}`
    return { result, totalSize: result.totalSize, rows: first, batchSize, nextLocator }
  }

  /** The page that a locator stands for; asking twice gives it twice. */
  openPage(locatorText: string, userId: string): QueryPage {
    const [locator = '', offsetText = ''] = locatorText.split('-')
    const cursor = this.#cursors.get(locator)
    const offset = Number(offsetText)
    const lives = cursor && this.#now() - cursor.openedAt < LIFE_MS
    if (!lives || cursor.userId !== userId || !Number.isInteger(offset) || offset < 0) {
      throw new OrgError('INVALID_QUERY_LOCATOR', 'invalid query locator')
    }
    // Moved to the end: what was used last is dropped last.
    this.#cursors.delete(locator)
    this.#cursors.set(locator, cursor)

    const { result, batchSize } = cursor
    const { totalSize } = result
    const rows = takePage(result.rows(offset)[Symbol.iterator](), batchSize)
    const next = offset + rows.length
    const nextLocator = rows.length === 0 || next >= totalSize ? undefined : `${locator}-${next}`
    return { result, totalSize, rows, batchSize, nextLocator }
  }

  /** The same calls at the same times get the same locators; those of another day or process mean nothing here. */
  #newLocator(): string {
    this.#opened += 1
    return withChecksum(`0r8${base62(Math.floor(this.#startedAt / 1000))}${base62(this.#opened)}`)
  }

  #makeRoom(rows: number): void {
    let held = rows + CURSOR_ROWS
    for (const { result } of this.#cursors.values()) held += result.totalSize + CURSOR_ROWS
    for (const [locator, { openedAt, result }] of this.#cursors) {
      const isOld = this.#now() - openedAt >= LIFE_MS
      if (!isOld && held <= HELD_ROWS) return
      this.#cursors.delete(locator)
      held -= result.totalSize + CURSOR_ROWS
    }
  }
}

/** Rows up to the batch size, in which the rows of subqueries count too (salesforce-api.md 3.2). */
function takePage(rows: Iterator<ResultRow>, batchSize: number): ResultRow[] {
  const page: ResultRow[] = []
  for (let count = 0; count < batchSize; ) {
    const next = rows.next()
    if (next.done) break
    page.push(next.value)
    count += weightOf(next.value)
  }
  return page
}

function weightOf(row: ResultRow): number {
  let weight = 1
  for (const value of row) if (typeof value === 'object' && value !== null && !value.single) weight += value.rows.length
  return weight
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** A number in six characters, as ids have it. */
function base62(number: number): string {
  let text = ''
  for (let rest = number; text.length < 6; rest = Math.floor(rest / 62)) text = DIGITS.charAt(rest % 62) + text
  return text
}
