import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { demoSecretPrefix } from '#lib/parse-env.ts'
import { homeOwner, lockHome } from './lock.ts'
import { openHome, readHome } from './open-home.ts'
import { processIdentity } from './process-identity.ts'
import { makeMissingSecrets, readSecret, secretNames, secretPath } from './secrets.ts'

let parent = ''
let home = ''
beforeEach(() => {
  parent = mkdtempSync(path.join(tmpdir(), 'vigil-home-'))
  home = path.join(parent, 'home')
})
afterEach(() => rmSync(parent, { recursive: true }))

describe('a home', () => {
  it('is made for its owner alone and opens again', () => {
    openHome(home, 'demo')
    expect(statSync(home).mode & 0o777).toBe(0o700)
    expect(openHome(home, 'demo')).toEqual({ kind: 'demo', demo: 'none' })
  })

  it('of a newer version is refused, and left as it is', () => {
    openHome(home, 'demo')
    writeFileSync(path.join(home, 'VERSION'), '2\n')
    expect(() => openHome(home, 'demo')).toThrow(
      'was written by a newer Vigil (home version 2, this one knows 1)',
    )
    expect(readFileSync(path.join(home, 'VERSION'), 'utf8')).toBe('2\n')
  })

  it('with an unreadable version is refused', () => {
    openHome(home, 'demo')
    writeFileSync(path.join(home, 'VERSION'), 'garbage')
    expect(() => openHome(home, 'demo')).toThrow('does not hold a version that Vigil knows')
  })

  it('is never made in a directory that holds something else', () => {
    writeFileSync(path.join(parent, 'thesis.tex'), '')
    expect(() => openHome(parent, 'demo')).toThrow('is not empty and not a home of Vigil')
    expect(existsSync(path.join(parent, 'VERSION'))).toBe(false)
  })

  it('that a killed start left without VERSION is finished', () => {
    openHome(home, 'demo')
    rmSync(path.join(home, 'VERSION'))
    expect(openHome(home, 'demo').kind).toBe('demo')
  })

  it('of a demo never serves production, nor the other way round', () => {
    openHome(home, 'demo')
    expect(() => openHome(home, 'production')).toThrow('must never serve real patients')
    const other = path.join(parent, 'other')
    openHome(other, 'production')
    expect(() => openHome(other, 'demo')).toThrow('set VIGIL_ENV=production')
    expect(readHome(other)?.kind).toBe('production')
  })
})

describe('secrets', () => {
  it('are random, one per login, in files for their owner alone', () => {
    openHome(home, 'production')
    makeMissingSecrets(home, 'production')
    const values = secretNames.map((name) => readSecret(home, name))
    expect(new Set(values).size).toBe(secretNames.length)
    expect(
      values.every((value) => /^[A-Za-z0-9_-]{43}$/.test(value) && !value.startsWith(demoSecretPrefix)),
    ).toBe(true)
    for (const name of secretNames) expect(statSync(secretPath(home, name)).mode & 0o777).toBe(0o600)
  })

  it('stay when they are there, and those of a demo say so', () => {
    makeMissingSecrets(home, 'demo')
    const before = readSecret(home, 'vigil_app')
    makeMissingSecrets(home, 'demo')
    expect(readSecret(home, 'vigil_app')).toBe(before)
    expect(before.startsWith(demoSecretPrefix)).toBe(true)
  })

  it('that are missing are told in a sentence', () => {
    expect(() => readSecret(home, 'vigil_app')).toThrow('cannot be read')
  })
})

const leave = (content: object): void => writeFileSync(path.join(home, 'lock'), JSON.stringify(content))

describe('the lock of a home', () => {
  beforeEach(() => void openHome(home, 'demo'))

  it('keeps a second start out, by name', async () => {
    const lock = await lockHome(home, 'start')
    await expect(lockHome(home, 'start')).rejects.toThrow(
      `Vigil already runs on ${home} (process ${process.pid})`,
    )
    lock.release()
    ;(await lockHome(home, 'start')).release()
  })

  it('lets a start wait for a command, and gives up on one that does not end', async () => {
    const lock = await lockHome(home, 'command')
    await expect(lockHome(home, 'start', 0.2)).rejects.toThrow('still works on')
    setTimeout(() => lock.release(), 150)
    ;(await lockHome(home, 'start', 5)).release()
  })

  it('of a process that is gone counts for nothing, even when its number lives on in another', async () => {
    leave({ pid: 2 ** 22 - 1, identity: 'gone', purpose: 'start' })
    ;(await lockHome(home, 'start')).release()
    leave({ pid: process.pid, identity: 'an earlier life', purpose: 'start' })
    ;(await lockHome(home, 'start')).release()
    writeFileSync(path.join(home, 'lock'), 'half a li')
    ;(await lockHome(home, 'start')).release()
  })

  it('is had by one of twenty who want it at once', async () => {
    leave({ pid: 2 ** 22 - 1, identity: 'gone', purpose: 'start' })
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => lockHome(home, 'start')))
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('tells others when they may work on the databases', async () => {
    const lock = await lockHome(home, 'start')
    expect(homeOwner(home)?.serving).toBeUndefined()
    lock.noteServing()
    expect(homeOwner(home)).toMatchObject({ pid: process.pid, purpose: 'start', serving: true })
    lock.release()
    expect(homeOwner(home)).toBeUndefined()
  })

  it('of a killed start ends the web process that it left behind on the port', async () => {
    const web = spawn('sleep', ['60'])
    const ended = new Promise((resolve) => web.once('exit', (_, signal) => resolve(signal)))
    leave({
      pid: 2 ** 22 - 1,
      identity: 'gone',
      purpose: 'start',
      web: { pid: web.pid, identity: processIdentity(web.pid ?? 0) },
    })
    const lock = await lockHome(home, 'start')
    expect(await ended).toBe('SIGKILL')
    lock.release()
  })
})

describe.skipIf(process.geteuid?.() !== 0)('run by root', () => {
  it('a home keeps its mode when it is opened again', () => {
    openHome(home, 'demo')
    chmodSync(home, 0o711)
    openHome(home, 'demo')
    expect(statSync(home).mode & 0o777).toBe(0o711)
  })
})
