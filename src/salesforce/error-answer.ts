import { SalesforceError } from './error.ts'
import { asList, asRecord, asText, type JsonValue, parseJson } from './json.ts'

const maxMessage = 1_000

/** The error in an answer's text, in whichever of Salesforce's envelopes it came. */
export function readErrorAnswer(status: number, text: string, request: string): SalesforceError {
  let body: JsonValue
  try {
    body = parseJson(text)
  } catch {
    // HTML of a maintenance page, a word in plain text from the identity service, or nothing at all.
    const word = /^[A-Za-z]+(?:_[A-Za-z]+)+$/.exec(text.trim())?.[0]
    const message = `Salesforce answered with status ${status}${word ? ` (${word})` : ' and no explanation'}.`
    return new SalesforceError({ status, code: word ?? `HTTP_${status}`, message, request })
  }
  return readErrorBody(status, body, request)
}

/** The same for a body that is parsed already, as the parts of a batch are. */
export function readErrorBody(status: number, body: JsonValue | undefined, request: string): SalesforceError {
  const first = asRecord(Array.isArray(body) ? body[0] : body)
  const oauthCode = asText(first.error)
  const code = asText(first.errorCode) ?? asText(first.statusCode) ?? oauthCode ?? `HTTP_${status}`
  const message =
    asText(first.message) ?? asText(first.error_description) ?? `Salesforce answered with status ${status}.`
  const fields = asList(first.fields).filter((field) => typeof field === 'string')
  return new SalesforceError({
    status,
    code,
    message: message.slice(0, maxMessage),
    request,
    fields,
    oauth: oauthCode !== null,
  })
}
