import type { PersonRole } from '#lib/policy/roles.ts'

export type Answer = 200 | 303 | 307 | 400 | 401 | 403 | 404 | 409
type Who = PersonRole | 'nobody'

/**
 * Every page, route and action, and the status that each role gets. {patient} is Maria; {result} and {note} are hers.
 * The patient who asks is Maria herself, nurse and clinician care for her, the proxy is somebody else's proxy.
 *
 * 404 stands for whatever the caller may not know to exist, 403 for another role's area, 307 for the way to the sign-in.
 * An action has the address of its page: its row says what a POST with no known action gets; that the actions themselves
 * ask who it is shows e2e/actions.e2e.ts.
 */
export type Door = {
  path: string
  file: string
  methods: ('GET' | 'POST')[]
  answers: Record<Who, Answer>
  /** a page for one state of a session alone: the second step for whoever has just shown a password, the way back for a locked one */
  opensWhen?: 'before the second factor' | 'locked'
  /** what comes back for ids of others, or of nobody, where it is not what e2e/grid.e2e.ts expects: 404 but to those who work on all */
  elsewhere?: Partial<Record<'other' | 'none', Partial<Record<Who, Answer>>>>
  /** sends something away or ends the session: tried last, and alone */
  ends?: boolean
}

const people = ['patient', 'proxy', 'nurse', 'clinician', 'billing', 'admin', 'compliance'] as const
type Rest = { others: Answer; nobody: Answer } & Partial<Record<PersonRole, Answer>>

function door(
  path: string,
  file: string,
  allowed: readonly PersonRole[],
  rest: Rest,
  methods: Door['methods'] = ['GET'],
): Door {
  const answers = Object.fromEntries(
    people.map((role) => [role, allowed.includes(role) ? 200 : (rest[role] ?? rest.others)]),
  ) as Record<PersonRole, Answer>
  return { path, file, methods, answers: { ...answers, nobody: rest.nobody } }
}

/** The action file of a page: a POST that names no action of this build is answered as out of date. */
const action = (path: string, file: string): Door =>
  door(path, file, [], { others: 409, nobody: 409 }, ['POST'])

/** A route that takes a POST: without an Origin of our own it is nobody's to use, signed in or not. */
const post = (path: string, file: string): Door =>
  door(path, file, [], { others: 403, nobody: 403 }, ['POST'])

const everybody = people
const mine = ['patient', 'proxy'] as const
const care = ['nurse', 'clinician'] as const
const area: Rest = { others: 403, nobody: 307 }
const unknown: Rest = { others: 404, nobody: 307 }
const open: Rest = { others: 200, nobody: 200 }
const signedIn: Rest = { others: 200, nobody: 307 }
const noEntry: Rest = { ...area, patient: 404, proxy: 404 }

