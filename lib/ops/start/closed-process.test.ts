import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { closedProcessOptions, nodeOptions, requireClosedProcess } from './require-closed-process.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'vigil-closed-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** What a process can tell of itself: its limit on core dumps, its options, and whether SIGUSR1 opens a debugger. */
const selfPortrait = path.join(folder, 'self.mts')
writeFileSync(
  selfPortrait,
  `import inspector from 'node:inspector'
   import { readFileSync } from 'node:fs'
   import { execFileSync } from 'node:child_process'
   import { setTimeout } from 'node:timers/promises'
   // Without an option that forbids it, Node listens for a debugger from here on.
   process.kill(process.pid, 'SIGUSR1')
   const patience = Number(process.argv[2] ?? 1000)
   for (let waited = 0; waited < patience && !inspector.url(); waited += 10) await setTimeout(10)
   const limits = readFileSync('/proc/self/limits', 'utf8')
   const ofChild = execFileSync('cat', ['/proc/self/limits'], { encoding: 'utf8' })
   const core = (text) => /^Max core file size +(\\S+) +(\\S+)/m.exec(text)?.slice(1)
   console.log(JSON.stringify({
     core: core(limits), coreOfChild: core(ofChild), debuggerAt: inspector.url() ?? null,
     environment: 'environmentVariables' in process.report.getReport(),
   }))`,
)

describe.skipIf(process.platform !== 'linux')('attack 53: a process of Vigil seen from outside', () => {
  const run = (command: string, parameters: string[]) =>
    spawnSync(command, parameters, { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } })
  const portrait = (command: string, parameters: string[]) => {
    const { stdout, stderr, status } = run(command, parameters)
    return { ...(stdout === '' ? {} : (JSON.parse(stdout) as object)), stderr, status }
  }

  test('attack 53: the launcher leaves no core dump, opens no debugger on SIGUSR1, and keeps the environment out of reports', () => {
    const launch = path.join(folder, 'launch.mjs')
    const file = path.relative(path.resolve('bin'), selfPortrait)
    writeFileSync(
      launch,
      `import { runPinned } from ${JSON.stringify(path.resolve('bin/run-pinned.mjs'))}\nrunPinned(${JSON.stringify(file)}, [])`,
    )
    expect(portrait(process.execPath, [launch])).toEqual({
      core: ['0', '0'],
      coreOfChild: ['0', '0'],
      debuggerAt: null,
      environment: false,
      stderr: '',
      status: 0,
    })
  })

  test('attack 53: control: Node by itself does all three', () => {
    const seen = portrait('/bin/sh', [
      '-c',
      `ulimit -S -c 1; exec "$0" "$@"`,
      process.execPath,
      '--inspect-port=0',
      selfPortrait,
      '30000',
    ])
    expect(seen).toMatchObject({ environment: true, status: 0 })
    expect(seen).toHaveProperty('debuggerAt', expect.stringMatching(/^ws:/))
    // Where the machine allows no core dump to anybody, there is none to forbid.
    const mayDump = !/^Max core file size +0 +0 /m.test(readFileSync('/proc/self/limits', 'utf8'))
    expect(seen).toHaveProperty('core', mayDump ? expect.not.arrayContaining(['0']) : ['0', '0'])
  })
})

describe('attack 53: options that open a process', () => {
  const opening = [
    '--inspect',
    '--inspect=0.0.0.0:9229',
    '--inspect-brk',
    '--inspect-wait',
    '--heapsnapshot-signal=SIGUSR2',
    '--heapsnapshot-near-heap-limit=2',
    '--heap-prof',
    '--cpu-prof',
    '--report-on-signal',
    '--report-uncaught-exception',
    '--report-on-fatalerror',
  ]

  test.each(opening)('attack 53: %s is refused in production, however it is given', (option) => {
    const name = option.replace(/=.*/, '')
    expect(() => requireClosedProcess('production', nodeOptions([option], undefined))).toThrow(name)
    expect(() =>
      requireClosedProcess('production', nodeOptions([], `--max-old-space-size=512 ${option}`)),
    ).toThrow(name)
    expect(() => requireClosedProcess('demo', [option])).not.toThrow()
  })

  test('attack 53: a debugger that listens already is refused, and ordinary options are not', () => {
    expect(() => requireClosedProcess('production', [], 'ws://127.0.0.1:9229/x')).toThrow('ws://')
    const ordinary = nodeOptions([...closedProcessOptions, '--import', 'x'], ' --max-old-space-size=512 ')
    expect(() => requireClosedProcess('production', ordinary, undefined)).not.toThrow()
  })
})
