/** What a person does on the page, for the journeys and for the screenshots. */

import type { Page } from '@playwright/test'
import type { RunningLoopline, Stack } from './processes.ts'

const admin = { name: 'Maria Admin', email: 'maria@acme.example', password: 'correct horse battery staple' }

/** Follows the one-time link and ends on the Integrations page, signed in. */
export async function becomeAdmin(page: Page, loopline: RunningLoopline): Promise<void> {
  await page.goto(loopline.setupLink ?? '')
  await page.getByLabel('Name').fill(admin.name)
  await page.getByLabel('E-mail').fill(admin.email)
  await page.getByLabel('Password', { exact: true }).fill(admin.password)
  await page.getByRole('button', { name: 'Create account' }).click()
}

/** Signs in at the practice org's window, unless somebody is signed in there already, and allows access. */
export async function allowAccess(
  window: Page,
  user: { username: string; password: string } | undefined,
): Promise<void> {
  const allow = window.getByRole('button', { name: 'Allow' })
  await window.getByLabel('Username').or(allow).waitFor()
  if (user && (await window.getByLabel('Username').isVisible())) await logIn(window, user)
  await allow.click()
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
  await allowAccess(window, stack.emulator.users[0])
  await page
    .getByText(/^Connected to/)
    .first()
    .waitFor()
}

/** The integration's row in the list. */
export const rowOf = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByText(name, { exact: true }) })
