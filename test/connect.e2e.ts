import { expect, test } from './journey.ts'
import { addIntegration, allowAccess, fillWizard, logIn, rowOf } from './steps.ts'

test('an admin adds a Helpdesk integration, connects it, and reads tickets while the rest loads', async ({
  adminPage: page,
  stack,
}) => {
  await expect(page.getByText(/practice|Salesforce/).first()).toBeVisible()
  await addIntegration(page, stack, { name: 'Acme Support', capability: 'Helpdesk' })

  const row = rowOf(page, 'Acme Support')
  await expect(row).toContainText('Helpdesk')
  await expect(row).toContainText('Connected', { timeout: 90_000 })

  await row.getByRole('button', { name: 'Test Connection' }).click()
  const report = page.getByRole('dialog')
  await expect(report).toContainText(stack.emulator.users[0]?.username ?? '?')
  await expect(report).toContainText('Case')
  await page.keyboard.press('Escape')

  await page.getByRole('link', { name: 'Tickets' }).click()
  await expect(page.getByRole('heading', { name: 'Tickets' })).toBeVisible()
  const first = page.getByRole('link', { name: /\d{8}/ }).first()
  await first.click()
  await expect(page).toHaveURL(/\/tickets\/.+/)
  await expect(page.getByRole('link', { name: /Open in Salesforce/ })).toBeVisible()
})

test('CRM has the form of Helpdesk, Content Management asks for environment and domain only; both fill their pages', async ({
  adminPage: page,
  stack,
}) => {
  await addIntegration(page, stack, { name: 'Acme Sales', capability: 'CRM' })
  await expect(rowOf(page, 'Acme Sales')).toContainText('Connected', { timeout: 90_000 })

  await fillWizard(page, { name: 'Acme Content', capability: 'Content Management', domain: stack.emulator.origin })
  await expect(page.getByText('Pull Record By')).toHaveCount(0)
  await expect(page.getByText('Sync every')).toHaveCount(0)
  const [window] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByRole('button', { name: 'Connect' }).click(),
  ])
  await allowAccess(window, stack.emulator.users[0])
  await expect(page.getByText(/^Connected to/).first()).toBeVisible()
  await expect(rowOf(page, 'Acme Content')).toContainText('Connected', { timeout: 90_000 })
  await expect(page.getByRole('row').nth(1)).toContainText('Acme Content')

  for (const place of ['Customers', 'Deals', 'Leads', 'Articles', 'Files']) {
    await page.getByRole('link', { name: place, exact: true }).click()
    await expect(page.getByRole('heading', { name: place })).toBeVisible()
    await expect(page.locator('main')).not.toContainText(/No (customers|deals|leads|articles|files) yet/)
  }
})

test('whatever goes wrong at the login says what happened, and the draft is kept', async ({
  adminPage: page,
  stack,
}) => {
  const [admin, agent] = stack.emulator.users
  if (!admin || !agent) throw new Error('the practice org lacks its sign-ins')
  await fillWizard(page, { name: 'Acme Support', capability: 'Helpdesk', domain: stack.emulator.origin })
  const connect = page.getByRole('button', { name: 'Connect' })
  const openWindow = async () => {
    const [window] = await Promise.all([page.waitForEvent('popup'), connect.click()])
    await window.waitForLoadState()
    return window
  }

  await test.step('an app that the org does not have', async () => {
    // An administrator may use it all the same, so the agent signs in.
    await stack.emulator.control('app', { installed: false })
    const window = await openWindow()
    await logIn(window, agent)
    await expect(window.getByText('OAUTH_APPROVAL_ERROR_GENERIC').first()).toBeVisible()
    await window.goto(`${stack.emulator.origin}/secur/logout.jsp`)
    await window.close()
    await expect(page.getByText(/window was closed/i).first()).toBeVisible()
    await stack.emulator.control('app', { installed: true })
  })

  await test.step('a wrong password is said at Salesforce, Deny here', async () => {
    const window = await openWindow()
    await logIn(window, { username: admin.username, password: 'wrong' })
    await expect(window.getByText(/check your username and password/i)).toBeVisible()
    await logIn(window, admin)
    await window.getByRole('button', { name: 'Deny' }).click()
    await expect(page.getByText(/Access was not allowed|denied/i).first()).toBeVisible()
  })

  await test.step('a closed window', async () => {
    const window = await openWindow()
    await window.close()
    await expect(page.getByText(/window was closed/i).first()).toBeVisible()
  })

  await test.step('the draft is still there, and works', async () => {
    await page.reload()
    await expect(page.getByLabel('Salesforce domain URL')).toHaveValue(stack.emulator.origin)
    const window = await openWindow()
    const allow = window.getByRole('button', { name: 'Allow' })
    await allow.click()
    await expect(page.getByText(/^Connected to/).first()).toBeVisible()
    await expect(rowOf(page, 'Acme Support')).toBeVisible()
  })
})

