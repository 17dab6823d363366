import 'server-only'
import { leafData, type RowTexts } from '#lib/audit/seal/leaf-data.ts'
import { sealedLogs } from '#lib/audit/seal/sealed-log.ts'

/**
 * One entry a line, in the very spelling that the seal was made of (RFC 8785): the SHA-256 of a zero byte and the line is the entry's
 * leaf in the tree, so that anybody can hold a line against a proof.
 */
export async function* asNdjson(
  pages: AsyncIterable<readonly RowTexts[]>,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const page of pages)
    yield Buffer.from(page.map((row) => `${leafData(sealedLogs.P, row)}\n`).join(''))
}
