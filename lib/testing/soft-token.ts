import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'

type Attribute = { type: number; value?: number | boolean | string | Buffer }
/** What tests use of pkcs11js, which declares it too; its own types are not there where it could not be built. */
type Handle = Buffer
type Library = {
  load(path: string): void
  close(): void
  C_Initialize(): void
  C_Finalize(): void
  C_GetSlotList(tokenPresent: boolean): Handle[]
  C_GetTokenInfo(slot: Handle): { label: string; serialNumber: string }
  C_GetSessionInfo(session: Handle): { slotID: Handle }
  C_OpenSession(slot: Handle, flags: number): Handle
  C_Login(session: Handle, user: number, pin: string): void
  C_FindObjectsInit(session: Handle, template: Attribute[]): void
  C_FindObjects(session: Handle, count: number): Handle[]
  C_FindObjectsFinal(session: Handle): void
  C_GetAttributeValue(session: Handle, object: Handle, template: Attribute[]): { value: Buffer }[]
  C_SetAttributeValue(session: Handle, object: Handle, template: Attribute[]): void
  C_CreateObject(session: Handle, template: Attribute[]): Handle
  C_DestroyObject(session: Handle, object: Handle): void
  C_WrapKey(session: Handle, mechanism: { mechanism: number }, by: Handle, key: Handle, out: Buffer): Buffer
}
const constants = [
  'CKF_RW_SESSION',
  'CKF_SERIAL_SESSION',
  'CKU_USER',
  'CKO_SECRET_KEY',
  'CKK_AES',
  'CKM_AES_KEY_WRAP',
  'CKA_ALWAYS_SENSITIVE',
  'CKA_CLASS',
  'CKA_DECRYPT',
  'CKA_ENCRYPT',
  'CKA_EXTRACTABLE',
  'CKA_KEY_TYPE',
  'CKA_LABEL',
  'CKA_LOCAL',
  'CKA_NEVER_EXTRACTABLE',
  'CKA_PRIVATE',
  'CKA_SENSITIVE',
  'CKA_TOKEN',
  'CKA_VALUE',
] as const
type Cryptoki = Readonly<Record<(typeof constants)[number], number>> & { PKCS11: new () => Library }

/** Where Debian, Fedora, and Homebrew put the library of SoftHSM. */
const libraries = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib64/pkcs11/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
  '/opt/homebrew/lib/softhsm/libsofthsm2.so',
]

/** Pretends that nothing is there, for looking at how tests are skipped. */
const hidden = process.env['VIGIL_TEST_SOFTHSM'] === 'none'

/** Tells the other test files of this hour that it was tried: without a network each attempt takes minutes. */
const tried = path.join(tmpdir(), 'vigil-test-softhsm2-tried')
const triedLately = () => existsSync(tried) && Date.now() - statSync(tried).mtimeMs < 3_600_000

/** Installs Debian's softhsm2 where that is possible, once. */
function installSoftHsm(): string | undefined {
  const present = () => libraries.find((file) => existsSync(file))
  if (hidden || present() !== undefined) return hidden ? undefined : present()
  if (process.getuid?.() !== 0 || triedLately()) return undefined
  writeFileSync(tried, '')
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (...words: string[]) =>
    execFileSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=60', ...words], { stdio: 'ignore', env: environment, timeout: 120_000 }) // prettier-ignore
  const install = () => apt('install', '-y', '--no-install-recommends', 'softhsm2')
  // At first with the lists of packages that are there; new ones take half a minute.
  for (const attempt of [install, () => apt('update'), install]) {
    try {
      attempt()
    } catch {
      continue
    }
    if (present() !== undefined) return present()
  }
  return undefined
}

function loadPkcs11(): Cryptoki | undefined {
  try {
    return createRequire(import.meta.url)('pkcs11js') as Cryptoki
  } catch {
    return undefined
  }
}

const library = installSoftHsm()
const pkcs11 = loadPkcs11()

