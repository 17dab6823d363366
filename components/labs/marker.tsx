import { symbol, symbolCircle, symbolDiamond, symbolSquare, symbolTriangle } from 'd3-shape'
import type { Position } from './position.ts'

const sizes = { circle: 95, triangle: 110, diamond: 110, square: 95 } as const
const paths = {
  circle: symbol(symbolCircle, sizes.circle)() ?? '',
  up: symbol(symbolTriangle, sizes.triangle)() ?? '',
  diamond: symbol(symbolDiamond, sizes.diamond)() ?? '',
  square: symbol(symbolSquare, sizes.square)() ?? '',
}

type Props = {
  /** Percent of the drawing's width, so that nothing in it is ever scaled. */
  x: number
  /** CSS pixels from the top. */
  y: number
  position: Position
  second?: boolean | undefined
}

/** One point: a dot in the range, a triangle up above it, a triangle down below it. Shape tells them apart without colour. */
export function Marker({ x, y, position, second = false }: Props) {
  return (
    <svg x={`${x}%`} y={y} width="1" height="1" overflow="visible">
      {position === 'above' && <path d={paths.up} className="fill-bad stroke-card" strokeWidth="1.5" />}
      {position === 'below' && (
        <path d={paths.up} transform="rotate(180)" className="fill-below stroke-card" strokeWidth="1.5" />
      )}
      {position === 'outside' && (
        <path d={paths.diamond} className="fill-bad stroke-card" strokeWidth="1.5" />
      )}
      {(position === 'inside' || position === 'unknown') && (
        <path
          d={second ? paths.square : paths.circle}
          className={second ? 'fill-series-second stroke-card' : 'fill-series stroke-card'}
          strokeWidth="1.5"
        />
      )}
    </svg>
  )
}
