import { expect, type Locator, type Page } from '@playwright/test'

/** Presses Tab until the wanted element has the focus; each stop must be seen, and the focus never fall off the page. */
export async function tabTo(page: Page, wanted: Locator): Promise<void> {
  for (let stops = 0; stops < 90; stops++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press('Tab')
    const focus = await page.evaluate(() => {
      const element = document.activeElement
      if (!element || element === document.body) return null
      const style = getComputedStyle(element)
      return { tag: element.outerHTML.slice(0, 120), ring: Number.parseFloat(style.outlineWidth) > 0 && style.outlineStyle !== 'none' || style.boxShadow !== 'none' }
    }) // prettier-ignore
    if (focus) expect(focus.ring, `the focus is seen at ${focus.tag}`).toBe(true)
  }
  throw new Error('the keyboard does not get there')
}
