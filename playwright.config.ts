import { defineConfig } from '@playwright/test'
import { browserFlags, findBrowser } from './e2e/support/find-browser.ts'
import { productUrl } from './e2e/support/product.ts'

/**
 * The browser tests: the product is started once, on a home and a port of its own (e2e/support/start-product.ts),
 * and every test shares it. One worker, because the product under test wants the other core.
 */
export default defineConfig({
  testDir: './e2e',
  testMatch: '**/*.e2e.ts',
  // A folder of its own: Playwright empties it when it starts, and the reports of the other tests lie beside it.
  outputDir: './test-results/browser',
  globalSetup: './e2e/support/start-product.ts',
  fullyParallel: false,
  workers: 1,
  // On a machine that others use as well, a test that fails is tried once more: if it passes then, the run's end names it.
  retries: process.env['CI'] ? 1 : 0,
  forbidOnly: true,
  // Generous: a limit is for what hangs, and a machine that others use as well may be many times slower.
  timeout: 240_000,
  expect: { timeout: 30_000 },
  reporter: [['list'], ['json', { outputFile: 'test-results/browser.json' }]],
  use: {
    baseURL: productUrl,
    locale: 'en-US',
    timezoneId: 'America/New_York',
    trace: 'off',
    screenshot: 'off',
    launchOptions: { executablePath: await findBrowser(), args: browserFlags },
  },
  projects: [
    {
      name: 'desktop',
      testIgnore: '**/*.phone.e2e.ts',
      use: { viewport: { width: 1280, height: 900 } },
    },
    {
      name: 'phone',
      testMatch: '**/*.phone.e2e.ts',
      use: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
    },
  ],
})
