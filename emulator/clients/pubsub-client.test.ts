import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import PubSubApiClient from 'salesforce-pubsub-api-client'
import { generate } from 'selfsigned'
import { serveOrg } from './served-org.ts'

const QUIET = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const CONTACTS = '/data/ContactChangeEvent'
const ORDERS = '/event/Order_Event__e'

type LogIn = (served: Awaited<ReturnType<typeof serveOrg>>) => { authType: string }

const withToken: LogIn = ({ emulator, origin }) => ({
  authType: 'user-supplied',
  accessToken: emulator.issueToken(emulator.org.users[0]?.username ?? ''),
  // The client insists on https; which host it is, is what counts.
  instanceUrl: origin.replace('http:', 'https:'),
  organizationId: emulator.org.id,
})

/** SOAP's login, by which the client also learns the instance URL that it then asks over REST. */
const withPassword: LogIn = ({ emulator, origin }) => ({
  authType: 'username-password',
  loginUrl: origin,
  username: emulator.org.users[0]?.username ?? '',
  password: emulator.org.users[0]?.password ?? '',
})

/** Salesforce's Node client, which speaks TLS only, at an org whose certificate is made here. */
async function connectClient(t: TestContext, logIn: LogIn = withToken) {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], { algorithm: 'sha256' })
  const served = await serveOrg(t, { pubSubPort: 0, pubSubTls: { key, cert } })
  const { emulator } = served
  const endpoint = { pubSubEndpoint: emulator.pubSubEndpoint() ?? '', rejectUnauthorizedSsl: false }
  const another = async () => {
    const client = new PubSubApiClient({ ...logIn(served), ...endpoint }, QUIET)
    await client.connect()
    t.after(() => client.close())
    return client
  }
  return { ...served, another, client: await another(), userId: emulator.org.users[0]?.userId ?? '' }
}

interface ParsedEvent {
  readonly replayId: number
  readonly payload: Record<string, unknown> & {
    readonly ChangeEventHeader: {
      readonly changeType: string
      readonly changedFields: string[]
      readonly nulledFields: string[]
      readonly recordIds: string[]
    }
  }
}

/** Subscribes in the way that `start` does and gives the first so many events. */
function collect(
  count: number,
  start: (callback: (info: object, type: string, data?: unknown) => void) => unknown,
): Promise<ParsedEvent[]> {
  return new Promise((resolve, reject) => {
    const events: ParsedEvent[] = []
    const callback = (_info: object, type: string, data?: unknown) => {
      if (type === 'error') reject(data)
      if (type !== 'event') return
      events.push(data as ParsedEvent)
      if (events.length === count) resolve(events)
    }
    Promise.resolve(start(callback)).catch(reject)
  })
}

test('the Node client reads changes made over REST, with exactly the fields that changed', async (t) => {
  const { client, connect } = await connectClient(t)
  const contacts = connect().sobject('Contact')
  const { id = '' } = await contacts.create({ LastName: 'Byron', FirstName: 'Ada', Phone: '1', MailingCity: 'London' })
  await contacts.update({ Id: id, FirstName: 'Augusta', LastName: 'Byron', Phone: null, MailingCity: 'Paris' })
  await contacts.destroy(id)
  const events = await collect(3, (callback) => client.subscribeFromEarliestEvent(CONTACTS, callback, 3))
  const told = events.map(({ payload: { ChangeEventHeader: header } }) => [header.changeType, header.recordIds])
  assert.deepEqual(told, [
    ['CREATE', [id]],
    ['UPDATE', [id]],
    ['DELETE', [id]],
  ])
  const [created, updated] = events.map(({ payload }) => payload)
  assert.equal(created?.Phone, '1')
  assert.deepEqual(updated?.ChangeEventHeader.changedFields.toSorted(), [
    'LastModifiedDate',
    'MailingAddress.City',
    'Name.FirstName',
    'Phone',
  ])
  assert.deepEqual(updated?.ChangeEventHeader.nulledFields, ['Phone'])
})

test('the Node client resumes after the replay id that it kept as a number', async (t) => {
  const { client, emulator, userId } = await connectClient(t)
  for (const name of ['One', 'Two', 'Three']) emulator.org.create(userId, 'Contact', { LastName: name })
  const [first] = await collect(3, (callback) => client.subscribeFromEarliestEvent(CONTACTS, callback, 3))
  assert.ok(first)
  const other = '/data/ChangeEvents'
  const later = await collect(2, (callback) => client.subscribeFromReplayId(other, callback, 2, first.replayId))
  const names = later.map(({ payload }) => (payload.Name as { LastName: { string: string } | string }).LastName)
  assert.deepEqual(
    names.map((name) => (typeof name === 'string' ? name : name.string)),
    ['Two', 'Three'],
  )
})

test('the Node client publishes platform events, one and in batches, and reads them back', async (t) => {
  const { client, userId } = await connectClient(t)
  const order = (number: string) => ({
    CreatedDate: Date.now(),
    CreatedById: userId,
    Order_Number__c: { string: number },
    City__c: { string: 'Bern' },
    Amount__c: { double: 9.5 },
    Has_Shipped__c: { boolean: true },
  })
  const { replayId } = await client.publish(ORDERS, order('10'), 'key-10')
  assert.ok(replayId > 0)
  await new Promise<void>((resolve, reject) => {
    void client
      .publishBatch(
        ORDERS,
        ['11', '12'].map((id) => ({ id, payload: order(id) })),
        (_info, type, data) => {
          if (type === 'error') reject(data)
          else if (type === 'publishResponse') resolve()
        },
      )
      .catch(reject)
  })
  const events = await collect(3, (callback) => client.subscribeFromEarliestEvent(ORDERS, callback, 3))
  assert.deepEqual(
    events.map(({ payload }) => payload.Order_Number__c),
    ['10', '11', '12'],
  )
})

test('the Node client leaves its place in a managed subscription to the org', async (t) => {
  const { client, origin, userId, emulator, another } = await connectClient(t, withPassword)
  await fetch(`${origin}/_control/events/managed-subscriptions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ developerName: 'Contacts', topicName: CONTACTS, defaultReplay: 'EARLIEST' }),
  })
  const ids = ['One', 'Two'].map((name) => emulator.org.create(userId, 'Contact', { LastName: name }))
  const committed = Promise.withResolvers<void>()
  const [first, second] = await collect(2, (callback) =>
    client.subscribeWithManagedSubscription(
      'Contacts',
      (info, type, data) => {
        callback(info, type, data)
        // The answer to a commit has no events, so the client takes it for a sign of life.
        if (type === 'grpcKeepAlive') committed.resolve()
        if (type === 'event' && 'subscriptionId' in info && isOf(data, ids[0])) {
          client.commitReplayId(String(info.subscriptionId), (data as ParsedEvent).replayId)
        }
      },
      2,
    ),
  )
  assert.ok(first && second)
  await committed.promise
  const later = await another()
  const [resumed] = await collect(1, (callback) => later.subscribeWithManagedSubscription('Contacts', callback, 1))
  assert.ok(isOf(resumed, ids[1]))
})

function isOf(event: unknown, id: string | undefined): boolean {
  return (event as ParsedEvent | undefined)?.payload.ChangeEventHeader.recordIds[0] === id
}
