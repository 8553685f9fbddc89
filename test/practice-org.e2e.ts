import { AxeBuilder } from '@axe-core/playwright'
import { expect, test } from '@playwright/test'
import { startEmulator } from './processes.ts'

test('a developer sees on the practice org’s page what their client did, and makes its next call fail', async ({
  page,
}) => {
  let emulator = await startEmulator()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  const call = (path: string) =>
    fetch(`${emulator.origin}/services/data/v67.0${path}`, {
      headers: { authorization: `Bearer ${emulator.accessToken}` },
    })
  try {
    await test.step('how to get in', async () => {
      await page.goto(emulator.origin)
      await expect(page.getByText(emulator.clientId)).toBeVisible()
      await expect(page.getByText(emulator.users[0]?.username ?? '').first()).toBeVisible()
    })

    await test.step('a call appears, and so does one for something that is not here', async () => {
      await page.getByRole('link', { name: 'Requests' }).click()
      await call('/sobjects/Case/describe')
      await expect(page.getByRole('cell', { name: '/services/data/v67.0/sobjects/Case/describe' })).toBeVisible()
      await call('/wave/datasets')
      await expect(page.getByRole('heading', { name: 'Not known here' })).toBeVisible()
    })

    await test.step('a button makes the next call fail, once', async () => {
      await page.getByRole('link', { name: 'Trouble' }).click()
      await page.getByRole('button', { name: '503, a page of HTML' }).click()
      await expect(page.getByRole('button', { name: /^Call off rule/ })).toBeVisible()
      expect((await call('/limits')).status).toBe(503)
      expect((await call('/limits')).status).toBe(200)
      await expect(page.getByText('Nothing is planned.')).toBeVisible()
    })

    await test.step('a rule that makes no sense is answered with what is wrong with it', async () => {
      await page.getByLabel('When it strikes, and what happens then').fill('{"do": {"answer": "maybe"}}')
      await page.getByRole('button', { name: 'Plan' }).click()
      await expect(page.getByRole('status').filter({ hasText: 'unavailable' })).toBeVisible()
    })

    await test.step('records are found by clicking an object, or by SOQL as any user', async () => {
      await page.getByRole('link', { name: 'Records' }).click()
      await page.getByRole('button', { name: 'Case', exact: true }).click()
      await expect(page.getByText(/^20 records in/)).toBeVisible()
      await page.getByLabel('SOQL').fill('SELECT Nope FROM Case')
      await page.getByRole('button', { name: 'Run' }).click()
      await expect(page.getByText("No such column 'Nope'")).toBeVisible()
    })

    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      for (const part of ['Get in', 'Records', 'Requests', 'Trouble', 'Jobs and events']) {
        await page.getByRole('link', { name: part, exact: true }).click()
        const { violations } = await new AxeBuilder({ page }).analyze()
        expect(violations.map(({ id, nodes }) => `${part}, ${colorScheme}: ${id} ${nodes[0]?.html}`)).toEqual([])
      }
    }
    await test.step('the page goes on when the org is started anew', async () => {
      await page.getByRole('link', { name: 'Requests' }).click()
      await emulator.stop()
      emulator = await startEmulator(['--port', new URL(emulator.origin).port])
      await call('/sobjects/Contact/describe')
      await expect(page.getByRole('cell', { name: '/services/data/v67.0/sobjects/Contact/describe' })).toHaveCount(1)
      await expect(page.getByRole('cell', { name: '/services/data/v67.0/limits' })).toHaveCount(0)
    })

    // Refusals are answered with 400, which the browser logs, as it does while the org is away; nothing else may be.
    expect(errors.filter((text) => !/status of 400|ERR_CONNECTION/.test(text))).toEqual([])
  } finally {
    await emulator.stop()
  }
})
