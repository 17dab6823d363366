import { readdirSync, readFileSync, writeFileSync, chmodSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'

import { SecretKey } from '#lib/crypto/secret-key.ts'
import { ProviderDenial, ProviderOutage } from '#lib/keys/key-provider.ts'
import { keyProviderContract } from '#lib/testing/key-provider-contract.ts'
import { memoryKeyringRecord } from '#lib/testing/memory-keyring-record.ts'
import { softTokens, whyNoToken, type Inside } from '#lib/testing/soft-token.ts'
import { openPkcs11Provider } from './pkcs11-provider.ts'
import type { Pkcs11Settings } from './pkcs11-settings.ts'

const cleanups: (() => unknown)[] = []
const cleanUp = async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
}
afterEach(cleanUp)
const signal = () => AbortSignal.timeout(15_000)

async function readyToken() {
  const tokens = softTokens()
  cleanups.push(() => {
    tokens.close()
  })
  const record = memoryKeyringRecord('pkcs11')
  const open = async (settings: Pkcs11Settings, own = record) => {
    const provider = await openPkcs11Provider(settings, own)
    cleanups.push(() => provider.close?.())
    return provider
  }
  const settings = tokens.make('vigil')
  const provider = await open(settings)
  await provider.custody.addVersion(signal())
  const { id, environment } = await provider.describe(signal())
  const context = { purpose: 'data-key', keyring: id, environment, owner: 'patient-1', version: 1 } as const
  const wrapOne = async () => {
    const [wrapped] = await provider.wrap([{ key: SecretKey.random(), context }], signal())
    if (!wrapped) throw new Error('nothing was wrapped')
    return wrapped
  }
  return { tokens, record, open, settings, provider, context, wrapOne }
}

const onlyKey = ({ keys }: Inside) => {
  const [key, ...others] = keys()
  if (!key || others.length > 0) throw new Error('expected one key')
  return key
}

/** What becomes of an attempt in the token: the code with which it is refused. */
const codeOf = (work: () => unknown): string => {
  try {
    work()
    return 'no error'
  } catch (error) {
    return error instanceof Error ? error.message : 'unknown'
  }
}

