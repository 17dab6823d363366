/**
 * The clinic as its patients know it: the one place where name, telephone and time zone are written down.
 * Screens, error pages and print headers take them from here, so that a help line never differs between two pages.
 */
export const clinic = {
  name: 'Riverside Clinic',
  /** as letters carry it, a line each */
  address: ['200 Riverside Drive', 'Chicago, IL 60601'],
  /** Kept for fiction by the North American Numbering Plan (555-0100 to 555-0199). */
  phone: '(312) 555-0142',
  phoneHref: 'tel:+13125550142',
  phoneHours: 'Monday to Friday, 8 a.m. to 5 p.m.',
  emergencyNumber: '911',
  /** IANA name. Visits are shown in the clinic's own zone, whatever the reader's computer says. */
  timeZone: 'America/Chicago',
} as const