/** Why tokens cannot be tested on this machine; undefined when they can. */
export const whyNoToken =
  library === undefined
    ? 'Debian’s softhsm2 is not installed, and could not be'
    : pkcs11 === undefined
      ? 'the package pkcs11js was not built'
      : undefined
if (whyNoToken !== undefined) process.stdout.write(`Tests of PKCS#11 tokens are skipped: ${whyNoToken}.\n`)

export type SoftTokens = {
  readonly folder: string
  /** makes one more token; returns the settings that open it */
  make(label: string): {
    module: string
    tokenLabel: string
    tokenSerial: undefined
    pin: undefined
    pinFile: string
  }
  /** takes all tokens away, as if their device was pulled; returns what puts them back */
  pull(): () => void
  /** lets the keys of a token be used, or not, as its administrator could */
  permit(label: string, value: boolean): void
  /** works in a token beside the provider, logged in like it */
  inside<T>(label: string, work: (at: Inside) => T): T
  close(): void
}

/** A session of one's own in a token. */
export type Inside = {
  readonly p11: Cryptoki
  readonly module: Library
  readonly session: Handle
  /** all secret keys in it */
  keys(): Handle[]
}

const pin = '87654321'

/** Tokens of SoftHSM in a folder of their own, which the library finds by SOFTHSM2_CONF. */
export function softTokens(): SoftTokens {
  if (library === undefined || pkcs11 === undefined) throw new Error(whyNoToken)
  const [module, p11] = [library, pkcs11]
  const folder = mkdtempSync(path.join(tmpdir(), 'vigil-token-'))
  const tokens = path.join(folder, 'tokens')
  mkdirSync(tokens)
  const configuration = path.join(folder, 'softhsm2.conf')
  writeFileSync(
    configuration,
    `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`,
  )
  const former = process.env['SOFTHSM2_CONF']
  process.env['SOFTHSM2_CONF'] = configuration

  const own: SoftTokens = {
    folder,
    make(label) {
      execFileSync('softhsm2-util', ['--init-token', '--free', '--label', label, '--so-pin', '12345678', '--pin', pin], { stdio: 'ignore' }) // prettier-ignore
      const pinFile = path.join(folder, `${label}.pin`)
      writeFileSync(pinFile, `${pin}\n`, { mode: 0o600 })
      return { module, tokenLabel: label, tokenSerial: undefined, pin: undefined, pinFile }
    },
    pull() {
      renameSync(tokens, `${tokens}.away`)
      return () => {
        rmSync(tokens, { recursive: true, force: true })
        renameSync(`${tokens}.away`, tokens)
      }
    },
    permit(label, value) {
      own.inside(label, (at) => {
        const uses = [p11.CKA_ENCRYPT, p11.CKA_DECRYPT].map((type) => ({ type, value }))
        for (const key of at.keys()) at.module.C_SetAttributeValue(at.session, key, uses)
      })
    },
    inside(label, work) {
      const loaded = new p11.PKCS11()
      loaded.load(module)
      loaded.C_Initialize()
      try {
        const slot = loaded
          .C_GetSlotList(true)
          .find((each) => loaded.C_GetTokenInfo(each).label.trim() === label)
        if (!slot) throw new Error('no such token')
        const session = loaded.C_OpenSession(slot, p11.CKF_SERIAL_SESSION | p11.CKF_RW_SESSION)
        loaded.C_Login(session, p11.CKU_USER, pin)
        const keys = () => {
          loaded.C_FindObjectsInit(session, [{ type: p11.CKA_CLASS, value: p11.CKO_SECRET_KEY }])
          const found = loaded.C_FindObjects(session, 100)
          loaded.C_FindObjectsFinal(session)
          return found
        }
        return work({ p11, module: loaded, session, keys })
      } finally {
        loaded.C_Finalize()
        loaded.close()
      }
    },
    close() {
      if (former === undefined) delete process.env['SOFTHSM2_CONF']
      else process.env['SOFTHSM2_CONF'] = former
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return own
}
