import 'server-only'

import { env } from '#lib/env.ts'

/** Whether the clinic has an identity provider for its staff. */
export const hasSingleSignOn = (): boolean => env.singleSignOn !== undefined

/** What the button on the sign-in page says; null without a provider. */
export const singleSignOnButton = (): string | null =>
  env.singleSignOn === undefined ? null : `Use your ${env.singleSignOn.name} account`
