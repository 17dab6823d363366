import { ClinicPhone } from '#components/shell/clinic-phone.tsx'
import { FocusHeading } from '#components/ui/focus-heading.tsx'

/** One answer for a link that was used, is too old, was replaced by a newer one, or never was. */
export function LinkIsOver() {
  return (
    <>
      <FocusHeading>This link does not work any more</FocusHeading>
      <p>
        Each link works once and for a short time, and a newer email ends the one before. If you opened it on
        another device, open it there again.
      </p>
      <p>
        Call us at <ClinicPhone /> if you need help.
      </p>
    </>
  )
}
