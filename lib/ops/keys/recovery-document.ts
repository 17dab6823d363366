import 'server-only'
import { encode, renderUnicodeCompact } from 'uqr'
import { formatDateTimeForStaff } from '#lib/format.ts'
import { now } from '#lib/clock.ts'
import type { PrintedSheet } from '#lib/keys/file/make-recovery-sheet.ts'

const about = ({ keyring, versions, credential }: PrintedSheet): string[] => [
  `Keyring      ${keyring.id}`,
  `Environment  ${keyring.environment}`,
  `Serial       ${keyring.serial}`,
  `Versions     ${versions.map(({ version, state }) => `${version} ${state}`).join(', ')}`,
  `Opened by    ${credential === 'file' ? 'the credential on this sheet' : 'the passphrase on this sheet'}`,
  `Printed      ${formatDateTimeForStaff(now().toISOString())}`,
]

const warning =
  'Whoever holds this sheet and a copy of the key store can open every record. Keep it in a safe, apart from all backups, and destroy the sheet that was there before.'

const howTo = [
  'To restore: type or scan the lines into a text file (capitals do not matter, O is read as 0, I and L as 1), or save what',
  'the QR codes say, one per line. Then, on the server, with the key store up and no keyring in its place:',
  '',
  '  vigil keys restore-keyring FILE',
]

/** The sheet for a terminal. */
export const sheetText = (sheet: PrintedSheet): string =>
  [
    'RECOVERY SHEET OF THE KEYRING',
    '',
    warning,
    '',
    ...about(sheet),
    '',
    ...sheet.lines,
    '',
    ...howTo,
    ...sheet.codes.flatMap((code, at) => [
      '',
      `Code ${at + 1} of ${sheet.codes.length}`,
      renderUnicodeCompact(code, { ecc: 'L', border: 2 }),
    ]),
  ].join('\n')

/** The sheet as a page to be opened in a browser and printed; nothing in it comes from elsewhere. */
export const sheetPage = (sheet: PrintedSheet): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Recovery sheet</title>
<style>
  body { font: 11pt/1.4 system-ui, sans-serif; margin: 2cm; color: #000; background: #fff }
  pre { font: 10.5pt/1.5 ui-monospace, monospace; margin: 1em 0 }
  p { max-width: 40em }
  figure { display: inline-block; margin: 0 1cm 1cm 0; break-inside: avoid }
  svg { width: 7cm; height: 7cm; display: block }
</style>
<h1>Recovery sheet of the keyring</h1>
<p><strong>${escaped(warning)}</strong></p>
<pre>
${escaped(about(sheet).join('\n'))}
</pre>
<pre>
${escaped(sheet.lines.join('\n'))}
</pre>
<pre>
${escaped(howTo.join('\n'))}
</pre>
${sheet.codes.map((code, at) => `<figure>${qrCode(code)}<figcaption>Code ${at + 1} of ${sheet.codes.length}</figcaption></figure>`).join('\n')}
</html>
`

function qrCode(text: string): string {
  const { data, size } = encode(text, { ecc: 'M', border: 4 })
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('')
  return `<svg viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges" role="img" aria-label="QR code"><path d="${path}"/></svg>`
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
