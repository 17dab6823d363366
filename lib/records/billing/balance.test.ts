import fc from 'fast-check'
import { expect, test } from 'vitest'
import { balanceOf, claimState } from './balance.ts'

const claim = { id: 'c1', status: 'active', total: 120.1 }
const decision = {
  claimId: 'c1',
  status: 'active',
  submitted: 120.1,
  insurerPaid: 78.1,
  patientResponsibility: 42,
}
const payment = { claimId: 'c1', status: 'received', amount: 42, payer: 'patient' }

test('a claim is with the insurer, then the patient’s, then settled', () => {
  expect(claimState(claim, [], [])).toMatchObject({
    state: 'waiting for the insurer',
    patientShareCents: null,
    totalCents: 12010,
  })
  expect(claimState(claim, [decision], [])).toMatchObject({
    state: 'patient owes',
    patientShareCents: 4200,
    insurerPaidCents: 7810,
  })
  expect(claimState(claim, [decision], [payment])).toMatchObject({ state: 'settled', patientPaidCents: 4200 })
  expect(claimState({ ...claim, status: 'cancelled' }, [], [])).toMatchObject({ state: 'cancelled' })
})

test('where the insurer names no share, the patient’s is what it left', () => {
  expect(claimState(claim, [{ ...decision, patientResponsibility: null }], [])).toMatchObject({
    patientShareCents: 4200,
  })
})

test('what was cancelled counts for nothing, and what an insurer paid is not the patient’s payment', () => {
  const balance = balanceOf(
    [claim, { id: 'c2', status: 'cancelled', total: 900 }],
    [decision],
    [
      { ...payment, payer: 'insurer' },
      { ...payment, status: 'cancelled' },
    ],
  )
  expect(balance).toEqual({
    chargedCents: 12010,
    insurerPaidCents: 7810,
    patientPaidCents: 0,
    owedCents: 4200,
    pendingCents: 0,
  })
})

test('sums of cents never drift', () => {
  const dollars = fc.integer({ min: 0, max: 1_000_000 }).map((c) => c / 100)
  fc.assert(
    fc.property(fc.array(dollars, { minLength: 1, maxLength: 40 }), (totals) => {
      const claims = totals.map((total, index) => ({ id: `c${index}`, status: 'active', total }))
      const balance = balanceOf(claims, [], [])
      expect(balance.chargedCents).toBe(totals.reduce((sum, total) => sum + Math.round(total * 100), 0))
      expect(balance.pendingCents).toBe(balance.chargedCents)
    }),
  )
})
