import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serveOrg } from './served-org.ts'

/** What salesforce-api.md 3.5 lists, [V]. */
const OBJECT_ATTRIBUTES =
  'activateable createable custom customSetting dataTranslationEnabled deepCloneable deletable deprecatedAndHidden feedEnabled hasSubtypes idEnabled isInterface isSubtype keyPrefix label labelPlural layoutable mergeable mruEnabled name queryable replicateable retrieveable searchable triggerable undeletable updateable urls'
const DESCRIBE_ATTRIBUTES =
  'actionOverrides childRelationships compactLayoutable defaultImplementation fields implementedBy implementsInterfaces listviewable lookupLayoutable namedLayoutInfos networkScopeFieldName recordTypeInfos searchLayoutable supportedScopes'
const FIELD_ATTRIBUTES =
  'aggregatable aiPredictionField autoNumber byteLength calculated calculatedFormula cascadeDelete caseSensitive compoundFieldName controllerName createable custom dataTranslationEnabled defaultValue defaultValueFormula defaultedOnCreate dependentPicklist deprecatedAndHidden digits displayLocationInDecimal encrypted externalId extraTypeInfo filterable filteredLookupInfo formulaTreatNullNumberAsZero groupable highScaleNumber htmlFormatted idLookup inlineHelpText label length mask maskType name nameField namePointing nillable permissionable picklistValues polymorphicForeignKey precision queryByDistance referenceTargetField referenceTo relationshipName relationshipOrder restrictedDelete restrictedPicklist scale searchPrefilterable soapType sortable type unique updateable writeRequiresMasterRead'

test('jsforce describes every object that the global describe lists, with every attribute', async (t) => {
  const { connect } = await serveOrg(t)
  const connection = connect()
  const { sobjects } = await connection.describeGlobal()
  assert.ok(sobjects.length >= 45)
  for (const brief of sobjects) {
    for (const attribute of OBJECT_ATTRIBUTES.split(' ')) assert.ok(attribute in brief, `${brief.name}.${attribute}`)
    const whole = await connection.describe(brief.name)
    for (const attribute of DESCRIBE_ATTRIBUTES.split(' ')) assert.ok(attribute in whole, `${brief.name}.${attribute}`)
    for (const field of whole.fields) {
      for (const attribute of FIELD_ATTRIBUTES.split(' ')) {
        assert.ok(attribute in field, `${brief.name}.${field.name}.${attribute}`)
      }
    }
  }
})

test('the global describe lists platform events among the objects: to be published, not queried', async (t) => {
  const { connect } = await serveOrg(t)
  const { sobjects } = await connect().describeGlobal()
  const event = sobjects.find(({ name }) => name === 'Order_Event__e')
  assert.deepEqual([event?.createable, event?.queryable, event?.updateable, event?.custom], [true, false, false, true])
  const names = sobjects.map(({ name }) => name)
  assert.deepEqual(names, names.toSorted())
})

test('jsforce finds the record types of an object by their records, and the master', async (t) => {
  const { connect } = await serveOrg(t)
  const connection = connect()
  const { recordTypeInfos } = await connection.describe('Case')
  const { records } = await connection.query<{ Id: string; Name: string }>(
    "SELECT Id, Name FROM RecordType WHERE SobjectType = 'Case' ORDER BY Name",
  )
  const own = recordTypeInfos.filter((info) => !info.master)
  assert.deepEqual(
    own.map((info) => [info.recordTypeId, info.name]).sort(),
    records.map(({ Id, Name }) => [Id, Name]).sort(),
  )
  assert.equal(own.filter((info) => info.defaultRecordTypeMapping).length, 1)
  assert.equal(recordTypeInfos.find((info) => info.master)?.recordTypeId, '012000000000000AAA')
  assert.match(own[0]?.urls.layout ?? '', /\/sobjects\/Case\/describe\/layouts\/012/)
})

test('the bits of validFor say for which values of its controller a dependent value may be chosen', async (t) => {
  const { connect } = await serveOrg(t)
  const { fields } = await connect().describe('Case')
  const dependent = fields.find(({ name }) => name === 'Component__c')
  assert.ok(dependent?.dependentPicklist)
  const controller = fields.find(({ name }) => name === dependent.controllerName)
  // As Salesforce's documentation tests a bit: the highest of the first byte is the first value's.
  const allowed = (validFor: string) => {
    const bits = Buffer.from(validFor, 'base64')
    return (controller?.picklistValues ?? [])
      .filter((_, index) => ((bits[index >> 3] ?? 0) & (0x80 >> (index % 8))) !== 0)
      .map(({ value }) => value)
  }
  const chosen = Object.fromEntries((dependent.picklistValues ?? []).map((one) => [one.value, allowed(one.validFor)]))
  assert.deepEqual(chosen.Display, ['Inverter', 'Wallbox', 'Gateway'])
  assert.deepEqual(chosen['Buffer Tank'], ['Heat Pump'])
})

