import { notFound } from 'next/navigation'

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** An id out of an address. Whatever is none names nothing: the page does not exist. */
export function requireRecordId(text: string): string {
  if (!uuid.test(text)) notFound()
  return text
}
