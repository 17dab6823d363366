import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** One server action of the build: its id, which file exports it under which name. */
export type ServerAction = { id: string; file: string; name: string }

const manifest = z.object({
  node: z.record(z.string(), z.object({ filename: z.string(), exportedName: z.string() })),
})

/** Every action that the build which is being tested takes (Next's own list of them), by file and name. */
export function serverActions(): ServerAction[] {
  const { node } = manifest.parse(JSON.parse(readFileSync('.next/server/server-reference-manifest.json', 'utf8')))
  return Object.entries(node)
    .map(([id, { filename, exportedName }]) => ({ id, file: filename, name: exportedName }))
    .toSorted((a, b) => `${a.file} ${a.name}`.localeCompare(`${b.file} ${b.name}`))
}

/**
 * What a browser sends for a call of an action with a form, in React's encoding of arguments: the form stands for the state before it
 * as well, so that actions with and without a state can be called alike.
 */
export function actionCall(
  id: string,
  fields: Record<string, string> = {},
): { headers: Record<string, string>; body: string } {
  const boundary = '----vigil-grid'
  const part = (name: string, value: string) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  const entries = Object.entries(fields).map(([name, value]) => part(`1_${name}`, value))
  return {
    headers: {
      'next-action': id,
      accept: 'text/x-component',
      'content-type': `multipart/form-data; boundary=${boundary}`,
    },
    body: `${entries.join('')}${part('0', '["$K1","$K1"]')}--${boundary}--\r\n`,
  }
}
