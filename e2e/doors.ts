import type { Role } from '#lib/policy/roles.ts'

type Answer = 200 | 303 | 307 | 403 | 404
type Who = Exclude<Role, 'service'> | 'nobody'

/**
 * Every page, route and action, and the status that each role gets. {patient} is Maria, {result} and {note} are hers;
 * the patient is Maria herself, nurse and clinician care for her, the proxy is somebody else's.
 * 404 stands for whatever the caller may not know to exist, 403 for another role's area, 307 for the way to the sign-in.
 */
export type Door = {
  path: string
  file: string
  methods: ('GET' | 'POST')[]
  answers: Record<Who, Answer>
}

const people = ['patient', 'proxy', 'nurse', 'clinician', 'billing', 'admin', 'compliance'] as const
type Rest = { others: Answer; nobody: Answer }

function door(
  path: string,
  file: string,
  allowed: readonly (typeof people)[number][],
  { others, nobody }: Rest,
  methods: Door['methods'] = ['GET'],
): Door {
  const answers = Object.fromEntries(
    people.map((role) => [role, allowed.includes(role) ? 200 : others]),
  ) as Record<(typeof people)[number], Answer>
  return { path, file, methods, answers: { ...answers, nobody } }
}

const everybody = people
const area = { others: 403, nobody: 307 } as const
const unknown = { others: 404, nobody: 307 } as const
const open = { others: 200, nobody: 200 } as const

export const doors: Door[] = [
  // ── Anybody ──
  door('/sign-in', 'app/(public)/sign-in/page.tsx', everybody, open),
  door('/signed-out', 'app/(public)/signed-out/page.tsx', everybody, open),
  door('/accept-invite', 'app/(public)/accept-invite/page.tsx', everybody, open),
  door('/api/health', 'app/api/health/route.ts', everybody, open),
  door('/api/ready', 'app/api/ready/route.ts', everybody, open),

  // ── The patient and proxies ──
  door('/home', 'app/(patient)/home/page.tsx', ['patient', 'proxy'], area),
  door('/results', 'app/(patient)/results/page.tsx', ['patient', 'proxy'], area),
  door('/who-looked', 'app/(patient)/who-looked/page.tsx', ['patient', 'proxy'], area),

  // ── Care ──
  door('/care', 'app/(care)/care/page.tsx', ['nurse', 'clinician'], area),
  door(
    '/care/patients/{patient}',
    'app/(care)/care/patients/[patientId]/page.tsx',
    ['nurse', 'clinician'],
    unknown,
  ),

  // ── Billing ──
  door('/billing', 'app/(billing)/billing/page.tsx', ['billing'], area),
  door(
    '/billing/accounts/{patient}',
    'app/(billing)/billing/accounts/[patientId]/page.tsx',
    ['billing'],
    unknown,
  ),

  // ── Administration ──
  door('/admin', 'app/(admin)/admin/page.tsx', ['admin'], area),
  door('/admin/people/{account}', 'app/(admin)/admin/people/[accountId]/page.tsx', ['admin'], area),
  door('/admin/sessions', 'app/(admin)/admin/sessions/page.tsx', ['admin'], area),

  // ── Compliance ──
  door('/compliance', 'app/(compliance)/compliance/page.tsx', ['compliance'], area),
  door(
    '/compliance/events/{log}?at={logAt}',
    'app/(compliance)/compliance/events/[logId]/page.tsx',
    ['compliance'],
    area,
  ),
]
