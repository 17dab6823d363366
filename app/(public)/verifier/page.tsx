import type { Metadata } from 'next'
import { PublicShell } from '#components/shell/public-shell.tsx'
import { ButtonRow } from '#components/ui/button-row.tsx'
import { Card } from '#components/ui/card.tsx'
import { FocusHeading } from '#components/ui/focus-heading.tsx'
import { Icon } from '#components/ui/icon.tsx'
import { buttonClass } from '#components/ui/button-class.ts'
import { clinic } from '#lib/clinic.ts'
import { readPublicKey, readVerifier } from '#lib/oversight/verifier/read-verifier.ts'
import { paths } from '#lib/paths.ts'

export const metadata: Metadata = { title: 'Check evidence' }

/** For outsiders: the program that checks evidence from the audit trail, and the key. Nothing here is secret. */
export default async function VerifierPage() {
  const [{ digest }, key] = await Promise.all([readVerifier(), readPublicKey()])
  return (
    <PublicShell resting={false}>
      <FocusHeading>Check evidence yourself</FocusHeading>
      <p>
        {clinic.name} writes down every access to a record. Each entry is sealed, so that nobody, not even
        whoever runs the server, can change or remove it unseen. If you were given evidence of entries, you
        can check it on your own computer, without us.
      </p>
      <Card title="What you need" icon="download">
        <ol className="list-decimal space-y-2 pl-5">
          <li>The evidence file that you were given.</li>
          <li>
            The verifier: one file that a programmer can read in ten minutes. It needs Node.js 20 or later,
            and sends nothing anywhere.
          </li>
          <li>
            The clinic’s public key. Have it confirmed by another way than this page, for example on paper or
            by telephone: whoever controls this page could show another key.
          </li>
        </ol>
        <div className="mt-4">
          <ButtonRow>
            <a className={buttonClass('primary')} href={paths.verifierFile} download>
              <Icon name="download" size={18} />
              Download the verifier
            </a>
            {key !== null && (
              <a className={buttonClass('secondary')} href={paths.verifierKey} download>
                <Icon name="key" size={18} />
                Download the public key
              </a>
            )}
          </ButtonRow>
        </div>
      </Card>
      <Card title="How to check" icon="list-checks">
        <p>Put the three files into one folder, open a terminal there, and run:</p>
        <p className="mt-2 rounded-lg border border-line bg-inset px-4 py-3">
          <code className="text-sm break-words">node verify.mjs evidence.json verifier-key.txt</code>
        </p>
        <p className="mt-2">
          It answers <strong>OK</strong> with the number of entries, or <strong>NOT PROVEN</strong> with the
          reason.
        </p>
      </Card>
      <Card title="What it shows, and what not" icon="shield-check">
        <ul className="list-disc space-y-2 pl-5">
          <li>
            It shows that each entry in the file is in the trail that the clinic signed, letter for letter.
          </li>
          <li>
            Keep the evidence. If the clinic later shows you a trail that does not fit it, the two signatures
            together prove that something was rewritten.
          </li>
          <li>It does not show that an entry tells the truth, or that there are no other entries.</li>
        </ul>
      </Card>
      <Card title="To compare" icon="key">
        <dl className="space-y-3">
          <div>
            <dt className="text-muted">SHA-256 of the verifier</dt>
            <dd>
              <code className="text-sm break-all">{digest}</code>
            </dd>
          </div>
          <div>
            <dt className="text-muted">The clinic’s public key</dt>
            <dd>
              {key === null ? (
                'It is made when the portal starts for the first time.'
              ) : (
                <code className="text-sm break-all">{key}</code>
              )}
            </dd>
          </div>
        </dl>
      </Card>
    </PublicShell>
  )
}
