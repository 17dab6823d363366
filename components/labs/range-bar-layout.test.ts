import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rangeBarLayout } from './range-bar-layout.ts'

describe('rangeBarLayout', () => {
  it('puts limits at fixed places and the value between or beside them', () => {
    expect(rangeBarLayout(5.6, 3.5, 5.1)).toEqual({ low: 30, high: 70, value: 83, beyond: null })
    expect(rangeBarLayout(4.3, 3.5, 5.1)?.value).toBe(50)
    expect(rangeBarLayout(3.5, 3.5, 5.1)?.value).toBe(30)
  })

  it('works with one limit', () => {
    expect(rangeBarLayout(100, null, 200)).toEqual({ low: null, high: 65, value: 33, beyond: null })
    expect(rangeBarLayout(40, 40, null)).toEqual({ low: 35, high: null, value: 35, beyond: null })
    expect(rangeBarLayout(0.2, null, 0)?.beyond).toBeNull()
  })

  it('says when a value runs off the bar instead of drawing it somewhere', () => {
    expect(rangeBarLayout(25, 3.5, 5.1)).toMatchObject({ value: 98, beyond: 'right' })
    expect(rangeBarLayout(-25, 3.5, 5.1)).toMatchObject({ value: 2, beyond: 'left' })
  })

  it('draws nothing without a usable range', () => {
    expect(rangeBarLayout(5, null, null)).toBeNull()
    expect(rangeBarLayout(5, 5, 5)).toBeNull()
    expect(rangeBarLayout(5, 6, 5)).toBeNull()
  })

  it('keeps a value that is inside its limits inside them on the bar', () => {
    const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(finite, finite, finite, (a, b, c) => {
        const [low = 0, value = 0, high = 0] = [a, b, c].toSorted((x, y) => x - y)
        const layout = rangeBarLayout(value, low, high)
        return layout === null || (layout.value >= 30 && layout.value <= 70 && layout.beyond === null)
      }),
    )
  })
})
