// Runs as a process of its own, started by open-token.ts, and alone loads the library that came with the token. Calls of PKCS#11
// (OASIS, Cryptographic Token Interface Base Specification 2.40) are synchronous, and such libraries are known to hang and to
// crash: here they take nothing with them. A worker thread would not do: a thread that hangs in native code can be neither
// ended nor left behind, and what a library keeps (sessions, the login) belongs to the whole process.
//
// Plain JavaScript, because it is run by whatever Node runs Vigil, without a loader.
import { randomBytes } from 'node:crypto'

// By a variable: it is an optional package, and checks of imports shall not fail where it could not be built.
const packageName = 'pkcs11js'

const nonceLength = 12
const tagLength = 16

/** What went wrong, by a name that the parent knows: CKR_… of the token, or one of our own. */
class Fault extends Error {}

const codeOf = (error) =>
  error instanceof Fault || /^CKR_[A-Z0-9_]+$/.test(error?.message ?? '') ? error.message : 'LIBRARY_FAILED'

/** Said of a ciphertext that is not what this key and this associated data gave. */
const unreadable = new Set([
  'CKR_ENCRYPTED_DATA_INVALID',
  'CKR_ENCRYPTED_DATA_LEN_RANGE',
  'CKR_AEAD_DECRYPT_FAILED',
  'CKR_DATA_INVALID',
  'CKR_DATA_LEN_RANGE',
  'CKR_SIGNATURE_INVALID',
])
/** Said of the same by some tokens (SoftHSM: the first), and of failures of the token by all. */
const ambiguous = new Set([
  'CKR_GENERAL_ERROR',
  'CKR_FUNCTION_FAILED',
  'CKR_DEVICE_ERROR',
  'CKR_ARGUMENTS_BAD',
])
/** Said by tokens that do not let attributes of a key be changed. */
const unchangeable = new Set([
  'CKR_ATTRIBUTE_READ_ONLY',
  'CKR_ACTION_PROHIBITED',
  'CKR_FUNCTION_NOT_SUPPORTED',
  'CKR_FUNCTION_REJECTED',
])

let p11
let token
let session
const handles = new Map()

async function logIn({ module, tokenLabel, tokenSerial, pin }) {
  p11 = await import(packageName).then(
    (loaded) => loaded.default,
    () => {
      throw new Fault('NOT_INSTALLED')
    },
  )
  token = new p11.PKCS11()
  try {
    token.load(module)
  } catch {
    throw new Fault('NO_LIBRARY')
  }
  token.C_Initialize()
  const slot = findSlot(tokenLabel, tokenSerial)
  session = token.C_OpenSession(slot, p11.CKF_SERIAL_SESSION | p11.CKF_RW_SESSION)
  try {
    token.C_Login(session, p11.CKU_USER, pin)
  } catch (error) {
    if (codeOf(error) !== 'CKR_USER_ALREADY_LOGGED_IN') throw error
  }
}

function findSlot(label, serial) {
  const fits = token.C_GetSlotList(true).filter((slot) => {
    const info = token.C_GetTokenInfo(slot)
    return (
      (label === undefined || trimmed(info.label) === label) &&
      (serial === undefined || trimmed(info.serialNumber) === serial)
    )
  })
  if (fits.length === 0) throw new Fault('TOKEN_MISSING')
  if (fits.length > 1) throw new Fault('TOKEN_AMBIGUOUS')
  return fits[0]
}

/** Fixed-length fields of a token are filled up with blanks, by some libraries with zeros. */
const trimmed = (text) => text.replace(/[\s\0]+$/, '')

const secretKeys = (label) => [
  { type: p11.CKA_CLASS, value: p11.CKO_SECRET_KEY },
  { type: p11.CKA_TOKEN, value: true },
  { type: p11.CKA_LABEL, value: label },
]

function findObjects(label) {
  token.C_FindObjectsInit(session, secretKeys(label))
  try {
    return token.C_FindObjects(session, 10)
  } finally {
    token.C_FindObjectsFinal(session)
  }
}

