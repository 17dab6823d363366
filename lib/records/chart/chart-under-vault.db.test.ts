import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import type { RecordCast } from '#lib/testing/record-cast.ts'

/* The door, the key store and Vault together: what a clinic has that keeps its root key there. */

// Before anything reads the settings, which happens once in a process.
const { vault } = await vi.hoisted(async () => {
  const { startVaultServer } = await import('#lib/testing/vault-server.ts')
  return { vault: await startVaultServer() }
})
const tokenFile = path.join(process.env['VIGIL_HOME'] ?? '', 'vault-token')
writeFileSync(tokenFile, vault.token, { mode: 0o600 })
Object.assign(process.env, { KEY_PROVIDER: 'vault', VAULT_ADDR: vault.url, VAULT_TOKEN_FILE: tokenFile })

/** Whether a batch for Vault has a key of this owner in it: the context it derives from says so. */
const isAbout = (body: unknown, owner: string): boolean =>
  z
    .object({ batch_input: z.array(z.object({ context: z.base64() })) })
    .parse(body)
    .batch_input.some(({ context }) => Buffer.from(context, 'base64').includes(owner))

let records: RecordCast
beforeAll(async () => {
  const { makeRecordCast } = await import('#lib/testing/record-cast.ts')
  records = await makeRecordCast()
})
afterAll(async () => {
  await records.close()
  await vault.close()
})

test('a chart is read, cold with one question to Vault for its patient, and stays closed while Vault says no', async () => {
  const { openChart } = await import('./open-chart.ts')
  const { closeProcessKeyStore } = await import('#lib/keys/process-key-store.ts')
  const { nurse } = records.actors
  const patientId = await records.addPatient({ familyName: 'Reyes', givenName: 'Maria' }, nurse)
  const asked = () => vault.requests.splice(0).filter(({ path: to }) => to.includes('/transit/'))
  const chart = async () => {
    const outcome = await openChart(nurse, patientId)
    if (outcome.kind === 'denied') throw new Error(outcome.reason)
    return JSON.stringify(outcome.value)
  }
  expect(await chart()).toContain('Reyes')

  // As another process, which knows no key yet. What is asked besides is for the roots, once in a process.
  await closeProcessKeyStore()
  asked()
  expect(await chart()).toContain('Reyes')
  const questions = asked()
  expect(questions.every(({ path: to }) => to === '/v1/transit/decrypt/vigil')).toBe(true)
  expect(questions.filter(({ body }) => isAbout(body, patientId))).toHaveLength(1)
  await chart()
  expect(asked()).toEqual([])

  await closeProcessKeyStore()
  vault.refusal = 'forbidden'
  await expect(chart()).rejects.toMatchObject({ name: 'KeysUnavailable' })
  vault.refusal = undefined
  expect(await chart()).toContain('Reyes')
})
