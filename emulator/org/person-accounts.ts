/**
 * Person accounts: accounts that are people. Each has a contact behind it whose fields the account shows as its own,
 * standard ones as `Person...`, custom ones as `...__pc`
 * (https://help.salesforce.com/s/articleView?id=sales.account_person.htm&type=5, salesforce-api.md 6.5).
 */

import { readField } from './automation.ts'
import { slotOfId } from './ids.ts'
import type { FieldValue, RecordFields } from './model.ts'
import type { FieldDefinition, ObjectDefinition } from './schema-file.ts'
import type { Column, Seeded, Table } from './table.ts'

const NAME_PARTS = ['LastName', 'FirstName', 'Salutation']
const STANDARD = [
  'MobilePhone',
  'HomePhone',
  'OtherPhone',
  'AssistantPhone',
  'Email',
  'Title',
  'Department',
  'AssistantName',
  'LeadSource',
  'Birthdate',
  'HasOptedOutOfEmail',
  'DoNotCall',
  'EmailBouncedReason',
  'EmailBouncedDate',
]
const ADDRESS = ['Street', 'City', 'State', 'PostalCode', 'Country', 'Latitude', 'Longitude', 'GeocodeAccuracy']

/** The record type that makes an account a person. */
export const PERSON_RECORD_TYPE = { name: 'Person Account', developerName: 'PersonAccount', object: 'Account' }

/** The account's name for a contact's field; undefined for what persons don't show. */
function onAccount(contactField: string): string | undefined {
  if (NAME_PARTS.includes(contactField)) return contactField
  if (contactField.endsWith('__c')) return contactField.replace(/__c$/, '__pc')
  const isShown = STANDARD.includes(contactField) || /^Mailing/.test(contactField)
  return isShown ? `Person${contactField}` : undefined
}

/** What the switch adds to accounts, contacts and record types. */
export function personDefinitions(contact: ObjectDefinition): { readonly [objectName: string]: ObjectDefinition } {
  const isPerson: FieldDefinition = { type: 'boolean', readOnly: true }
  const shown = Object.entries(contact.fields ?? {}).flatMap(([name, definition]): [string, FieldDefinition][] => {
    const own = onAccount(name)
    return own === undefined ? [] : [[own, { ...definition, required: definition.type === 'boolean' }]]
  })
  return {
    Account: {
      fields: {
        // A person's name is made of its parts.
        Name: { type: 'string', length: 255, required: true, nameField: true, defaultedOnCreate: true },
        IsPersonAccount: isPerson,
        PersonContactId: { type: 'reference', to: ['Contact'], readOnly: true },
        ...Object.fromEntries(shown),
      },
    },
    Contact: { fields: { IsPersonAccount: isPerson } },
    RecordType: { fields: { IsPersonType: isPerson } },
  }
}

/** Makes persons of the accounts that have a single contact. */
export function withPersons(
  tables: { readonly Account: Seeded; readonly Contact: Seeded },
  personRecordTypeId: string,
): { readonly Account: Seeded; readonly Contact: Seeded } {
  const { Account, Contact } = tables
  const contactsOf = (accountId: string) =>
    (Contact.children?.AccountId?.(accountId) ?? []).filter((one) => Contact.exists?.(one) ?? true)
  const idColumn = Contact.columns.AccountId
  /** The contact behind a person, or -1 for a company. */
  function personOf(accountSlot: number): number {
    // An account's first contact comes with it, and tells its id.
    const first = firstContactOf(accountSlot)
    const accountId = idColumn?.(first)
    if (typeof accountId !== 'string') return -1
    const all = contactsOf(accountId)
    return all.length === 1 ? (all[0] ?? -1) : -1
  }
  const perAccount = Contact.slots / Account.slots
  const firstContactOf = (accountSlot: number) => accountSlot * perAccount
  const isPerson = (slot: number) => personOf(slot) >= 0

  const whenPerson = (person: Column, company: Column): Column => {
    return (slot) => {
      const contact = personOf(slot)
      return contact >= 0 ? person(contact) : company(slot)
    }
  }
  const none: Column = () => null
  const from = (name: string): Column => Account.columns[name] ?? none
  const shown = Object.entries(Contact.columns).flatMap(([name, column]): [string, Column][] => {
    const own = onAccount(name)
    return own === undefined ? [] : [[own, whenPerson(column, none)]]
  })
  return {
    Account: {
      ...Account,
      columns: {
        ...Account.columns,
        ...Object.fromEntries(shown),
        PersonHasOptedOutOfEmail: whenPerson(Contact.columns.HasOptedOutOfEmail ?? none, () => false),
        PersonDoNotCall: whenPerson(Contact.columns.DoNotCall ?? none, () => false),
        Name: whenPerson(Contact.columns.Name ?? none, from('Name')),
        ParentId: whenPerson(none, from('ParentId')),
        RecordTypeId: whenPerson(() => personRecordTypeId, from('RecordTypeId')),
        IsPersonAccount: isPerson,
      },
    },
    Contact: {
      ...Contact,
      columns: {
        ...Contact.columns,
        IsPersonAccount: (slot) => {
          const accountId = idColumn?.(slot)
          return typeof accountId === 'string' && personOf(slotOfId('001', accountId)) === slot
        },
      },
    },
  }
}

