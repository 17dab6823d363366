import type { IconName } from '#components/ui/icon.tsx'
import { paths } from '#lib/paths.ts'

export type NavItem = {
  key: string
  href: string
  label: string
  /** Under the icon in a phone's tab bar, where there is room for one or two short words. */
  short: string
  icon: IconName
}

/**
 * What each audience can open, in order. What a role may not see is not in its list: it is absent and not greyed out.
 * These lists show the way; whether a page opens is decided by the gate in the database.
 */
export const navigation = {
  patient: [
    { key: 'home', href: paths.home, label: 'Home', short: 'Home', icon: 'house' },
    { key: 'results', href: paths.results, label: 'Test results', short: 'Results', icon: 'flask' },
    {
      key: 'summary',
      href: paths.summary,
      label: 'Health summary',
      short: 'Summary',
      icon: 'clipboard-list',
    },
    { key: 'notes', href: paths.notes, label: 'Visit notes', short: 'Notes', icon: 'file-text' },
    { key: 'who-looked', href: paths.whoLooked, label: 'Who looked', short: 'Who looked', icon: 'eye' },
  ],
  care: [
    { key: 'worklist', href: paths.care, label: 'Worklist', short: 'Worklist', icon: 'list-checks' },
    { key: 'search', href: paths.careSearch, label: 'Patient search', short: 'Search', icon: 'search' },
    {
      key: 'register',
      href: paths.careRegister,
      label: 'Register a patient',
      short: 'Register',
      icon: 'user-plus',
    },
    {
      key: 'emergency',
      href: paths.careEmergency,
      label: 'Emergency access',
      short: 'Emergency',
      icon: 'triangle-alert',
    },
  ],
  billing: [{ key: 'queue', href: paths.billing, label: 'Work queue', short: 'Queue', icon: 'receipt' }],
  admin: [
    { key: 'people', href: paths.admin, label: 'People', short: 'People', icon: 'users' },
    { key: 'sessions', href: paths.adminSessions, label: 'Sessions', short: 'Sessions', icon: 'devices' },
    { key: 'keys', href: paths.adminKeys, label: 'Keys', short: 'Keys', icon: 'key' },
    {
      key: 'settings',
      href: paths.adminSettings,
      label: 'Sign-in settings',
      short: 'Settings',
      icon: 'shield-check',
    },
    {
      key: 'sign-ins',
      href: paths.adminSignIns,
      label: 'Failed sign-ins',
      short: 'Sign-ins',
      icon: 'triangle-alert',
    },
    {
      key: 'single-sign-on',
      href: paths.adminSingleSignOn,
      label: 'Single sign-on',
      short: 'Sign-on',
      icon: 'lock',
    },
  ],
  compliance: [
    { key: 'overview', href: paths.compliance, label: 'Overview', short: 'Overview', icon: 'shield-check' },
    {
      key: 'search',
      href: paths.complianceSearch,
      label: 'Audit search',
      short: 'Search',
      icon: 'search',
    },
    {
      key: 'break-glass',
      href: paths.complianceBreakGlass,
      label: 'Break-glass',
      short: 'Break-glass',
      icon: 'triangle-alert',
    },
    {
      key: 'incidents',
      href: paths.complianceIncidents,
      label: 'Incidents',
      short: 'Incidents',
      icon: 'circle-alert',
    },
    { key: 'cases', href: paths.complianceCases, label: 'Cases', short: 'Cases', icon: 'eye' },
    {
      key: 'concerns',
      href: paths.complianceConcerns,
      label: 'Concerns',
      short: 'Concerns',
      icon: 'notebook-pen',
    },
    {
      key: 'disclosures',
      href: paths.complianceDisclosures,
      label: 'Disclosures',
      short: 'Disclosures',
      icon: 'file-text',
    },
    {
      key: 'reviews',
      href: paths.complianceReviews,
      label: 'Access reviews',
      short: 'Reviews',
      icon: 'users',
    },
    {
      key: 'exports',
      href: paths.complianceExports,
      label: 'Exports',
      short: 'Exports',
      icon: 'download',
    },
    {
      key: 'integrity',
      href: paths.complianceIntegrity,
      label: 'Integrity',
      short: 'Integrity',
      icon: 'shield-check',
    },
  ],
} as const satisfies Record<string, readonly NavItem[]>

export type Audience = keyof typeof navigation
export type StaffAudience = Exclude<Audience, 'patient'>
/** The item of an audience that a page belongs to; `security` and `notices` are pages that every audience has. */
export type NavKey<A extends Audience> = (typeof navigation)[A][number]['key'] | 'security' | 'notices' | null

/** The part of a record (lib/policy/access.ts) behind each item of a patient's navigation; items without one are always there. */
const partBehind: Partial<Record<string, string>> = {
  results: 'results',
  summary: 'summary',
  notes: 'notes',
  'who-looked': 'access-log',
}

/** Items of a patient's navigation that lead nowhere, because their part was not granted. */
export function absentItems(grantedParts: readonly string[]): NavKey<'patient'>[] {
  return navigation.patient
    .map(({ key }) => key)
    .filter((key) => {
      const part = partBehind[key]
      return part !== undefined && !grantedParts.includes(part)
    })
}
