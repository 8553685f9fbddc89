/**
 * `npm run screenshots`: every page and state, light, dark and 390 px wide, into screenshots/ (ignored by git), to be
 * looked at. `-- --readme` also renews the README's picture.
 */

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from '@playwright/test'
import { type Stack, startStack } from '../test/processes.ts'
import { addIntegration, becomeAdmin, fillWizard, rowOf } from '../test/steps.ts'
import { provideChromium } from './chromium.ts'
import { withDatabase } from './test-database.ts'

const root = join(import.meta.dirname, '..')
const folder = join(root, 'screenshots')

await mkdir(folder, { recursive: true })
await withDatabase(async (url) => {
  process.env.TEST_DATABASE_URL = url
  const executablePath = provideChromium()
  const browser = await chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  })
  const stack = await startStack()
  try {
    await takeAll(browser, stack)
  } finally {
    await browser.close()
    await stack.stop()
  }
})
console.log(`Pictures are in ${folder}`)

async function takeAll(browser: Browser, stack: Stack): Promise<void> {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage()
  await page.goto(stack.loopline.setupLink ?? '')
  await take(page, 'welcome')
  await becomeAdmin(page, stack.loopline)
  await page.getByRole('heading', { name: 'Integrations' }).waitFor()
  await take(page, 'integrations-empty')

  await fillWizard(page, { name: 'Acme Sales', capability: 'CRM', domain: stack.emulator.origin })
  await take(page, 'wizard-authentication')
  await page.getByRole('tab', { name: 'Basic' }).click()
  await take(page, 'wizard-basic')
  await page.goto(`${stack.loopline.url}/settings/integrations/new`)
  await take(page, 'catalogue')
  await page.goto(`${stack.loopline.url}/settings/integrations`)

  await addIntegration(page, stack, { name: 'Acme Content', capability: 'Content Management' })
  await addIntegration(page, stack, { name: 'Acme Sales', capability: 'CRM' })
  await rowOf(page, 'Acme Sales').getByText('Connected', { exact: true }).waitFor({ timeout: 120_000 })
  await addIntegration(page, stack, { name: 'Acme Support', capability: 'Helpdesk' })
  await page.waitForTimeout(1_500)
  await take(page, 'integrations-syncing')
  if (process.argv.includes('--readme')) {
    await mkdir(join(root, 'docs/images'), { recursive: true })
    await page.screenshot({ path: join(root, 'docs/images/integrations.png') })
  }
  await rowOf(page, 'Acme Support').getByText('Connected', { exact: true }).waitFor({ timeout: 120_000 })
  await take(page, 'integrations')
  await rowOf(page, 'Acme Support').getByRole('button', { name: 'Test Connection' }).click()
  await page.getByRole('dialog').getByText(/Case/).first().waitFor()
  await take(page, 'test-connection')
  await page.keyboard.press('Escape')
  await rowOf(page, 'Acme Support').getByRole('button', { name: 'Delete' }).click()
  await take(page, 'delete')
  await page.keyboard.press('Escape')

  await rowOf(page, 'Acme Support').getByRole('link', { name: 'Acme Support' }).click()
  await page.waitForURL(/integrations\/[a-z0-9]+/)
  const integration = page.url().replace(/\?.*/, '')
  for (const tab of ['overview', 'objects', 'runs'])
    await visit(page, `${integration}?tab=${tab}`, `integration-${tab}`)
  await visit(page, `${integration}/edit?tab=authentication`, 'edit-authentication')

  for (const place of ['tickets', 'customers', 'deals', 'leads', 'articles', 'files']) {
    await visit(page, `${stack.loopline.url}/${place}`, place)
  }
  for (const place of ['tickets', 'deals', 'leads', 'articles']) {
    await page.goto(`${stack.loopline.url}/${place}`)
    const record = page.locator(`main a[href^="/${place}/"]`).first()
    await record.waitFor()
    await visit(
      page,
      new URL((await record.getAttribute('href')) ?? '', stack.loopline.url).href,
      place.replace(/s$/, ''),
    )
  }
  for (const place of ['people', 'api-keys', 'audit-trail', 'about']) {
    await visit(page, `${stack.loopline.url}/settings/${place}`, place)
  }
}

async function visit(page: Page, url: string, name: string): Promise<void> {
  await page.goto(url)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.waitForLoadState('networkidle')
  await take(page, name)
}

async function take(page: Page, name: string): Promise<void> {
  for (const [look, colorScheme, width] of [
    ['light', 'light', 1280],
    ['dark', 'dark', 1280],
    ['narrow', 'light', 390],
  ] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize({ width, height: 800 })
    await page.waitForTimeout(250)
    await page.screenshot({ path: join(folder, `${name}-${look}.png`) })
  }
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize({ width: 1280, height: 800 })
}
