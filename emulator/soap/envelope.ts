/** SOAP 1.1 envelopes as the partner and enterprise APIs write them. */
import { XMLParser, XMLValidator } from 'fast-xml-parser'

/** The partner API (`/services/Soap/u`) or the enterprise API (`/c`). */
export type SoapApi = 'partner' | 'enterprise'

/** An element: its text, or its children by name; a list where a name comes more than once. */
export type XmlValue = string | XmlElement | readonly XmlValue[] | undefined

export interface XmlElement {
  readonly [name: string]: XmlValue
}

/** What an answer says: null is `xsi:nil`, a list repeats the element, undefined leaves it out. */
export type SoapValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly SoapValue[]
  | { readonly [name: string]: SoapValue }

export const UNKNOWN_EXCEPTION = 'UNKNOWN_EXCEPTION'

/** A call that fails as a whole; what fails for one record is part of an answer instead. */
export class SoapFault extends Error {
  readonly code: string
  /** Salesforce's own faults have a detail; others are about the envelope. */
  readonly detail: string | null

  constructor(code: string, message: string, detail: string | null = 'UnexpectedErrorFault') {
    super(message)
    this.code = code
    this.detail = detail
  }
}

// Nothing but the five entities of XML itself and character references is resolved: a document type is refused unread.
const parser = new XMLParser({
  removeNSPrefix: true,
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  htmlEntities: true,
})

/** The operation that a request's envelope asks for, its arguments and its headers. Throws SoapFault. */
export function readEnvelope(text: string): { operation: string; args: XmlElement; headers: XmlElement } {
  const document = parse(text)
  const envelope = childOf(document, 'Envelope')
  const body = childOf(envelope, 'Body')
  const [operation] = Object.keys(isElement(body) ? body : {}).filter((name) => !/^[@#]/.test(name))
  if (operation === undefined) throw clientFault('There is no operation in the body of the envelope.')
  const args = childOf(body, operation)
  const headers = childOf(envelope, 'Header')
  return { operation, args: isElement(args) ? args : {}, headers: isElement(headers) ? headers : {} }
}

function parse(text: string): unknown {
  if (/<!DOCTYPE/i.test(text)) throw clientFault('A document type is not allowed.')
  if (text.trim() === '') throw malformed('Premature end of file.')
  // The most frequent mistake, in the words of Salesforce's own parser: an ampersand in a password.
  const [, entity] = /&([A-Za-z_][\w.-]*)(?![\w.;-])/.exec(text) ?? []
  if (entity !== undefined) throw malformed(`The reference to entity "${entity}" must end with the ';' delimiter.`)
  const validity = XMLValidator.validate(text)
  if (validity !== true) throw malformed(validity.err.msg)
  try {
    return parser.parse(text)
  } catch (error) {
    // Names that would reach into JavaScript's own objects, and text nested too deep.
    throw malformed(error instanceof Error ? error.message : String(error))
  }
}

/** What is not XML: https://github.com/forcedotcom/postman-salesforce-apis/issues/26 */
function malformed(message: string): SoapFault {
  return new SoapFault(UNKNOWN_EXCEPTION, message)
}

export function clientFault(message: string): SoapFault {
  return new SoapFault('Client', message, null)
}

export function isElement(value: unknown): value is XmlElement {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The text of an element's child; undefined when there is none, or it is nil. */
export function textOf(element: XmlValue, name: string): string | undefined {
  const child = childOf(element, name)
  if (typeof child === 'string') return child
  if (!isElement(child) || child['@nil'] === 'true') return undefined
  const text = child['#text']
  return typeof text === 'string' ? text : ''
}

/** All children of this name: none, one or many. */
export function childrenOf(element: XmlValue, name: string): readonly XmlValue[] {
  const child = childOf(element, name)
  if (child === undefined) return []
  return Array.isArray(child) ? child : [child]
}

/** All texts of this name. */
export function textsOf(element: XmlValue, name: string): readonly string[] {
  return childrenOf(element, name).map((child) => textOf({ child }, 'child') ?? '')
}

function childOf(element: unknown, name: string): XmlValue {
  return isElement(element) && Object.hasOwn(element, name) ? element[name] : undefined
}

/** The answer to an operation. */
export function writeEnvelope(
  api: SoapApi,
  operation: string,
  answer: { headers: SoapValue; result: SoapValue },
): string {
  const headers = answer.headers === undefined ? '' : `<soapenv:Header>${write(answer.headers)}</soapenv:Header>`
  const result = answer.result === undefined ? '' : write({ result: answer.result })
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:${api}.soap.sforce.com" ` +
    `xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">${headers}` +
    `<soapenv:Body><${operation}Response>${result}</${operation}Response></soapenv:Body></soapenv:Envelope>`
  )
}

export function writeFault(api: SoapApi, { code, message, detail }: SoapFault): string {
  const isOwn = detail !== null
  const ownPrefix = code === UNKNOWN_EXCEPTION ? '' : 'sf:'
  const prefix = isOwn ? ownPrefix : 'soapenv:'
  const inside = isOwn
    ? `<detail><sf:${detail} xsi:type="sf:${detail}"><sf:exceptionCode>${code}</sf:exceptionCode>` +
      `<sf:exceptionMessage>${escaped(message)}</sf:exceptionMessage></sf:${detail}></detail>`
    : ''
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" ' +
    `xmlns:sf="urn:fault.${api}.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
    `<soapenv:Body><soapenv:Fault><faultcode>${prefix}${code}</faultcode>` +
    `<faultstring>${escaped(isOwn ? `${code}: ${message}` : message)}</faultstring>${inside}` +
    '</soapenv:Fault></soapenv:Body></soapenv:Envelope>'
  )
}

function write(value: SoapValue): string {
  if (value === null || value === undefined) return ''
  if (typeof value !== 'object') return escaped(String(value))
  if (isList(value)) return value.map(write).join('')
  return Object.entries(value)
    .map(([name, held]) =>
      isList(held) ? held.map((item) => writeElement(name, item)).join('') : writeElement(name, held),
    )
    .join('')
}

function writeElement(name: string, value: SoapValue): string {
  if (value === undefined) return ''
  return value === null ? `<${name} xsi:nil="true"/>` : `<${name}>${write(value)}</${name}>`
}

function isList(value: SoapValue): value is readonly SoapValue[] {
  return Array.isArray(value)
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
