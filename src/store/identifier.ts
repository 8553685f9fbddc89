/** A name as an SQL identifier, quoted: for statements whose columns are only known from an org's describe. */
export function quoted(...path: readonly string[]): string {
  return path.map((name) => `"${name.replaceAll('"', '""')}"`).join('.')
}

/** A text as an SQL literal, for the few places that take no parameter. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
