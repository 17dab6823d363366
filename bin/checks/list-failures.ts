import { stripVTControlCharacters } from 'node:util'
import { z } from 'zod'
import { readJson } from './read-report.ts'

const vitestRun = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().catch(''),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
})

type Suite = { title: string; specs: Spec[]; suites: Suite[] }
type Spec = z.infer<typeof spec>
const spec = z.object({
  title: z.string(),
  file: z.string(),
  ok: z.boolean(),
  tests: z.array(
    z.object({
      results: z.array(z.object({ error: z.object({ message: z.string() }).partial().nullish() })),
    }),
  ),
})
const suite: z.ZodType<Suite> = z.lazy(() =>
  z.object({
    title: z.string(),
    specs: z.array(spec).default([]),
    suites: z.array(suite).default([]),
  }),
)
const playwrightRun = z.object({ suites: z.array(suite) })

const late = ' (passed when tried again)'

/**
 * The tests of a report that failed, each with the beginning of what it said: printed once more at the end of a run, because
 * whoever reads a long log reads its end. One that passed only when it was tried again is among them, and says so: it waits for
 * luck, and wants mending.
 * @param path a report of vitest or of Playwright; one that is missing names nothing
 */
export function listFailures(path: string): string[] {
  const report = readJson(path)
  const vitest = vitestRun.safeParse(report)
  if (vitest.success) {
    return vitest.data.testResults.flatMap(({ name, status, message, assertionResults }) => {
      const noted = assertionResults.filter(
        (test) => test.status === 'failed' || (test.status === 'passed' && test.failureMessages?.length),
      )
      if (noted.length === 0 && status === 'failed') return [line(name, 'could not be loaded', message)]
      return noted.map(({ fullName, status: how, failureMessages }) =>
        line(name, how === 'passed' ? `${fullName}${late}` : fullName, failureMessages?.[0]),
      )
    })
  }
  const playwright = playwrightRun.safeParse(report)
  if (!playwright.success) return []
  return playwright.data.suites.flatMap(specsOf).flatMap(({ file, title, ok, tests }) => {
    const messages = tests.flatMap(({ results }) => results.flatMap(({ error }) => error?.message ?? []))
    if (ok && messages.length === 0) return []
    return [line(file, ok ? `${title}${late}` : title, messages[0])]
  })
}

function specsOf({ specs, suites }: Suite): Spec[] {
  return [...specs, ...suites.flatMap(specsOf)]
}

/** A failure's first lines; a whole page of them would hide the next one. */
function line(file: string, title: string, message = ''): string {
  const plain = stripVTControlCharacters(message).trim()
  const said = plain.split('\n').slice(0, 12).join('\n    ').slice(0, 1200)
  return `${file}: ${title}${said === '' ? '' : `\n    ${said}`}`
}
