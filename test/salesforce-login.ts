/** A person at the practice org's login pages, without a browser. */

export interface SalesforceLogin {
  readonly username: string
  readonly password: string
  readonly decision?: 'allow' | 'deny'
}

/** Log In, then Allow or Deny: redirects are followed and forms are sent, until Salesforce sends the browser elsewhere. */
export async function logInAtSalesforce(start: string, login: SalesforceLogin, send: typeof fetch): Promise<URL> {
  const cookies = new Map<string, string>()
  let url = new URL(start)
  let form: URLSearchParams | undefined
  for (let step = 0; step < 12; step++) {
    const response = await send(url, {
      method: form ? 'POST' : 'GET',
      redirect: 'manual',
      headers: { origin: url.origin, cookie: [...cookies.values()].join('; ') },
      ...(form ? { body: form } : {}),
    })
    for (const line of response.headers.getSetCookie()) {
      const pair = line.split(';')[0] ?? ''
      cookies.set(pair.split('=')[0] ?? '', pair)
    }
    const page = await response.text()
    const location = response.headers.get('location')
    form = undefined
    if (location) {
      const next = new URL(location, url)
      if (next.origin !== url.origin) return next
      url = next
      continue
    }
    const action = page.match(/<form[^>]*\baction="([^"]+)"/)?.[1]
    if (!action) throw new Error(`Salesforce stopped at ${url.pathname}: ${page.replace(/<[^>]+>/g, ' ').slice(-500)}`)
    form = fillForm(page, login)
    url = new URL(action, url)
  }
  throw new Error(`The login went in circles; last seen at ${url.pathname}`)
}

function fillForm(page: string, { username, password, decision = 'allow' }: SalesforceLogin): URLSearchParams {
  const form = new URLSearchParams()
  for (const [input] of page.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
    form.set(input.match(/name="([^"]*)"/)?.[1] ?? '', input.match(/value="([^"]*)"/)?.[1] ?? '')
  }
  if (page.includes('name="username"')) {
    form.set('username', username)
    form.set('pw', password)
  } else form.set('decision', decision)
  return form
}
