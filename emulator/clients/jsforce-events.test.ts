import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Connection } from 'jsforce'
import { StreamingExtension } from 'jsforce/lib/api/streaming.js'
import { serveOrg } from './served-org.ts'

interface Message {
  readonly schema: string
  readonly payload: Record<string, unknown>
  readonly event: { readonly replayId: number; readonly EventUuid?: string }
}

interface Failure {
  readonly error: string
  readonly ext?: { readonly sfdc?: { readonly failureReason: string } }
}

/** A channel that a test follows. */
interface Followed {
  /** Resolves once the org has taken the subscription. */
  readonly ready: Promise<void>
  /** The first time that the org turns the client away. */
  readonly failed: Promise<Failure>
  take(count: number): Promise<Message[]>
}

type Follow = (connection: Connection, channel: string, replay: number) => Followed

/** Runs with channels to follow, and leaves them before the org is gone: Faye would look for it for ever. */
async function following(run: (follow: Follow) => Promise<void>): Promise<void> {
  const stops: (() => unknown)[] = []
  try {
    await run((connection, channel, replay) => {
      const failed = Promise.withResolvers<Failure>()
      const client = connection.streaming.createClient([
        new StreamingExtension.Replay(channel, replay),
        new StreamingExtension.AuthFailure((message: Failure) => failed.resolve(message)),
      ])
      // Its type leaves out what Faye's clients can do.
      stops.push(() => (client as typeof client & { disconnect(): unknown }).disconnect())
      const messages: Message[] = []
      let wake: (() => void) | undefined
      const subscription = client.subscribe(channel, (message: Message) => {
        messages.push(message)
        wake?.()
      })
      return {
        ready: new Promise<void>((resolve, reject) => subscription.then(() => resolve(), reject)),
        failed: failed.promise,
        async take(count) {
          while (messages.length < count) {
            const more = Promise.withResolvers<void>()
            wake = more.resolve
            await more.promise
          }
          return messages.splice(0, count)
        },
      }
    })
  } finally {
    for (const stop of stops) await stop()
  }
}

