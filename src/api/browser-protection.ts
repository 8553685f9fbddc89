/** What keeps other sites from acting through a signed-in person's browser. */

import type { MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { LooplineError } from '../errors.ts'
import { bearerOf } from './caller.ts'

/**
 * Refuses a change that another site sent: browsers say where a request comes from, in `Sec-Fetch-Site` or, over plain
 * http to another machine, in `Origin`. A request with an API key needs no such proof: no browser adds one by itself.
 */
export function refuseCrossSite(publicUrl: string): MiddlewareHandler {
  const ownOrigin = new URL(publicUrl).origin
  return async (c, next) => {
    const changes = !['GET', 'HEAD', 'OPTIONS'].includes(c.req.method)
    if (changes && bearerOf(c) === undefined) {
      const site = c.req.header('sec-fetch-site')
      const origin = c.req.header('origin')
      const fromHere = site === 'same-origin' || origin === ownOrigin
      const fromBrowser = site !== undefined || origin !== undefined || c.req.header('cookie') !== undefined
      if (fromBrowser && !fromHere) {
        throw new LooplineError({
          kind: 'invalid',
          code: 'CROSS_SITE',
          message: 'This change did not come from Loopline’s own page, so it was not made.',
          remedy: `Open Loopline at ${ownOrigin}. Programs send an API key instead of a cookie.`,
        })
      }
    }
    await next()
  }
}

/** Security headers for every answer. A handler that sets one itself keeps it. */
export function protectPage(publicUrl: string): MiddlewareHandler {
  return secureHeaders({
    overwrite: false,
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      // Mantine sets its variables and positions in style attributes.
      styleSrc: ["'self'", "'unsafe-inline'"],
      // Pictures inside mails and articles are shown only when they came along as data.
      imgSrc: ["'self'", 'data:', 'blob:'],
      fontSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      manifestSrc: ["'self'"],
      frameSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      objectSrc: ["'none'"],
    },
    // The login window must stay connected to the page that opened it.
    crossOriginOpenerPolicy: 'same-origin-allow-popups',
    referrerPolicy: 'no-referrer',
    strictTransportSecurity: publicUrl.startsWith('https:') ? 'max-age=31536000' : false,
    xFrameOptions: 'DENY',
    permissionsPolicy: { camera: [], microphone: [], geolocation: [], payment: [], usb: [] },
  })
}
