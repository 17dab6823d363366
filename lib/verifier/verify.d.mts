/** The stand-alone verifier, for those who call it from TypeScript. */
export type FoundEvidence = { origin: string; size: number; root: string; entries: number }
/** @throws Error with the reason when anything does not fit */
export function verifyEvidence(text: string, keyText: string): FoundEvidence
