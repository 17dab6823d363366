import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { addKeyringVersion, type Keyring } from '#lib/crypto/keyring.ts'
import { keyObjectOf } from '#lib/crypto/secret-key.ts'
import { ProviderDenial } from '#lib/keys/key-provider.ts'
import { memoryKeyringRecord } from '#lib/testing/memory-keyring-record.ts'
import { temporaryKeyring } from '#lib/testing/temporary-keyring.ts'
import { credentialFile } from './credential.ts'
import { openFileProvider } from './file-provider.ts'
import { changeKeyringFile, readKeyringFile, renewCredential, type KeyringPlace } from './keyring-file.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const signal = () => AbortSignal.timeout(10_000)
const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

async function keyringHere(passphrase?: string) {
  const made = await temporaryKeyring('ring-1', 'demo', passphrase)
  cleanups.push(made.close)
  return made
}
const firstKey = (keyring: Keyring): string => {
  const [version] = keyring.versions
  if (!version?.key) throw new Error('no key')
  return keyObjectOf(version.key).export().toString('hex')
}
const filesOf = (place: KeyringPlace) =>
  [path.dirname(place.keyringFile), path.dirname(credentialFile(place.home))].flatMap((folder) => readdirSync(folder)).toSorted() // prettier-ignore

/** Runs a few lines on the keyring in a process of its own, after `before` in its shell. */
function onKeyring(place: KeyringPlace, lines: string, before = 'true') {
  const code = `
    const { changeKeyringFile, renewCredential } = await import('#lib/keys/file/keyring-file.ts')
    const { addKeyringVersion } = await import('#lib/crypto/keyring.ts')
    const place = ${JSON.stringify({ home: place.home, keyringFile: place.keyringFile })}
    ${lines}`
  const node = [process.execPath, '--conditions=react-server', '--import', 'tsx', '--input-type=module', '-e', code] // prettier-ignore
  const child = spawn('/bin/sh', ['-c', `${before}; exec "$0" "$@"`, ...node], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production' },
  })
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()))
  return { child, said, ended: new Promise<number | null>((resolve) => child.once('close', resolve)) }
}

describe('renewing the credential', () => {
  test('the new one opens the same keys, the former one nothing', async () => {
    const place = await keyringHere()
    const former = readFileSync(credentialFile(place.home), 'utf8')
    await renewCredential(place)
    const renewed = await readKeyringFile(place)
    expect(renewed.serial).toBe(2)
    expect(firstKey(renewed)).toBe(firstKey(place.keyring))
    expect(readFileSync(credentialFile(place.home), 'utf8')).not.toBe(former)
    expect(filesOf(place)).toEqual(['keyring-credential', 'keyring.json'])
    await expect(readKeyringFile({ ...place, keyringPassphrase: former.trim() })).rejects.toBeInstanceOf(ProviderDenial) // prettier-ignore
  })

  test('killed before the keyring was sealed anew, or before the credential took its place: both open, and the next call puts it right', async () => {
    for (const killed of ['before', 'after'] as const) {
      const place = await keyringHere()
      const next = `${credentialFile(place.home)}.next`
      if (killed === 'before') {
        const other = await keyringHere()
        copyFileSync(credentialFile(other.home), next)
      } else {
        const former = readFileSync(credentialFile(place.home))
        await renewCredential(place)
        copyFileSync(credentialFile(place.home), next)
        writeFileSync(credentialFile(place.home), former)
      }
      expect(firstKey(await readKeyringFile(place)), killed).toBe(firstKey(place.keyring))
      const provider = await openFileProvider(place, memoryKeyringRecord('file'))
      await provider.custody.renewRoot?.(signal())
      expect(firstKey(await readKeyringFile(place)), killed).toBe(firstKey(place.keyring))
      expect(filesOf(place), killed).toEqual(['keyring-credential', 'keyring.json'])
      // Control: without the credential beside it, the keyring of the second kind would be lost.
      if (killed === 'after') {
        const lost = await keyringHere()
        const former = readFileSync(credentialFile(lost.home))
        await renewCredential(lost)
        writeFileSync(credentialFile(lost.home), former)
        await expect(readKeyringFile(lost)).rejects.toBeInstanceOf(ProviderDenial)
      }
    }
  })

  test(
    'attack 47: killed at random instants, over and over, it always opens',
    { timeout: 120_000 },
    async () => {
      const place = await keyringHere()
      let killed = 0
      for (let round = 0; round < 6; round += 1) {
        const step = "process.stdout.write('x')"
        const { child, ended, said } = onKeyring(
          place,
          `for (;;) { await renewCredential(place); ${step}; await changeKeyringFile(place, (ring) => addKeyringVersion(ring, new Date(0))); ${step} }`,
        )
        // In the middle of one of the first steps, however slow the machine is today.
        const steps = randomInt(1, 5)
        while (said.out.length < steps && child.exitCode === null) await sleep(2)
        await sleep(randomInt(0, 250))
        if (child.kill('SIGKILL')) killed += 1
        await ended
        expect(said.err).toBe('')
        expect(firstKey(await readKeyringFile(place))).toBe(firstKey(place.keyring))
      }
      expect(killed).toBe(6)
      expect((await readKeyringFile(place)).serial, 'it was at work').toBeGreaterThan(6)
      await renewCredential(place)
      expect(firstKey(await readKeyringFile(place))).toBe(firstKey(place.keyring))
    },
  )

  test('a passphrase is replaced while processes know both, and a credential file by a passphrase', { timeout: 120_000 }, async () => {
    const passphrase = 'correct horse battery staple'
    const place = await keyringHere(passphrase)
    await expect(renewCredential(place)).rejects.toThrow(/KEYRING_PASSPHRASE_NEXT/)
    const both = { ...place, keyringPassphraseNext: 'four other words entirely' }
    const serving = await openFileProvider(both, memoryKeyringRecord('file'))
    await renewCredential(both)
    expect((await serving.describe(signal())).serial).toBe(2)
    expect((await readKeyringFile({ ...place, keyringPassphrase: both.keyringPassphraseNext })).serial).toBe(2)
    await expect(readKeyringFile(place)).rejects.toBeInstanceOf(ProviderDenial)
    const file = await keyringHere()
    await renewCredential({ ...file, keyringPassphraseNext: passphrase })
    expect((await readKeyringFile({ ...file, keyringPassphrase: passphrase })).serial).toBe(2)
  }) // prettier-ignore
})

