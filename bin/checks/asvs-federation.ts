import { requirement as r, type Requirement } from './asvs-requirement.ts'

const signOn = 'lib/auth/single-sign-on/single-sign-on.db.test.ts'
const forged = 'lib/auth/single-sign-on/forged-tokens.db.test.ts'
const noTokens =
  'no program reaches Vigil with a token of an authorization server; SCIM’s bearer is a random secret of Vigil’s own.'
const noServer =
  'Vigil gives out no tokens to other programs: it is a client of the hospital’s authorization server, never one itself.'

/** V10: OAuth and OpenID Connect. */
export const federation: readonly Requirement[] = [
  r('10.1.1', 2, 'Tokens of the provider stay where they are needed: on the server', { shownBy: [[signOn, 'leaves no token of the provider anywhere in the browser']] }),
  r('10.1.2', 2, 'What comes back belongs to the browser and the attempt that asked', { shownBy: [[signOn, 'works once, in the browser that asked, and with its own state']] }),
  r('10.2.1', 2, 'Nobody can be signed in by a link of somebody else: PKCE or state is checked', { shownBy: [[signOn, 'works once, in the browser that asked, and with its own state']], note: 'PKCE, state and nonce, all three.' }),
  r('10.2.2', 2, 'One provider’s answer is not taken for another’s', {
    shownBy: [[signOn, 'works once, in the browser that asked, and with its own state'], [forged, 'is refused']],
    note: 'There is one provider, whose issuer is set; an answer that names another (`iss`, RFC 9207) is refused.',
  }),
  r('10.2.3', 3, 'No more is asked of the provider than is needed', { shownBy: [[forged, 'asked for the scopes of the settings and no more']] }),
  r('10.3.1', 2, 'A service takes tokens that are meant for it', { notApplicable: noTokens }),
  r('10.3.2', 2, 'A service decides by what the token allows', { notApplicable: noTokens }),
  r('10.3.3', 2, 'A service knows people by what is never given to somebody else', { notApplicable: noTokens }),
  r('10.3.4', 2, 'A service checks how strongly and how lately somebody signed in', { notApplicable: noTokens }),
  r('10.3.5', 3, 'A stolen token is worth nothing without its key', { notApplicable: noTokens }),
  r('10.4.1', 1, 'The server leads back to registered addresses only', { notApplicable: noServer }),
  r('10.4.2', 1, 'The server takes a code once', { notApplicable: noServer }),
  r('10.4.3', 1, 'A code of the server lives for minutes', { notApplicable: noServer }),
  r('10.4.4', 1, 'The server allows each client the grants that it needs, and neither implicit nor password', { notApplicable: noServer }),
  r('10.4.5', 1, 'The server notices refresh tokens that are used twice', { notApplicable: noServer }),
  r('10.4.6', 2, 'The server insists on PKCE', { notApplicable: noServer }),
  r('10.4.7', 2, 'The server warns of clients that registered themselves', { notApplicable: noServer }),
  r('10.4.8', 2, 'Refresh tokens of the server run out', { notApplicable: noServer }),
  r('10.4.9', 2, 'People can revoke tokens at the server', { notApplicable: noServer }),
  r('10.4.10', 2, 'The server has clients prove who they are', { notApplicable: noServer }),
  r('10.4.11', 2, 'The server gives clients the scopes that they need', { notApplicable: noServer }),
  r('10.4.12', 3, 'The server allows each client its response mode', { notApplicable: noServer }),
  r('10.4.13', 3, 'The server wants requests pushed beforehand', { notApplicable: noServer }),
  r('10.4.14', 3, 'The server binds tokens to a key', { notApplicable: noServer }),
  r('10.4.15', 3, 'The server takes authorization details from the backend only', { notApplicable: noServer }),
  r('10.4.16', 3, 'The server wants strong proof of who a client is', { notApplicable: noServer }),
  r('10.5.1', 2, 'An ID token is taken once, for the attempt whose nonce it names', { shownBy: [[forged, 'opens nothing'], [signOn, 'works once, in the browser that asked']] }),
  r('10.5.2', 2, 'People are known by issuer and subject, which are never given to somebody else', { shownBy: [[signOn, 'by the subject and not by the address from then on']] }),
  r('10.5.3', 2, 'Metadata of another issuer than the one that was set is refused', { shownBy: [[forged, 'what a provider says of itself']] }),
  r('10.5.4', 2, 'An ID token for another client is refused', { shownBy: [[forged, 'opens nothing']] }),
  r('10.5.5', 2, 'A logout token is checked: type, event, no nonce, young', {
    shownBy: [[forged, 'ends nothing, and is written down'], [signOn, 'ends the sessions that came from there on their next access, once per token']],
  }),
  r('10.6.1', 2, 'A provider allows safe response types only', { notApplicable: noServer }),
  r('10.6.2', 2, 'A provider signs nobody out by force', { notApplicable: noServer }),
  r('10.7.1', 2, 'The server asks people for their consent', { notApplicable: noServer }),
  r('10.7.2', 2, 'The server says what is consented to', { notApplicable: noServer }),
  r('10.7.3', 2, 'People can take consent back', { notApplicable: noServer }),
] // prettier-ignore
