import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { compressPiece, GZIP_HEADER, gzipTrailer, readPiece } from './gzip-splice.ts'

test('pieces compressed apart make one gzip file with a true checksum and length', async () => {
  const texts = ['"Id"\n', 'x'.repeat(70_000), '', 'ünïcödé "quoted"\n'.repeat(3000), '\0']
  const pieces = await Promise.all(texts.map((text) => compressPiece(Buffer.from(text))))
  const file = Buffer.concat([GZIP_HEADER, ...pieces.map(({ data }) => data), gzipTrailer(pieces)])
  // gunzip checks the checksum and the length itself.
  assert.equal(gunzipSync(file).toString(), texts.join(''))
})

test('a file of no pieces is an empty gzip file', () => {
  assert.equal(gunzipSync(Buffer.concat([GZIP_HEADER, gzipTrailer([])])).length, 0)
})

test('a piece can be read by itself', async () => {
  const { data } = await compressPiece(Buffer.from('"a","b"\n'))
  assert.equal(await readPiece(data), '"a","b"\n')
})
