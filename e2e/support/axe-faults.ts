import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'

/** WCAG 2.2 A and AA, as far as axe sees it. */
export const wcagRules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

type Violation = { id: string; nodes: { target: unknown }[] }
type Options = { resultTypes: ['violations']; runOnly?: { type: 'tag'; values: string[] } }
type Axe = { run: (root: Document, options: Options) => Promise<{ violations: Violation[] }> }

/**
 * Faults that axe finds on what is shown, each as its rule and the first places of it; by every rule, or by those that have one of the
 * tags. The library is read into a document once: reading it, and writing out all that passed, took three times as long as the look.
 */
export async function axeFaults(page: Page, tags?: string[]): Promise<string[]> {
  const options: Options = {
    resultTypes: ['violations'],
    ...(tags === undefined ? {} : { runOnly: { type: 'tag', values: tags } }),
  }
  const isRead = await page.evaluate(() => 'axe' in globalThis)
  const violations: Violation[] = isRead
    ? await page.evaluate(async (given) => {
        const { axe } = globalThis as unknown as { axe: Axe }
        const found = await axe.run(document, given)
        return found.violations.map(({ id, nodes }) => ({
          id,
          nodes: nodes.map(({ target }) => ({ target })),
        }))
      }, options)
    : (await new AxeBuilder({ page }).setLegacyMode(true).options(options).analyze()).violations
  return violations.map(
    ({ id, nodes }) => `${id} at ${nodes.slice(0, 3).map(({ target }) => String(target)).join(', ')}`, // prettier-ignore
  )
}
