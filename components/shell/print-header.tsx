import { clinic } from '#lib/clinic.ts'

type Props = {
  patientName: string
  /** Written as the page writes it: "April 2, 1979" or "1979-04-02". Left out where the page does not know it. */
  birthDate?: string | null | undefined
  /** When and by whom this sheet was made, already in words. */
  printedAt: string
}

/** On paper only: a sheet that lies in a tray says whose it is, from where, and when it was printed. */
export function PrintHeader({ patientName, birthDate, printedAt }: Props) {
  return (
    <div className="hidden items-baseline justify-between border-b-2 pb-2 print:flex">
      <p>
        <strong>{patientName}</strong>
        {birthDate && `, born ${birthDate}`}
      </p>
      <p>
        {clinic.name} · Printed {printedAt}
      </p>
    </div>
  )
}
