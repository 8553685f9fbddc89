/** The people who can sign in, each for a kind of access that a client may meet. */

import type { Access } from './access.ts'
import type { OrgUser } from './model.ts'
import type { People, Person } from './people.ts'
import type { Table } from './table.ts'

interface SignIn {
  readonly person: Person | undefined
  readonly password: string
  readonly about: string
}

/** The administrator first, then the support agent, then the others. */
export function createSignIns(people: People, { users, access }: { users: Table; access: Access }): readonly OrgUser[] {
  const [admin, agent] = people.users
  const signIns: readonly SignIn[] = [
    { person: admin, password: 'practice-admin', about: 'System Administrator: sees everything' },
    {
      person: agent,
      password: 'practice-agent',
      about: 'Support Agent: no sales objects, no case history, no drafts, only own files, no setup',
    },
    {
      person: people.inTeam('integration')[0],
      password: 'practice-integration',
      about: 'Integration User: API only, reads everything through the permission set "Loopline read"',
    },
    {
      person: people.sales[1],
      password: 'practice-sales',
      about: 'Sales User: sees only the deals of their own and what was shared with them',
    },
    { person: people.inTeam('reading')[0], password: 'practice-viewer', about: 'Read Only: may change nothing' },
    { person: people.inTeam('showroom')[0], password: 'practice-showroom', about: 'Showroom: may not use the API' },
  ]
  const isActive = users.column('IsActive')
  return signIns.flatMap(({ person, password, about }) => {
    if (!person) return []
    return [
      {
        userId: person.id,
        username: person.username,
        password,
        email: person.email,
        name: person.name,
        firstName: person.first,
        lastName: person.last,
        alias: person.alias,
        get active() {
          return isActive(users.slotOf(person.id)) === true
        },
        about,
        get permissions() {
          return access.permissionsOf(person.id)
        },
      },
    ]
  })
}
