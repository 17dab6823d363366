/** Ends pools and forgets keys, so that databases can be copied and servers stopped. */
export async function closeConnections(): Promise<void> {
  const { endPools } = await import('#lib/db/pools.ts')
  const { closeProcessKeyStore } = await import('#lib/keys/process-key-store.ts')
  await endPools()
  await closeProcessKeyStore()
}