export const doors: Door[] = [
  // ── Anybody ──
  door('/', 'app/page.tsx', [], { others: 307, nobody: 307 }),
  door('/sign-in', 'app/(public)/sign-in/page.tsx', everybody, open),
  action('/sign-in', 'app/(public)/sign-in/actions.ts'),
  action('/sign-in', 'app/(public)/sign-in/passkey/actions.ts'),
  {
    ...door('/second-factor', 'app/(public)/second-factor/page.tsx', [], { others: 307, nobody: 307 }),
    opensWhen: 'before the second factor',
  },
  post('/sign-in/provider', 'app/(public)/sign-in/provider/route.ts'),
  action('/second-factor', 'app/(public)/second-factor/actions.ts'),
  {
    ...door('/recover', 'app/(public)/recover/page.tsx', [], { others: 307, nobody: 307 }),
    opensWhen: 'before the second factor',
  },
  door('/enrol', 'app/(public)/enrol/page.tsx', [], { others: 307, nobody: 307 }),
  action('/enrol', 'app/(public)/enrol/actions.ts'),
  door('/enrol/passkey', 'app/(public)/enrol/passkey/page.tsx', [], { others: 307, nobody: 307 }),
  action('/enrol/passkey', 'app/(public)/enrol/passkey/actions.ts'),
  door('/enrol/app', 'app/(public)/enrol/app/page.tsx', [], { others: 307, nobody: 307 }),
  action('/enrol/app', 'app/(public)/enrol/app/actions.ts'),
  door('/forgot-password', 'app/(public)/forgot-password/page.tsx', everybody, open),
  action('/forgot-password', 'app/(public)/forgot-password/actions.ts'),
  // without the link of a letter these pages say that it is over
  door('/reset-password', 'app/(public)/reset-password/page.tsx', everybody, open),
  action('/reset-password', 'app/(public)/reset-password/actions.ts'),
  door('/not-me', 'app/(public)/not-me/page.tsx', everybody, open),
  action('/not-me', 'app/(public)/not-me/actions.ts'),
  door('/confirm-address', 'app/(public)/confirm-address/page.tsx', everybody, open),
  action('/confirm-address', 'app/(public)/confirm-address/actions.ts'),
  door('/mail-link/not-me/x', 'app/(public)/mail-link/[purpose]/[token]/route.ts', [], {
    others: 303,
    nobody: 303,
  }),
  door('/accept-invite', 'app/(public)/accept-invite/page.tsx', everybody, open),
  action('/accept-invite', 'app/(public)/accept-invite/actions.ts'),
  door('/activate', 'app/(public)/activate/page.tsx', everybody, open),
  action('/activate', 'app/(public)/activate/actions.ts'),
  // only after a code and a birth date
  door('/activate/password', 'app/(public)/activate/password/page.tsx', [], { others: 307, nobody: 307 }),
  action('/activate/password', 'app/(public)/activate/password/actions.ts'),
  door('/signed-out', 'app/(public)/signed-out/page.tsx', everybody, open),
  // In front of a locked session alone: everybody else is led away from it.
  {
    ...door('/locked', 'app/(public)/locked/page.tsx', [], { others: 307, nobody: 307 }),
    opensWhen: 'locked',
  },
  action('/locked', 'app/(public)/locked/actions.ts'),
  door('/verifier', 'app/(public)/verifier/page.tsx', everybody, open),
  door('/verifier/verify.mjs', 'app/(public)/verifier/verify.mjs/route.ts', everybody, open),
  door('/verifier/verifier-key.txt', 'app/(public)/verifier/verifier-key.txt/route.ts', everybody, open),
  door('/api/auth/providers', 'app/api/auth/[...nextauth]/route.ts', [], { others: 404, nobody: 404 }),
  // believes a signed token alone
  door('/api/sso/logout', 'app/api/sso/logout/route.ts', [], { others: 400, nobody: 400 }, ['POST']),
  // answers the provider's bearer token alone
  door('/api/scim/v2/Users', 'app/api/scim/v2/[...scim]/route.ts', [], { others: 401, nobody: 401 }),
  door('/api/health', 'app/api/health/route.ts', everybody, open),
  door('/api/ready', 'app/api/ready/route.ts', everybody, open),

  // ── Everybody who is signed in ──
  door('/security', 'app/(account)/security/page.tsx', everybody, signedIn),
  action('/security', 'app/(account)/security/actions.ts'),
  action('/security', 'app/(account)/security/sessions/actions.ts'),
  action('/security', 'app/(account)/security/passkeys/actions.ts'),
  // nothing was begun: back to where it begins
  door('/security/authenticator-app', 'app/(account)/security/authenticator-app/page.tsx', [], {
    others: 307,
    nobody: 307,
  }),
  action('/security/authenticator-app', 'app/(account)/security/authenticator-app/actions.ts'),
  action('/security', 'app/confirm/actions.ts'),
  door('/security/email', 'app/(account)/security/email/page.tsx', everybody, signedIn),
  action('/security/email', 'app/(account)/security/email/actions.ts'),
  door('/notices', 'app/(account)/notices/page.tsx', everybody, signedIn),
  action('/notices', 'app/(account)/notices/actions.ts'),
  // Maria's record is not destroyed, so that nobody is told that it was.
  door('/record-destroyed/{patient}', 'app/(account)/record-destroyed/[patientId]/page.tsx', [], unknown),
  door('/recovery-codes', 'app/(account)/recovery-codes/page.tsx', [], { others: 307, nobody: 307 }),
  action('/recovery-codes', 'app/(account)/recovery-codes/actions.ts'),
  door('/recovery-codes/file', 'app/(account)/recovery-codes/file/route.ts', [], {
    others: 404,
    nobody: 307,
  }),

  door('/api/session/peek', 'app/api/session/peek/route.ts', everybody, { others: 200, nobody: 401 }),
  post('/api/session/touch', 'app/api/session/touch/route.ts'),
  post('/sign-out', 'app/sign-out/route.ts'),
  post('/lock', 'app/lock/route.ts'),
  door('/session-over', 'app/session-over/route.ts', [], { others: 303, nobody: 303 }),

  // ── The patient and proxies ──
  door('/home', 'app/(patient)/home/page.tsx', mine, area),
  door('/results', 'app/(patient)/results/page.tsx', mine, area),
  door('/results/{result}', 'app/(patient)/results/[resultId]/page.tsx', ['patient'], {
    ...area,
    proxy: 404,
  }),
  door('/summary', 'app/(patient)/summary/page.tsx', mine, area),
  door('/notes', 'app/(patient)/notes/page.tsx', mine, area),
  door('/notes/{note}', 'app/(patient)/notes/[noteId]/page.tsx', ['patient'], { ...area, proxy: 404 }),
  door('/who-looked', 'app/(patient)/who-looked/page.tsx', mine, area),
  door('/who-looked/file?format=csv', 'app/(patient)/who-looked/file/route.ts', mine, area),
  // no entry of the trail has this id
  door('/who-looked/{stranger}', 'app/(patient)/who-looked/[logId]/page.tsx', [], noEntry),
  door('/who-looked/{stranger}/proof', 'app/(patient)/who-looked/[logId]/proof/route.ts', [], noEntry),
  door('/who-looked/{stranger}/report', 'app/(patient)/who-looked/[logId]/report/page.tsx', [], noEntry),
  action('/who-looked/{stranger}/report', 'app/(patient)/who-looked/[logId]/report/actions.ts'),
  door('/reports', 'app/(patient)/reports/page.tsx', mine, area),
  door('/disclosures', 'app/(patient)/disclosures/page.tsx', mine, area),
  action('/disclosures', 'app/(patient)/disclosures/actions.ts'),
  door(
    '/disclosures/{stranger}/letter',
    'app/(patient)/disclosures/[requestId]/letter/route.ts',
    [],
    noEntry,
  ),
  // people with one record are led on to it
  door('/choose-record', 'app/(patient)/choose-record/page.tsx', [], { ...area, patient: 307, proxy: 307 }),
  action('/choose-record', 'app/(patient)/choose-record/actions.ts'),

  // ── Care ──
  door('/care', 'app/(care)/care/page.tsx', care, area),
  door('/care/search', 'app/(care)/care/search/page.tsx', care, area),
  action('/care/search', 'app/(care)/care/search/actions.ts'),
  door('/care/emergency', 'app/(care)/care/emergency/page.tsx', care, area),
  action('/care/emergency', 'app/(care)/care/emergency/actions.ts'),
  // nobody’s lease has this id
  door('/care/emergency/{stranger}', 'app/(care)/care/emergency/[leaseId]/page.tsx', [], {
    ...area,
    nurse: 404,
    clinician: 404,
  }),
  door('/care/register', 'app/(care)/care/register/page.tsx', care, area),
  action('/care/register', 'app/(care)/care/register/actions.ts'),
  door('/care/patients/{patient}', 'app/(care)/care/patients/[patientId]/page.tsx', care, unknown),
  door(
    '/care/patients/{patient}/results',
    'app/(care)/care/patients/[patientId]/results/page.tsx',
    care,
    unknown,
  ),
  door(
    '/care/patients/{patient}/results/{result}',
    'app/(care)/care/patients/[patientId]/results/[resultId]/page.tsx',
    care,
    unknown,
  ),
  action(
    '/care/patients/{patient}/results/{result}',
    'app/(care)/care/patients/[patientId]/results/[resultId]/actions.ts',
  ),
  door(
    '/care/patients/{patient}/vitals',
    'app/(care)/care/patients/[patientId]/vitals/page.tsx',
    care,
    unknown,
  ),
  action('/care/patients/{patient}/vitals', 'app/(care)/care/patients/[patientId]/vitals/actions.ts'),
  door(
    '/care/patients/{patient}/notes',
    'app/(care)/care/patients/[patientId]/notes/page.tsx',
    care,
    unknown,
  ),
  action('/care/patients/{patient}/notes', 'app/(care)/care/patients/[patientId]/notes/actions.ts'),
  door(
    '/care/patients/{patient}/notes/new',
    'app/(care)/care/patients/[patientId]/notes/new/page.tsx',
    care,
    unknown,
  ),
  door(
    '/care/patients/{patient}/notes/{note}',
    'app/(care)/care/patients/[patientId]/notes/[noteId]/page.tsx',
    care,
    unknown,
  ),
  door(
    '/care/patients/{patient}/notes/emergency',
    'app/(care)/care/patients/[patientId]/notes/emergency/page.tsx',
    ['nurse'],
    unknown,
  ),
  post('/care/patients/{patient}/notes/draft', 'app/(care)/care/patients/[patientId]/notes/draft/route.ts'),
  door('/care/patients/{patient}/team', 'app/(care)/care/patients/[patientId]/team/page.tsx', care, unknown),
  action('/care/patients/{patient}/team', 'app/(care)/care/patients/[patientId]/team/actions.ts'),
  door(
    '/care/patients/{patient}/portal',
    'app/(care)/care/patients/[patientId]/portal/page.tsx',
    care,
    unknown,
  ),
  action('/care/patients/{patient}/portal', 'app/(care)/care/patients/[patientId]/portal/actions.ts'),
  post(
    '/care/patients/{patient}/portal/letter',
    'app/(care)/care/patients/[patientId]/portal/letter/route.ts',
  ),

  // ── Billing ──
  door('/billing', 'app/(billing)/billing/page.tsx', ['billing'], area),
  door(
    '/billing/accounts/{patient}',
    'app/(billing)/billing/accounts/[patientId]/page.tsx',
    ['billing'],
    unknown,
  ),
  action('/billing/accounts/{patient}', 'app/(billing)/billing/accounts/[patientId]/actions.ts'),

  // ── Administration ──
  door('/admin', 'app/(admin)/admin/page.tsx', ['admin'], area),
  action('/admin', 'app/(admin)/admin/actions.ts'),
  {
    ...door('/admin/people/{account}', 'app/(admin)/admin/people/[accountId]/page.tsx', ['admin'], area),
    // patients are nobody's to manage
    elsewhere: { other: { admin: 404 } },
  },
  door('/admin/roles', 'app/(admin)/admin/roles/page.tsx', ['admin'], area),
  door('/admin/recoveries', 'app/(admin)/admin/recoveries/page.tsx', ['admin'], area),
  action('/admin/recoveries', 'app/(admin)/admin/recoveries/actions.ts'),
  door('/admin/sessions', 'app/(admin)/admin/sessions/page.tsx', ['admin'], area),
  action('/admin/sessions', 'app/(admin)/admin/sessions/actions.ts'),
  door('/admin/settings', 'app/(admin)/admin/settings/page.tsx', ['admin'], area),
  action('/admin/settings', 'app/(admin)/admin/settings/actions.ts'),
  door('/admin/single-sign-on', 'app/(admin)/admin/single-sign-on/page.tsx', ['admin'], area),
  action('/admin/single-sign-on', 'app/(admin)/admin/single-sign-on/actions.ts'),
  door('/admin/keys', 'app/(admin)/admin/keys/page.tsx', ['admin'], area),
  action('/admin/keys', 'app/(admin)/admin/keys/actions.ts'),
  door('/admin/security', 'app/(admin)/admin/security/page.tsx', ['admin'], area),

  // ── Compliance ──
  door('/compliance/break-glass', 'app/(compliance)/compliance/break-glass/page.tsx', ['compliance'], area),
  action('/compliance/break-glass', 'app/(compliance)/compliance/break-glass/actions.ts'),
  // there is no lease and no incident of this id
  door(
    '/compliance/break-glass/{stranger}',
    'app/(compliance)/compliance/break-glass/[leaseId]/page.tsx',
    [],
    { ...area, compliance: 404 },
  ),
  door('/compliance/incidents', 'app/(compliance)/compliance/incidents/page.tsx', ['compliance'], area),
  action('/compliance/incidents', 'app/(compliance)/compliance/incidents/actions.ts'),
  door(
    '/compliance/incidents/{stranger}',
    'app/(compliance)/compliance/incidents/[incidentId]/page.tsx',
    [],
    { ...area, compliance: 404 },
  ),
  door('/compliance/concerns', 'app/(compliance)/compliance/concerns/page.tsx', ['compliance'], area),
  // there is no concern and no disclosure of this id
  door(
    '/compliance/concerns/{patient}/{stranger}',
    'app/(compliance)/compliance/concerns/[patientId]/[concernId]/page.tsx',
    [],
    { ...area, compliance: 404 },
  ),
  action(
    '/compliance/concerns/{patient}/{stranger}',
    'app/(compliance)/compliance/concerns/[patientId]/[concernId]/actions.ts',
  ),
  door('/compliance/disclosures', 'app/(compliance)/compliance/disclosures/page.tsx', ['compliance'], area),
  action('/compliance/disclosures', 'app/(compliance)/compliance/disclosures/actions.ts'),
  door(
    '/compliance/disclosures/{patient}',
    'app/(compliance)/compliance/disclosures/[patientId]/page.tsx',
    ['compliance'],
    area,
  ),
  action(
    '/compliance/disclosures/{patient}',
    'app/(compliance)/compliance/disclosures/[patientId]/actions.ts',
  ),
  post(
    '/compliance/disclosures/{patient}/letter',
    'app/(compliance)/compliance/disclosures/[patientId]/letter/route.ts',
  ),
  door(
    '/compliance/disclosures/{patient}/{stranger}',
    'app/(compliance)/compliance/disclosures/[patientId]/[disclosureId]/page.tsx',
    [],
    { ...area, compliance: 404 },
  ),
  action(
    '/compliance/disclosures/{patient}/{stranger}',
    'app/(compliance)/compliance/disclosures/[patientId]/[disclosureId]/actions.ts',
  ),
  door('/compliance', 'app/(compliance)/compliance/page.tsx', ['compliance'], area),
  action('/compliance', 'app/(compliance)/compliance/actions.ts'),
  door('/compliance/search', 'app/(compliance)/compliance/search/page.tsx', ['compliance'], area),
  action('/compliance/search', 'app/(compliance)/compliance/search/actions.ts'),
  door(
    '/compliance/access-reviews',
    'app/(compliance)/compliance/access-reviews/page.tsx',
    ['compliance'],
    area,
  ),
  action('/compliance/access-reviews', 'app/(compliance)/compliance/access-reviews/actions.ts'),
  door(
    '/compliance/access-reviews/{review}',
    'app/(compliance)/compliance/access-reviews/[reviewId]/page.tsx',
    ['compliance'],
    area,
  ),
  door('/compliance/integrity', 'app/(compliance)/compliance/integrity/page.tsx', ['compliance'], area),
  action('/compliance/integrity', 'app/(compliance)/compliance/integrity/actions.ts'),
  door('/compliance/cases', 'app/(compliance)/compliance/cases/page.tsx', ['compliance'], area),
  action('/compliance/cases', 'app/(compliance)/compliance/cases/actions.ts'),
  door(
    '/compliance/cases/{case}',
    'app/(compliance)/compliance/cases/[caseId]/page.tsx',
    ['compliance'],
    area,
  ),
  door(
    '/compliance/cases/records',
    'app/(compliance)/compliance/cases/records/page.tsx',
    ['compliance'],
    area,
  ),
  action('/compliance/cases/records', 'app/(compliance)/compliance/cases/records/actions.ts'),
  door('/compliance/exports', 'app/(compliance)/compliance/exports/page.tsx', ['compliance'], area),
  action('/compliance/exports', 'app/(compliance)/compliance/exports/actions.ts'),
  post(
    '/compliance/exports/00000000-0000-4000-8000-000000000000/file',
    'app/(compliance)/compliance/exports/[exportId]/file/route.ts',
  ),
  door(
    '/compliance/events/{log}?at={logAt}',
    'app/(compliance)/compliance/events/[logId]/page.tsx',
    ['compliance'],
    area,
  ),
  door(
    '/compliance/events/{log}/patient?at={logAt}',
    'app/(compliance)/compliance/events/[logId]/patient/page.tsx',
    ['compliance'],
    area,
  ),
  {
    ...door(
      '/compliance/people/{account}',
      'app/(compliance)/compliance/people/[accountId]/page.tsx',
      ['compliance'],
      area,
    ),
    // somebody who never looked at anything is shown as that
    elsewhere: { none: { compliance: 200 } },
  },
]
