import { afterEach, beforeEach, expect, vi } from 'vitest'

/**
 * An error or warning on the console that a test did not ask for fails that test: React and Next report real faults there.
 * A test that expects one replaces the method itself.
 */
const unexpected: string[] = []

beforeEach(() => {
  unexpected.length = 0
  for (const method of ['error', 'warn'] as const) {
    vi.spyOn(console, method).mockImplementation((...parts: unknown[]) => {
      unexpected.push(`console.${method}: ${parts.map(String).join(' ')}`)
    })
  }
})

afterEach(() => {
  expect(unexpected, 'unexpected console output').toEqual([])
})
