/** The list of control calls: each part of the practice org adds its own, and all of them are made in the same way. */
import { z } from 'zod'

interface ControlAbout {
  /** One line: what the call does. */
  readonly what: string
  /** A body that works on a fresh org. */
  readonly example: object
}

/** How a part offers a control call: `POST /_control/{path}` with JSON that the schema takes. May throw RangeError or OrgError. */
export type OnControl = <T>(
  path: string,
  schema: z.ZodType<T>,
  about: ControlAbout,
  act: (body: T) => unknown | Promise<unknown>,
) => void

interface ControlCall extends ControlAbout {
  readonly path: string
  /** Checks the body and gives what is then to be done. Throws RangeError with what is wrong with it. */
  prepare(body: unknown): () => unknown | Promise<unknown>
}

/** All control calls by path, in the order in which they were added. */
export class ControlCalls {
  readonly #calls = new Map<string, ControlCall>()

  readonly on: OnControl = (path, schema, about, act) => {
    if (this.#calls.has(path)) throw new Error(`There are two control calls ${path}`)
    this.#calls.set(path, {
      ...about,
      path,
      prepare(body) {
        const read = schema.safeParse(body)
        if (!read.success) throw new RangeError(z.prettifyError(read.error))
        return () => act(read.data)
      },
    })
  }

  get(path: string): ControlCall {
    const call = this.#calls.get(path)
    if (!call)
      throw new RangeError(`There is no control call "${path}"; there are ${[...this.#calls.keys()].join(', ')}`)
    return call
  }

  has(path: string): boolean {
    return this.#calls.has(path)
  }

  list(): readonly ControlCall[] {
    return [...this.#calls.values()]
  }
}