/** Processes that this one has started; Linux only. */
const children = (): number[] =>
  readdirSync('/proc/self/task').flatMap((thread) =>
    readFileSync(`/proc/self/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  )

describe.skipIf(whyNoToken !== undefined)('a token', () => {
  keyProviderContract('pkcs11', async () => {
    const { tokens, open, provider } = await readyToken()
    const foreign = await open(tokens.make('other'), memoryKeyringRecord('pkcs11', 'ring-2'))
    await foreign.custody.addVersion(signal())
    return {
      provider,
      foreign,
      breakDown: (how) => {
        const putBack = how === 'outage' ? tokens.pull() : undefined
        if (!putBack) tokens.permit('vigil', false)
        return Promise.resolve(() => {
          if (putBack) putBack()
          else tokens.permit('vigil', true)
          return Promise.resolve()
        })
      },
      close: cleanUp,
    }
  })

  describe('keys never leave it', () => {
    test('nobody who is logged in can read one or carry it out, and it was made there', async () => {
      const { tokens } = await readyToken()
      tokens.inside('vigil', (at) => {
        const { p11, module, session } = at
        const key = onlyKey(at)
        expect(codeOf(() => module.C_GetAttributeValue(session, key, [{ type: p11.CKA_VALUE }]))).toBe('CKR_ATTRIBUTE_SENSITIVE') // prettier-ignore
        expect(codeOf(() => module.C_WrapKey(session, { mechanism: p11.CKM_AES_KEY_WRAP }, key, key, Buffer.alloc(64)))).toMatch(/^CKR_KEY_/) // prettier-ignore
        const wanted = [p11.CKA_LOCAL, p11.CKA_ALWAYS_SENSITIVE, p11.CKA_NEVER_EXTRACTABLE, p11.CKA_PRIVATE, p11.CKA_TOKEN] // prettier-ignore
        const found = module.C_GetAttributeValue(session, key, wanted.map((type) => ({ type }))) // prettier-ignore
        expect(found.map(({ value }) => value[0])).toEqual(wanted.map(() => 1))
        // Control: a key that may be read is.
        const open = module.C_CreateObject(session, [
          { type: p11.CKA_CLASS, value: p11.CKO_SECRET_KEY },
          { type: p11.CKA_KEY_TYPE, value: p11.CKK_AES },
          { type: p11.CKA_SENSITIVE, value: false },
          { type: p11.CKA_EXTRACTABLE, value: true },
          { type: p11.CKA_VALUE, value: Buffer.alloc(32, 7) },
        ])
        expect(codeOf(() => module.C_GetAttributeValue(session, open, [{ type: p11.CKA_VALUE }]))).toBe(
          'no error',
        )
      })
    })

    test('one that could be read out is not used, nor one of two of the same name', async () => {
      const { tokens, open, settings, provider, context, wrapOne } = await readyToken()
      const wrapped = await wrapOne()
      const label = `vigil ${context.keyring} v1`
      const plant = () => {
        tokens.inside('vigil', ({ p11, module, session }) => {
          module.C_CreateObject(session, [
            { type: p11.CKA_CLASS, value: p11.CKO_SECRET_KEY },
            { type: p11.CKA_KEY_TYPE, value: p11.CKK_AES },
            { type: p11.CKA_TOKEN, value: true },
            { type: p11.CKA_LABEL, value: label },
            { type: p11.CKA_SENSITIVE, value: false },
            { type: p11.CKA_EXTRACTABLE, value: true },
            { type: p11.CKA_VALUE, value: Buffer.alloc(32, 7) },
          ])
        })
      }
      plant()
      const another = await open(settings)
      await expect(another.unwrap([{ wrapped, context }], signal())).rejects.toThrow(/two keys/)
      tokens.inside('vigil', (at) => {
        for (const key of at.keys()) at.module.C_DestroyObject(at.session, key)
      })
      await expect(provider.unwrap([{ wrapped, context }], signal())).rejects.toThrow(/lacks a key/)
      plant()
      await expect(provider.unwrap([{ wrapped, context }], signal())).rejects.toThrow(/can be read out/)
    })
  })

  describe('versions', () => {
    test('a disabled one does not decrypt in the token either; a destroyed one is gone from it', async () => {
      const { tokens, provider, record, context, wrapOne } = await readyToken()
      const wrapped = await wrapOne()
      const before = record.stored()
      await provider.custody.addVersion(signal())
      await provider.custody.setState(1, 'disabled', signal())
      const after = record.stored()
      // Somebody puts yesterday's record back in the database.
      record.exchange(before)
      await expect(provider.unwrap([{ wrapped, context }], signal())).rejects.toBeInstanceOf(ProviderDenial)
      record.exchange(after)
      await provider.custody.setState(1, 'destroyed', signal())
      expect(tokens.inside('vigil', (at) => at.keys().length)).toBe(1)
    })

    test('one whose making was interrupted is taken, and not made twice', async () => {
      const { tokens, provider, record, context, wrapOne } = await readyToken()
      const wrapped = await wrapOne()
      const before = record.stored()
      await provider.custody.addVersion(signal())
      // As if the operator's process had died between the token and the record.
      record.exchange(before)
      expect(await provider.custody.addVersion(signal())).toBe(2)
      expect(tokens.inside('vigil', (at) => at.keys().length)).toBe(2)
      expect(await provider.unwrap([{ wrapped, context }], signal())).toEqual([expect.any(SecretKey)])
    })
  })

  describe('which token', () => {
    test('by label or by serial number; one that is not there is an outage', async () => {
      const { tokens, open, settings, context, wrapOne } = await readyToken()
      const wrapped = await wrapOne()
      tokens.make('beside')
      const serial = tokens.inside('vigil', ({ module, session }) => module.C_GetTokenInfo(module.C_GetSessionInfo(session).slotID).serialNumber.trim()) // prettier-ignore
      const bySerial = await open({ ...settings, tokenLabel: undefined, tokenSerial: serial })
      expect(await bySerial.unwrap([{ wrapped, context }], signal())).toEqual([expect.any(SecretKey)])
      const nowhere = await open({ ...settings, tokenLabel: 'nowhere' })
      await expect(nowhere.unwrap([{ wrapped, context }], signal())).rejects.toBeInstanceOf(ProviderOutage)
      const noLibrary = await open({ ...settings, module: '/nowhere.so' })
      await expect(noLibrary.unwrap([{ wrapped, context }], signal())).rejects.toBeInstanceOf(ProviderOutage)
    })
  })

  describe('the PIN', () => {
    test('is not tried again when it was refused, since tokens lock themselves; another one is', async () => {
      const { open, settings, context, wrapOne } = await readyToken()
      const wrapped = await wrapOne()
      const right = readFileSync(settings.pinFile, 'utf8')
      writeFileSync(settings.pinFile, '00000000\n')
      const provider = await open(settings)
      const processes = children().length
      for (let attempt = 0; attempt < 3; attempt += 1)
        await expect(provider.unwrap([{ wrapped, context }], signal())).rejects.toThrow(/refuses the PIN/)
      expect(await provider.health(signal())).toBe('denied')
      await expect.poll(() => children().length, { timeout: 30_000 }).toBe(processes)
      writeFileSync(settings.pinFile, right)
      expect(await provider.unwrap([{ wrapped, context }], signal())).toEqual([expect.any(SecretKey)])
    })

    test('must be in a file that nobody else can read', async () => {
      const { open, settings } = await readyToken()
      chmodSync(settings.pinFile, 0o644)
      expect(await (await open(settings)).health(signal())).toBe('denied')
    })
  })

  describe.skipIf(process.platform !== 'linux')('attack 43: a library that misbehaves', () => {
    test('one that hangs is ended in time, and this process goes on meanwhile', async () => {
      const { provider, context, wrapOne } = await readyToken()
      const before = children()
      const wrapped = await wrapOne()
      const [pid] = before
      if (pid === undefined || before.length !== 1) throw new Error('expected one process')
      process.kill(pid, 'SIGSTOP')
      let turns = 0
      const timer = setInterval(() => (turns += 1), 10)
      await expect(provider.unwrap([{ wrapped, context }], signal())).rejects.toBeInstanceOf(ProviderOutage)
      clearInterval(timer)
      expect(turns).toBeGreaterThan(5)
      expect(await provider.unwrap([{ wrapped, context }], signal())).toEqual([expect.any(SecretKey)])
      expect(children()).not.toContain(pid)
    })

    test('one that crashes takes nothing with it: the next call logs in anew', async () => {
      const { provider, context, wrapOne } = await readyToken()
      const wrapped = await wrapOne()
      for (const pid of children()) process.kill(pid, 'SIGKILL')
      await expect.poll(() => children().length, { timeout: 30_000 }).toBe(0)
      expect(await provider.unwrap([{ wrapped, context }], signal())).toEqual([expect.any(SecretKey)])
    })

    test('a call that is given up leaves the token to the others', async () => {
      const { provider, context, wrapOne } = await readyToken()
      const wrapped = await wrapOne()
      const impatient = new AbortController()
      const one = provider.unwrap([{ wrapped, context }], impatient.signal)
      const two = provider.unwrap([{ wrapped, context }], signal())
      impatient.abort()
      await expect(one).rejects.toThrow(/abort/i)
      expect(await two).toEqual([expect.any(SecretKey)])
    })
  })
})
