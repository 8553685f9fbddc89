/**
 * A query job's rows on disk: segments of CSV lines, each compressed once and served ever after without being
 * compressed or made again. Memory stays the same however many rows a job has.
 */
import { open } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { findLineStart } from './csv.ts'
import { compressPiece, GZIP_HEADER, gzipTrailer, type Piece, readPiece } from './gzip-splice.ts'

/** Pages cut at a multiple of this are put together without looking inside a segment. */
const SEGMENT_ROWS = 1000
/** How long rows are made before other requests get their turn. */
const SLICE_MS = 8
const READ_BYTES = 512 * 1024
/** Segments that are compressed at the same time. */
const IN_FLIGHT = 3
/** Room for a segment: lines go in as bytes at once, since texts that wait for their segment's end would outlive the nursery. */
const BUFFER_BYTES = 1024 * 1024

export interface Segment extends Piece {
  readonly rows: number
  readonly offset: number
  readonly bytes: number
}

/** Writes lines to the file. `onProgress` hears of the rows that are safely there, and ends the work by returning false. */
export async function spoolLines(
  lines: Iterable<string>,
  file: string,
  onProgress: (rows: number) => boolean,
): Promise<Segment[]> {
  const segments: Segment[] = []
  await using handle = await open(file, 'w')
  const buffers: Buffer[] = Array.from({ length: IN_FLIGHT + 1 }, () => Buffer.allocUnsafeSlow(BUFFER_BYTES))
  let buffer: Buffer = buffers.pop() ?? Buffer.alloc(0)
  let used = 0
  let rows = 0
  let offset = 0
  let total = 0
  // Compression runs in zlib's own threads while further rows are made; pieces are written in their order.
  const inFlight: Promise<void>[] = []
  let lastWritten: Promise<void> = Promise.resolve()

  async function writeSegment(filled: Buffer, raw: Buffer, count: number, before: Promise<void>): Promise<void> {
    const { data, ...piece } = await compressPiece(raw)
    buffers.push(filled)
    await before
    await handle.write(data, 0, data.length, offset)
    segments.push({ ...piece, rows: count, offset, bytes: data.length })
    offset += data.length
    total += count
  }

  function endSegment(): void {
    lastWritten = writeSegment(buffer, buffer.subarray(0, used), rows, lastWritten)
    // Whoever awaits it hears of a failure; until then it must not count as one that nobody handles.
    lastWritten.catch(() => undefined)
    inFlight.push(lastWritten)
    buffer = buffers.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES)
    used = 0
    rows = 0
  }

  let sliceStart = performance.now()
  try {
    for (const line of lines) {
      // Three bytes are the most that UTF-8 takes for a UTF-16 unit.
      if (used + line.length * 3 > buffer.length && used + Buffer.byteLength(line) > buffer.length) {
        buffer = enlarged(buffer, used, Buffer.byteLength(line))
      }
      used += buffer.write(line, used)
      rows += 1
      if (rows === SEGMENT_ROWS) {
        if (inFlight.length === IN_FLIGHT) await inFlight.shift()
        if (!onProgress(total)) return segments
        endSegment()
      }
      if (rows % 50 === 0 && performance.now() - sliceStart > SLICE_MS) {
        await nextTurn()
        sliceStart = performance.now()
      }
    }
    if (rows > 0) endSegment()
    await lastWritten
  } finally {
    // When the rows themselves fail, segments on their way still need the open file.
    await Promise.allSettled(inFlight)
  }
  onProgress(total)
  return segments
}

function enlarged(buffer: Buffer, used: number, wanted: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, used + wanted))
  buffer.copy(larger, 0, 0, used)
  return larger
}

/** Rows `from` up to `to` as one gzip file, under the header line and above the footer. */
export async function* streamGzipPage(
  file: string,
  segments: readonly Segment[],
  page: { header: string; from: number; to: number; footer?: string | undefined },
): AsyncGenerator<Uint8Array> {
  const { data, ...headerPiece } = await compressPiece(Buffer.from(page.header))
  const pieces: Piece[] = [headerPiece]
  yield GZIP_HEADER
  yield data

  await using handle = await open(file, 'r')
  async function read(offset: number, bytes: number): Promise<Uint8Array> {
    const buffer = Buffer.allocUnsafeSlow(bytes)
    const { bytesRead } = await handle.read(buffer, 0, bytes, offset)
    if (bytesRead < bytes) throw new Error(`Spool file ends early at ${offset + bytesRead}`)
    return buffer
  }

  // Whole segments stand next to each other in the file and are read in large strides.
  let runStart = 0
  let runEnd = 0
  async function* flushRun(): AsyncGenerator<Uint8Array> {
    for (let at = runStart; at < runEnd; at += READ_BYTES) yield read(at, Math.min(READ_BYTES, runEnd - at))
    runStart = runEnd
  }

  let firstRow = 0
  for (const segment of segments) {
    const start = Math.max(page.from - firstRow, 0)
    const end = Math.min(page.to - firstRow, segment.rows)
    firstRow += segment.rows
    if (start >= end) continue
    if (start === 0 && end === segment.rows) {
      if (runEnd !== segment.offset) {
        yield* flushRun()
        runStart = segment.offset
      }
      runEnd = segment.offset + segment.bytes
      pieces.push(segment)
      continue
    }
    yield* flushRun()
    const text = await readPiece(await read(segment.offset, segment.bytes))
    const rest = text.slice(findLineStart(text, start))
    const cut = await compressPiece(Buffer.from(rest.slice(0, findLineStart(rest, end - start))))
    pieces.push(cut)
    yield cut.data
  }
  yield* flushRun()
  if (page.footer !== undefined) {
    const footer = await compressPiece(Buffer.from(page.footer))
    pieces.push(footer)
    yield footer.data
  }
  yield gzipTrailer(pieces)
}
