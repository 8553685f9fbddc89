/** The org's own clock: the machine's, until someone sets, moves or stops it. */

/** What was done to the clock, so that a restart finds it as it was left. */
export interface ClockState {
  /** How far ahead of the machine's clock it is, ms; what it shows while stopped counts instead. */
  readonly aheadMs: number
  /** What it shows while it is stopped; null while it runs. */
  readonly frozenAt: number | null
}

export class OrgClock {
  readonly #machine: () => number
  #state: ClockState = { aheadMs: 0, frozenAt: null }

  constructor(machine: () => number) {
    this.#machine = machine
  }

  readonly now = (): number => this.#state.frozenAt ?? this.#machine() + this.#state.aheadMs

  get state(): ClockState {
    return this.#state
  }

  restore(state: ClockState): void {
    this.#state = state
  }

  /** The state that shows this time from now on, running or stopped. */
  stateAt(at: number, { frozen = this.#state.frozenAt !== null } = {}): ClockState {
    return { aheadMs: at - this.#machine(), frozenAt: frozen ? at : null }
  }
}
