import { beforeEach, describe, expect, it } from 'vitest'
import { Refused } from '#lib/errors.ts'
import { parseEnv } from '#lib/parse-env.ts'
import { type CommandModule, WrongUsage } from './command.ts'
import { type CommandEntry, runCommandLine } from './run-command-line.ts'

let out = ''
let err = ''
beforeEach(() => {
  out = ''
  err = ''
})

const entry = (
  verb: string,
  run: CommandModule['run'],
  options?: CommandModule['options'],
): CommandEntry => ({
  verb,
  usage: 'WORD',
  summary: `does ${verb}`,
  load: () => Promise.resolve(options === undefined ? { run } : { run, options }),
})

const entries = [
  entry('show', ({ words }) => Promise.resolve({ ok: true, text: words.join('+'), json: { words } })),
  entry('show deep', () => Promise.resolve({ ok: true, text: 'deep', json: 'deep' })),
  entry('look', () => Promise.resolve({ ok: false, text: 'found', json: { found: 1 } })),
  entry('wrong', () => Promise.reject(new WrongUsage('Name one.'))),
  entry('refuse', () => Promise.reject(new Refused('It is closed: open it.'))),
  entry('break', () =>
    Promise.reject(Object.assign(new Error('Key (name)=(Maria Alvarez) exists'), { code: '23505' })),
  ),
  entry(
    'take',
    ({ options }) => Promise.resolve({ ok: true, text: String(options['size']), json: options }),
    { size: { type: 'string' } },
  ),
]

const call = (...words: string[]): Promise<number> =>
  runCommandLine(entries, words, () => parseEnv({}), {
    out: (text) => (out += text),
    err: (text) => (err += text),
  })

describe('the exit status', () => {
  it.each([
    [['show', 'a'], 0],
    [['show', '--help'], 0],
    [['--help'], 0],
    [['look'], 1],
    [['refuse'], 1],
    [['break'], 1],
    [['wrong'], 2],
    [['nonsense'], 2],
    [[], 2],
    [['show', '--unknown'], 2],
    [['take', '--size'], 2],
  ] as const)('of %j is %i, and the same with --json', async (words, status) => {
    expect(await call(...words)).toBe(status)
    expect(`${out}${err}`).not.toBe('')
    out = ''
    err = ''
    expect(await call(...words, '--json')).toBe(status)
    expect(() => JSON.parse(out) as unknown).not.toThrow()
    expect(err).toBe('')
  })
})

describe('a command line', () => {
  it('calls the verb with the longest name that fits', async () => {
    await call('show', 'deep')
    expect(out).toBe('deep\n')
  })

  it('hands on the words after the verb, and its options', async () => {
    await call('show', 'a', 'b')
    expect(out).toBe('a+b\n')
    out = ''
    await call('take', '--size', '3')
    expect(out).toBe('3\n')
  })

  it('shows the refusal and its reference, and never the text of an unknown error', async () => {
    await call('refuse', '--json')
    expect(JSON.parse(out)).toMatchObject({
      error: { message: 'It is closed: open it.', reference: expect.stringMatching(/^V-/) as string },
    })
    out = ''
    await call('break')
    await call('break', '--json')
    expect(out + err).toContain('23505')
    expect(out + err).not.toContain('Maria')
  })

  it('shows help without reading the settings, which may be what is wrong', async () => {
    const faulty = (): never => {
      throw new Error('the settings were read')
    }
    expect(
      await runCommandLine(entries, ['look', '--help'], faulty, {
        out: (text) => (out += text),
        err: () => undefined,
      }),
    ).toBe(0)
    expect(out).toContain('vigil look WORD')
  })
})

describe('the overview', () => {
  it('of a family is about that family, and of nonsense about everything', async () => {
    expect(await call('wrong-word')).toBe(2)
    expect(err).toContain('vigil look WORD')
    err = ''
    expect(await runCommandLine(family, ['keys'], () => parseEnv({}), { out: () => {}, err: (text) => (err += text) })).toBe(2)
    expect(err).toContain('vigil keys turn')
    expect(err).not.toContain('vigil other')
  }) // prettier-ignore

  it('fits a terminal of eighty columns', async () => {
    await runCommandLine(family, ['--help'], () => parseEnv({}), {
      out: (text) => (out += text),
      err: () => {},
    })
    expect(out).toContain('vigil keys turn')
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([])
  })
})

const family: CommandEntry[] = ['keys turn', 'keys show', 'other'].map((verb) => ({
  ...entry(verb, () => Promise.resolve({ ok: true, text: '', json: null })),
  usage: '[--one NAME | --another NAME] '.repeat(6).trim(),
  summary: 'Does what nobody could say in a line that fits the terminal of a person in a hurry, twice over',
}))
