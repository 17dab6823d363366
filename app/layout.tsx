import type { Metadata, Viewport } from 'next'
import localFont from 'next/font/local'
import type { ReactNode } from 'react'
import { SkipLink } from '#components/ui/skip-link.tsx'
import { clinic } from '#lib/clinic.ts'
import './globals.css'

const sourceSans = localFont({
  src: '../node_modules/@fontsource-variable/source-sans-3/files/source-sans-3-latin-wght-normal.woff2',
  weight: '200 900',
  style: 'normal',
  display: 'swap',
  variable: '--font-source-sans',
})

/** Names such as Łukasz or Őri; fetched only by a page that shows one. */
const sourceSansExtended = localFont({
  src: '../node_modules/@fontsource-variable/source-sans-3/files/source-sans-3-latin-ext-wght-normal.woff2',
  weight: '200 900',
  style: 'normal',
  display: 'swap',
  variable: '--font-source-sans-extended',
  preload: false,
  adjustFontFallback: false,
  declarations: [
    {
      prop: 'unicode-range',
      value: 'U+0100-02BA, U+02BD-02C5, U+02C7-02CC, U+02CE-02D7, U+02DD-02FF, U+1E00-1E9F, U+1EF2-1EFF',
    },
  ],
})

/** Titles carry no health information and no name: they end up in histories, tab lists and screen shares (UX findings, §2). */
export const metadata: Metadata = {
  title: { default: clinic.name, template: `%s - ${clinic.name}` },
  robots: { index: false, follow: false },
  // A number on these pages is a result or a sum, not a telephone.
  formatDetection: { telephone: false, date: false, address: false, email: false },
}

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  colorScheme: 'light dark',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#ffffff' },
    { media: '(prefers-color-scheme: dark)', color: '#1a232c' },
  ],
}

/** Every page is rendered for its request: the nonce of the content security policy is made anew each time. */
export const dynamic = 'force-dynamic'

/** The document around every page. It reads nothing about anybody: layouts outlive the page they were drawn for. */
export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" className={`${sourceSans.variable} ${sourceSansExtended.variable}`}>
      <body>
        <SkipLink />
        {children}
      </body>
    </html>
  )
}
