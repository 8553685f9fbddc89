/**
 * Children that are computed, not stored, and still known from both sides.
 *
 * The child's slots run through the parent's steps in time: at step t there is one slot per layer, and the child in
 * layer n at step t belongs to the parent that was created that layer's delay before t. So a child's slot gives its
 * parent, a parent gives its children's slots, and slots ascend with time, as Salesforce's ids do. Not every slot
 * is filled: a generator says which.
 */

import type { Calendar } from './calendar.ts'
import { type Draw, drawOf, fraction } from './draw.ts'

/** When a layer's children come: so long after the parent, give or take the spread. */
interface Layer {
  readonly delayDays: number
  readonly spreadDays?: number
  /** Happens in the same second as the layer before it. */
  readonly together?: boolean
}

export interface Layers {
  readonly slots: number
  readonly count: number
  layerOf(slot: number): number
  /** The parent's step; negative for slots before the first parent. */
  parentOf(slot: number): number
  /** The slot of a parent's child, or -1 when that moment lies past the anchor. */
  slotOf(parent: number, layer: number): number
  at(slot: number): number
}

/** The parents: how many, and when each is created. Parents and children share one line of time. */
export interface Steps {
  readonly count: number
  readonly calendar: Pick<Calendar, 'at'>
  /** Where within its step a parent is created. */
  readonly phase: Draw
  /** How long the calendar is. */
  readonly days: number
}

/** When the parent of a step is created. */
export function stepTime({ count, calendar, phase }: Steps, step: number): number {
  return calendar.at((step + fraction(phase(step))) / count)
}

/** Lays children over parents. */
export function layersOver(
  name: string,
  layers: readonly Layer[],
  { steps, seed }: { steps: Steps; seed: number },
): Layers {
  const count = layers.length
  const delays: number[] = []
  const bits: number[] = []
  const moments: number[] = []
  let latest = 0
  for (const [n, { delayDays, spreadDays = 0, together = false }] of layers.entries()) {
    const before = n - 1
    if (together && n > 0) {
      delays.push(delays[before] ?? 0)
      bits.push(bits[before] ?? 0)
      moments.push(moments[before] ?? 0)
      continue
    }
    const spreadSteps = (spreadDays * steps.count) / steps.days
    const width = spreadSteps >= 2 ? Math.floor(Math.log2(spreadSteps)) : 0
    // Layers come in order, whatever the scale: a case is never closed before it is assigned.
    const wanted = Math.round((delayDays * steps.count) / steps.days)
    const delay = delayDays === 0 ? 0 : Math.max(wanted, latest + (1 << width))
    delays.push(delay)
    bits.push(delayDays === 0 ? 0 : width)
    moments.push(n / count)
    latest = Math.max(latest, delay + (1 << width) - 1)
  }
  const draws = layers.map((layer, n) => drawOf(seed, `${name} layer ${layer.together ? n - 1 : n}`))

  // Flipping low bits by a pattern drawn from the high bits scatters the delays, and is its own inverse.
  function scattered(step: number, layer: number): number {
    const width = bits[layer] ?? 0
    if (width === 0) return step
    const pattern = draws[layer]?.(step >> width) ?? 0
    return step ^ (pattern & ((1 << width) - 1))
  }

  return {
    slots: steps.count * count,
    count,
    layerOf: (slot) => slot % count,
    parentOf(slot) {
      const layer = slot % count
      return scattered((slot - layer) / count, layer) - (delays[layer] ?? 0)
    },
    slotOf(parent, layer) {
      const step = scattered(parent + (delays[layer] ?? 0), layer)
      return step < steps.count ? step * count + layer : -1
    },
    at(slot) {
      const layer = slot % count
      const step = (slot - layer) / count
      const within = fraction(steps.phase(step))
      return steps.calendar.at((step + within + (1 - within) * (moments[layer] ?? 0)) / steps.count)
    },
  }
}
