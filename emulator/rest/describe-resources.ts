/** `/sobjects` and the descriptions below it, with `If-Modified-Since` (salesforce-api.md 3.5). */
import { DescribeTimes, describeBriefly, describeObject } from './describe.ts'
import { type Answer, type Call, param, type Resource } from './resource.ts'
import type { RestContext } from './rest-context.ts'

/** `/sobjects` and `/sobjects/{object}/describe`. */
export function describeResources({ org, events, instanceUrl }: RestContext): Resource[] {
  const times = new DescribeTimes(() => org.now())

  /** Answers 304 with no body when the client has this text already (salesforce-api.md 3.2). */
  function describeAnswer(call: Call, key: string, text: string): Answer {
    const modifiedAt = times.modifiedAt(key, text)
    const headers = { 'Last-Modified': new Date(modifiedAt).toUTCString() }
    const since = call.header('if-modified-since')
    if (since !== undefined && modifiedAt <= Date.parse(since)) return { status: 304, headers }
    return { status: 200, text, headers }
  }

  return [
    {
      path: 'sobjects',
      methods: {
        GET(call) {
          const published = events.catalog.listPlatformEvents()
          const sobjects = [...org.listObjects(call.caller), ...published]
            .sort((a, b) => (a.name < b.name ? -1 : 1))
            .map((schema) => describeBriefly(schema, call.version))
          const text = JSON.stringify({ encoding: 'UTF-8', maxBatchSize: 200, sobjects })
          return describeAnswer(call, `${call.caller.userId} ${call.version}`, text)
        },
      },
    },
    {
      path: 'sobjects/:object/describe',
      methods: {
        GET(call) {
          const name = param(call, 'object')
          const schema = events.catalog.findPlatformEvent(name)?.object ?? org.getObject(call.caller, name)
          const text = JSON.stringify(describeObject(schema, { version: call.version, instanceUrl: instanceUrl() }))
          return describeAnswer(call, `${call.caller.userId} ${call.version} ${schema.name}`, text)
        },
      },
    },
  ]
}
