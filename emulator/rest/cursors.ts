/** Query results that are read page by page: `nextRecordsUrl` and its locators (salesforce-api.md 3.6). */
import { withChecksum } from '../org/ids.ts'
import { OrgError, type QueryResult, type ResultRow } from '../org/model.ts'

/** Two days (salesforce-api.md 0.1). */
const LIFE_MS = 2 * 86_400_000
/** Results up to this size are kept as they were when asked for; larger ones are read on as the pages are fetched. */
const SNAPSHOT_ROWS = 50_000
/** What all cursors together may hold; the one used longest ago goes first. */
const HELD_ROWS = 400_000

interface Cursor {
  readonly result: QueryResult
  readonly userId: string
  readonly batchSize: number
  readonly openedAt: number
  readonly snapshot: readonly ResultRow[] | undefined
  /** For results too large to hold: where the walk stands, and a row that was read ahead. */
  walk: { rows: Iterator<ResultRow>; at: number; waiting: ResultRow[] } | undefined
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
    const following = rows.next()
    // One page is the whole answer: nothing has to be counted.
    if (following.done) return { result, totalSize: first.length, rows: first, nextLocator: undefined, batchSize }

    const snapshot = result.totalSize <= SNAPSHOT_ROWS ? [...first, following.value, ...restOf(rows)] : undefined
    const locator = this.#newLocator()
    this.#makeRoom(snapshot?.length ?? batchSize)
    this.#cursors.set(locator, {
      userId,
      batchSize,
      result,
      openedAt: this.#now(),
      snapshot,
      walk: snapshot ? undefined : { rows, at: first.length, waiting: [following.value] },
    })
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

    const rows = cursor.snapshot ? pageOf(cursor.snapshot, offset, cursor.batchSize) : walkTo(cursor, offset)
    const { result, snapshot, batchSize } = cursor
    const next = offset + rows.length
    const done = rows.length === 0 || next >= (snapshot?.length ?? result.totalSize)
    const nextLocator = done ? undefined : `${locator}-${next}`
    return { result, totalSize: result.totalSize, rows, batchSize, nextLocator }
  }

  /** The same calls at the same times get the same locators; those of another day or process mean nothing here. */
  #newLocator(): string {
    this.#opened += 1
    return withChecksum(`0r8${base62(Math.floor(this.#startedAt / 1000))}${base62(this.#opened)}`)
  }

  #makeRoom(rows: number): void {
    let held = rows
    for (const cursor of this.#cursors.values()) held += cursor.snapshot?.length ?? cursor.batchSize
    for (const [locator, cursor] of this.#cursors) {
      const isOld = this.#now() - cursor.openedAt >= LIFE_MS
      if (!isOld && held <= HELD_ROWS) return
      this.#cursors.delete(locator)
      held -= cursor.snapshot?.length ?? cursor.batchSize
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

function pageOf(rows: readonly ResultRow[], offset: number, batchSize: number): ResultRow[] {
  return takePage(rows.slice(offset, offset + batchSize)[Symbol.iterator](), batchSize)
}

function walkTo(cursor: Cursor, offset: number): ResultRow[] {
  let walk = cursor.walk
  if (!walk || offset < walk.at) walk = { rows: cursor.result.rows()[Symbol.iterator](), at: 0, waiting: [] }
  cursor.walk = walk
  const { rows, waiting } = walk
  const source: Iterator<ResultRow> = {
    next: () => {
      const value = waiting.shift()
      return value ? { done: false, value } : rows.next()
    },
  }
  for (; walk.at < offset; walk.at += 1) if (source.next().done) return []
  const page = takePage(source, cursor.batchSize)
  walk.at += page.length
  return page
}

function* restOf(rows: Iterator<ResultRow>): Generator<ResultRow> {
  for (let next = rows.next(); !next.done; next = rows.next()) yield next.value
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** A number in six characters, as ids have it. */
function base62(number: number): string {
  let text = ''
  for (let rest = number; text.length < 6; rest = Math.floor(rest / 62)) text = DIGITS.charAt(rest % 62) + text
  return text
}
