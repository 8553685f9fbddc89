/** Which objects and fields an org of a kind has from its start. */

import { join } from 'node:path'
import { currencyDefinitions } from './currencies.ts'
import type { OrgSettings } from './model.ts'
import { personDefinitions } from './person-accounts.ts'
import { type Definitions, laidOver, OWN_FOLDER, ownDefinitions, readSchemaFolder } from './schemas.ts'

/** The practice org's own objects, with what its switches add to them. */
export function definitionsFor({ personAccounts, multiCurrency }: OrgSettings): Definitions {
  let definitions = ownDefinitions
  const contact = definitions.get('Contact')
  if (personAccounts && contact) definitions = withMore(definitions, Object.entries(personDefinitions(contact)))
  if (multiCurrency) {
    definitions = withMore(definitions, currencyDefinitions(definitions))
    definitions = withMore(definitions, readSchemaFolder(join(OWN_FOLDER, 'multi-currency')))
  }
  return definitions
}

function withMore(
  definitions: Definitions,
  more: Iterable<readonly [string, NonNullable<ReturnType<Definitions['get']>>]>,
) {
  const all = new Map(definitions)
  for (const [name, definition] of more) all.set(name, laidOver(all.get(name) ?? {}, definition))
  return all
}
