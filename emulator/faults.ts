/** Ways in which the practice org can be told to fail. Each is asked for, happens as often as asked, and is over. */
import { setTimeout as delay } from 'node:timers/promises'

/** `unavailable` is a 503 with an HTML page, `unauthorized` a 401, `limit` a 403 REQUEST_LIMIT_EXCEEDED. */
export type FaultAnswer = 'unavailable' | 'unauthorized' | 'limit'

export interface Faults {
  /** The next `times` requests (one, unless told) whose path matches get this answer. Without a path: all of `/services/data/`. */
  answerNext(answer: FaultAnswer, options?: { times?: number; path?: RegExp | string }): void
  /** Breaks the connection after so many bytes of the body of the next Bulk API result. */
  cutNextResultStream(afterBytes: number): void
  /** The next Bulk API query job ends as Failed with this message. */
  failNextBulkJob(message: string): void
  clear(): void
}

interface PlannedAnswer {
  readonly answer: FaultAnswer
  readonly path: RegExp
  times: number
}

/** The faults together with what the rest of the emulator asks them. */
export class PlannedFaults implements Faults {
  #answers: PlannedAnswer[] = []
  #cuts: number[] = []
  #jobFailures: string[] = []

  answerNext(answer: FaultAnswer, options: { times?: number; path?: RegExp | string } = {}): void {
    this.#answers.push({
      answer,
      path: new RegExp(options.path ?? '^/services/data(/|$)'),
      times: options.times ?? 1,
    })
  }

  cutNextResultStream(afterBytes: number): void {
    this.#cuts.push(afterBytes)
  }

  failNextBulkJob(message: string): void {
    this.#jobFailures.push(message)
  }

  clear(): void {
    this.#answers = []
    this.#cuts = []
    this.#jobFailures = []
  }

  /** The answer that this request is to get instead of a true one, if any. */
  takeAnswer(path: string): FaultAnswer | undefined {
    const planned = this.#answers.find((candidate) => candidate.path.test(path))
    if (!planned) return undefined
    planned.times -= 1
    if (planned.times <= 0) this.#answers = this.#answers.filter((candidate) => candidate !== planned)
    return planned.answer
  }

  takeCut(): number | undefined {
    return this.#cuts.shift()
  }

  takeJobFailure(): string | undefined {
    return this.#jobFailures.shift()
  }

  describe(): object {
    return {
      answerNext: this.#answers.map(({ answer, path, times }) => ({ answer, path: path.source, times })),
      cutNextResultStream: this.#cuts,
      failNextBulkJob: this.#jobFailures,
    }
  }
}

/** The stream's first bytes, then a broken connection: `destroySocket` over a network, a stream error without one. */
export function cutStream(
  stream: ReadableStream<Uint8Array>,
  afterBytes: number,
  destroySocket: (() => void) | undefined,
): ReadableStream<Uint8Array> {
  const reader = stream.getReader()
  let left = afterBytes
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = left > 0 ? await reader.read() : { done: true, value: undefined }
      if (!done && value) {
        const kept = value.subarray(0, left)
        left -= kept.length
        controller.enqueue(kept)
        return
      }
      await reader.cancel()
      if (destroySocket) {
        // Headers and the bytes before the cut get out of the process first: it is the body that breaks.
        await delay(50)
        destroySocket()
        controller.close()
        return
      }
      controller.error(new TypeError('terminated', { cause: new Error('other side closed') }))
    },
    cancel: (reason) => reader.cancel(reason),
  })
}
