/** The org's own words behind one of Loopline's, as a filter's hint; none where they are the same. */
export function orgWords(
  known: readonly { value: string | null; orgValue: string }[] | undefined,
  value: string,
  word: string,
): string | undefined {
  const words = (known ?? []).filter((each) => each.value === value).map((each) => each.orgValue)
  return words.some((each) => each.toLowerCase() !== word.toLowerCase()) ? words.join(', ') : undefined
}
