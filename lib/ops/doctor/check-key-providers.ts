import 'server-only'
import { VigilError } from '#lib/errors.ts'
import type { KeyProvider } from '#lib/keys/key-provider.ts'
import { readKeyringStates } from '#lib/keys/keyring-states.ts'
import { openKeySource } from '#lib/keys/open-key-source.ts'
import { keySettings } from '#lib/ops/keys/with-key-source.ts'
import type { Env } from '#lib/parse-env.ts'
import { type Check, finding, fine } from './finding.ts'

/** Longer than one call of a provider may take, with its retries. */
const patienceMilliseconds = 8000

/** Those who hold the root keys: do they wrap and unwrap now? The current one, and one that keys are leaving. */
export const checkKeyProviders = async (env: Env): Promise<Check[]> => {
  try {
    const source = await openKeySource(keySettings(env))
    try {
      const inUse = (await readKeyringStates(source.database)).filter(
        ({ standing }) => standing === 'current' || standing === 'leaving',
      )
      const checks: Check[] = []
      for (const { provider: id } of inUse) {
        const provider = await source.providers.find(id, AbortSignal.timeout(patienceMilliseconds))
        if (provider) checks.push(await checkHealth(provider))
      }
      return checks
    } finally {
      await source.close()
    }
  } catch (error) {
    const why = error instanceof VigilError ? error.message : 'it cannot be asked.'
    return [finding('key provider', why)]
  }
}

const checkHealth = async (provider: KeyProvider): Promise<Check> => {
  const name = `key provider ${provider.id}`
  const health = await provider.health(AbortSignal.timeout(patienceMilliseconds)).catch(() => 'degraded')
  if (health === 'ok') return fine(name, 'wraps and unwraps')
  return health === 'denied'
    ? finding(name, 'it refuses: no record opens until it allows Vigil in again (docs/keys.md).')
    : finding(name, 'it does not answer: records open only while their keys are cached (docs/keys.md).')
}
