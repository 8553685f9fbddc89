import postgres from 'postgres'
import { promptSockets } from './socket.ts'

/** A connection pool or a transaction: callers choose what commits together. */
export type Sql = postgres.Sql | postgres.TransactionSql
/** The pool itself, which can begin transactions. */
export type Pool = postgres.Sql

/**
 * Opens a pool on the app's schema. Connects lazily: call `select 1` to know that the server answers. A `lasting` one
 * keeps its connections however old they are, for whoever keeps locks or temporary tables in them.
 */
export function openDatabase(url: string, options: { max?: number; lasting?: boolean } = {}): Pool {
  return postgres(url, {
    max: options.max ?? 10,
    ...(options.lasting ? { max_lifetime: null, idle_timeout: 0 } : {}),
    // An option that the driver has and its types don't.
    ...{ socket: promptSockets() },
    onnotice: () => {},
    connection: { search_path: 'loopline,public', application_name: 'loopline', TimeZone: 'UTC' },
    // Counts come as text from Postgres; ours stay far below 2^53.
    types: { bigint: { to: 20, from: [20], serialize: String, parse: Number } },
  }) as unknown as Pool
}
