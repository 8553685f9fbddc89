/** Whose token an event client shows: the Streaming and the Pub/Sub API ask for the same as REST. */
import { type Context, findUser } from '../context.ts'
import type { OrgUser } from '../org/model.ts'

export interface EventSession {
  readonly user: OrgUser
  /** The app that the token was given to, if any. */
  readonly clientId: string | undefined
}

/** The session of an access token that may use APIs; each use extends it. */
export function findEventSession({ org, grants }: Context, accessToken: string): EventSession | undefined {
  const session = grants.findSession(accessToken)
  const user = session && findUser(org, session.userId)
  const isScoped = session?.scopes.includes('api') || session?.scopes.includes('full')
  if (!session || !user?.active || !isScoped || !user.permissions.has('ApiEnabled')) return undefined
  grants.touch(session)
  return { user, clientId: session.clientId ?? undefined }
}
