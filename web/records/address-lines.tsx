import type { ReactNode } from 'react'
import type { Account } from '../../src/api/record-schemas.ts'

/** A postal address, line by line; null when nothing of it is known. */
export function addressLines(address: Account['billingAddress']): ReactNode {
  if (!address) return null
  const lines = [
    address.street,
    [address.postalCode, address.city].filter(Boolean).join(' '),
    address.state,
    address.country,
  ].filter(Boolean)
  return lines.length === 0 ? null : <span style={{ whiteSpace: 'pre-line' }}>{lines.join('\n')}</span>
}
