import 'server-only'

/** Number, settled mark and notes of a call, as its rows carry them. */
export type CallWords = {
  readonly seq: number
  /** every call of this writer below it is answered */
  readonly settled: number
  /** `12v,13=4`: call 12 was rolled back, call 13 wrote four rows of the patients' log; empty when there is nothing to say */
  readonly notes: string
}

/** What a process asks the door for: the part of a row that nobody but the process can vouch for. */
export type Claim =
  | {
      readonly kind: 'admission'
      readonly requestId: string
      readonly actorId: string
      readonly action: string
      readonly view: string
      /** fields by model, in canonical JSON */
      readonly fields: string
      /** sorted, each once */
      readonly patients: readonly string[]
    }
  | { readonly kind: 'search'; readonly requestId: string; readonly actorId: string; readonly view: string }
  | {
      readonly kind: 'effects'
      readonly requestId: string
      /** patient, action, model and row id or null of each change, in their order */
      readonly effects: readonly (readonly [string, string, string, string | null])[]
    }
  /** security events that are written along with a call, or alone */
  | { readonly kind: 'events' }

/** The text that the key of a call is made from: one spelling for one claim. */
export function claimText({ seq, settled, notes }: CallWords, claim: Claim): string {
  return JSON.stringify([seq, settled, notes, ...partsOf(claim)])
}

function partsOf(claim: Claim): readonly unknown[] {
  switch (claim.kind) {
    case 'admission': {
      const { requestId, actorId, action, view, fields, patients } = claim
      return ['admission', requestId, actorId, action, view, fields, patients]
    }
    case 'search':
      return ['search', claim.requestId, claim.actorId, claim.view]
    case 'effects':
      return ['effects', claim.requestId, claim.effects]
    case 'events':
      return ['events']
  }
}
