import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const css = readFileSync(new URL('../app/globals.css', import.meta.url), 'utf8')

/** Custom properties of the first `:root` block after a mark in the file. */
function tokensAfter(mark: string): Record<string, string> {
  const block = css.slice(css.indexOf(mark)).match(/:root \{([^}]*)\}/)?.[1] ?? ''
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map(([, name, value]) => [name, value]),
  )
}

const light = tokensAfter('@layer base')
const themes = { light, dark: { ...light, ...tokensAfter('screen and (prefers-color-scheme: dark)') } }

/** Relative luminance and contrast as WCAG 2.2 defines them. */
function contrast(a: string, b: string): number {
  const [darker = 0, lighter = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y)
  return (lighter + 0.05) / (darker + 0.05)
}
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const channel = Number.parseInt(hex.slice(start, start + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

const text: [ink: string, grounds: string[]][] = [
  [
    'ink',
    [
      'page',
      'card',
      'inset',
      'info-tint',
      'bad-tint',
      'warn-tint',
      'ok-tint',
      'emergency-tint',
      'below-tint',
    ],
  ],
  ['muted', ['page', 'card', 'inset', 'info-tint']],
  ['link', ['page', 'card', 'info-tint']],
  ['bad', ['card', 'bad-tint', 'page']],
  ['below', ['card', 'below-tint']],
  ['warn', ['card', 'warn-tint']],
  ['ok', ['card', 'ok-tint']],
  ['emergency', ['card', 'emergency-tint']],
  ['on-primary', ['primary', 'primary-hover']],
  ['on-bad', ['bad']],
  ['on-emergency', ['emergency']],
  ['rail-ink', ['rail', 'rail-current']],
  ['rail-muted', ['rail']],
]
const drawn: [line: string, grounds: string[]][] = [
  ['control', ['card', 'page']],
  ['limit', ['card', 'band', 'track']],
  ['series', ['card', 'band', 'track']],
  ['series-second', ['card']],
  ['bad', ['band', 'track']],
  ['below', ['band', 'track']],
  ['focus', ['focus-outer']],
]

describe.each(Object.entries(themes))('%s theme', (_, tokens) => {
  const pairs = (list: [string, string[]][]) =>
    list.flatMap(([ink, grounds]) => grounds.map((ground) => [ink, ground] as const))
  it.each(pairs(text))('%s on %s reads at 7:1', (ink, ground) => {
    expect(contrast(tokens[ink] ?? '', tokens[ground] ?? '')).toBeGreaterThanOrEqual(7)
  })
  it.each(pairs(drawn))('%s on %s stands out at 3:1', (ink, ground) => {
    expect(contrast(tokens[ink] ?? '', tokens[ground] ?? '')).toBeGreaterThanOrEqual(3)
  })
})

it('would see a grey that is too light', () => expect(contrast('#8a97a3', '#ffffff')).toBeLessThan(4.5))
