export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue | undefined }
export type JsonRecord = { [key: string]: JsonValue | undefined }

// May also match inside a text, which costs time and changes nothing.
const maybeLongNumber = /[:[,]\s*-?\d[\d.]{15}/

type Reviver = (key: string, value: unknown, context?: { source?: string }) => unknown
const parse: (text: string, reviver?: Reviver) => unknown = JSON.parse

/** Parses JSON without losing digits: a number that JavaScript would round comes as its text. */
export function parseJson(text: string): JsonValue {
  return (maybeLongNumber.test(text) ? parse(text, keepDigits) : parse(text)) as JsonValue
}

function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || context?.source === undefined) return value
  const digits = context.source
    .replace(/[eE].*$/, '')
    .replace(/\D/g, '')
    .replace(/^0+/, '')
  return digits.length > 15 ? context.source : value
}

/** The value as a JSON object, or an empty one: Salesforce's answers are read by what they have, not by what they should have. */
export function asRecord(value: unknown): JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonRecord) : {}
}

/** The value as a list, or an empty one. */
export function asList(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? value : []
}

/** The value if it is a text, else null. */
export function asText(value: JsonValue | undefined): string | null {
  return typeof value === 'string' ? value : null
}

/** The value if it is a number, else null. */
export function asNumber(value: JsonValue | undefined): number | null {
  return typeof value === 'number' ? value : null
}