test('jsforce follows the changes that it makes over REST', async (t) => {
  await following(async (follow) => {
    const { connect } = await serveOrg(t)
    const connection = connect()
    const stream = follow(connection, '/data/CaseChangeEvent', -1)
    await stream.ready
    const cases = connection.sobject('Case')
    const { id = '' } = await cases.create({ Subject: 'No power', Priority: 'High' })
    await cases.update({ Id: id, Subject: 'No power at noon', Priority: null })
    const [created, updated] = await stream.take(2)
    assert.equal(created?.payload.Subject, 'No power')
    assert.match(String(created?.payload.CreatedDate), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    assert.ok(created && updated && created.event.replayId < updated.event.replayId)
    const { ChangeEventHeader: header, LastModifiedDate: _, ...fields } = updated.payload
    assert.deepEqual(fields, { Subject: 'No power at noon', Priority: null })
    const { recordIds, changeType, changedFields, ...rest } = header as Record<string, unknown>
    assert.deepEqual({ recordIds, changeType }, { recordIds: [id], changeType: 'UPDATE' })
    assert.deepEqual((changedFields as string[]).toSorted(), ['LastModifiedDate', 'Priority', 'Subject'])
    assert.ok(!('nulledFields' in rest) && !('diffFields' in rest))
  })
})

test('jsforce gets what was missed, from the beginning or after a replay id', async (t) => {
  await following(async (follow) => {
    const { connect } = await serveOrg(t)
    const connection = connect()
    for (const name of ['One', 'Two', 'Three']) await connection.sobject('Account').create({ Name: name })
    const whole = follow(connection, '/data/AccountChangeEvent', -2)
    const all = await whole.take(3)
    assert.deepEqual(
      all.map(({ payload }) => payload.Name),
      ['One', 'Two', 'Three'],
    )
    const rest = follow(connection, '/data/ChangeEvents', all[0]?.event.replayId ?? 0)
    const later = await rest.take(2)
    assert.deepEqual(
      later.map(({ payload }) => payload.Name),
      ['Two', 'Three'],
    )
  })
})

test('jsforce publishes a platform event over REST, hears it, and reads its schema', async (t) => {
  await following(async (follow) => {
    const { connect } = await serveOrg(t)
    const connection = connect()
    const stream = follow(connection, '/event/Order_Event__e', -1)
    await stream.ready
    const result = await connection.sobject('Order_Event__e').create({ Order_Number__c: '7', Amount__c: 12.5 })
    assert.ok(result.success)
    const [error] = result.errors as unknown as { statusCode: string; message: string }[]
    const [message] = await stream.take(1)
    assert.equal(error?.statusCode, 'OPERATION_ENQUEUED')
    assert.equal(message?.event.EventUuid, error?.message)
    const { CreatedDate, CreatedById, ...fields } = message?.payload ?? {}
    assert.ok(CreatedDate && CreatedById)
    assert.deepEqual(fields, { Order_Number__c: '7', City__c: null, Amount__c: 12.5, Has_Shipped__c: null })

    const { fields: described, createable, queryable } = await connection.sobject('Order_Event__e').describe()
    assert.deepEqual([createable, queryable], [true, false])
    assert.ok(described.some(({ name, type }) => name === 'Amount__c' && type === 'double'))
    const compact = await connection.request<{ name: string; uuid: string }>(
      `/event/eventSchema/${message?.schema}?payloadFormat=COMPACT`,
    )
    assert.deepEqual([compact.name, compact.uuid], ['Order_Event__e', message?.schema])
    const expanded = await connection.request<{ type: string }>('/sobjects/CaseChangeEvent/eventSchema')
    assert.equal(expanded.type, 'expanded-record')
    await assert.rejects(connection.sobject('Order_Event__e').create({ Wrong__c: 1 }), { errorCode: 'INVALID_FIELD' })
  })
})

test('channels that do not exist and replay ids that nobody gave out are refused by name', async (t) => {
  await following(async (follow) => {
    const { connect } = await serveOrg(t)
    const unknown = follow(connect(), '/data/CaseCommentChangeEvent', -1)
    await assert.rejects(unknown.ready, /400::The channel you requested to subscribe to does not exist/)
    const future = follow(connect(), '/data/CaseChangeEvent', 9e14)
    await assert.rejects(future.ready, /replayId \{900000000000000\} you provided was invalid/)
  })
})

test('a token that is no good is told at the handshake, as the AuthFailure extension wants it', async (t) => {
  await following(async (follow) => {
    const { connect, emulator } = await serveOrg(t)
    const connection = connect()
    emulator.expireTokens()
    const stream = follow(connection, '/data/CaseChangeEvent', -1)
    const failure = await stream.failed
    assert.equal(failure.error, '403::Handshake denied')
    assert.equal(failure.ext?.sfdc?.failureReason, '401::Authentication invalid')
  })
})

test('jsforce selects objects over the Tooling API, and their changes are told', async (t) => {
  const { connect, emulator } = await serveOrg(t)
  await following(async (follow) => {
    const { tooling } = connect()
    const member = (eventChannel: string, selectedEntity: string) => ({
      FullName: `${eventChannel}_${selectedEntity}`,
      Metadata: { eventChannel, selectedEntity },
    })
    const list = async () => {
      const { records } = await tooling.query('SELECT Id, EventChannel, SelectedEntity FROM PlatformEventChannelMember')
      return records as unknown as { Id: string; EventChannel: string; SelectedEntity: string }[]
    }
    const selected = await list()
    assert.deepEqual(
      selected.map(({ SelectedEntity }) => SelectedEntity),
      [
        'AccountChangeEvent',
        'CaseChangeEvent',
        'ContactChangeEvent',
        'EmailMessageChangeEvent',
        'OpportunityChangeEvent',
      ],
    )
    // Five is the most without the add-on, so that another takes the place of one.
    const sixth = member('ChangeEvents', 'LeadChangeEvent')
    await assert.rejects(tooling.sobject('PlatformEventChannelMember').create(sixth), /at most 5/)
    await tooling.sobject('PlatformEventChannelMember').destroy(selected[3]?.Id ?? '')
    const { success } = await tooling.sobject('PlatformEventChannelMember').create(sixth)
    assert.ok(success)
    await tooling
      .sobject('PlatformEventChannel')
      .create({ FullName: 'Sales__chn', Metadata: { channelType: 'data', label: 'Sales' } })
    await tooling.sobject('PlatformEventChannelMember').create(member('Sales__chn', 'LeadChangeEvent'))
    const sales = (await list()).filter(({ EventChannel }) => EventChannel === 'Sales__chn')
    assert.equal(sales.length, 1)

    const connection = connect()
    const stream = follow(connection, '/data/Sales__chn', -1)
    await stream.ready
    await connection.sobject('Lead').create({ LastName: 'Loud', Company: 'Somebody' })
    const [message] = await stream.take(1)
    assert.deepEqual(message?.payload.Name, { LastName: 'Loud' })
    const agent = connect(emulator.org.users[1]?.username)
    const refused = agent.tooling.sobject('PlatformEventChannelMember').create(sixth)
    await assert.rejects(refused, { errorCode: 'INSUFFICIENT_ACCESS' })
  })
})

test('queries of the Tooling API may span lines, and one that is mostly blanks is refused at once', async (t) => {
  const { connect } = await serveOrg(t)
  const { tooling } = connect()
  const lines = `
    SELECT Id, SelectedEntity
    FROM PlatformEventChannelMember
    WHERE EventChannel = 'ChangeEvents'
      AND SelectedEntity='CaseChangeEvent'
    LIMIT 5`
  const { records } = await tooling.query(lines)
  assert.equal(records.length, 1)
  const blanks = async () => tooling.query(`SELECT${' '.repeat(4000)}x`)
  await assert.rejects(blanks, { errorCode: 'INVALID_TYPE' })
})

test('an event says which client made the change', async (t) => {
  const { connect } = await serveOrg(t)
  await following(async (follow) => {
    const connection = connect()
    const stream = follow(connection, '/data/AccountChangeEvent', -1)
    await stream.ready
    await connection.request({
      method: 'POST',
      url: '/sobjects/Account',
      body: JSON.stringify({ Name: 'Echo' }),
      headers: { 'Content-Type': 'application/json', 'Sforce-Call-Options': 'client=my-sync' },
    })
    const [message] = await stream.take(1)
    const header = message?.payload.ChangeEventHeader as { changeOrigin: string } | undefined
    assert.equal(header?.changeOrigin, 'com/salesforce/api/rest/67.0;client=my-sync')
  })
})

test('rows that Bulk API 2.0 changes alike are told in one event', async (t) => {
  const { connect } = await serveOrg(t)
  await following(async (follow) => {
    const connection = connect()
    const made = await connection.sobject('Account').create(['One', 'Two', 'Three'].map((Name) => ({ Name })))
    const ids = made.map(({ id }) => id ?? '')
    const stream = follow(connection, '/data/AccountChangeEvent', -1)
    await stream.ready
    await connection.bulk2.loadAndWaitForResults({
      object: 'Account',
      operation: 'update',
      input: ids.map((Id) => ({ Id, Industry: 'Utilities' })),
      pollInterval: 20,
    })
    const [message] = await stream.take(1)
    const header = message?.payload.ChangeEventHeader as { recordIds: string[]; changeOrigin: string } | undefined
    assert.deepEqual(header?.recordIds, ids)
    assert.match(header?.changeOrigin ?? '', /^com\/salesforce\/api\/bulkapi\/67\.0/)
    assert.equal(message?.payload.Industry, 'Utilities')
  })
})

test('jsforce publishes two platform events in one composite request', async (t) => {
  // https://developer.salesforce.com/docs/atlas.en-us.platform_events.meta/platform_events/platform_events_publish_api.htm
  const { connect } = await serveOrg(t)
  await following(async (follow) => {
    const connection = connect()
    const stream = follow(connection, '/event/Order_Event__e', -1)
    await stream.ready
    await connection.requestPost('/composite', {
      allOrNone: true,
      compositeRequest: ['1', '2'].map((Order_Number__c) => ({
        method: 'POST',
        url: '/services/data/v67.0/sobjects/Order_Event__e',
        referenceId: `event${Order_Number__c}`,
        body: { Order_Number__c },
      })),
    })
    const messages = await stream.take(2)
    assert.deepEqual(
      messages.map(({ payload }) => payload.Order_Number__c),
      ['1', '2'],
    )
  })
})
