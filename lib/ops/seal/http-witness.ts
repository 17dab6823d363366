import 'server-only'

import { AnchorAway } from '#lib/audit/seal/anchor.ts'
import type { OutsideWitness, WitnessReply } from '#lib/audit/seal/witness.ts'
import { formatAddCheckpoint } from '#lib/merkle/add-checkpoint.ts'
import type { VerifierKey } from '#lib/merkle/note-key.ts'
import { logId } from '#lib/ops/witness/witness-directory.ts'

/** Sealing waits for it: entries are to be sealed within three seconds. */
const patienceMilliseconds = 1500
/** No answer of a witness is longer. */
const answerBytesMax = 128 * 1024

type Answer = { readonly status: number; readonly body: string }

/** A witness that is reached over HTTP (C2SP tlog-witness). */
export const openHttpWitness = (url: string, key: VerifierKey): OutsideWitness => {
  const id = `witness ${key.name}`
  const ask = (path: string, request: RequestInit): Promise<Answer> => askOver(id, `${url}${path}`, request)
  return {
    id,
    key,
    async addCheckpoint(oldSize, proof, note): Promise<WitnessReply> {
      const body = formatAddCheckpoint({ oldSize, proof, note })
      const answer = await ask('/add-checkpoint', { method: 'POST', body })
      if (answer.status === 200) return { kind: 'cosigned', lines: answer.body }
      const [, size] = /^(0|[1-9][0-9]{0,14})\n?$/.exec(answer.body) ?? []
      if (answer.status === 409 && size !== undefined) return { kind: 'size', size: Number(size) }
      if (answer.status === 409 || answer.status === 422) return { kind: 'refused' }
      throw new AnchorAway(`${id} answers with ${answer.status}`)
    },
    async newestOf(origin) {
      const answer = await ask(`/${logId(origin)}/checkpoint`, { method: 'GET' })
      if (answer.status === 404) return undefined
      if (answer.status !== 200) throw new AnchorAway(`${id} answers with ${answer.status}`)
      return answer.body
    },
  }
}

/** @throws AnchorAway when there is no answer in time, or one too long */
const askOver = async (id: string, url: string, request: RequestInit): Promise<Answer> => {
  try {
    const response = await fetch(url, {
      ...request,
      headers: { 'content-type': 'text/plain' },
      // A witness has no reason to send a log elsewhere.
      redirect: 'error',
      signal: AbortSignal.timeout(patienceMilliseconds),
    })
    return { status: response.status, body: await readShort(response) }
  } catch (cause) {
    throw new AnchorAway(`${id} gives no answer`, { cause })
  }
}

const readShort = async (response: Response): Promise<string> => {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > answerBytesMax) throw new Error('the answer is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
