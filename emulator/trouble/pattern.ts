/** Regular expressions that people write, tried in bounded time: a bad one may not stop the whole org. */
import { createContext, Script } from 'node:vm'

/** Far more than an honest pattern takes on the longest request. */
const LONGEST_TRIAL_MS = 50
const trial = new Script('new RegExp(pattern, flags).test(text)')
const room = createContext({})

/** Whether the pattern matches; one that can't be decided in time doesn't. */
export function matchesPattern(pattern: string, text: string, flags = ''): boolean {
  try {
    return trial.runInContext(Object.assign(room, { pattern, text, flags }), { timeout: LONGEST_TRIAL_MS }) === true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false
    throw error
  }
}
