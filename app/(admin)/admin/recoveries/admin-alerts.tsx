import { AppLink } from '#components/ui/app-link.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { readMailStanding } from '#lib/accounts/mail/mail-standing.ts'
import { listStaffRecoveries } from '#lib/accounts/people/staff-recovery.ts'
import { plural } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'
import type { Actor } from '#lib/policy/actor.ts'

/** What waits for an administrator: colleagues without a way in, and letters that reached nobody. */
export async function AdminAlerts({ actor }: { actor: Actor }) {
  const [requests, mail] = await Promise.all([listStaffRecoveries(actor), readMailStanding()])
  return (
    <>
      {requests.length > 0 && (
        <Notice tone="warn" title="A colleague waits for a new sign-in">
          <p>
            <AppLink href={paths.adminRecoveries}>
              {plural(requests.length, 'request waits', 'requests wait')} for a second administrator
            </AppLink>
          </p>
        </Notice>
      )}
      {mail.hasNoWay && (
        <Notice tone="warn" title="Vigil sends no email">
          Nobody is told of a new sign-in or a changed password. Ask the people who run Vigil to set up the
          mail server.
        </Notice>
      )}
      {mail.givenUp > 0 && (
        <Notice tone="warn" title="Emails reached nobody">
          {`${plural(mail.givenUp, 'email', 'emails')} of the last 30 days could not be delivered: those people were not told of a change. The people who run Vigil can see whose they were.`}
        </Notice>
      )}
    </>
  )
}
