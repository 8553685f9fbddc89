/**
 * The event bus's memory: what was published in the last three days, in order, for those who come back and ask for what
 * they missed (salesforce-api.md 7.6).
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

export const RETENTION_MS = 72 * 3_600_000

/**
 * Salesforce keeps any number of events; here memory has an end: after some 150,000 of the usual size, which is six times
 * what an org may deliver in a day.
 */
const MOST_BYTES = 128 * 1_048_576
/** Clients take messages of 4 MB at most unless told otherwise, as gRPC's libraries do; this leaves room for the rest. */
const MOST_BYTES_AT_ONCE = 3 * 1_048_576
/** What an event takes in memory beside its payload. */
const OWN_BYTES = 400
/** Lines of the file that are written at once. */
const LINES_AT_ONCE = 1000

/**
 * Positions are made of the second in which they were given out and a counter, so that one can tell how old a position
 * is without having kept it: an idle subscriber is given fresh ones with every keep-alive.
 */
const EPOCH_SECONDS = Date.UTC(2000, 0, 1) / 1000
const POSITIONS_PER_SECOND = 1024

export interface LoggedEvent {
  readonly position: number
  /** Epoch ms of the org's clock. */
  readonly at: number
  /** A UUID. */
  readonly id: string
  readonly schemaId: string
  readonly payload: Buffer
  /** The topics it is delivered on. */
  readonly topics: readonly string[]
}

const lineSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('start'), position: z.number() }),
  z.object({ type: z.literal('schema'), id: z.string(), about: z.unknown() }),
  z.object({
    type: z.literal('event'),
    position: z.number(),
    at: z.number(),
    id: z.string(),
    schemaId: z.string(),
    payload: z.string(),
    topics: z.array(z.string()),
  }),
])
type Line = z.infer<typeof lineSchema>

export interface EventLogOptions {
  now(): number
  /** Where events outlive the process; without it they are in memory only. */
  readonly folder?: string | undefined
  /** How much memory it may take. */
  readonly mostBytes?: number | undefined
}

/** The log; it opens with what its folder holds. */
export class EventLog {
  readonly #now: () => number
  readonly #mostBytes: number
  readonly #file: string | undefined
  #events: LoggedEvent[] = []
  #bytes = 0
  /** What came before the log was begun can't be asked for. */
  #start: number
  #last: number
  /** Whatever is needed to read events of old schemas, by schema id. */
  readonly #schemas = new Map<string, unknown>()

