import { Transform } from 'node:stream'

// A line of a text that is nothing but `\.`, and what may follow it in the next chunk.
const mark = Buffer.from('\n\\.')

/**
 * Before version 18, Postgres takes a line `\.` for the end of the data even inside a quoted text, and a customer's mail
 * may well hold one: it gets a blank behind it there.
 * https://www.postgresql.org/docs/18/release-18.html (“prevent \. from being treated as an end-of-file marker”)
 */
export function guardEndMark(): Transform {
  let held: Buffer = Buffer.alloc(0)
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const bytes = held.length > 0 ? Buffer.concat([held, chunk]) : chunk
      const end = bytes.length - heldBytes(bytes)
      held = bytes.subarray(end)
      done(null, withBlanks(bytes, end))
    },
    flush: (done) => done(null, held.length > 0 ? held : undefined),
  })
}

/** How many bytes at the end may be the beginning of a mark, whose line's end is still to come. */
function heldBytes(bytes: Buffer): number {
  for (let size = Math.min(mark.length, bytes.length); size > 0; size--) {
    if (bytes.subarray(bytes.length - size).equals(mark.subarray(0, size))) return size
  }
  return 0
}

/** The bytes before `end`, with a blank behind each mark; those after it only tell whether the mark's line ends. */
function withBlanks(bytes: Buffer, end: number): Buffer {
  const parts: Buffer[] = []
  let from = 0
  for (let at = bytes.indexOf(mark); at >= 0 && at + mark.length <= end; at = bytes.indexOf(mark, at + 1)) {
    const behind = at + mark.length
    if (bytes[behind] !== 10 && bytes[behind] !== 13) continue
    parts.push(bytes.subarray(from, behind), Buffer.from(' '))
    from = behind
  }
  return parts.length === 0 ? bytes.subarray(0, end) : Buffer.concat([...parts, bytes.subarray(from, end)])
}
