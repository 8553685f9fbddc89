import { isIP } from 'node:net'
import type { Context } from 'hono'
import ipaddr from 'ipaddr.js'

const nearby = new Set(['loopback', 'private', 'linkLocal', 'uniqueLocal', 'carrierGradeNat'])

/**
 * The address that sign-in attempts are counted by. A proxy on this machine or network is believed as to whom it
 * passed on: the last address of `X-Forwarded-For` is the one it added itself. Anybody else's header is ignored.
 */
export function clientAddress(c: Context): string {
  const peer: unknown = c.env?.incoming?.socket?.remoteAddress
  const address = typeof peer === 'string' && isIP(peer) ? peer : '127.0.0.1'
  if (!nearby.has(ipaddr.process(address).range())) return address
  const forwarded = c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() ?? ''
  return isIP(forwarded) ? forwarded : address
}