/** The key of that label, once looked at: one that could be read out of the token is no key for us. */
function findKey(label) {
  const known = handles.get(label)
  if (known !== undefined) return known
  const found = findObjects(label)
  if (found.length === 0) throw new Fault('KEY_MISSING')
  if (found.length > 1) throw new Fault('KEY_AMBIGUOUS')
  const [sensitive, extractable] = token
    .C_GetAttributeValue(session, found[0], [{ type: p11.CKA_SENSITIVE }, { type: p11.CKA_EXTRACTABLE }])
    .map(({ value }) => Buffer.from(value)[0] === 1)
  if (!sensitive || extractable) throw new Fault('KEY_EXPOSED')
  handles.set(label, found[0])
  return found[0]
}

const gcm = (iv, aad) => ({
  mechanism: p11.CKM_AES_GCM,
  parameter: { type: p11.CK_PARAMS_AES_GCM, iv, ivBits: nonceLength * 8, aad, tagBits: tagLength * 8 },
})

function seal(key, plain, aad) {
  const nonce = randomBytes(nonceLength)
  token.C_EncryptInit(session, gcm(nonce, Buffer.from(aad)), key)
  const sealed = token.C_Encrypt(session, Buffer.from(plain), Buffer.alloc(plain.length + tagLength + 16))
  return Buffer.concat([nonce, sealed])
}

function open(key, sealed, aad) {
  const nonce = Buffer.from(sealed.subarray(0, nonceLength))
  token.C_DecryptInit(session, gcm(nonce, Buffer.from(aad)), key)
  return token.C_Decrypt(session, Buffer.from(sealed.subarray(nonceLength)), Buffer.alloc(sealed.length))
}

/** Whether the token works with this key at all: it opens what it has just sealed. */
function works(key) {
  try {
    const plain = randomBytes(32)
    return open(key, seal(key, plain, plain), plain).equals(plain)
  } catch {
    return false
  }
}

const verbs = {
  'log-in': logIn,
  wrap: ({ label, items }) => {
    const key = findKey(label)
    return items.map(({ plain, aad }) => seal(key, plain, aad))
  },
  unwrap: ({ items }) =>
    items.map(({ label, sealed, aad }) => {
      const key = findKey(label)
      if (sealed.length <= nonceLength + tagLength) return undefined
      try {
        return open(key, sealed, aad)
      } catch (error) {
        const code = codeOf(error)
        if (unreadable.has(code) || (ambiguous.has(code) && works(key))) return undefined
        throw error
      }
    }),
  /** Makes the key unless it is there: after an attempt that was killed, it may be. */
  'make-key': ({ label }) => {
    if (findObjects(label).length > 0) return void findKey(label)
    const yes = [p11.CKA_TOKEN, p11.CKA_PRIVATE, p11.CKA_SENSITIVE, p11.CKA_ENCRYPT, p11.CKA_DECRYPT]
    const no = [
      p11.CKA_EXTRACTABLE,
      p11.CKA_WRAP,
      p11.CKA_UNWRAP,
      p11.CKA_SIGN,
      p11.CKA_VERIFY,
      p11.CKA_DERIVE,
    ]
    token.C_GenerateKey(session, { mechanism: p11.CKM_AES_KEY_GEN }, [
      { type: p11.CKA_CLASS, value: p11.CKO_SECRET_KEY },
      { type: p11.CKA_KEY_TYPE, value: p11.CKK_AES },
      { type: p11.CKA_VALUE_LEN, value: 32 },
      { type: p11.CKA_LABEL, value: label },
      ...yes.map((type) => ({ type, value: true })),
      ...no.map((type) => ({ type, value: false })),
    ])
  },
  /** Lets a key decrypt, or not. A token that does not allow this leaves it to the record in the key store. */
  allow: ({ label, decrypt }) => {
    try {
      token.C_SetAttributeValue(session, findKey(label), [{ type: p11.CKA_DECRYPT, value: decrypt }])
    } catch (error) {
      if (!unchangeable.has(codeOf(error))) throw error
    }
  },
  destroy: ({ label }) => {
    handles.delete(label)
    for (const object of findObjects(label)) token.C_DestroyObject(session, object)
  },
}

async function answer({ id, verb, given }) {
  try {
    process.send({ id, result: await verbs[verb](given) })
  } catch (error) {
    process.send({ id, fault: codeOf(error) })
  }
}

process.on('message', (message) => void answer(message))
// Whoever started it has gone: so does the login.
process.on('disconnect', () => process.exit(0))
