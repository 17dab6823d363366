import { canary, call, id, refused, right, type Stage, type SurfaceArea } from './case.ts'

/** A method of the client itself: the door's client has none, and where the extension is asked it refuses. */
const ofClient = async (stage: Stage, method: string, ...given: unknown[]): Promise<unknown> => {
  if (method in stage.record) return 'the door hands it out'
  return stage.extended[method]?.(...given)
}
const template = Object.assign([`SELECT '${canary}'`], { raw: [`SELECT '${canary}'`] })
const none = (stage: Stage, method: string) => {
  const offered = method in stage.record || Object.values(stage.record).some((delegate) => method in delegate)
  return Promise.resolve(offered ? 'the door hands it out' : 'not there')
}

export const client: SurfaceArea = {
  title: 'The client',
  cases: [
    refused('$queryRaw', 'SQL goes around the layer; the domain refuses plain text all the same', (stage) => ofClient(stage, '$queryRaw', template)),
    refused('$queryRawUnsafe', 'the same', (stage) => ofClient(stage, '$queryRawUnsafe', template[0])),
    refused('$executeRaw', 'the same', (stage) => ofClient(stage, '$executeRaw', template)),
    refused('$executeRawUnsafe', 'the same', (stage) => ofClient(stage, '$executeRawUnsafe', template[0])),
    refused('$queryRawTyped (TypedSQL)', 'the same', async (stage) => { const typed = { sql: `SELECT '${canary}'`, values: [] }; return ofClient(stage, '$queryRawTyped', typed) }),
    refused('$queryRawInternal, $executeRawInternal', 'Prisma’s own, not handed out', async (stage) => { await ofClient(stage, '$queryRawInternal', undefined, '$queryRaw', template); return ofClient(stage, '$executeRawInternal', undefined, '$executeRaw', template) }),
    refused('$runCommandRaw; findRaw, aggregateRaw', 'of another database', (stage) => ofClient(stage, '$runCommandRaw', {})),
    refused('findRaw', 'of another database', (stage) => call(stage.extended, 'observation', 'findRaw', {})),
    refused('aggregateRaw', 'of another database', (stage) => call(stage.extended, 'observation', 'aggregateRaw', {})),
    right('$transaction([…]), $transaction(async …)', 'a unit of work is the transaction, and its client has neither', 'not there', (stage) => none(stage, '$transaction')),
    right('$extends', 'not handed out; an extension put on top of ours sees ciphertext', 'not there', (stage) => none(stage, '$extends')),
    right('$parent', 'leads to a client without the layer, so it is not handed out, on no delegate either', 'not there', (stage) => none(stage, '$parent')),
    right('$on', 'query events hold parameters: not handed out', 'not there', (stage) => none(stage, '$on')),
    right('$connect, $disconnect', 'the door owns the connection', 'not there', async (stage) => { await none(stage, '$connect'); return none(stage, '$disconnect') }),
    right('fields, name, $name', 'descriptions; not handed out', 'not there', async (stage) => { await none(stage, 'fields'); return none(stage, '$name') }),
    refused('a model outside of the record (account, session, searchToken, rowHistory)', 'no unit of work names it', (stage) => call(stage.extended, 'account', 'findMany', { take: 1, ...id })),
    refused('an operation that is not in the list', 'whatever Prisma adds is refused until somebody has thought about it', (stage) => call(stage.extended, 'observation', 'groupBy', { by: ['kind'] })),
  ],
} // prettier-ignore
