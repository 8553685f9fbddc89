/** A text as a SOQL string literal, quotes included. Nothing from outside goes into SOQL in any other way. */
export function stringLiteral(text: string): string {
  const escapes: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\b': '\\b', '\f': '\\f' }
  return `'${text.replace(/[\\'"]/g, '\\$&').replace(/[\n\r\t\b\f]/g, (found) => escapes[found] ?? found)}'`
}

/** A moment as SOQL has it: unquoted, UTC, milliseconds. */
export function datetimeLiteral(date: Date): string {
  return date.toISOString()
}

/** The name of an object or field, checked, so that it can stand in SOQL or in a path. */
export function apiName(name: string): string {
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) throw new Error(`Not the API name of an object or field: ${name}`)
  return name
}
