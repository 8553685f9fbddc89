/**
 * `DISTANCE(BillingAddress, GEOLOCATION(37.77, -122.41), 'mi')`
 * (https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-geolocate.html).
 */

import type { FieldSchema } from '../org/model.ts'
import type { Column } from '../org/table.ts'
import { errorAt, unexpectedToken } from './message.ts'
import type { BoundPath } from './paths.ts'
import type { Argument, CallExpression, PathExpression } from './syntax.ts'

const RADIUS: { readonly [unit: string]: number } = { km: 6371.0088, mi: 3958.7613 }

interface Place {
  readonly latitude: number
  readonly longitude: number
}

type Locate = (slot: number) => Place | undefined

/** The distance between a record's place and another, by the haversine formula. */
export function bindDistance(
  { args, at }: CallExpression,
  soql: string,
  bind: (path: PathExpression) => BoundPath,
): { path: string; field: FieldSchema; type: 'double'; value: Column } {
  const [from, to, unit] = args
  const refuse = () => errorAt(soql, at, 'MALFORMED_QUERY', "DISTANCE takes two locations and a unit, 'mi' or 'km'")
  const radius = unit?.kind === 'string' ? RADIUS[unit.text.toLowerCase()] : undefined
  if (!from || !to || args.length !== 3 || radius === undefined || from.kind !== 'path') throw refuse()
  const start = bind(from)
  const here = locate(start, soql, from.at)
  const there = fixedPlace(to) ?? (to.kind === 'path' ? locate(bind(to), soql, to.at) : undefined)
  if (!there) throw to.kind === 'call' ? unexpectedToken(soql, { text: to.fn, at: to.at }) : refuse()
  const value: Column = (slot) => {
    const [a, b] = [here(slot), typeof there === 'function' ? there(slot) : there]
    return a && b ? radius * angleBetween(a, b) : null
  }
  return { path: start.path, field: start.field, type: 'double', value }
}

function fixedPlace(argument: Argument): Place | undefined {
  if (argument.kind !== 'call' || argument.fn !== 'GEOLOCATION') return undefined
  const [latitude, longitude, more] = argument.args
  if (latitude?.kind !== 'number' || longitude?.kind !== 'number' || more) return undefined
  return { latitude: Number(latitude.text), longitude: Number(longitude.text) }
}

function locate({ field, value, path }: BoundPath, soql: string, at: number): Locate {
  if (field.type !== 'address') {
    throw errorAt(soql, at, 'INVALID_FIELD', `field '${path}' can not be used in the DISTANCE function`)
  }
  return (slot) => {
    const text = value(slot)
    if (typeof text !== 'string') return undefined
    const { latitude, longitude } = JSON.parse(text) as { latitude: number | null; longitude: number | null }
    return latitude === null || longitude === null ? undefined : { latitude, longitude }
  }
}

const radians = (degrees: number) => (degrees * Math.PI) / 180

function angleBetween(a: Place, b: Place): number {
  const half = (from: number, to: number) => Math.sin(radians(to - from) / 2) ** 2
  const lift = Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude))
  return 2 * Math.asin(Math.sqrt(half(a.latitude, b.latitude) + lift * half(a.longitude, b.longitude)))
}
