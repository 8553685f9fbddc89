import { expect, test } from './journey.ts'
import { addIntegration, rowOf } from './steps.ts'

test('tickets are filtered, walked by keyboard, opened and come back to; mail from outside stays harmless', async ({
  adminPage: page,
  stack,
}) => {
  await addIntegration(page, stack, { name: 'Acme Support', capability: 'Helpdesk' })
  await expect(rowOf(page, 'Acme Support')).toContainText('Connected', { timeout: 90_000 })
  await page.getByRole('link', { name: 'Tickets', exact: true }).click()
  const list = page.getByRole('region', { name: 'List of tickets' })
  await expect(list.getByRole('link').first()).toBeVisible()

  // Filters are in the address, and a reload keeps them.
  await page.getByRole('button', { name: /^Status/ }).click()
  await page.getByRole('option', { name: /^New/ }).click()
  await page.keyboard.press('Escape')
  await expect(page).toHaveURL(/status=new/)
  await page.reload()
  await expect(page.getByRole('button', { name: 'Status: New' })).toBeVisible()
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await expect(page).not.toHaveURL(/status=/)

  // Nothing is where it cannot be found: an empty list says why.
  await page.getByRole('searchbox', { name: /^Search subject/ }).fill('nobodyeverwrotethis')
  await expect(page.getByText('No tickets match')).toBeVisible()
  await page.getByRole('button', { name: 'Clear search' }).click()
  await expect(list.getByRole('link').first()).toBeVisible()

  // Far down the list, into a ticket, and back to the same place.
  await list.evaluate((box) => box.scrollTo(0, 1_400))
  await expect(list.locator('[data-index="35"]')).toBeVisible()
  await list.locator('[data-index="35"]').getByRole('link').click()
  await expect(page.getByRole('link', { name: 'Open in Salesforce' })).toBeVisible()
  await page.goBack()
  await expect(list.locator('[data-index="35"]')).toBeVisible()
  expect(await list.evaluate((box) => box.scrollTop)).toBe(1_400)

  const elsewhere: string[] = []
  page.on('request', (request) => {
    if (!request.url().startsWith(stack.loopline.url) && /^https?:/.test(request.url())) elsewhere.push(request.url())
  })
  page.on('dialog', (dialog) => {
    elsewhere.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  await page.route('**/api/v1/tickets/*/timeline*', (route) =>
    route.fulfill({ json: { items: [hostileMail], nextCursor: null } }),
  )
  await page.getByRole('heading', { name: 'Tickets' }).click()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  const mail = page.getByRole('listitem').filter({ hasText: 'Please look at this' })
  await expect(mail).toContainText('Picture not loaded: Our logo')
  await expect(mail.getByRole('link', { name: 'the manual' })).toHaveAttribute('rel', /noopener/)
  await expect(mail.locator('script, style, iframe, form, input, img, a[href^="javascript"]')).toHaveCount(0)
  await expect(mail.getByText('Please look at this')).not.toHaveCSS('position', 'fixed')
  expect(elsewhere).toEqual([])
})

const hostileMail = {
  id: 'x-02s',
  integrationId: 'x',
  remoteId: '02s',
  remoteUrl: null,
  createdAt: '2026-01-05T10:00:00Z',
  updatedAt: '2026-01-05T10:00:00Z',
  deletedAt: null,
  isDeleted: false,
  custom: {},
  entry: 'comment',
  ticket: null,
  channel: 'email',
  type: null,
  visibility: 'public',
  subject: 'Hello',
  bodyText: null,
  bodyHtml: `<style>body { display: none }</style>
    <body onload="alert(1)"><p style="position:fixed;inset:0" class="x" id="main">Please look at this</p>
    <img src="https://tracker.example/pixel.gif" alt="Our logo"><img src=x onerror="alert(2)"><script>alert(3)</script>
    <svg><a xlink:href="javascript:alert(4)"><text>svg</text></a></svg><math><mtext><img src=y onerror=alert(5)></mtext></math>
    <a href="javascript:alert(6)">here</a> <a href="https://docs.example.com/">the manual</a>
    <form action="https://evil.example"><input autofocus onfocus="alert(7)"></form><iframe src="https://evil.example"></iframe>
    <link rel="stylesheet" href="https://evil.example/a.css"><video src="https://evil.example/v.mp4" autoplay></video>
    <table background="https://evil.example/b.png"><tr><td>cell</td></tr></table>`,
  author: { id: null, remoteId: null, kind: 'customer', name: 'Mallory', email: 'mallory@evil.example' },
  direction: 'inbound',
  toAddress: null,
  ccAddress: null,
  sentAt: null,
  hasAttachment: false,
}
