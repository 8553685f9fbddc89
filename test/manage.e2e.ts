import { expect, test } from './journey.ts'
import { addIntegration, allowAccess, fillWizard, rowOf } from './steps.ts'

test('an integration is renamed, synced, paused, resumed; what a change means is said before it is saved', async ({
  adminPage: page,
  stack,
}) => {
  await addIntegration(page, stack, { name: 'Acme Support', capability: 'Helpdesk' })
  const row = rowOf(page, 'Acme Support')
  await expect(row.getByText('Connected', { exact: true })).toBeVisible({ timeout: 90_000 })
  const choose = async (action: string) => {
    await row.getByRole('button', { name: 'More actions' }).click()
    await page.getByRole('menuitem', { name: action }).click()
  }

  await test.step('Sync now brings a case that was just made', async () => {
    await stack.emulator.control('records', {
      action: 'create',
      object: 'Case',
      fields: { Subject: 'A case made a moment ago', Status: 'New', Origin: 'Web' },
    })
    await choose('Sync now')
    await page.getByRole('link', { name: 'Tickets' }).click()
    await expect(page.getByText('A case made a moment ago')).toBeVisible({ timeout: 60_000 })
    await page.goBack()
  })

  await test.step('Pause and Resume', async () => {
    await choose('Pause')
    await expect(row.getByText('Paused', { exact: true })).toBeVisible()
    await choose('Resume')
    await expect(row.getByText('Paused', { exact: true })).toHaveCount(0)
  })

  await test.step('a dirty form asks before it is left', async () => {
    await row.getByRole('button', { name: 'Edit' }).click()
    await page.getByLabel('Name').fill('Acme Service')
    await page.getByRole('link', { name: 'Tickets' }).click()
    const question = page.getByRole('dialog')
    await expect(question).toContainText('not saved')
    await question.getByRole('button', { name: /Stay|Keep|Back/ }).click()
    await expect(page.getByLabel('Name')).toHaveValue('Acme Service')
  })

  await test.step('Save says what it means first', async () => {
    await page.getByRole('tab', { name: 'Authentication' }).click()
    await page.getByRole('radio', { name: 'Created Time' }).check()
    await page.getByLabel('Sync every').selectOption({ label: '1 hour' })
    await page.getByRole('button', { name: 'Save' }).click()
    const meaning = page.getByRole('dialog')
    await expect(meaning).toContainText('never changed again')
    await meaning.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByText('Saved Acme Service.')).toBeVisible()
    await page.getByRole('link', { name: 'Integrations' }).first().click()
    await expect(rowOf(page, 'Acme Service')).toBeVisible()
  })
})

test('a first sync is cancelled and taken up again; each run tells what it did', async ({ adminPage: page, stack }) => {
  // The first answers take their time, so that there is something to cancel.
  await stack.emulator.control('answer-next', { answer: 'unavailable', times: 6, path: '/jobs/query' })
  await addIntegration(page, stack, { name: 'Acme Support', capability: 'Helpdesk' })
  await rowOf(page, 'Acme Support').getByRole('link', { name: 'Acme Support' }).click()
  await page.getByRole('tab', { name: 'Runs' }).click()
  await page.getByRole('link', { name: /First sync/ }).click()
  const run = page.getByRole('dialog').first()
  await run.getByRole('button', { name: 'Cancel' }).click()
  const question = page.getByRole('dialog').filter({ hasText: /stays/ })
  await question
    .getByRole('button', { name: /Cancel/ })
    .last()
    .click()
  await expect(run.getByText('Cancelled', { exact: true })).toBeVisible({ timeout: 30_000 })

  await stack.emulator.control('clear-faults')
  await run.getByRole('button', { name: 'Retry' }).click()
  await expect(run.getByText('Finished', { exact: true }).first()).toBeVisible({ timeout: 90_000 })
  await expect(run.getByRole('table', { name: 'Objects of this run' })).toContainText('Cases')
})

test('a key made on the page opens the API to a program, which can look and nothing more', async ({
  adminPage: page,
  stack,
}) => {
  await page.getByRole('link', { name: 'API keys' }).click()
  await page.getByRole('button', { name: 'Create key' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('Reporting')
  await dialog.getByRole('button', { name: 'Create key' }).click()
  await expect(dialog).toContainText('Copy the key now')
  const key = (await dialog.locator('code').first().textContent())?.trim() ?? ''
  const ask = (path: string, method = 'GET') =>
    fetch(`${stack.loopline.url}/api/v1${path}`, { method, headers: { authorization: `Bearer ${key}` } })
  expect((await ask('/tickets')).status).toBe(200)
  expect((await ask('/people')).status).toBe(403)
  expect((await fetch(`${stack.loopline.url}/api/v1/tickets`)).status).toBe(401)
  expect(stack.loopline.output()).not.toContain(key)
})

test('where the browser blocks the login window, a link does it in this one', async ({ adminPage: page, stack }) => {
  await page.addInitScript('window.open = () => null')
  await page.reload()
  await fillWizard(page, { name: 'Acme Support', capability: 'Content Management', domain: stack.emulator.origin })
  await page.getByRole('button', { name: 'Connect' }).click()
  await page.getByRole('link', { name: 'Log in in this window instead' }).click()
  await allowAccess(page, stack.emulator.users[0])
  await expect(page.getByText(/^Connected to/).first()).toBeVisible()
  await expect(rowOf(page, 'Acme Support')).toBeVisible()
})
