/** What every browser journey starts from: a Loopline and a practice org of its own, and somebody at the page. */

import { test as base, expect, type Page } from '@playwright/test'
import { type Stack, startStack } from './processes.ts'
import { becomeAdmin } from './steps.ts'

export { expect }

export const test = base.extend<{ page: Page; stack: Stack; adminPage: Page }, Record<never, never>>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright wants a pattern here, even of nothing.
  stack: async ({}, use) => {
    const stack = await startStack()
    await use(stack)
    await stack.stop()
  },

  // No journey may leave an error in the console, in any of its windows.
  page: async ({ page, context, stack: _ }, use) => {
    const errors: string[] = []
    const watch = (one: Page) => {
      one.on('pageerror', (error) => errors.push(String(error)))
      one.on('console', (message) => {
        if (message.type() === 'error' && !isExpected(message.text())) errors.push(message.text())
      })
    }
    watch(page)
    context.on('page', watch)
    await use(page)
    // Before the servers stop, which a page that still asks them would notice.
    await context.close()
    expect(errors, 'console errors').toEqual([])
  },

  /** Signed in as the first admin, on the Integrations page. */
  adminPage: async ({ page, stack }, use) => {
    await becomeAdmin(page, stack.loopline)
    await expect(page.getByRole('heading', { name: 'Integrations' })).toBeVisible()
    await use(page)
  },
})

// The browser itself reports answers of 400 and above; journeys that provoke them look at what the page says.
const isExpected = (text: string) => text.startsWith('Failed to load resource: the server responded with a status of 4')
