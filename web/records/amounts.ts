/** Money, sizes, days, languages and kinds of files as the record pages write them. */

import { formatDay } from '../format.ts'

const number = new Intl.NumberFormat('en-GB', {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
  trailingZeroDisplay: 'stripIfInteger',
})
const languages = new Intl.DisplayNames('en', { type: 'language', languageDisplay: 'standard' })

/** €12,400.50, or 12,400.50 in an org that has one currency and so never names it. */
export function formatMoney(amount: number | null, currency: string | null): string | null {
  if (amount === null) return null
  if (currency === null) return number.format(amount)
  try {
    return moneyOf(currency).format(amount)
  } catch {
    // An org can make up currency codes.
    return `${number.format(amount)} ${currency}`
  }
}

const moneyFormats = new Map<string, Intl.NumberFormat>()

function moneyOf(currency: string): Intl.NumberFormat {
  const format =
    moneyFormats.get(currency) ??
    new Intl.NumberFormat('en-GB', { style: 'currency', currency, trailingZeroDisplay: 'stripIfInteger' })
  moneyFormats.set(currency, format)
  return format
}

/** 1.2 MB */
export function formatSize(bytes: number | null): string | null {
  if (bytes === null) return null
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  let size = bytes
  let unit = 0
  while (size >= 1_000 && unit < units.length - 1) {
    size /= 1_000
    unit += 1
  }
  return `${size.toLocaleString('en-GB', { maximumFractionDigits: size < 10 && unit > 0 ? 1 : 0 })} ${units[unit]}`
}

/** 3 Nov 2026, for a date that has no time of day and so no time zone. */
export function formatDate(day: string | null): string | null {
  return day === null ? null : formatDay(`${day}T00:00`)
}

/** en_US → English (United States) */
export function formatLanguage(code: string | null): string | null {
  if (code === null) return null
  try {
    return languages.of(code.replaceAll('_', '-')) ?? code
  } catch {
    return code
  }
}

const FILE_TYPES: Readonly<Record<string, string>> = {
  CSV: 'CSV',
  EXCEL: 'Excel',
  EXCEL_X: 'Excel',
  HTML: 'Web page',
  JPG: 'JPEG',
  MP4: 'Video (MP4)',
  POWER_POINT: 'PowerPoint',
  POWER_POINT_X: 'PowerPoint',
  SNOTE: 'Salesforce note',
  TEXT: 'Text',
  UNKNOWN: 'Unknown',
  WORD: 'Word',
  WORD_X: 'Word',
}

/** POWER_POINT_X → PowerPoint; what has no better name stays as Salesforce has it. */
export function formatFileType(type: string | null): string | null {
  return type === null ? null : (FILE_TYPES[type] ?? type)
}