describe('attack 47: a full disk', () => {
  test(
    'leaves the former keyring and credential, and nothing beside them',
    { timeout: 120_000 },
    async () => {
      const place = await keyringHere()
      for (let count = 0; count < 12; count += 1)
        await changeKeyringFile(place, (ring) => addKeyringVersion(ring, new Date(0)))
      const before = readFileSync(place.keyringFile)
      expect(before.length).toBeGreaterThan(1024)
      const attempt = (lines: string) =>
        `try { ${lines}; process.stdout.write('done') } catch (error) { process.stdout.write(String(error.code)) }`
      const change = attempt('await changeKeyringFile(place, (ring) => addKeyringVersion(ring, new Date(0)))')
      // No file can grow beyond two blocks: the write stops half-way, as on a full disk.
      const full = onKeyring(place, change, 'ulimit -f 2')
      expect(await full.ended, full.said.err).toBe(0)
      expect(full.said.out).toBe('EFBIG')
      expect(readFileSync(place.keyringFile).equals(before)).toBe(true)
      expect(filesOf(place)).toEqual(['keyring-credential', 'keyring.json'])
      expect(firstKey(await readKeyringFile(place))).toBe(firstKey(place.keyring))
      const renewing = onKeyring(place, attempt('await renewCredential(place)'), 'ulimit -f 2')
      await renewing.ended
      expect(renewing.said.out).toBe('EFBIG')
      expect(firstKey(await readKeyringFile(place))).toBe(firstKey(place.keyring))
      // Control: with room the same lines change it.
      const roomy = onKeyring(place, change)
      await roomy.ended
      expect(roomy.said.out).toBe('done')
      expect(readFileSync(place.keyringFile).equals(before)).toBe(false)
    },
  )
})

describe('attack 44: two operators', () => {
  test('at once add a version each, and the store hears of the serial', async () => {
    const place = await keyringHere()
    const record = memoryKeyringRecord('file')
    const [one, two] = [await openFileProvider(place, record), await openFileProvider(place, record)]
    expect((await Promise.all([one.custody.addVersion(signal()), two.custody.addVersion(signal())])).toSorted()).toEqual([2, 3]) // prettier-ignore
    expect(record.stored().serial).toBe((await readKeyringFile(place)).serial)
    expect((await readKeyringFile(place)).versions.map((each) => each.version)).toEqual([1, 2, 3])
  })
})
