/** A company's web site as people type it into a field, opened apart; text when it is no address. */
export function WebAddress({ address }: { address: string }) {
  const href = /^https?:\/\//i.test(address) ? address : `https://${address}`
  if (!URL.canParse(href) || !new URL(href).hostname.includes('.')) return address
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {address.replace(/^https?:\/\//i, '').replace(/\/$/, '')}
    </a>
  )
}