test('formulas, roll-ups, lookups and numbers are described as what they are', async (t) => {
  const { connect } = await serveOrg(t)
  const connection = connect()
  const fieldsOf = async (name: string) =>
    new Map((await connection.describe(name)).fields.map((one) => [one.name, one]))
  const cases = await fieldsOf('Case')
  const tier = cases.get('Account_Tier__c')
  assert.deepEqual(
    [tier?.calculated, tier?.calculatedFormula, tier?.createable, tier?.updateable],
    [true, 'TEXT(Account.Service_Level__c)', false, false],
  )
  const owner = cases.get('OwnerId')
  assert.deepEqual(
    [Reflect.get(owner ?? {}, 'polymorphicForeignKey'), owner?.namePointing, owner?.referenceTo],
    [true, true, ['User', 'Group']],
  )
  const satisfaction = cases.get('Satisfaction__c')
  assert.deepEqual([satisfaction?.digits, satisfaction?.precision, satisfaction?.soapType], [2, 0, 'xsd:int'])
  const accounts = await fieldsOf('Account')
  assert.deepEqual(
    [accounts.get('Open_Deals__c')?.calculated, accounts.get('Open_Deals__c')?.updateable],
    [true, false],
  )
  assert.deepEqual([accounts.get('ERP_Number__c')?.externalId, accounts.get('ERP_Number__c')?.idLookup], [true, true])
  const { childRelationships } = await connection.describe('Account')
  const child = (name: string) => childRelationships.find((one) => one.relationshipName === name)
  assert.deepEqual([child('Contacts')?.cascadeDelete, child('Cases')?.restrictedDelete], [true, true])
})

test('what a user may do shows in their describe: each sees their own flags and fields', async (t) => {
  const { emulator, connect } = await serveOrg(t)
  const viewer = emulator.org.users.find((user) => user.about.startsWith('Read Only'))
  const agent = emulator.org.users[1]
  const reading = await connect(viewer?.username).describe('Case')
  assert.deepEqual([reading.createable, reading.updateable, reading.deletable], [false, false, false])
  assert.ok(reading.fields.every((field) => !field.updateable && !field.createable))
  const working = await connect(agent?.username).describe('Case')
  assert.deepEqual([working.createable, working.updateable], [true, true])
  assert.ok(!working.fields.some((field) => field.name === 'Internal_Cost__c'))
  const { sobjects } = await connect(agent?.username).describeGlobal()
  assert.ok(!sobjects.some((one) => one.name === 'Opportunity' || one.name === 'OpportunityShare'))
})

test('a description is sent again only when it has changed: by the schema or by a permission', async (t) => {
  const { emulator, origin } = await serveOrg(t)
  const agent = emulator.org.users[1]
  const token = emulator.issueToken(agent?.username ?? '')
  const url = `${origin}/services/data/v67.0/sobjects/Case/describe`
  const describe = (since?: string) =>
    fetch(url, {
      headers: { authorization: `Bearer ${token}`, ...(since !== undefined && { 'if-modified-since': since }) },
    })
  const control = async (path: string, body: object) => {
    const answer = await fetch(`${origin}/_control/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    assert.equal(answer.status, 200, await answer.text())
  }
  let seen = (await describe()).headers.get('last-modified') ?? ''
  assert.equal((await describe(seen)).status, 304)
  await control('schema', { kind: 'add-field', object: 'Account', field: 'A__c', definition: { type: 'string' } })
  assert.equal((await describe(seen)).status, 304, 'another object changed')
  for (const [path, change] of [
    ['schema', { kind: 'add-field', object: 'Case', field: 'A__c', definition: { type: 'string' } }],
    ['access', { kind: 'field', permissionSet: 'Support Agent', object: 'Case', field: 'A__c', read: false }],
    ['schema', { kind: 'change-field', object: 'Case', field: 'Origin', definition: { label: 'Channel' } }],
  ] as const) {
    await control(path, change)
    const changed = await describe(seen)
    if (changed.status === 304) assert.fail(`${JSON.stringify(change)} left the description unchanged`)
    seen = changed.headers.get('last-modified') ?? ''
    assert.equal((await describe(seen)).status, 304)
  }
})
