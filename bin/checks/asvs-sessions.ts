import { requirement as r, type Requirement } from './asvs-requirement.ts'

const session = 'lib/auth/session.db.test.ts'
const limits = 'lib/auth/session-limits.db.test.ts'
const standards = 'lib/auth/standards.db.test.ts'
const changes = 'app/sign-out/sign-in-and-out.db.test.ts'
const people = 'lib/accounts/people/people.db.test.ts'
const inBrowser = 'e2e/z-session.e2e.ts'
const grid = 'e2e/grid.e2e.ts'
const signOn = 'lib/auth/single-sign-on/single-sign-on.db.test.ts'
const recovery = 'lib/accounts/recovery/recovery.db.test.ts'

/** V7: sessions. */
export const sessions: readonly Requirement[] = [
  r('7.1.1', 2, 'It is written down when a session ends by itself, and why then', { writtenIn: ['docs/sessions.md#how-long'] }),
  r('7.1.2', 2, 'It is written down how many sessions one person may have, and what happens beyond', { writtenIn: ['docs/sessions.md#how-long'], shownBy: [[limits, 'let one more session in, and end the one that was unused for longest']] }),
  r('7.1.3', 2, 'It is written down how our sessions and the provider’s belong together', { writtenIn: ['docs/single-sign-on.md#what-happens-at-a-sign-in', 'docs/single-sign-on.md#signing-out-at-the-provider'] }),
  r('7.2.1', 1, 'What a token is worth is decided on the server', { shownBy: [[grid, 'every page and route answers as its door says'], [grid, 'every action refuses whoever it is not for']] }),
  r('7.2.2', 1, 'Tokens are made anew for each session; nothing fixed opens one', { shownBy: [[standards, 'nothing but a row of app.session opens anything'], [changes, 'gives a new token each time']] }),
  r('7.2.3', 1, 'Tokens have 128 bits or more, from a generator that nobody can predict', { shownBy: [[standards, 'a session’s token has 256 random bits']] }),
  r('7.2.4', 1, 'Signing in and showing a factor again give a new token, and the former is dead', {
    shownBy: [[changes, 'gives a new token each time and ends the session'], [changes, 'gives the session another token, and the one before is worth nothing'], ['e2e/ways-in.e2e.ts', 'attack 65']],
    note: 'For ten seconds after a rise the former token still names the session, for requests of other tabs that are on their way; it counts as never proved.',
  }),
  r('7.3.1', 2, 'A session without use ends', { shownBy: [[session, '14:30 is in time'], [limits, 'hold from the next access on'], [inBrowser, 'two tabs: asked at 13:00']] }),
  r('7.3.2', 2, 'A session ends however much it is used', { shownBy: [[session, 'hours at most, however busy']] }),
  r('7.4.1', 1, 'A session that is over cannot be used again', {
    shownBy: [[session, 'a session is dead on the next request'], [grid, 'every page and route answers as its door says'], ['e2e/back-forward.e2e.ts', 'after Sign out']],
  }),
  r('7.4.2', 1, 'With the account, all of its sessions end', { shownBy: [[people, 'by role, deactivation and a session end takes effect'], [people, 'ends every access by itself']] }),
  r('7.4.3', 2, 'Whoever changes a factor can end all other sessions', { shownBy: [[changes, 'a new password ends the other sessions'], [limits, 'a person ends all others, or all']] }),
  r('7.4.4', 2, 'Every page that needs a sign-in has the way to sign out', { shownBy: [[grid, 'every page behind the sign-in has the way out']] }),
  r('7.4.5', 2, 'Administrators can end the sessions of one person, and of all', { shownBy: [[limits, 'an administrator ends those of one member of staff at once']] }),
  r('7.5.1', 2, 'Changes of how somebody signs in ask for everything again', {
    shownBy: [[changes, 'wants a second factor of the last five minutes, and the present password'], [recovery, 'needs a fresh second factor in the database, and a live session'], ['lib/auth/factors.db.test.ts', 'a passkey that its owner used in another session is not, nor the word for one'], ['lib/auth/factors.db.test.ts', 'a code alone is not enough, whatever the page thought; with the password it is'], ['lib/auth/factors.db.test.ts', 'a passkey is: its device has verified the owner']],
  }),
  r('7.5.2', 2, 'People see their sessions, and end them after showing a factor', { shownBy: [[limits, 'a person ends all others, or all'], [session, 'after its person ended it from another one']] }),
  r('7.5.3', 3, 'What does most harm asks for a factor again', { shownBy: [['lib/audit/fresh-factor.db.test.ts', 'is refused by every function that asks for a fresh one']] }),
  r('7.6.1', 2, 'Our sessions and the provider’s end as the page says', {
    shownBy: [[signOn, 'ends the sessions that came from there on their next access'], [signOn, 'who signed in at the hospital a while ago has no fresh second factor here']],
    writtenIn: ['docs/single-sign-on.md#signing-out-at-the-provider'],
  }),
  r('7.6.2', 2, 'No session begins without an act of the person', { shownBy: [[signOn, 'works once, in the browser that asked, and with its own state'], ['e2e/ways-in.e2e.ts', 'attack 67']] }),
] // prettier-ignore
