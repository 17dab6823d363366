import 'server-only'
import { fork, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { readPrivateFile } from '#lib/keys/file/read-private-file.ts'
import { giveUpOn } from '#lib/keys/give-up-on.ts'
import { ProviderOutage } from '#lib/keys/key-provider.ts'
import { classifyTokenFault, isLost, isRefusedPin } from './classify-token-fault.ts'
import type { Pkcs11Settings } from './pkcs11-settings.ts'

/** What the process beside the token does, with what it is given and what it returns. */
type Verbs = {
  wrap: [{ label: string; items: { plain: Uint8Array; aad: Uint8Array }[] }, Uint8Array[]]
  /** undefined for what is not what this key and this associated data gave */
  unwrap: [{ items: { label: string; sealed: Uint8Array; aad: Uint8Array }[] }, (Uint8Array | undefined)[]]
  'make-key': [{ label: string }, undefined]
  allow: [{ label: string; decrypt: boolean }, undefined]
  destroy: [{ label: string }, undefined]
}

export type Token = {
  /**
   * Does one thing in the token. A login that was lost is made again, once.
   * @throws ProviderDenial, ProviderOutage; NotConfigured when pkcs11js is not there
   */
  ask<V extends keyof Verbs>(verb: V, given: Verbs[V][0], signal: AbortSignal): Promise<Verbs[V][1]>
  close(): void
}

/**
 * One call takes no longer, shorter than what the key store waits altogether; and so much more for each key of a batch: SoftHSM takes
 * 40 µs, a device in the network some milliseconds.
 */
const callSeconds = 2.5
const secondsPerKey = 0.02
/** Starting the process, loading the library and logging in. */
const startSeconds = 10

class TokenFault extends Error {
  readonly code: string
  constructor(code: string) {
    super(code)
    this.code = code
  }
}

type Waiting = { resolve(value: unknown): void; reject(error: Error): void }
type Running = { child: ChildProcess; waiting: Map<number, Waiting> }

/**
 * A token that speaks PKCS#11, behind a process of its own (token-process.mjs says why). The process is started by the first
 * call, logs in once, and is ended when it does not answer in time: the next call starts another.
 */
export function openToken(settings: Pkcs11Settings): Token {
  let running: Promise<Running> | undefined
  let current: Running | undefined
  let refusedPin: string | undefined
  let lastId = 0

  async function start(): Promise<Running> {
    const pin = settings.pin ?? (await readPrivateFile(settings.pinFile ?? '')).trim()
    const digest = createHash('sha256').update(pin).digest('hex')
    if (digest === refusedPin) throw classifyTokenFault('CKR_PIN_INCORRECT')
    const child = fork(programFile(), {
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    const started: Running = { child, waiting: new Map() }
    current = started
    child.on('message', (message) => {
      settle(started, message)
    })
    const gone = () => {
      drop(started, 'The library of the token has ended.')
    }
    child.on('error', gone)
    child.on('exit', gone)
    const { module, tokenLabel, tokenSerial } = settings
    try {
      await send(started, 'log-in', { module, tokenLabel, tokenSerial, pin }, startSeconds)
    } catch (error) {
      drop(started, 'The token was not opened.')
      if (error instanceof TokenFault && isRefusedPin(error.code)) refusedPin = digest
      throw error
    }
    return started
  }

  function drop(gone: Running, why: string): void {
    if (current === gone) {
      current = undefined
      running = undefined
    }
    gone.child.kill('SIGKILL')
    for (const each of gone.waiting.values()) each.reject(new ProviderOutage(why))
    gone.waiting.clear()
  }

  function send(to: Running, verb: string, given: unknown, seconds: number): Promise<unknown> {
    const id = (lastId += 1)
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const timer = setTimeout(() => {
      drop(to, 'The token did not answer in time; its library was ended.')
    }, seconds * 1000)
    to.waiting.set(id, { resolve, reject })
    // While it works for us it keeps this process alive, and no longer.
    hold(to.child, true)
    to.child.send({ id, verb, given }, (error) => {
      if (error) drop(to, 'The library of the token has ended.')
    })
    return promise.finally(() => {
      clearTimeout(timer)
      to.waiting.delete(id)
      if (to.waiting.size === 0) hold(to.child, false)
    })
  }

  async function once(verb: keyof Verbs, given: Verbs[keyof Verbs][0]): Promise<unknown> {
    running ??= start()
    const starting = running
    const started = await starting.catch((error: unknown) => {
      if (running === starting) running = undefined
      throw error
    })
    return send(started, verb, given, callSeconds + keysIn(given) * secondsPerKey)
  }

  async function withNewLogin(verb: keyof Verbs, given: Verbs[keyof Verbs][0]): Promise<unknown> {
    try {
      return await once(verb, given)
    } catch (error) {
      if (!(error instanceof TokenFault) || !isLost(error.code)) throw error
      if (current) drop(current, 'The login to the token was lost.')
      return once(verb, given)
    }
  }

  return {
    async ask<V extends keyof Verbs>(verb: V, given: Verbs[V][0], signal: AbortSignal) {
      signal.throwIfAborted()
      try {
        // The process was written together with these types, and nobody else writes to its channel.
        return (await giveUpOn(signal, withNewLogin(verb, given))) as Verbs[V][1]
      } catch (error) {
        throw error instanceof TokenFault ? classifyTokenFault(error.code) : error
      }
    },
    close() {
      if (current) drop(current, 'The token was closed.')
    },
  }
}

const keysIn = (given: Verbs[keyof Verbs][0]): number => ('items' in given ? given.items.length : 1)

function settle({ waiting }: Running, message: unknown): void {
  if (typeof message !== 'object' || message === null || !('id' in message)) return
  const asked = waiting.get(Number(message.id))
  if ('fault' in message) asked?.reject(new TokenFault(String(message.fault)))
  else asked?.resolve('result' in message ? message.result : undefined)
}

function hold(child: ChildProcess, alive: boolean): void {
  if (alive) {
    child.ref()
    child.channel?.ref()
  } else {
    child.unref()
    child.channel?.unref()
  }
}

/** Beside this file; a bundle has it elsewhere, and is served from the folder that Vigil is in. */
function programFile(): string {
  const name = 'token-process.mjs'
  const beside = path.join(path.dirname(fileURLToPath(import.meta.url)), name)
  return existsSync(beside) ? beside : path.join(process.cwd(), 'lib', 'keys', 'pkcs11', name)
}
