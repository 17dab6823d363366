import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { emitFields } from './emit-fields.ts'
import { tightenTypes } from './tighten-types.ts'
import type { Dmmf } from './dmmf.ts'

/*
 * A Prisma generator (the protocol is one JSON-RPC message a line: asked on stdin, answered on stderr).
 * It runs after `client` in the same `prisma generate` and does two things:
 *   1. writes the registry of encrypted fields, lib/phi/fields.generated.ts, which is checked in;
 *   2. narrows the types of the client that was just generated, so that what the door refuses does not compile.
 * Prisma drops `///` comments from the client's own data model; only a generator still sees them.
 */

type Request = {
  id: number
  method: string
  params: {
    dmmf: Dmmf
    datamodel: string
    schemaPath: string
    generator: { output: { value: string } | null }
  }
}

const root = path.resolve(import.meta.dirname, '../..')
const registryFile = path.join(root, 'lib/phi/fields.generated.ts')
const modelsFolder = path.join(root, 'lib/db/generated/models')

function answer(message: object): void {
  process.stderr.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
}

function generate(params: Request['params']): void {
  const schema = readFileSync(params.schemaPath)
  const models = params.dmmf.datamodel.models
  const text = emitFields(models, createHash('sha256').update(schema).digest('hex'))
  // Only when it changed: a build that watches files should not start over for nothing.
  if (readIfThere(registryFile) !== text) writeFileSync(registryFile, text)
  for (const model of models) {
    const file = path.join(modelsFolder, `${model.name}.ts`)
    writeFileSync(file, tightenTypes(readFileSync(file, 'utf8'), model, models))
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const request = JSON.parse(line) as Request
  if (request.method === 'getManifest') {
    const manifest = {
      prettyName: 'registry of encrypted fields',
      defaultOutput: registryFile,
      requiresGenerators: ['prisma-client'],
    }
    answer({ id: request.id, result: { manifest } })
    return
  }
  try {
    generate(request.params)
    answer({ id: request.id, result: null })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    answer({ id: request.id, error: { code: -32_000, message, data: {} } })
  }
})
