import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openHome, readHome, writeHome } from '#lib/ops/home/open-home.ts'
import { makeMissingSecrets } from '#lib/ops/home/secrets.ts'
import { parseEnv } from '#lib/parse-env.ts'
import { clearHalfLoadedDemo, wantsDemo } from './demo-clinic.ts'

let home = ''
beforeEach(() => (home = path.join(mkdtempSync(path.join(tmpdir(), 'vigil-demo-')), 'home')))
afterEach(() => rmSync(path.dirname(home), { recursive: true }))

const fill = (kind: 'demo' | 'production', demo: 'none' | 'loading' | 'loaded'): void => {
  openHome(home, kind)
  makeMissingSecrets(home, kind)
  writeHome(home, { kind, demo })
  for (const name of ['pg', 'keystore', 'keys']) {
    mkdirSync(path.join(home, name))
    writeFileSync(path.join(home, name, 'file'), '')
  }
}
const left = (): string[] =>
  ['pg', 'keystore', 'keys', 'secrets'].filter((name) => existsSync(path.join(home, name)))
const everything = ['pg', 'keystore', 'keys', 'secrets']

describe('the demo clinic', () => {
  it('is loaded into a new demo home once', () => {
    fill('demo', 'none')
    expect(wantsDemo(parseEnv({ VIGIL_HOME: home }))).toBe(true)
    writeHome(home, { kind: 'demo', demo: 'loaded' })
    expect(wantsDemo(parseEnv({ VIGIL_HOME: home }))).toBe(false)
  })

  it('is never loaded in production, whatever the home says', () => {
    fill('production', 'none')
    expect(wantsDemo(parseEnv({ VIGIL_HOME: home, VIGIL_ENV: 'production' }))).toBe(false)
    expect(wantsDemo(parseEnv({ VIGIL_HOME: home }))).toBe(false)
    writeHome(home, { kind: 'demo', demo: 'none' })
    expect(wantsDemo(parseEnv({ VIGIL_HOME: home, VIGIL_ENV: 'production' }))).toBe(false)
  })

  it('that is half there is made afresh', () => {
    fill('demo', 'loading')
    expect(clearHalfLoadedDemo(parseEnv({ VIGIL_HOME: home }))).toBe(true)
    expect(left()).toEqual(['secrets'])
    expect(readHome(home)?.demo).toBe('none')
  })

  // What would be lost: a clinic's records, to a line that was meant for half a demo.
  it.each([
    ['demo', 'loaded'],
    ['demo', 'none'],
    ['production', 'loading'],
    ['production', 'none'],
  ] as const)('is not removed from a %s home that says %s', (kind, demo) => {
    fill(kind, demo)
    expect(clearHalfLoadedDemo(parseEnv({ VIGIL_HOME: home }))).toBe(false)
    expect(left()).toEqual(everything)
  })

  it('that is half on a database of somebody else’s is left to its administrator', () => {
    fill('demo', 'loading')
    const env = parseEnv({ VIGIL_HOME: home, DATABASE_URL: 'postgresql://a:b@localhost/vigil' })
    expect(() => clearHalfLoadedDemo(env)).toThrow('empty that database and the key store')
    expect(left()).toEqual(everything)
  })
})
