import 'server-only'

import type { Duplex } from 'node:stream'
import type {
  Pool,
  PoolClient,
  QueryArrayConfig,
  QueryArrayResult,
  QueryConfig,
  QueryResult,
  QueryResultRow,
} from 'pg'
import { log } from '#lib/log.ts'
import { leavesTraces } from './statement-kind.ts'

/** The server confirmed something else than a safe commit: the standby has not got it (PostgreSQL §26.2.8), or it rolled back. */
export class CommitInDoubt extends Error {
  override readonly name = 'CommitInDoubt'
  readonly code = '01000'
}

const ignore = (): void => undefined

type Notice = { code?: string | undefined; message?: string | undefined }

/**
 * A pool's connection on loan. Statements run in the order they were asked for; it remembers whether anything was left
 * behind, and goes back clean or not at all.
 */
export class Connection {
  readonly #client: PoolClient
  readonly #place: string
  #pending: Promise<unknown> = Promise.resolve()
  #dirty = false
  #returned = false
  #doubtful = false
  #gathering = false
  readonly #noticed = (notice: Notice) => {
    if (notice.code === '01000' && /synchronous replication/.test(notice.message ?? '')) this.#doubtful = true
  }

  /** A server that goes away between two statements has no query to tell it to; unheard, it would end the process. */
  readonly #lost = (error: Error) => {
    this.#dirty = true
    const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
    log('database.connection-lost', { code, place: this.#place })
  }

  private constructor(client: PoolClient, place: string) {
    this.#client = client
    this.#place = place
    client.on('notice', this.#noticed)
    client.on('error', this.#lost)
  }

  /** @param place name for the log, such as `door.record` */
  static async borrow(pool: Pool, place: string): Promise<Connection> {
    return new Connection(await pool.connect(), place)
  }

  /** Sends a statement, behind those that were sent already; rows come as objects. */
  query<R extends QueryResultRow>(config: QueryConfig): Promise<QueryResult<R>> {
    return this.#send(() => this.#client.query<R>(config), config.text)
  }

  /** The same with rows as arrays, for Prisma's adapter. */
  queryArray(config: QueryArrayConfig): Promise<QueryArrayResult> {
    return this.#send(() => this.#client.query(config), config.text)
  }

  /**
   * Sends our own text that `leavesTraces` would refuse, such as BEGIN with the settings of one transaction.
   * Never with a value in it that is not checked against a pattern.
   */
  control(text: string): Promise<unknown> {
    return this.#send(() => this.#client.query(text))
  }

  /**
   * Sends a statement that commits by itself, or COMMIT.
   * @throws CommitInDoubt when the server gave up waiting for the standby, or rolled back instead
   */
  async commit<R extends QueryResultRow>(config: QueryConfig): Promise<QueryResult<R>> {
    this.#doubtful = false
    const result = await this.query<R>(config)
    if (this.#doubtful) {
      log('database.commit-in-doubt', { code: '01000', place: this.#place })
      throw new CommitInDoubt('the commit was not confirmed by the standby')
    }
    // COMMIT of a transaction that failed inside is answered with ROLLBACK, without an error.
    if (result.command === 'ROLLBACK')
      throw new CommitInDoubt('the transaction had failed and was rolled back')
    return result
  }

  /** Hands the connection back. Whoever still holds it afterwards cannot send anything. */
  giveBack(): void {
    if (this.#returned) return
    this.#returned = true
    // A statement that nobody waited for may still be on its way.
    void this.#pending.then(() => {
      this.#client.off('notice', this.#noticed)
      const clean = !this.#dirty && this.#client.getTransactionStatus() === 'I'
      if (!clean) log('database.connection-discarded', { place: this.#place })
      // A connection that is closed may still complain; one that is handed on is the pool's to listen to.
      if (clean) this.#client.off('error', this.#lost)
      this.#client.release(!clean)
    })
  }

  #send<T>(send: () => Promise<T>, text?: string): Promise<T> {
    if (this.#returned) return Promise.reject(new Error('this connection was handed back'))
    if (text !== undefined && leavesTraces(text)) this.#dirty = true
    this.#gather()
    const sent = send()
    // Answers come in the order of the statements: with the last one all are there.
    this.#pending = sent.then(ignore, ignore)
    return sent
  }

  /** What is asked for in one turn leaves in one write: a write costs more than the few bytes of a statement. */
  #gather(): void {
    const { stream } = (this.#client as unknown as { connection: { stream: Duplex } }).connection
    if (this.#gathering) return
    this.#gathering = true
    stream.cork()
    process.nextTick(() => {
      this.#gathering = false
      stream.uncork()
    })
  }
}
