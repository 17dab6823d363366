import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs' // prettier-ignore
import path from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'

import { addKeyringVersion } from '#lib/crypto/keyring.ts'
import { keyObjectOf } from '#lib/crypto/secret-key.ts'
import { keyProviderContract } from '#lib/testing/key-provider-contract.ts'
import { memoryKeyringRecord } from '#lib/testing/memory-keyring-record.ts'
import { temporaryKeyring } from '#lib/testing/temporary-keyring.ts'
import { ProviderDenial, ProviderOutage } from '#lib/keys/key-provider.ts'
import { credentialFile } from './credential.ts'
import { openFileProvider as openOver } from './file-provider.ts'
import { changeKeyringFile, readKeyringFile, type KeyringPlace } from './keyring-file.ts'

const openFileProvider = (place: KeyringPlace) => openOver(place, memoryKeyringRecord('file'))

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

async function keyringHere(id = 'ring-1', environment?: string, passphrase?: string) {
  const made = await temporaryKeyring(id, environment, passphrase)
  cleanups.push(made.close)
  return made
}

keyProviderContract('file', async () => {
  const place = await temporaryKeyring('ring-1')
  const foreign = await temporaryKeyring('ring-2')
  return {
    provider: await openFileProvider(place),
    foreign: await openFileProvider(foreign),
    breakDown: (how) => {
      const repair = how === 'outage' ? place.hide() : place.open()
      return Promise.resolve(() => {
        repair()
        return Promise.resolve()
      })
    },
    close: () => {
      place.close()
      foreign.close()
      return Promise.resolve()
    },
  }
})

/** What a start would do without any of the checks. */
const readsIt = (file: string): boolean => {
  try {
    return readFileSync(file).length >= 0
  } catch {
    return false
  }
}

