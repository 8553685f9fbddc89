/** Repeatable chance: each drawing is a pure function of the seed, what is drawn, and for which record. */

/** A drawing: for any index always the same number, evenly spread over 0 .. 2^32 - 1. */
export type Draw = (index: number) => number

/** The drawing of one name under one seed. Different names are independent of each other. */
export function drawOf(seed: number, name: string): Draw {
  let salt = 2166136261 ^ seed
  for (let i = 0; i < name.length; i++) salt = Math.imul(salt ^ name.charCodeAt(i), 16777619)
  salt = Math.imul(salt ^ (salt >>> 15), 0x2c1b3c6d)
  return (index) => {
    let h = (Math.imul(index, 0x9e3779b1) + salt) | 0
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
    return (h ^ (h >>> 16)) >>> 0
  }
}

/** A drawn number as a fraction of one. */
export function fraction(drawn: number): number {
  return drawn / 4294967296
}

/** The member of a list that a drawn number falls on. */
export function pick<T>(list: readonly T[], drawn: number): T {
  const value = list[drawn % list.length]
  if (value === undefined) throw new Error('Cannot pick from an empty list')
  return value
}

/** A list in which each value stands as often as its weight says, to pick from. */
export function weighted<T>(weights: readonly (readonly [T, number])[]): readonly T[] {
  return weights.flatMap(([value, weight]) => Array.from({ length: weight }, () => value))
}
