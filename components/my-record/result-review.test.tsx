import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import type { ResultFlagCode } from '#lib/records/shared/view.ts'
import { ResultReview } from './result-review.tsx'

const drawn = (flag: ResultFlagCode): string =>
  renderToStaticMarkup(
    <ResultReview result={{ flag, status: 'final', reviewed: false, reviewedAt: null }} isOwn />,
  )

test.each([
  ['high', true],
  ['abnormal', true],
  ['normal', false],
  // the laboratory said nothing: neither do we
  [null, false],
] as const)(
  'a result with the flag %s that waits for its review speaks of the usual range: %s',
  (flag, speaks) => {
    expect(drawn(flag)).toContain('has not reviewed it yet')
    expect(drawn(flag).includes('out of the usual range')).toBe(speaks)
  },
)
