import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** One server action of the build: its id, which file exports it under which name, and the pages that it can be called from. */
export type ServerAction = { id: string; file: string; name: string; pages: string[] }

const manifest = z.object({
  node: z.record(
    z.string(),
    z.object({ filename: z.string(), exportedName: z.string(), workers: z.record(z.string(), z.unknown()) }),
  ),
})

/** Every action that the build which is being tested takes (Next's own list of them), by file and name. */
export function serverActions(): ServerAction[] {
  const { node } = manifest.parse(
    JSON.parse(readFileSync('.next/server/server-reference-manifest.json', 'utf8')),
  )
  return Object.entries(node)
    .map(([id, { filename, exportedName, workers }]) => ({
      id,
      file: filename,
      name: exportedName,
      pages: Object.keys(workers).toSorted(),
    }))
    .toSorted((a, b) => `${a.file} ${a.name}`.localeCompare(`${b.file} ${b.name}`))
}

const boundary = '----vigil-grid'
const part = (name: string, value: string) =>
  `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
const type = `multipart/form-data; boundary=${boundary}`

/** How many arguments an action takes: the first byte of its id says which of six it uses, the first one highest. */
function arity(id: string): number {
  const used = (Number.parseInt(id.slice(0, 2), 16) >> 1) & 0b111111
  return used.toString(2).padStart(6, '0').lastIndexOf('1') + 1
}

/**
 * What a browser sends for a call of an action, in React's encoding of arguments: the ids that its page bound to it, then the state
 * before and the form, which is given in the place of both.
 */
export function actionCall(
  id: string,
  ids: readonly string[] = [],
  fields: Record<string, string> = {},
): Sent {
  const forms = Math.min(2, arity(id))
  const bound = Array.from({ length: arity(id) - forms }, (_, at) => ids[at] ?? '')
  return callWith(id, [...bound, ...Array.from({ length: forms }, () => fields)])
}

/** The same with every argument given: a word or an id as it is, a form by its fields. */
export function callWith(id: string, given: readonly (string | Record<string, string>)[]): Sent {
  const forms = given.flatMap((one, at) =>
    typeof one === 'string'
      ? []
      : Object.entries(one).map(([name, value]) => part(`_${at + 1}_${name}`, value)),
  )
  const refs = given.map((one, at) => (typeof one === 'string' ? one : `$K${at + 1}`))
  return {
    headers: { 'next-action': id, accept: 'text/x-component', 'content-type': type },
    body: `${forms.join('')}${part('0', JSON.stringify(refs))}--${boundary}--\r\n`,
  }
}

/** A field of 10 MB, to be put before what else is sent: no action takes as much. */
export const largePart = (): string => part('9', 'x'.repeat(10_000_000))

type Sent = { headers: Record<string, string>; body: string }

/** The same as a browser without scripts sends it: with an empty form alone, and an answer that leads on in the plain way. */
export const actionPost = (id: string): Sent => ({
  headers: { 'content-type': type },
  body: `${part(`$ACTION_ID_${id}`, '')}--${boundary}--\r\n`,
})
