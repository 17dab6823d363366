import 'server-only'

import type { KeyContext } from '#lib/crypto/key-context.ts'
import type { SecretKey } from '#lib/crypto/secret-key.ts'
import type { UnwrapRefusal, Wrapped } from './key-provider.ts'
import type { KeyProviders } from './key-providers.ts'

/**
 * Unwraps keys by whichever provider wrapped each, in the order given, with one call of each provider.
 * @throws what a provider throws: then none of the batch is given out
 */
export async function unwrapByProvider(
  providers: KeyProviders,
  batch: readonly { readonly wrapped: Wrapped; readonly context: KeyContext }[],
  signal: AbortSignal,
): Promise<(SecretKey | UnwrapRefusal)[]> {
  const answers = batch.map((): SecretKey | UnwrapRefusal => ({ refused: 'unreadable' }))
  const places = Map.groupBy(batch.keys(), (at) => batch[at]?.wrapped.provider ?? '')
  for (const [id, ats] of places) {
    const provider = await providers.find(id, signal)
    if (!provider) continue
    const part = ats.flatMap((at) => batch[at] ?? [])
    for (const [index, answer] of (await provider.unwrap(part, signal)).entries()) {
      const at = ats[index]
      if (at !== undefined) answers[at] = answer
    }
  }
  return answers
}
