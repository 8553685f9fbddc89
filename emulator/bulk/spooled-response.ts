/** An answer made of rows that were spooled. */
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { SpooledRows } from './job.ts'
import { streamGzipPage } from './spool.ts'

/** Rows from disk, compressed as they are for whoever takes gzip. */
export function spooledResponse(
  { file, rows, from, to, footer }: { file: string; rows: SpooledRows; from: number; to: number; footer?: string },
  { request, contentType }: { request: Request; contentType: string },
  headers: Record<string, string> = {},
): Response {
  const gzipped = Readable.from(streamGzipPage(file, rows.segments, { header: rows.header, from, to, footer }))
  const accepts = /\bgzip\b/i.test(request.headers.get('accept-encoding') ?? '')
  const body = Readable.toWeb(accepts ? gzipped : gunzip(gzipped)) as ReadableStream<Uint8Array>
  return new Response(body, {
    headers: { 'Content-Type': contentType, ...headers, ...(accepts && { 'Content-Encoding': 'gzip' }) },
  })
}

function gunzip(gzipped: Readable): Readable {
  const plain = createGunzip({ chunkSize: 256 * 1024 })
  gzipped.on('error', (error) => plain.destroy(error))
  plain.on('close', () => gzipped.destroy())
  return gzipped.pipe(plain)
}
