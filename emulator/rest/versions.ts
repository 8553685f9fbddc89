/** API versions: v31.0 is the oldest that still answers, v67.0 (Summer '26) the newest (salesforce-api.md 2.9, 3.1). */
const OLDEST = 31
const NEWEST = 67
const RETIRED_FROM = 1

const SEASONS = ['Winter', 'Spring', 'Summer'] as const

/** `GET /services/data/`. */
export function listVersions(): { label: string; url: string; version: string }[] {
  return Array.from({ length: NEWEST - OLDEST + 1 }, (_, index) => {
    const version = OLDEST + index
    // Three releases a year; v65.0 is Winter '26.
    const since = version - 65 + 60
    const season = SEASONS[since % 3] ?? 'Winter'
    const year = 26 - 20 + Math.floor(since / 3)
    return { label: `${season} '${year}`, url: `/services/data/v${version}.0`, version: `${version}.0` }
  })
}

/** Whether a path segment such as `v67.0` names a version that answers, one that is retired, or nothing. */
export function judgeVersion(segment: string): 'current' | 'retired' | 'unknown' {
  const version = Number(/^v(\d{1,3})\.0$/.exec(segment)?.[1] ?? Number.NaN)
  if (version >= OLDEST && version <= NEWEST) return 'current'
  return version >= RETIRED_FROM && version < OLDEST ? 'retired' : 'unknown'
}
