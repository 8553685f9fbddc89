import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'

interface Ready {
  readonly type: string
  readonly origin: string
  readonly clientId: string
  readonly clientSecret: string
  readonly users: { username: string; password: string; about: string }[]
}

interface Run {
  readonly child: ChildProcess
  readonly printed: Promise<string>
  readonly complained: Promise<string>
  readonly code: Promise<number | null>
}

function start(...args: string[]): Run {
  const child = fork(join(import.meta.dirname, 'main.ts'), args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  const { stdout, stderr } = child
  if (!stdout || !stderr) throw new Error('The child has no output')
  const code = once(child, 'exit').then(([exitCode]: (number | null)[]) => exitCode ?? null)
  return { child, printed: text(stdout), complained: text(stderr), code }
}

async function ready({ child, complained }: Run): Promise<Ready> {
  const failed = once(child, 'exit').then(async () => assert.fail(`It ended: ${await complained}`))
  const [message] = await Promise.race([once(child, 'message'), failed])
  return message
}

test('it says when it is ready, prints all one needs to use it, and SIGTERM ends it with connections open', async () => {
  const run = start('--port', '0', '--live', '--callback', 'http://127.0.0.1:9/oauth/callback')
  const { type, origin, clientId, clientSecret, users } = await ready(run)
  assert.equal(type, 'ready')
  assert.match(await (await fetch(origin)).text(), /Practice org/)
  // A request that is never finished must not hold it up.
  const { hostname, port } = new URL(origin)
  const idle = connect(Number(port), hostname)
  idle.on('error', () => undefined)
  idle.write('GET / HTTP/1.1\r\n')
  run.child.kill('SIGTERM')
  assert.equal(await run.code, 0)

  const printed = await run.printed
  const tokens = [...printed.matchAll(/access token (\S+)/g)].map(([, token]) => token)
  const signIns = [...printed.matchAll(/^ {2}(\S+@\S+) {2}password .*\n {4}(.*)$/gm)]
  assert.equal(tokens.length, signIns.length)
  // Offered to people are those who get through the login page and the API.
  for (const [, username, about] of signIns) {
    const isOffered = users.some((user) => user.username === username)
    assert.equal(isOffered, !/API only|may not use the API/.test(about ?? ''), username)
  }
  for (const shown of [origin, clientId, clientSecret, ...users.flatMap((user) => [user.username, user.password])]) {
    assert.ok(printed.includes(shown), shown)
  }
  assert.match(printed, /curl -H "Authorization: Bearer \$TOKEN"/)
})

test('it ends when the program that started it is gone', async () => {
  const run = start('--port', '0')
  await ready(run)
  run.child.disconnect()
  assert.equal(await run.code, 0)
})

test('a bad flag or a port in use ends with one clear message and a failure code', async () => {
  const blocker = createServer().listen(0, '127.0.0.1')
  await once(blocker, 'listening')
  const { port } = blocker.address() as AddressInfo
  const runs: Run[] = []
  try {
    const cases: [string[], RegExp][] = [
      [['--port', 'x'], /--port must be a whole number from 0 to 65535, not "x"\./],
      [['--scale', '0'], /--scale must be a number from 0\.01/],
      [['--anchor', 'yesterday'], /--anchor must be a time/],
      [['--callback', 'nowhere'], /--callback must be a URL/],
      [
        ['--tls-cert', import.meta.filename, '--tls-key', import.meta.filename],
        /The certificate and its key can't be used/,
      ],
      [['--nope'], /Unknown option '--nope'/],
      [['--port', String(port)], /The port is in use by another program/],
    ]
    for (const [args, message] of cases) {
      const run = start(...args)
      runs.push(run)
      assert.equal(await run.code, 1, `${args}`)
      assert.match(await run.complained, message)
      assert.doesNotMatch(await run.complained, /\n\s+at /)
    }
  } finally {
    for (const { child } of runs) child.kill()
    blocker.close()
  }
})
