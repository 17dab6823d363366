import { buildPages, generateClient } from '#lib/ops/start/build-product.ts'

/** Builds the pages the way `npm start` does, and leaves its mark, so that a start after it need not build again. */
const signal = new AbortController().signal
await generateClient(process.cwd(), signal)
await buildPages(process.cwd(), signal)