  constructor({ now, folder, mostBytes = MOST_BYTES }: EventLogOptions) {
    this.#now = now
    this.#mostBytes = mostBytes
    this.#start = this.#positionOfNow()
    this.#last = this.#start
    if (folder === undefined) return
    mkdirSync(folder, { recursive: true })
    this.#file = join(folder, 'events.jsonl')
    const isCurrent = existsSync(this.#file) && this.#load(this.#file)
    if (!isCurrent) this.#rewrite(this.#file)
  }

  get schemas(): ReadonlyMap<string, unknown> {
    return this.#schemas
  }

  addSchema(id: string, about: unknown): void {
    if (this.#schemas.has(id)) return
    this.#schemas.set(id, about)
    this.#write([{ type: 'schema', id, about }])
  }

  /** Keeps events that are published together; gives them back with their positions. */
  append(events: readonly Omit<LoggedEvent, 'position' | 'at'>[]): readonly LoggedEvent[] {
    const at = this.#now()
    const logged = events.map((event): LoggedEvent => ({ ...event, at, position: this.#next() }))
    const isShorter = this.#forget()
    for (const event of logged) this.#keep(event)
    // The file has an end, too: it is no longer than what is kept.
    if (isShorter && this.#file !== undefined) this.#rewrite(this.#file)
    else this.#write(logged.map(lineOf))
    return logged
  }

  /**
   * The next events of a topic after a position, at most so many and of no more bytes than one message can bring, and the
   * position up to which there are no others.
   */
  read(topic: string, after: number, most: number): { events: readonly LoggedEvent[]; upTo: number } {
    const events: LoggedEvent[] = []
    let bytes = 0
    const oldest = this.#now() - RETENTION_MS
    for (let index = this.#indexAfter(after); index < this.#events.length; index += 1) {
      const event = this.#events[index]
      if (!event || event.at < oldest || !event.topics.includes(topic)) continue
      bytes += event.payload.length
      const last = events.at(-1)
      if (last && (events.length === most || bytes > MOST_BYTES_AT_ONCE)) return { events, upTo: last.position }
      events.push(event)
    }
    return { events, upTo: Math.max(after, this.#last) }
  }

  /** The end of the stream as of now: later than everything published so far. */
  tip(): number {
    this.#last = Math.max(this.#last, this.#positionOfNow())
    return this.#last
  }

  /** A position before everything that is kept. */
  get earliest(): number {
    return this.#start - 1
  }

  /** Whether a subscriber may go on from here: given out by this log, and not longer ago than events are kept. */
  isValid(position: number): boolean {
    const oldest = positionAt(this.#now() - RETENTION_MS)
    return position >= Math.max(this.#start - 1, oldest) && position <= this.tip()
  }

  #positionOfNow(): number {
    return positionAt(this.#now())
  }

  #next(): number {
    // Not contiguous, as Salesforce's aren't: the second's own first position is a jump.
    this.#last = Math.max(this.#last + 1, this.#positionOfNow())
    return this.#last
  }

  /** The place of the first event after a position. */
  #indexAfter(position: number): number {
    let low = 0
    let high = this.#events.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#events[middle]?.position ?? 0) <= position) low = middle + 1
      else high = middle
    }
    return low
  }

  #keep(event: LoggedEvent): void {
    this.#events.push(event)
    this.#bytes += sizeOf(event)
  }

  /** Lets go of the older half when that is too old by now or all is too much; says whether it did. */
  #forget(): boolean {
    const half = this.#events.length >>> 1
    // Purging may be late (salesforce-api.md 7.6); it is here until it is worth it.
    const isOld = half > 0 && (this.#events[half]?.at ?? 0) < this.#now() - RETENTION_MS
    const isMuch = this.#bytes > this.#mostBytes
    if (!isOld && !isMuch) return false
    let gone = 0
    for (const event of this.#events) {
      if (isMuch ? this.#bytes <= this.#mostBytes / 2 : gone === half) break
      this.#bytes -= sizeOf(event)
      // Whoever is still before this one has missed some, and is told so.
      this.#start = event.position + 1
      gone += 1
    }
    this.#events = this.#events.slice(gone)
    return true
  }

  /** Reads the file; says whether it holds no more than what is kept. */
  #load(file: string): boolean {
    const bytes = readFileSync(file)
    // A process killed while writing leaves half a line: it was never promised to anyone.
    const wholeBytes = bytes.lastIndexOf(10) + 1
    if (wholeBytes < bytes.length) truncateSync(file, wholeBytes)
    const oldest = this.#now() - RETENTION_MS
    // Lists of topics are few, and the same for very many events.
    const topics = new Map<string, readonly string[]>()
    let isCurrent = wholeBytes > 0
    // Line by line: the whole may be longer than a string can be.
    for (let from = 0, to = 0; from < wholeBytes; from = to + 1) {
      to = bytes.indexOf(10, from)
      const line = lineSchema.parse(JSON.parse(bytes.toString('utf8', from, to)))
      if (line.type === 'start') this.#start = line.position
      else if (line.type === 'schema') this.#schemas.set(line.id, line.about)
      else if (line.at < oldest) isCurrent = false
      else {
        const { type: _, payload, ...event } = line
        const names = event.topics.join()
        const known = topics.get(names) ?? event.topics
        topics.set(names, known)
        this.#keep({ ...event, topics: known, payload: Buffer.from(payload, 'base64') })
        this.#last = Math.max(this.#last, line.position)
      }
    }
    return isCurrent
  }

  /** Begins the file anew, without what is too old by now. */
  #rewrite(file: string): void {
    const used = new Set(this.#events.map(({ schemaId }) => schemaId))
    for (const id of this.#schemas.keys()) if (!used.has(id)) this.#schemas.delete(id)
    const schemas = Array.from(this.#schemas, ([id, about]): Line => ({ type: 'schema', id, about }))
    const target = openSync(`${file}.new`, 'w', 0o600)
    try {
      writeSync(target, textOf([{ type: 'start', position: this.#start }, ...schemas]))
      for (let from = 0; from < this.#events.length; from += LINES_AT_ONCE) {
        writeSync(target, textOf(this.#events.slice(from, from + LINES_AT_ONCE).map(lineOf)))
      }
    } finally {
      closeSync(target)
    }
    renameSync(`${file}.new`, file)
  }

  #write(lines: readonly Line[]): void {
    if (this.#file !== undefined) appendFileSync(this.#file, textOf(lines))
  }
}

const textOf = (lines: readonly Line[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('')

const sizeOf = ({ id, payload }: LoggedEvent) => OWN_BYTES + id.length + payload.length

function positionAt(epochMs: number): number {
  return Math.max(1, Math.floor(epochMs / 1000) - EPOCH_SECONDS) * POSITIONS_PER_SECOND
}

function lineOf({ position, at, id, schemaId, payload, topics }: LoggedEvent): Line {
  return { type: 'event', position, at, id, schemaId, payload: payload.toString('base64'), topics: [...topics] }
}

/** Ten bytes, of which clients know no more than their order (salesforce-api.md 7.6). */
export function encodeReplayId(position: number): Buffer {
  const bytes = Buffer.alloc(10)
  bytes.writeBigUInt64BE(BigInt(position))
  return bytes
}

/** Clients that keep the number give back its eight bytes alone, which is taken, too; undefined for anything else. */
export function decodeReplayId(bytes: Uint8Array): number | undefined {
  const buffer = Buffer.from(bytes)
  const isWhole = buffer.length === 10 && buffer.readUInt16BE(8) === 0
  if (!isWhole && buffer.length !== 8) return undefined
  const number = buffer.readBigUInt64BE()
  return number <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(number) : undefined
}
