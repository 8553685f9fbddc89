import { expect, test } from './journey.ts'
import { addIntegration, rowOf } from './steps.ts'

test('an invited member sees integrations, their health and the records, and finds nothing to change', async ({
  adminPage: page,
  stack,
  browser,
}) => {
  await addIntegration(page, stack, { name: 'Acme Support', capability: 'Helpdesk' })
  await expect(rowOf(page, 'Acme Support')).toContainText('Connected', { timeout: 90_000 })

  await page.getByRole('link', { name: 'People' }).click()
  await page
    .getByRole('button', { name: /Invite/ })
    .first()
    .click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('E-mail').fill('tom@acme.example')
  await dialog.getByRole('button', { name: /Invite|Create/ }).click()
  const link = await page
    .getByText(/\/invitation#token=/)
    .first()
    .textContent()
  expect(link).toContain(stack.loopline.url)

  const member = await (await browser.newContext()).newPage()
  await member.goto(link?.trim() ?? '')
  await member.getByLabel('Name').fill('Tom Member')
  await member.getByLabel('Password', { exact: true }).fill('another long password')
  await member.getByRole('button', { name: 'Create account' }).click()
  await member.getByRole('link', { name: 'Integrations' }).click()
  const row = rowOf(member, 'Acme Support')
  await expect(row).toContainText('Connected')
  for (const name of ['Test Connection', 'Edit', 'Delete', 'More actions']) {
    await expect(row.getByRole('button', { name })).toHaveCount(0)
  }
  await expect(member.getByRole('button', { name: 'Add Integration' })).toHaveCount(0)
  await expect(member.getByRole('link', { name: 'People' })).toHaveCount(0)

  await member.getByRole('link', { name: 'Tickets' }).click()
  await expect(member.getByRole('link', { name: /\d{8}/ }).first()).toBeVisible()
  await member.context().close()
})
