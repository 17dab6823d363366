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

/**
 * The tests of a report that failed, each with the beginning of what it said: printed once more at the end of a run, because
 * whoever reads a long log reads its end. A browser test that passed only when it was tried again is among them, and says so.
 * @param path a report of vitest or of Playwright; one that is missing names nothing
 */
export function listFailures(path: string): string[] {
  const report = readJson(path)
  const vitest = vitestRun.safeParse(report)
  if (vitest.success) {
    return vitest.data.testResults.flatMap(({ name, status, message, assertionResults }) => {
      const failed = assertionResults.filter((test) => test.status === 'failed')
      if (failed.length === 0) return status === 'failed' ? [line(name, 'could not be loaded', message)] : []
      return failed.map((test) => line(name, test.fullName, test.failureMessages?.[0]))
    })
  }
  const playwright = playwrightRun.safeParse(report)
  if (!playwright.success) return []
  return playwright.data.suites.flatMap(specsOf).flatMap(({ file, title, ok, tests }) => {
    const messages = tests.flatMap(({ results }) => results.flatMap(({ error }) => error?.message ?? []))
    if (ok && messages.length === 0) return []
    return [line(file, ok ? `${title} (passed when tried again)` : title, messages[0])]
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
