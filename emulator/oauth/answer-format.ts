/**
 * Token answers, user information and OAuth errors come as JSON, XML or form-encoded, as `format` or `Accept` asks:
 * https://developer.salesforce.com/docs/platform/mobile-sdk/guide/oauth-using-identity-urls.html
 */

import { XMLBuilder } from 'fast-xml-parser'
import type { Context as HonoContext } from 'hono'

type AnswerFormat = 'json' | 'xml' | 'urlencoded'

const MEDIA_TYPES: ReadonlyMap<string, AnswerFormat> = new Map([
  ['application/json', 'json'],
  ['application/xml', 'xml'],
  ['application/x-www-form-urlencoded', 'urlencoded'],
])
const CONTENT_TYPES: { readonly [format in AnswerFormat]: string } = {
  json: 'application/json;charset=UTF-8',
  xml: 'application/xml;charset=UTF-8',
  urlencoded: 'application/x-www-form-urlencoded;charset=UTF-8',
}
const xml = new XMLBuilder({ suppressBooleanAttributes: false })

/** A JSON callback must be a plain function name: anything else would be somebody's script. */
const FUNCTION_NAME = /^[A-Za-z_$][\w$.]{0,99}$/

/** The answer in the form that the request asks for; `root` is the name of its XML element. */
export function formatted(
  c: HonoContext,
  value: object,
  {
    root,
    status = 200,
    asked,
    otherwise = 'json',
  }: { root: string; status?: 200 | 400; asked?: string | null | undefined; otherwise?: AnswerFormat },
): Response {
  const format = chooseFormat(asked, c.req.header('accept')) ?? otherwise
  const headers = { 'Content-Type': CONTENT_TYPES[format], 'Cache-Control': 'no-store', Pragma: 'no-cache' }
  if (format === 'xml') {
    return c.body(`<?xml version="1.0" encoding="UTF-8"?>${xml.build({ [root]: value })}`, status, headers)
  }
  if (format === 'urlencoded') {
    return c.body(new URLSearchParams(flat(value)).toString().replaceAll('+', '%20'), status, headers)
  }
  const callback = c.req.query('callback')
  if (callback !== undefined && FUNCTION_NAME.test(callback)) {
    return c.body(`${callback}(${JSON.stringify(value)});`, status, { ...headers, 'Content-Type': 'text/javascript' })
  }
  return c.body(JSON.stringify(value), status, headers)
}

/** `format` goes before `Accept`, which is read from left to right; undefined when neither names one that there is. */
function chooseFormat(asked: string | null | undefined, accept = ''): AnswerFormat | undefined {
  if (asked === 'json' || asked === 'xml' || asked === 'urlencoded') return asked
  const types = accept.split(',').map((part) => part.split(';')[0]?.trim() ?? '')
  return MEDIA_TYPES.get(types.find((type) => type === '*/*' || MEDIA_TYPES.has(type)) ?? '')
}

function flat(value: object, prefix = ''): Record<string, string> {
  const pairs: Record<string, string> = {}
  for (const [name, held] of Object.entries(value)) {
    if (typeof held === 'object' && held !== null) Object.assign(pairs, flat(held, `${prefix}${name}.`))
    else pairs[prefix + name] = String(held ?? '')
  }
  return pairs
}
