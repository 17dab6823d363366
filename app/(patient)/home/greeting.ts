import { clinic } from '#lib/clinic.ts'

/** "Good morning, Maria", by the clinic's clock. @param iso the present instant */
export function greeting(iso: string, firstName: string | null): string {
  const hour = Number(
    new Intl.DateTimeFormat('en-US', { hour: '2-digit', hourCycle: 'h23', timeZone: clinic.timeZone }).format(
      new Date(iso),
    ),
  )
  const words = hour < 12 ? 'Good morning' : hour < 17 ? 'Good afternoon' : 'Good evening'
  return firstName ? `${words}, ${firstName}` : words
}
