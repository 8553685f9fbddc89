/** What every browser journey starts from: a Loopline and a practice org of its own, and somebody at the page. */

import { test as base, expect, type Page } from '@playwright/test'
import {
  createDatabase,
  freePort,
  type RunningEmulator,
  type RunningLoopline,
  startEmulator,
  startLoopline,
} from './processes.ts'

export { expect }

export interface Stack {
  readonly emulator: RunningEmulator
  readonly loopline: RunningLoopline
}

const admin = { name: 'Maria Admin', email: 'maria@acme.example', password: 'correct horse battery staple' }

export const test = base.extend<
  { page: Page; emulatorArgs: string[]; stack: Stack; adminPage: Page },
  Record<never, never>
>({
  emulatorArgs: [[], { option: true }],

  stack: async ({ emulatorArgs }, use) => {
    const database = await createDatabase()
    const port = await freePort()
    const callback = `http://127.0.0.1:${port}/oauth/callback`
    const emulator = await startEmulator(['--callback', callback, ...emulatorArgs])
    const loopline = await startLoopline({
      PORT: String(port),
      DATABASE_URL: database.url,
      SECRET_KEY: 'a key for journeys only, 32 characters long',
      EMULATOR: 'off',
      SALESFORCE_CLIENT_ID: emulator.clientId,
      SALESFORCE_CLIENT_SECRET: emulator.clientSecret,
      SALESFORCE_EXTRA_HOSTS: emulator.origin,
    })
    await use({ emulator, loopline })
    await loopline.stop()
    await emulator.stop()
    await database.drop()
  },

  // No journey may leave an error in the console, in any of its windows.
  page: async ({ page, context }, use) => {
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
    expect(errors, 'console errors').toEqual([])
  },

  /** Signed in as the first admin, on the Integrations page. */
  adminPage: async ({ page, stack }, use) => {
    await page.goto(stack.loopline.setupLink ?? '')
    await page.getByLabel('Name').fill(admin.name)
    await page.getByLabel('E-mail').fill(admin.email)
    await page.getByLabel('Password', { exact: true }).fill(admin.password)
    await page.getByRole('button', { name: 'Create account' }).click()
    await expect(page.getByRole('heading', { name: 'Integrations' })).toBeVisible()
    await use(page)
  },
})

// The browser itself reports answers of 400 and above; journeys that provoke them look at what the page says.
const isExpected = (text: string) => text.startsWith('Failed to load resource: the server responded with a status of 4')

/** Signs in at the practice org's login window and allows access. */
export async function allowAccess(window: Page, user: { username: string; password: string }): Promise<void> {
  await logIn(window, user)
  await window.getByRole('button', { name: 'Allow' }).click()
}

export async function logIn(window: Page, user: { username: string; password: string }): Promise<void> {
  await window.getByLabel('Username').fill(user.username)
  await window.getByLabel('Password').fill(user.password)
  await window.getByRole('button', { name: 'Log In' }).click()
}

/** From the Integrations page to the Authentication tab, all of it filled in. */
export async function fillWizard(
  page: Page,
  { name, capability, domain }: { name: string; capability: 'Helpdesk' | 'CRM' | 'Content Management'; domain: string },
): Promise<void> {
  await page
    .getByRole('link', { name: 'Add Integration' })
    .or(page.getByRole('button', { name: 'Add Integration' }))
    .first()
    .click()
  await page.getByLabel('Search integrations').fill('sales')
  await page
    .getByRole('link', { name: /^Salesforce/ })
    .or(page.getByRole('button', { name: /^Salesforce/ }))
    .first()
    .click()
  await page.getByLabel('Name').fill(name)
  await page.getByRole('radio', { name: capability }).check()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByLabel('Salesforce domain URL').fill(domain)
  await page.getByLabel('Salesforce domain URL').blur()
}

/** The whole of it: wizard, login window, Allow. Ends on the list. */
export async function addIntegration(
  page: Page,
  stack: Stack,
  integration: { name: string; capability: 'Helpdesk' | 'CRM' | 'Content Management' },
): Promise<void> {
  await fillWizard(page, { ...integration, domain: stack.emulator.origin })
  const [window] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByRole('button', { name: 'Connect' }).click(),
  ])
  const user = stack.emulator.users[0]
  if (!user) throw new Error('the practice org has no sign-in')
  await window.waitForLoadState()
  // Somebody already logged in there is asked for access only.
  if (await window.getByLabel('Username').isVisible()) await logIn(window, user)
  await window.getByRole('button', { name: 'Allow' }).click()
  await expect(page.getByText(/^Connected to/)).toBeVisible()
}

/** The integration's row in the list. */
export const rowOf = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByText(name, { exact: true }) })