test('an address that is not Salesforce’s is refused with a reason, a Lightning address is put right', async ({
  adminPage: page,
  stack,
}) => {
  await fillWizard(page, {
    name: 'Acme',
    capability: 'CRM',
    domain: 'https://acme.lightning.force.com/lightning/page/home',
  })
  await expect(page.getByText('https://acme.my.salesforce.com').first()).toBeVisible()

  const domain = page.getByLabel('Salesforce domain URL')
  await domain.fill('https://acme--uat.sandbox.my.salesforce.com/')
  await domain.blur()
  await expect(page.getByRole('radio', { name: 'Sandbox' })).toBeChecked()

  await domain.fill('https://acme.my.salesforce.com.attacker.example')
  await domain.blur()
  await expect(
    page.getByText(/not a Salesforce address|isn’t a Salesforce|not one of Salesforce/i).first(),
  ).toBeVisible()
  expect(stack.loopline.output()).not.toContain('attacker.example')
})

test('a grant revoked at Salesforce is noticed, said, and mended in place with nothing lost', async ({
  adminPage: page,
  stack,
}) => {
  const [admin] = stack.emulator.users
  if (!admin) throw new Error('the practice org has no sign-in')
  await addIntegration(page, stack, { name: 'Acme Support', capability: 'Helpdesk' })
  const row = rowOf(page, 'Acme Support')
  await expect(row).toContainText('Connected', { timeout: 90_000 })

  await stack.emulator.control('revoke-grants')
  await row.getByRole('button', { name: 'Test Connection' }).click()
  await expect(page.getByRole('dialog')).toContainText(/re-authentic/i)
  await page.keyboard.press('Escape')
  await expect(row).toContainText('Needs re-authentication')

  await row
    .getByRole('button', { name: 'Edit' })
    .or(row.getByRole('link', { name: 'Edit' }))
    .click()
  await page.getByRole('tab', { name: 'Authentication' }).click()
  const [window] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByRole('button', { name: 'Re-generate Token' }).click(),
  ])
  await allowAccess(window, admin)
  await expect(
    page
      .getByText(/token/i)
      .filter({ hasText: /new|re-generated|again/i })
      .first(),
  ).toBeVisible()

  await page.getByRole('link', { name: 'Integrations' }).first().click()
  await expect(row).toContainText('Connected', { timeout: 90_000 })
})

test('deleting asks for the name, revokes the token, and says what was removed', async ({ adminPage: page, stack }) => {
  await addIntegration(page, stack, { name: 'Acme Support', capability: 'Content Management' })
  const row = rowOf(page, 'Acme Support')
  await expect(row).toContainText('Connected', { timeout: 90_000 })
  await row.getByRole('button', { name: 'Delete' }).click()
  const dialog = page.getByRole('dialog')
  const confirm = dialog.getByRole('button', { name: /Delete/ })
  await expect(confirm).toBeDisabled()
  await dialog.getByRole('textbox').fill('Acme Support')
  await confirm.click()
  await expect(page.getByText(/revoked/i).first()).toBeVisible()
  await expect(row).toHaveCount(0)
})
