import { join } from 'node:path'

/** The home, port and address of the product that the browser tests start: never the developer's own `.vigil`. */
export const productHome = join(process.cwd(), '.vigil', 'browser-tests')
export const productPort = Number(process.env['VIGIL_TEST_PORT'] ?? 3900)
export const productUrl = process.env['VIGIL_TEST_URL'] ?? `http://localhost:${productPort}`
