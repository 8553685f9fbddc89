/** A name as an SQL identifier, quoted: for statements whose columns are only known from an org's describe. */
export function quoted(...path: readonly string[]): string {
  return path.map((name) => `"${name.replaceAll('"', '""')}"`).join('.')
}