/** Lets seeded persons name the contact behind them. */
export function nameContacts(tables: ReadonlyMap<string, Table>): void {
  const accounts = tables.get('Account')
  const contacts = tables.get('Contact')
  if (!accounts?.schema.fields.some(({ name }) => name === 'PersonContactId') || !contacts) return
  const isPerson = accounts.column('IsPersonAccount')
  accounts.compute('PersonContactId', (slot) => {
    if (slot >= accounts.seededSlots || isPerson(slot) !== true) return null
    const [contact] = contacts.slotsWith('AccountId', accounts.idOf(slot))
    return contact === undefined ? null : contacts.idOf(contact)
  })
}

type FollowUp =
  | { readonly kind: 'create'; readonly objectName: string; readonly fields: RecordFields }
  | { readonly kind: 'update'; readonly objectName: string; readonly id: string; readonly fields: RecordFields }

/** An account made with a last name gets its contact; what changes on one of the two changes on the other. */
export function personFollowUps(
  tables: ReadonlyMap<string, Table>,
  table: Table,
  { id, before, fields }: { id: string; before: RecordFields | undefined; fields: RecordFields },
): readonly FollowUp[] {
  const isOn = tables.get('Account')?.schema.fields.some(({ name }) => name === 'IsPersonAccount')
  if (!isOn) return []
  if (table.schema.name === 'Account') {
    const own = Object.entries(fields).flatMap(([name, value]): [string, FieldValue][] => {
      const contactField = onContact(name)
      return contactField === undefined ? [] : [[contactField, value]]
    })
    if (!before) {
      if (typeof fields.LastName !== 'string') return []
      const owner = fields.OwnerId === undefined ? {} : { OwnerId: fields.OwnerId }
      const name = { Name: fields.Name ?? fields.LastName }
      const contact = { ...Object.fromEntries(own), ...owner, ...name, AccountId: id, IsPersonAccount: true }
      return [{ kind: 'create', objectName: 'Contact', fields: contact }]
    }
    const contactId = readField(tables, 'Account', id, 'PersonContactId')
    return typeof contactId === 'string' ? carriedOver(tables, 'Contact', contactId, own) : []
  }
  const accountId = table.column('AccountId')(table.slotOf(id))
  if (typeof accountId !== 'string' || table.column('IsPersonAccount')(table.slotOf(id)) !== true) return []
  if (!before) {
    const made = { IsPersonAccount: true, PersonContactId: id, RecordTypeId: personRecordType(tables) }
    return [{ kind: 'update', objectName: 'Account', id: accountId, fields: made }]
  }
  const own = Object.entries(fields).flatMap(([name, value]): [string, FieldValue][] => {
    const accountField = name === 'Name' ? name : onAccount(name)
    return accountField === undefined ? [] : [[accountField, value]]
  })
  return carriedOver(tables, 'Account', accountId, own)
}

function onContact(accountField: string): string | undefined {
  if (accountField === 'Name' || NAME_PARTS.includes(accountField)) return accountField
  if (accountField.endsWith('__pc')) return accountField.replace(/__pc$/, '__c')
  const name = accountField.replace(/^Person/, '')
  const isShown = STANDARD.includes(name) || ADDRESS.some((part) => name === `Mailing${part}`)
  return name !== accountField && isShown ? name : undefined
}

/** Only what differs there: each side follows the other, and both come to rest. */
function carriedOver(
  tables: ReadonlyMap<string, Table>,
  objectName: string,
  id: string,
  fields: readonly (readonly [string, FieldValue])[],
): readonly FollowUp[] {
  const other = fields.filter(([name, value]) => readField(tables, objectName, id, name) !== value)
  return other.length === 0 ? [] : [{ kind: 'update', objectName, id, fields: Object.fromEntries(other) }]
}

function personRecordType(tables: ReadonlyMap<string, Table>): FieldValue {
  const types = tables.get('RecordType')
  const [slot] = types?.slotsWith('DeveloperName', PERSON_RECORD_TYPE.developerName) ?? []
  return types && slot !== undefined ? types.idOf(slot) : null
}