describe('attack 44: the keyring file', () => {
  test('is private, and so is everything beside it', async () => {
    const place = await keyringHere()
    expect(statSync(place.keyringFile).mode & 0o777).toBe(0o600)
    expect(statSync(credentialFile(place.home)).mode & 0o777).toBe(0o600)
    expect(statSync(path.dirname(place.keyringFile)).mode & 0o777).toBe(0o700)
    expect(readdirSync(path.dirname(place.keyringFile))).toEqual(['keyring.json'])
    await openFileProvider(place)
  })

  test('missing: an outage, and no new one is made in its place', async () => {
    const place = await keyringHere()
    rmSync(place.keyringFile)
    await expect(openFileProvider(place)).rejects.toBeInstanceOf(ProviderOutage)
    expect(existsSync(place.keyringFile)).toBe(false)
  })

  test('cut to any length, or with any one byte changed, is refused', { timeout: 120_000 }, async () => {
    const place = await keyringHere()
    const whole = readFileSync(place.keyringFile, 'utf8')
    const parsed = JSON.parse(whole) as Record<string, unknown>
    const texts = [0, 1, 2, 50, 200, whole.length - 40, whole.length - 3].map((length) =>
      whole.slice(0, length),
    )
    // A change in what is authenticated or sealed, at places all over the file.
    for (let at = 3; at < whole.length - 3; at += 23) {
      const other = whole[at] === 'A' ? 'B' : 'A'
      texts.push(whole.slice(0, at) + other + whole.slice(at + 1))
    }
    for (const change of [
      { serial: 2 }, { id: 'ring-2' }, { environment: 'production' }, { format: 'vigil-keyring-2' }, { extra: true },
      { scrypt: { ...(parsed['scrypt'] as object), costLog2: 30 } }, { scrypt: { ...(parsed['scrypt'] as object), costLog2: 15 } },
      { nonce: '' }, { sealed: '' }, { sealed: 'AAAA' },
    ]) texts.push(JSON.stringify({ ...parsed, ...change })) // prettier-ignore
    let refused = 0
    for (const text of texts) {
      if (text === whole) continue
      writeFileSync(place.keyringFile, text)
      const error: unknown = await readKeyringFile(place).catch((caught: unknown) => caught)
      expect(error, text.slice(0, 400)).toBeInstanceOf(ProviderDenial)
      refused += 1
    }
    expect(refused).toBeGreaterThan(30)
    // Control: the same text unchanged, however it is laid out, opens.
    writeFileSync(place.keyringFile, JSON.stringify(parsed))
    expect((await readKeyringFile(place)).id).toBe('ring-1')
  })

  test('readable by others, a link, or a directory, is refused', async () => {
    for (const mode of [0o640, 0o604, 0o660, 0o666, 0o610, 0o601]) {
      const place = await keyringHere()
      chmodSync(place.keyringFile, mode)
      expect(readsIt(place.keyringFile), 'a start without the check would go on').toBe(true)
      await expect(openFileProvider(place)).rejects.toThrow(/0600/)
    }
    const linked = await keyringHere()
    renameSync(linked.keyringFile, `${linked.keyringFile}.real`)
    symlinkSync(`${linked.keyringFile}.real`, linked.keyringFile)
    expect(readsIt(linked.keyringFile)).toBe(true)
    await expect(openFileProvider(linked)).rejects.toThrow(/symbolic link/)
    const folder = await keyringHere()
    rmSync(folder.keyringFile)
    mkdirSync(folder.keyringFile)
    await expect(openFileProvider(folder)).rejects.toThrow(/regular file/)
  })

  test.skipIf(process.geteuid?.() !== 0)('of another owner is refused (needs root to try)', async () => {
    const place = await keyringHere()
    chownSync(place.keyringFile, 65_534, 65_534)
    expect(readsIt(place.keyringFile), 'a start without the check would go on').toBe(true)
    await expect(openFileProvider(place)).rejects.toThrow(/another user/)
  })

  test('the credential is held to the same rules, and another one does not open it', async () => {
    const place = await keyringHere()
    const other = await keyringHere('ring-2')
    chmodSync(credentialFile(place.home), 0o644)
    await expect(openFileProvider(place)).rejects.toThrow(/0600/)
    copyFileSync(credentialFile(other.home), credentialFile(place.home))
    chmodSync(credentialFile(place.home), 0o600)
    await expect(openFileProvider(place)).rejects.toThrow(/credential/)
    rmSync(credentialFile(place.home))
    await expect(openFileProvider(place)).rejects.toBeInstanceOf(ProviderOutage)
  })

  test('an older serial put back, or staging’s keyring, is noticed by the running process', async () => {
    const signal = AbortSignal.timeout(10_000)
    const place = await keyringHere()
    const staging = await keyringHere('ring-staging', 'staging')
    const provider = await openFileProvider(place)
    copyFileSync(place.keyringFile, `${place.keyringFile}.yesterday`)
    await changeKeyringFile(place, (keyring) => addKeyringVersion(keyring, new Date(0)))
    expect((await provider.describe(signal)).serial).toBe(2)
    renameSync(`${place.keyringFile}.yesterday`, place.keyringFile)
    // Control: by itself the older copy is a perfectly good keyring.
    expect((await readKeyringFile(place)).serial).toBe(1)
    await expect(provider.describe(signal)).rejects.toThrow(/older or a foreign/)
    expect(await provider.health(signal)).toBe('denied')
    copyFileSync(staging.keyringFile, place.keyringFile)
    copyFileSync(credentialFile(staging.home), credentialFile(place.home))
    await expect(provider.describe(signal)).rejects.toThrow(/older or a foreign/)
  })

  test('holds no key in the clear', async () => {
    const place = await keyringHere()
    const key = keyObjectOf(place.keyring.versions[0]?.key ?? (() => { throw new Error('no key') })()).export() // prettier-ignore
    const text = readFileSync(place.keyringFile, 'utf8')
    for (const spelling of ['hex', 'base64', 'base64url'] as const)
      expect(text).not.toContain(key.toString(spelling))
    // Control: the search does find the key in what is sealed inside.
    const opened = await readKeyringFile(place)
    expect(opened.versions.map((each) => each.key && keyObjectOf(each.key).export().toString('hex'))).toEqual(
      [key.toString('hex')],
    )
  })
})

describe('passphrase', () => {
  test('opens in place of the credential file; a wrong one does not', async () => {
    const place = await keyringHere('ring-1', 'demo', 'correct horse battery staple')
    expect(existsSync(credentialFile(place.home))).toBe(false)
    expect((await readKeyringFile(place)).serial).toBe(1)
    await expect(
      readKeyringFile({ ...place, keyringPassphrase: 'correct horse battery stable' }),
    ).rejects.toBeInstanceOf(ProviderDenial)
  })
})

describe('replacing the file', () => {
  test('a change that fails leaves the former keyring, and nothing beside it', async () => {
    const place = await keyringHere()
    await expect(
      changeKeyringFile(place, () => {
        throw new Error('changed my mind')
      }),
    ).rejects.toThrow('changed my mind')
    expect((await readKeyringFile(place)).serial).toBe(1)
    expect(readdirSync(path.dirname(place.keyringFile))).toEqual(['keyring.json'])
  })

  test('a reader never meets a half-written file', { timeout: 120_000 }, async () => {
    const place = await keyringHere()
    let done = false
    let reads = 0
    const reading = (async () => {
      while (!done) {
        const { serial } = await readKeyringFile(place)
        expect(serial).toBeGreaterThan(0)
        reads += 1
      }
    })()
    let changes = 0
    for (; changes < 10 || reads < 4; changes += 1) {
      await changeKeyringFile(place, (keyring) => addKeyringVersion(keyring, new Date(0)))
    }
    done = true
    await reading
    expect((await readKeyringFile(place)).versions).toHaveLength(changes + 1)
  })
})
