/** The company's own people: users, roles, profiles, queues and their members. */

import { DAY } from './calendar.ts'
import type { Company } from './company.ts'
import { pick } from './draw.ts'
import { idOfSlot } from './ids.ts'
import { listed } from './listed.ts'
import type { OrgSettings } from './model.ts'
import { PERSON_RECORD_TYPE } from './person-accounts.ts'
import { profileOf } from './profiles.ts'
import type { Seeded } from './table.ts'
import { employees, people as names } from './words-people.ts'

export const COMPANY_NAME = 'Sunstead Home Energy'
export const MAIL_DOMAIN = 'sunstead.practice.example'

const ROLES = [
  { name: 'CEO', parent: null },
  { name: 'Customer Care', parent: 0 },
  { name: 'Sales', parent: 0 },
  { name: 'Account Executives', parent: 2 },
] as const
const QUEUES = [
  { name: 'Tier 1 Support', developerName: 'Tier_1_Support', object: 'Case' },
  { name: 'Tier 2 Support', developerName: 'Tier_2_Support', object: 'Case' },
  { name: 'Firmware', developerName: 'Firmware', object: 'Case' },
  { name: 'Returns', developerName: 'Returns', object: 'Case' },
  { name: 'Installer Hotline', developerName: 'Installer_Hotline', object: 'Case' },
  { name: 'Inbound Leads', developerName: 'Inbound_Leads', object: 'Lead' },
] as const
const RECORD_TYPES = [
  { name: 'Support Request', developerName: 'Support_Request', object: 'Case' },
  { name: 'Return', developerName: 'Return', object: 'Case' },
  { name: 'Business Customer', developerName: 'Business_Customer', object: 'Account' },
  { name: 'Installation Partner', developerName: 'Installation_Partner', object: 'Account' },
  { name: 'Direct Deal', developerName: 'Direct_Deal', object: 'Opportunity' },
  { name: 'How-to', developerName: 'How_to', object: 'Knowledge__kav' },
] as const
const MEMBERS_PER_QUEUE = 4

/** Sign-ins that stand for a kind of access, not for a colleague: they own nothing. */
const SPECIAL = [
  { first: 'Robin', last: 'Auditor', title: 'Auditor', team: 'reading', login: 'viewer' },
  { first: 'Show', last: 'Room', title: 'Showroom Terminal', team: 'showroom', login: 'showroom' },
]

export interface Person {
  readonly id: string
  readonly first: string
  readonly last: string
  readonly name: string
  readonly email: string
  readonly username: string
  readonly alias: string
  readonly team: string
  readonly title: string
  readonly active: boolean
}

export interface People {
  readonly users: readonly Person[]
  readonly admin: Person
  readonly support: readonly Person[]
  readonly sales: readonly Person[]
  readonly writers: readonly Person[]
  readonly queues: readonly { readonly id: string; readonly name: string }[]
  recordTypeId(developerName: string): string
  inTeam(team: string): readonly Person[]
  /** When the org was set up, one thing after the other, before the seeded two years. */
  setUpAt(slot: number): number
  /** The name that goes with a user's or queue's id. */
  nameOf(ownerId: string): string | undefined
  readonly tables: { readonly [objectName: string]: Seeded }
}

const plain = (text: string) =>
  text
    .normalize('NFD')
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase()

function usersOf(company: Company, extra: number): readonly Person[] {
  const first = company.draw('User.first')
  const last = company.draw('User.last')
  const hired = Array.from({ length: extra }, (_, n) => ({
    first: pick(names.en.first, first(n)),
    last: pick(names.en.last, last(n)),
    title: 'Support Agent',
    team: 'support',
  }))
  const colleagues = [...employees, ...hired].map((person, slot) => {
    const login = slot === 0 ? 'admin' : slot === 1 ? 'agent' : `${plain(person.first)}.${plain(person.last)}`
    return { ...person, login: `${login}${slot >= employees.length ? slot : ''}` }
  })
  return [...colleagues, ...SPECIAL].map(({ first, last, title, team, login }, slot) => {
    const email = `${login}@${MAIL_DOMAIN}`
    return {
      id: idOfSlot('005', slot),
      first,
      last,
      name: `${first} ${last}`,
      email,
      username: email,
      alias: `${plain(first).slice(0, 1)}${plain(last)}`.slice(0, 8),
      team,
      title,
      active: last !== 'Novák',
    }
  })
}

