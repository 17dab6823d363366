import { AppLink } from '#components/ui/app-link.tsx'
import { ButtonRow } from '#components/ui/button-row.tsx'
import { Card } from '#components/ui/card.tsx'
import { Details } from '#components/ui/details.tsx'
import { SummaryList } from '#components/ui/summary-list.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { buttonClass } from '#components/ui/button-class.ts'
import type { ProofView } from '#lib/records/my-record/view.ts'

type Props = { proof: ProofView; proofHref: string; verifierHref: string }

/** Whether an entry can still be what was written then: in plain words first, what a machine can check behind it. */
export function ProofCard({ proof, proofHref, verifierHref }: Props) {
  switch (proof.kind) {
    case 'waiting':
      return (
        <Card title="Can this be trusted?" aside={<Tag tone="neutral">Not sealed yet</Tag>}>
          <p>
            This was written a moment ago. It is sealed within seconds. Load this page again to see its proof.
          </p>
        </Card>
      )
    case 'changed':
      return (
        <Card title="Can this be trusted?" aside={<Tag tone="bad">Does not match its seal</Tag>}>
          <p>
            This entry is not what was sealed when it was written. Somebody may have changed it. Please tell
            us: use the button above, or call and ask for the privacy officer.
          </p>
        </Card>
      )
    case 'proven':
      return <Proven proof={proof} proofHref={proofHref} verifierHref={verifierHref} />
  }
}

function Proven({
  proof,
  proofHref,
  verifierHref,
}: Props & { proof: Extract<ProofView, { kind: 'proven' }> }) {
  return (
    <>
      <Card title="Can this be trusted?" aside={<Tag tone="ok">Sealed</Tag>}>
        <p>
          Yes. Each entry is sealed when it is written, much like a seal on a letter. If someone changed this
          entry, or took it away, the seal would no longer fit, and we could not hide that.
        </p>
        <p className="mt-2">
          You do not have to believe us. Take the proof along and have it checked by anyone you trust.
        </p>
      </Card>
      <Details summary="The proof, for people who check it">
        <SummaryList
          items={[
            {
              label: 'Place',
              value: `Entry ${proof.leafIndex.toLocaleString('en-US')} of ${proof.treeSize.toLocaleString('en-US')} in the sealed list`,
            },
            { label: 'Fingerprint', value: <Code>{proof.fingerprint}</Code> },
            { label: 'Signed list', value: <Code>{proof.checkpoint}</Code> },
            { label: 'Public key', value: <Code>{proof.verifierKey}</Code> },
          ]}
        />
        <p>
          The file holds the entry as it was sealed, with the network address that it came from, and the
          hashes that lead from it to the signed list. Get the key from the clinic by another way than this
          page, else the proof proves little. <AppLink href={verifierHref}>How to check it</AppLink>
        </p>
        <ButtonRow>
          {/* a file, and not a page of the product: the browser fetches it by itself */}
          <a href={proofHref} download className={buttonClass('secondary')}>
            Download the proof
          </a>
        </ButtonRow>
      </Details>
    </>
  )
}

function Code({ children }: { children: string }) {
  return <code className="text-sm break-all whitespace-pre-wrap">{children}</code>
}
