import 'server-only'

import { clinic } from '#lib/clinic.ts'
import { env } from '#lib/env.ts'

const { hostname, origin } = new URL(env.url)

/** Who asks for a passkey (WebAuthn §4, "Relying Party"): passkeys are bound to this host and answer nobody else. */
export const relyingParty = { id: hostname, name: clinic.name, origin } as const
