import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDatabase } from '../../test/database.ts'
import { type Fields, mirrorTables, type Row } from '../../test/mirror.ts'
import { compileColumn, type Scope } from './expression.ts'
import type { Value } from './mapping.ts'
import { dealOutcome, leadStatus, publishState, ticketChange, ticketPriority, ticketStatus } from './normalize.ts'

const { sql } = await testDatabase()

type Case = readonly [row: Row, expected: string | null]

/** What a row of these fields becomes, in Postgres itself. */
async function normalize(value: Value, fields: Fields, row: Row): Promise<unknown> {
  const scope: Scope = {
    integrationId: 'i',
    schemaName: 's',
    tables: mirrorTables({ It: fields }),
    object: 'It',
    alias: 'r',
    join: () => undefined,
  }
  const columns = Object.entries(fields).map(
    ([field, type]) => sql`${row[field] ?? null}::text::${sql.unsafe(type)} as ${sql(field.toLowerCase())}`,
  )
  const [found] = await sql<{ value: unknown }[]>`
    select ${sql.unsafe(compileColumn({ type: 'text', value }, scope))} as value
    from (select ${columns.reduce((all, one) => sql`${all}, ${one}`)}) r`
  return found?.value
}

async function holds(value: Value, fields: Fields, cases: readonly Case[]): Promise<void> {
  for (const [row, expected] of cases) {
    assert.equal(await normalize(value, fields, row), expected, JSON.stringify(row))
  }
}

test("a ticket's status follows IsClosed first, then the org's words", async () => {
  await holds(ticketStatus, { Status: 'text', IsClosed: 'boolean' }, [
    [{ Status: 'New', IsClosed: 'f' }, 'new'],
    [{ Status: 'new', IsClosed: 't' }, 'closed'],
    [{ Status: 'Working', IsClosed: 'f' }, 'open'],
    [{ Status: 'Escalated', IsClosed: 'f' }, 'open'],
    [{ Status: 'On Hold', IsClosed: 'f' }, 'pending'],
    [{ Status: 'Waiting on Customer', IsClosed: 'f' }, 'pending'],
    [{ Status: 'AWAITING PARTS', IsClosed: 'f' }, 'pending'],
    [{ Status: 'New - Waiting for triage', IsClosed: 'f' }, 'pending'],
    [{ Status: 'Renewed', IsClosed: 'f' }, 'open'],
    [{ Status: 'Household', IsClosed: 'f' }, 'open'],
    // Salesforce says it isn't closed, so it isn't.
    [{ Status: 'Resolved', IsClosed: 'f' }, 'open'],
    [{ Status: 'Duplicate', IsClosed: 't' }, 'closed'],
    [{ Status: 'Neu', IsClosed: 'f' }, 'new'],
    [{ Status: '', IsClosed: 'f' }, 'open'],
    [{ Status: null, IsClosed: 'f' }, 'open'],
    [{ Status: null, IsClosed: null }, 'open'],
  ])
  await holds(ticketStatus, { Status: 'text' }, [
    [{ Status: 'Closed' }, 'closed'],
    [{ Status: 'Resolved' }, 'closed'],
    [{ Status: 'Unresolved' }, 'open'],
    [{ Status: 'New' }, 'new'],
  ])
  await holds(ticketStatus, { IsClosed: 'boolean' }, [
    [{ IsClosed: 't' }, 'closed'],
    [{ IsClosed: 'f' }, 'open'],
  ])
  // Neither to be seen: nobody knows.
  await holds(ticketStatus, { Subject: 'text' }, [[{ Subject: 'x' }, null]])
})

test('a priority is one of four, whatever the org calls it', async () => {
  await holds(ticketPriority, { Priority: 'text' }, [
    [{ Priority: 'High' }, 'high'],
    [{ Priority: 'Medium' }, 'normal'],
    [{ Priority: 'Low' }, 'low'],
    [{ Priority: 'Critical' }, 'urgent'],
    [{ Priority: 'P1 - Critical' }, 'urgent'],
    [{ Priority: 'P2' }, 'high'],
    [{ Priority: 'P3' }, 'normal'],
    [{ Priority: 'Sev-4' }, 'low'],
    [{ Priority: 'P10' }, 'normal'],
    [{ Priority: 'Not urgently slow' }, 'normal'],
    [{ Priority: 'VIP' }, 'normal'],
    [{ Priority: null }, null],
  ])
})

test('a deal is won or lost when Salesforce says so', async () => {
  await holds(dealOutcome, { StageName: 'text', IsWon: 'boolean', IsClosed: 'boolean' }, [
    [{ StageName: 'Closed Won', IsWon: 't', IsClosed: 't' }, 'won'],
    [{ StageName: 'Postponed', IsWon: 'f', IsClosed: 't' }, 'lost'],
    [{ StageName: 'Almost won', IsWon: 'f', IsClosed: 'f' }, 'open'],
  ])
  await holds(dealOutcome, { StageName: 'text' }, [
    [{ StageName: 'Closed Won' }, 'won'],
    [{ StageName: 'Closed Lost' }, 'lost'],
    [{ StageName: 'Wonderful' }, 'open'],
  ])
})

test('a lead goes from new to converted or unqualified', async () => {
  await holds(leadStatus, { Status: 'text', IsConverted: 'boolean' }, [
    [{ Status: 'Open - Not Contacted', IsConverted: 'f' }, 'new'],
    [{ Status: 'Working - Contacted', IsConverted: 'f' }, 'working'],
    [{ Status: 'Closed - Converted', IsConverted: 't' }, 'converted'],
    [{ Status: 'Closed - Not Converted', IsConverted: 'f' }, 'unqualified'],
    [{ Status: 'Unqualified', IsConverted: 'f' }, 'unqualified'],
    [{ Status: 'Qualified', IsConverted: 'f' }, 'qualified'],
    [{ Status: 'Nurturing', IsConverted: 'f' }, 'working'],
    [{ Status: 'Unqualified', IsConverted: 't' }, 'converted'],
    [{ Status: null, IsConverted: 'f' }, 'working'],
  ])
})

test('an article is a draft until it is online', async () => {
  await holds(publishState, { PublishStatus: 'text' }, [
    [{ PublishStatus: 'Draft' }, 'draft'],
    [{ PublishStatus: 'Online' }, 'published'],
    [{ PublishStatus: 'Archived' }, 'archived'],
    [{ PublishStatus: null }, null],
  ])
})

test('a change in the history is named for what it changes', async () => {
  await holds(ticketChange, { Field: 'text' }, [
    [{ Field: 'created' }, 'created'],
    [{ Field: 'Status' }, 'status'],
    [{ Field: 'Owner' }, 'owner'],
    [{ Field: 'ownerAccepted' }, 'owner'],
    [{ Field: 'Priority' }, 'priority'],
    [{ Field: 'Priority__c' }, 'field'],
  ])
})
