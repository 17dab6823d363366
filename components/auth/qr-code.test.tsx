import { renderToStaticMarkup } from 'react-dom/server'
import { encode } from 'uqr'
import { expect, test } from 'vitest'
import { QrCode } from './qr-code.tsx'

const text = 'otpauth://totp/Clinic:maria@example.org?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Clinic'

test('every dark module of the code is drawn, and no other, inside a quiet zone of four', () => {
  const html = renderToStaticMarkup(<QrCode text={text} label="QR code" />)
  const { data, size } = encode(text, { ecc: 'M', border: 4 })
  const drawn = new Set([...html.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, x, y]) => `${x},${y}`))
  const expected = new Set(data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`${x},${y}`] : []))))
  expect(drawn).toEqual(expected)
  expect(drawn.size).toBeGreaterThan(300)
  const inQuietZone = (at: string) =>
    at.split(',').some((part) => Number(part) < 4 || Number(part) >= size - 4)
  expect([...drawn].filter(inQuietZone)).toEqual([])
})

test('it is a named picture without inline style or script, which the content security policy would block', () => {
  const html = renderToStaticMarkup(<QrCode text={text} label="QR code with the set-up key below" />)
  expect(html).toContain('role="img" aria-label="QR code with the set-up key below"')
  expect(html).not.toMatch(/style=|<script|href=/)
})
