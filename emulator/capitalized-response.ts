/** Header names as Salesforce writes them: there are clients that look for `Content-Type` and miss `content-type`. */
import { type OutgoingHttpHeader, type OutgoingHttpHeaders, ServerResponse } from 'node:http'

const IRREGULAR: { readonly [name: string]: string } = { etag: 'ETag', 'www-authenticate': 'WWW-Authenticate' }

function capitalized(name: string): string {
  return IRREGULAR[name.toLowerCase()] ?? name.replace(/(?<=^|-)[a-z]/g, (letter) => letter.toUpperCase())
}

/** A response whose header names go out capitalized, whoever sets them. */
export class CapitalizedResponse extends ServerResponse {
  override writeHead(
    status: number,
    ...rest: [(string | OutgoingHttpHeaders | OutgoingHttpHeader[])?, (OutgoingHttpHeaders | OutgoingHttpHeader[])?]
  ): this {
    const message = typeof rest[0] === 'string' ? rest[0] : undefined
    const headers = typeof rest[0] === 'object' ? rest[0] : rest[1]
    if (headers && !Array.isArray(headers)) {
      for (const [name, value] of Object.entries(headers)) if (value !== undefined) this.setHeader(name, value)
      return message === undefined ? super.writeHead(status) : super.writeHead(status, message)
    }
    return message === undefined ? super.writeHead(status, headers) : super.writeHead(status, message, headers)
  }

  override setHeader(name: string, value: number | string | readonly string[]): this {
    return super.setHeader(capitalized(name), value)
  }
}
