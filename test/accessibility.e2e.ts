import { AxeBuilder } from '@axe-core/playwright'
import { expect, test } from './journey.ts'
import { addIntegration, rowOf } from './steps.ts'

test('no page breaks an accessibility rule, in light or dark, on a laptop or a phone', async ({
  adminPage: page,
  stack,
}) => {
  test.setTimeout(300_000)
  await addIntegration(page, stack, { name: 'Acme Support', capability: 'Helpdesk' })
  await addIntegration(page, stack, { name: 'Acme Content', capability: 'Content Management' })
  await expect(rowOf(page, 'Acme Support')).toContainText('Connected', { timeout: 90_000 })

  const places = [
    '/settings/integrations',
    '/settings/integrations/new',
    '/settings/people',
    '/settings/api-keys',
  ].concat([
    '/settings/audit-trail',
    '/settings/about',
    '/tickets',
    '/customers',
    '/deals',
    '/leads',
    '/articles',
    '/files',
  ])
  const firstId = async (list: string) => {
    const { items } = (await (await page.request.get(`${stack.loopline.url}/api/v1/${list}`)).json()) as {
      items: { id: string }[]
    }
    return items[0]?.id ?? ''
  }
  const integration = `/settings/integrations/${await firstId('integrations')}`
  places.push(`${integration}?tab=overview`, `${integration}?tab=objects`, `${integration}?tab=runs`)
  places.push(`${integration}/edit`, `${integration}/edit?tab=authentication`)
  for (const list of ['tickets', 'articles']) places.push(`/${list}/${await firstId(list)}`)
  const [contact, account] = [await firstId('contacts'), await firstId('accounts')]
  places.push(`/customers/contacts/${contact}`, `/customers/accounts/${account}`)

  const broken: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 800 })
      for (const place of places) {
        await page.goto(`${stack.loopline.url}${place}`)
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
        await page.waitForLoadState('networkidle')
        const { violations } = await new AxeBuilder({ page }).analyze()
        for (const { id, nodes } of violations)
          broken.push(`${place} ${colorScheme} ${width}: ${id} at ${nodes[0]?.target}`)
        const scroll = await page.evaluate<number>(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        )
        if (scroll > 0) broken.push(`${place} ${width}: the page scrolls sideways by ${scroll} px`)
      }
    }
  }
  expect(broken).toEqual([])
})
