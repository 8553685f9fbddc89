/** How filters, sort and tabs are written in the address: plain `?status=new&status=open`, not JSON. */

/** Every value is text, or several texts under one name; each page checks what it understands. */
export type SearchParams = Record<string, string | string[] | undefined>

/** Reads the address; a name that occurs more than once becomes a list. */
export function parseSearchParams(text: string): SearchParams {
  const found: SearchParams = {}
  const params = new URLSearchParams(text)
  for (const name of new Set(params.keys())) {
    const values = params.getAll(name)
    found[name] = values.length > 1 ? values : values[0]
  }
  return found
}

/** Writes the address; what is empty is left out. */
export function formatSearchParams(search: Record<string, unknown>): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) {
    if (value === undefined || value === null || value === '') continue
    for (const item of Array.isArray(value) ? value : [value]) params.append(name, String(item))
  }
  const text = params.toString()
  return text === '' ? '' : `?${text}`
}

/** The value when it is one of those allowed. */
export function oneOf<T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  return allowed.find((each) => each === value)
}

/** The value when it is text that isn't empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
