import type { Page } from '@playwright/test'

/** Gives the browser of a page a device that its owner always unlocks, or never: Chromium's virtual authenticator. */
export async function withDevice(page: Page, { unlocks = true } = {}) {
  const wire = await page.context().newCDPSession(page)
  await wire.send('WebAuthn.enable')
  const { authenticatorId } = await wire.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: unlocks,
      automaticPresenceSimulation: true,
    },
  })
  return {
    unlock: (isUserVerified: boolean) =>
      wire.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
    forget: () => wire.send('WebAuthn.clearCredentials', { authenticatorId }),
  }
}
