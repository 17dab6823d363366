import type { ReactNode } from 'react'
import { absentItems, type NavKey } from '#components/shell/navigation.ts'
import { PatientShell } from '#components/shell/patient-shell.tsx'
import { ProxyBanner } from '#components/shell/proxy-banner.tsx'
import { SessionGuard } from '#components/shell/session-guard.tsx'
import { sessionTimes } from '#lib/auth/require-actor.ts'
import { paths } from '#lib/paths.ts'
import type { MyRecord } from '#lib/records/my-record/choose-record.ts'
import type { WhoseView } from '#lib/records/my-record/view.ts'

type Props = {
  current: NavKey<'patient'>
  /** Null for an account that may open no record. */
  record: MyRecord | null
  whose: WhoseView | null
  width?: 'reading' | 'wide'
  children: ReactNode
}

/** The frame of every page of a record: whose it is, what may be opened, and the watch over the session. */
export async function PatientFrame({ current, record, whose, width = 'wide', children }: Props) {
  const times = await sessionTimes()
  const isOwn = record?.kind === 'self'
  return (
    <PatientShell
      current={current}
      name={isOwn ? (whose?.name ?? null) : null}
      width={width}
      absent={absentItems(record?.parts ?? [])}
      banner={
        record?.kind === 'proxy' && (
          <ProxyBanner
            name={whose?.name ?? 'another person'}
            switchHref={record.hasOthers ? paths.chooseRecord : undefined}
          />
        )
      }
      guard={times && <SessionGuard {...times} />}
    >
      {children}
    </PatientShell>
  )
}