/** The company's people, and the tables that hold them. */
export function createPeople(
  company: Company,
  { userCount, settings }: { userCount: number; settings: OrgSettings },
): People {
  const users = usersOf(company, Math.max(0, userCount - employees.length))
  const [admin] = users
  if (!admin) throw new Error('A company needs at least its administrator')
  const inTeam = (team: string) => users.filter((user) => user.team === team)
  const queues = QUEUES.map(({ name }, slot) => ({ id: idOfSlot('00G', slot), name }))
  const ownerNames = new Map([...users, ...queues].map(({ id, name }) => [id, name]))
  const recordTypeList = [...RECORD_TYPES, ...(settings.personAccounts ? [PERSON_RECORD_TYPE] : [])]
  const recordTypes = new Map<string, string>(
    recordTypeList.map(({ developerName }, slot) => [developerName, idOfSlot('012', slot)]),
  )

  // Set up before the seeded two years, one after the other.
  const founded = company.start - 6 * 365 * DAY
  const setUpAt = (slot: number) => Math.floor(founded / 1000) * 1000 + slot * 5_000

  const written = (rows: Parameters<typeof listed>[0]) => listed(rows, { at: setUpAt, byUserId: admin.id })

  const lastLogin = company.draw('User.login')
  const firstSeller = users.findIndex((user) => user.team === 'sales')
  // The first of sales leads the others.
  const roleOf = (team: string, slot: number) =>
    team === 'support' ? 1 : team === 'sales' ? (slot === firstSeller ? 2 : 3) : team === 'management' ? 0 : -1
  const departmentOf = (team: string) =>
    team === 'sales' ? 'Sales' : ['integration', 'reading', 'showroom'].includes(team) ? null : 'Customer Care'
  const userTable = written(
    users.map((user, slot) => ({
      Username: user.username,
      LastName: user.last,
      FirstName: user.first,
      Name: user.name,
      CompanyName: COMPANY_NAME,
      Department: departmentOf(user.team),
      Title: user.title,
      Street: 'Solarstraße 1',
      City: 'Freiburg im Breisgau',
      PostalCode: '79098',
      Country: 'Germany',
      Email: user.email,
      Phone: `+49 761 555 ${100 + slot}`,
      Alias: user.alias,
      CommunityNickname: `${user.alias}${slot}`,
      IsActive: user.active,
      TimeZoneSidKey: 'GMT',
      UserRoleId: roleOf(user.team, slot) < 0 ? null : idOfSlot('00E', roleOf(user.team, slot)),
      LocaleSidKey: 'en_US',
      EmailEncodingKey: 'UTF-8',
      ProfileId: idOfSlot('00e', profileOf(user.team)),
      UserType: 'Standard',
      LanguageLocaleKey: 'en_US',
      EmployeeNumber: `S-${1000 + slot}`,
      ManagerId: slot === 0 || user.team === 'management' ? null : admin.id,
      LastLoginDate: user.active
        ? Math.floor((company.anchor - (lastLogin(slot) % (3 * DAY))) / 1000) * 1000
        : company.start,
    })),
  )

  const tables: { [objectName: string]: Seeded } = {
    User: userTable,
    UserRole: written(
      ROLES.map(({ name, parent }) => ({
        Name: name,
        DeveloperName: name.replaceAll(' ', '_'),
        ParentRoleId: parent === null ? null : idOfSlot('00E', parent),
      })),
    ),
    Group: written(
      QUEUES.map(({ name, developerName }) => ({
        Name: name,
        DeveloperName: developerName,
        Type: 'Queue',
        Email: `${developerName.toLowerCase().replaceAll('_', '-')}@${MAIL_DOMAIN}`,
        OwnerId: admin.id,
        DoesSendEmailToMembers: false,
        DoesIncludeBosses: true,
      })),
    ),
    GroupMember: written(
      queues.flatMap(({ id }, queue) =>
        Array.from({ length: MEMBERS_PER_QUEUE }, (_, n) => ({
          GroupId: id,
          UserOrGroupId: pick(inTeam(QUEUES[queue]?.object === 'Lead' ? 'sales' : 'support'), queue * 3 + n).id,
        })),
      ),
    ),
    QueueSobject: written(
      QUEUES.map(({ object }, slot) => ({ QueueId: queues[slot]?.id ?? null, SobjectType: object })),
    ),
    RecordType: written(
      recordTypeList.map(({ name, developerName, object }) => ({
        Name: name,
        DeveloperName: developerName,
        SobjectType: object,
        IsPersonType: developerName === PERSON_RECORD_TYPE.developerName,
        IsActive: true,
      })),
    ),
    Organization: written([
      {
        Name: COMPANY_NAME,
        Street: 'Solarstraße 1',
        City: 'Freiburg im Breisgau',
        State: 'Baden-Württemberg',
        PostalCode: '79098',
        Country: 'Germany',
        Phone: '+49 761 555 100',
        PrimaryContact: admin.name,
        DefaultLocaleSidKey: 'en_US',
        TimeZoneSidKey: 'GMT',
        LanguageLocaleKey: 'en_US',
        FiscalYearStartMonth: 1,
        OrganizationType: 'Enterprise Edition',
        InstanceName: settings.isSandbox ? 'PRA1S' : 'PRA1',
        IsSandbox: settings.isSandbox,
      },
    ]),
  }

  return {
    users,
    admin,
    // People who left still own old records, but nothing is given to them any more.
    support: inTeam('support').filter((user) => user.active),
    sales: inTeam('sales').filter((user) => user.active),
    writers: inTeam('content'),
    queues,
    inTeam,
    setUpAt,
    recordTypeId: (developerName) => recordTypes.get(developerName) ?? '',
    nameOf: (ownerId) => ownerNames.get(ownerId),
    tables,
  }
}
