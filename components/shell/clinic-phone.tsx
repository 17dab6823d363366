import { clinic } from '#lib/clinic.ts'

/** The clinic's telephone number, to be called from where it stands; never broken over two lines. */
export function ClinicPhone() {
  return (
    <a href={clinic.phoneHref} className="whitespace-nowrap">
      {clinic.phone}
    </a>
  )
}
