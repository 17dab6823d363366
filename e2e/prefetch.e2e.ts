import type { Page } from '@playwright/test'
import { accessesOf } from './support/footprint.ts'
import { accountIdOf, expect, test, type Person } from './support/people.ts'

// A record of an access must mean that somebody looked. A browser that fetches pages ahead, because a link came into
// view or the mouse rested on it, would accuse its owner of reading what they never opened.

const lists: { name: string; person: Person; path: string; links: RegExp }[] = [
  { name: 'the worklist', person: 'nadia', path: '/care', links: /^\/care\/patients\// },
  { name: 'a patient’s results', person: 'maria', path: '/results', links: /^\/results\// },
  { name: 'who looked', person: 'maria', path: '/who-looked', links: /^\/(who-looked|home|results|summary|notes)/ },
  { name: 'the billing queue', person: 'ben', path: '/billing', links: /^\/billing\/accounts\// },
] // prettier-ignore

/** Addresses of the links of a page that lead where a record is read. */
const linksOf = (page: Page, wanted: RegExp): Promise<string[]> =>
  page
    .locator('main a[href], nav a[href]')
    .evaluateAll(
      (links, source) => links.map((link) => link.getAttribute('href') ?? '').filter((href) => new RegExp(source).test(href)),
      wanted.source,
    ) // prettier-ignore

for (const { name, person, path, links } of lists) {
  test(`hovering and scrolling ${name} opens nothing; a click does`, async ({ as }) => {
    const page = await as(person)
    const account = await accountIdOf(person)
    await page.goto(path)
    await page.waitForLoadState('networkidle')
    const addresses = await linksOf(page, links)
    expect(addresses.length).toBeGreaterThan(2)
    const before = await accessesOf(account)

    const fetched: string[] = []
    page.on('request', (request) => fetched.push(new URL(request.url()).pathname))
    const height = await page.evaluate(() => document.documentElement.scrollHeight)
    for (let y = 0; y < height; y += 500) await page.mouse.wheel(0, 500)
    await page.evaluate(() => scrollTo(0, 0))
    const targets = page.locator('main a[href]')
    for (let i = 0; i < Math.min(await targets.count(), 12); i++) {
      if (!(await targets.nth(i).isVisible())) continue
      await targets.nth(i).hover()
      await targets.nth(i).focus()
    }
    await page.waitForTimeout(800)
    expect(await accessesOf(account), 'rows of the trail').toBe(before)
    expect(fetched.filter((address) => links.test(address)), 'pages fetched ahead').toEqual([]) // prettier-ignore

    // the count is one that moves: opening the first of them is recorded
    await page.goto(addresses[0] ?? '')
    expect(await accessesOf(account)).toBeGreaterThan(before)
  })
}
