import { clinic } from '#lib/clinic.ts'

const askAdministrator = 'Ask an administrator of the clinic.'

/** What is said on the sign-in page to somebody whom the identity provider sent back, by the word in the address. */
export const providerWords: Readonly<Record<string, string>> = {
  'provider-away':
    'Your organization’s sign-in does not answer. Try again in a few minutes. If you have a password for this clinic, you can use it below.',
  'provider-declined': 'Your organization’s sign-in did not let you go on. Try again, or ask your help desk.',
  'provider-answer':
    'That did not work, perhaps because it took too long or was begun in another window. Please start again.',
  'provider-too-long-ago': 'You signed in at your organization too long ago. Sign out there, then try again.',
  'provider-unknown': `Your organization knows you, but there is no account for you here. ${askAdministrator}`,
  'provider-no-subject': `Your organization did not say who you are. ${askAdministrator}`,
  'provider-closed': `Your account here is closed. ${askAdministrator}`,
  'provider-linked-to-another': `Your address belongs to another account here. ${askAdministrator}`,
  'provider-local-only':
    'Your account signs in here with its own password and second factor. Use them below.',
  'provider-no-role': `Your organization has not given you a role at this clinic. ${askAdministrator}`,
  'provider-no-factor': `Your organization did not ask you for a second factor, and you have none here. ${askAdministrator}`,
  'provider-last-administrator':
    'You are the last administrator here, and your organization has given you another role. Make somebody else an administrator first.',
  'provider-own-word':
    'Your role would change by what you wrote into the table of roles yourself. Another administrator has to write it.',
  'use-provider': 'You sign in through your organization. Use the button for that below.',
  'too-many': `Too many tries from here. Wait a few minutes, or call us at ${clinic.phone}.`,
}
