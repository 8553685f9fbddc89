import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { guardEndMark } from './end-mark.ts'

async function guarded(chunks: string[]): Promise<string> {
  let text = ''
  for await (const chunk of Readable.from(chunks.map((one) => Buffer.from(one))).pipe(guardEndMark())) text += chunk
  return text
}

for (const [text, expected] of [
  ['"a\n\\.\nb"\n', '"a\n\\. \nb"\n'],
  ['"a\r\n\\.\r\nb"\n', '"a\r\n\\. \r\nb"\n'],
  ['"\n\\.\n\\.\n"\n', '"\n\\. \n\\. \n"\n'],
  ['"a\n\\.b"\n"\\.\n"\n', '"a\n\\.b"\n"\\.\n"\n'],
  ['nothing of the kind\n', 'nothing of the kind\n'],
  ['ends with a line break and a mark\n\\.', 'ends with a line break and a mark\n\\.'],
] as const) {
  test(`${JSON.stringify(text)} is copied as ${JSON.stringify(expected)}, however it is cut into chunks`, async () => {
    assert.equal(await guarded([text]), expected)
    assert.equal(await guarded([...text]), expected)
    for (let at = 1; at < text.length; at++) assert.equal(await guarded([text.slice(0, at), text.slice(at)]), expected)
  })
}
