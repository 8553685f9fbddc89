/** The contents of the practice org's files: small, but real files of their kinds. */

import { createHash } from 'node:crypto'
import { crc32, deflateSync } from 'node:zlib'

interface FileKind {
  readonly extension: string
  readonly fileType: string
  readonly contentType: string
  readonly bytes: (title: string, drawn: number) => Uint8Array
}

const encode = (text: string) => new TextEncoder().encode(text)

function logText(title: string, drawn: number): Uint8Array {
  const lines = Array.from({ length: 8 + (drawn % 40) }, (_, n) => {
    const minute = String((drawn + n * 7) % 60).padStart(2, '0')
    return `${String(6 + (n % 14)).padStart(2, '0')}:${minute} ${n % 5 === 3 ? 'WARN grid voltage 25' : 'INFO power '}${(drawn >>> (n % 16)) % 97} W`
  })
  return encode(`# ${title}\n${lines.join('\n')}\n`)
}

function yieldTable(_title: string, drawn: number): Uint8Array {
  const rows = Array.from({ length: 24 }, (_, hour) => {
    const sun = Math.max(0, Math.sin(((hour - 6) / 13) * Math.PI))
    return `${String(hour).padStart(2, '0')}:00,${(sun * (3 + (drawn % 50) / 10)).toFixed(2)},"string ${1 + (hour % 2)}"`
  })
  return encode(`hour,kwh,note\r\n${rows.join('\r\n')}\r\n`)
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const size = Buffer.alloc(4)
  size.writeUInt32BE(data.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([size, body, check])
}

/** A picture of 16 by 16 points in one colour with a stripe. */
function picture(_title: string, drawn: number): Uint8Array {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(16, 0)
  header.writeUInt32BE(16, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const rows = Buffer.alloc(16 * (1 + 16 * 3))
  for (let y = 0; y < 16; y++) {
    for (let x = 0; x < 16; x++) {
      const shade = x === y ? 255 : 90
      rows.set([drawn & 255, (drawn >>> 8) & 255, shade], y * 49 + 1 + x * 3)
    }
  }
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** A PDF of one page with the title on it. */
function page(title: string, drawn: number): Uint8Array {
  const shown = title.replace(/[^\x20-\x7e]/g, '?').replace(/[()\\]/g, '\\$&')
  const content = `BT /F1 18 Tf 60 760 Td (${shown}) Tj 0 -28 Td /F1 11 Tf (Report ${drawn % 100_000}) Tj ET`
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ]
  let text = '%PDF-1.4\n'
  const offsets = objects.map((object, n) => {
    const offset = text.length
    text += `${n + 1} 0 obj\n${object}\nendobj\n`
    return offset
  })
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  text += `xref\n0 6\n0000000000 65535 f \n${table}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`
  return encode(text)
}

export const fileKinds: readonly FileKind[] = [
  { extension: 'txt', fileType: 'TEXT', contentType: 'text/plain', bytes: logText },
  { extension: 'csv', fileType: 'CSV', contentType: 'text/csv', bytes: yieldTable },
  { extension: 'png', fileType: 'PNG', contentType: 'image/png', bytes: picture },
  { extension: 'pdf', fileType: 'PDF', contentType: 'application/pdf', bytes: page },
]

/** The checksum that Salesforce keeps beside a file. */
export function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex')
}
