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
  let offset = 0
  let rows = 0
  let total = 0
  let text = ''
  // Compression runs in zlib's own threads: one segment is compressed while the next is being made.
  let writing: Promise<void> = Promise.resolve()

  async function writeSegment(segmentText: string, segmentRows: number): Promise<void> {
    const { data, ...piece } = await compressPiece(segmentText)
    await handle.write(data, 0, data.length, offset)
    segments.push({ ...piece, rows: segmentRows, offset, bytes: data.length })
    offset += data.length
    total += segmentRows
  }

  let sliceStart = performance.now()
  try {
    for (const line of lines) {
      text += line
      rows += 1
      if (rows === SEGMENT_ROWS) {
        await writing
        if (!onProgress(total)) return segments
        writing = writeSegment(text, rows)
        text = ''
        rows = 0
      }
      if (rows % 50 === 0 && performance.now() - sliceStart > SLICE_MS) {
        await nextTurn()
        sliceStart = performance.now()
      }
    }
    await writing
    if (rows > 0) await writeSegment(text, rows)
  } finally {
    // When the rows themselves fail, the segment on its way still needs the open file.
    await writing.catch(() => undefined)
  }
  onProgress(total)
  return segments
}

/** Rows `from` up to `to` as one gzip file under the header line. */
export async function* streamGzipPage(
  file: string,
  segments: readonly Segment[],
  page: { header: string; from: number; to: number },
): AsyncGenerator<Uint8Array> {
  const { data, ...headerPiece } = await compressPiece(page.header)
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
    const cut = await compressPiece(rest.slice(0, findLineStart(rest, end - start)))
    pieces.push(cut)
    yield cut.data
  }
  yield* flushRun()
  yield gzipTrailer(pieces)
}
