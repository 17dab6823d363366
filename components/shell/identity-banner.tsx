import clsx from 'clsx'
import type { ReactNode } from 'react'
import { Avatar } from '#components/ui/avatar.tsx'
import { Tag } from '#components/ui/tag.tsx'

type Props = {
  displayName: string
  /** When it differs from the name the person goes by. */
  legalName?: string | null | undefined
  pronouns?: string | null | undefined
  /** `YYYY-MM-DD`, written as it is. */
  birthDate: string
  age: string
  mrn: string
  /** Such as "Penicillin (severe)", "No known allergies" or "None recorded": three different facts. */
  allergies: string
  /** True when there is one to be careful with. */
  allergyAlert?: boolean | undefined
  codeStatus?: string | null | undefined
  /** "Deceased", "Restricted": each becomes a tag. */
  alerts?: readonly string[] | undefined
  /** The next step for this patient, at the right edge. */
  action?: ReactNode
}

/** Whose chart this is. It never scrolls away, so that nothing is written into the wrong record. */
export function IdentityBanner(props: Props) {
  const {
    displayName,
    legalName,
    pronouns,
    birthDate,
    age,
    mrn,
    allergies,
    allergyAlert,
    codeStatus,
    alerts,
    action,
  } = props
  const quiet = [legalName && legalName !== displayName ? `Legal name ${legalName}` : null, pronouns].filter(
    Boolean,
  )
  return (
    <section
      aria-label="Patient"
      data-sticky
      className="sticky top-0 z-10 border-b border-line bg-card px-4 py-2.5 sm:px-7 print:static print:border-b-2 print:px-0"
    >
      <div className="flex flex-wrap items-center gap-x-6 gap-y-1.5">
        <div className="flex min-w-0 items-center gap-3">
          <span className="max-sm:hidden">
            <Avatar name={displayName} />
          </span>
          <div className="min-w-0 leading-tight">
            <p className="flex flex-wrap items-center gap-x-2 text-lg font-bold wrap-anywhere">
              {displayName}
              {alerts?.map((alert) => (
                <Tag key={alert} tone="bad">
                  {alert}
                </Tag>
              ))}
            </p>
            {quiet.length > 0 && (
              <p className="text-xs wrap-anywhere text-muted max-sm:hidden">{quiet.join(' · ')}</p>
            )}
          </div>
        </div>
        <dl className="flex min-w-0 flex-wrap gap-x-5 gap-y-0.5 leading-tight max-sm:order-last max-sm:w-full sm:gap-x-6">
          <Fact label="Born" value={`${birthDate} (${age})`} />
          <Fact label="MRN" value={mrn} />
          <Fact label="Allergies" value={allergies} alert={allergyAlert} />
          {codeStatus && <Fact label="Code status" value={codeStatus} />}
        </dl>
        {action && <div className="ml-auto print:hidden">{action}</div>}
      </div>
    </section>
  )
}

function Fact({
  label,
  value,
  alert = false,
}: {
  label: string
  value: string
  alert?: boolean | undefined
}) {
  return (
    <div className="flex min-w-0 items-baseline gap-x-1.5 sm:block">
      <dt className="text-xs text-muted">{label}</dt>
      <dd className={clsx('font-semibold wrap-anywhere tabular', alert && 'text-bad')}>{value}</dd>
    </div>
  )
}
