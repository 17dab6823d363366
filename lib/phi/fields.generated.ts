// Written by prisma/generator from schema.prisma; run `npx prisma generate` after a change. Do not edit.
export const schemaDigest = '44e111a0ca712d8e949f35df2daee9be5c76bc5153c57c2720aff818345b3ceb'
export const bodyDigest = '8dd045aa071a7fc95c4ce5c8b061b5f1100f1d17784891981be6006f259e230b'

export const fields = {
  "Account": {
    "delegate": "account",
    "schema": "app",
    "table": "account",
    "owner": null,
    "id": "id",
    "encrypted": {},
    "plain": {
      "id": "String",
      "role": "String",
      "displayName": "String",
      "jobTitle": "String",
      "emailSealed": "String",
      "emailToken": "Bytes",
      "emailTokenEven": "Bytes",
      "passwordHash": "String",
      "passwordChangedAt": "DateTime",
      "totpSecretSealed": "String",
      "totpLastStep": "BigInt",
      "totpEnrolledAt": "DateTime",
      "passkeyDueUntil": "DateTime",
      "status": "String",
      "createdAt": "DateTime",
      "deactivatedAt": "DateTime",
      "lastSignInAt": "DateTime",
      "previousSignInAt": "DateTime",
      "endsAt": "DateTime",
      "lockedAt": "DateTime",
      "practitionerId": "String"
    },
    "relations": {
      "practitioner": {
        "model": "Practitioner",
        "list": false,
        "holdsKey": true,
        "fields": [
          "practitionerId"
        ],
        "references": [
          "id"
        ],
        "inverse": "accounts"
      },
      "sessions": {
        "model": "Session",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "accountId"
        ],
        "inverse": "account"
      },
      "recoveryCodes": {
        "model": "RecoveryCode",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "accountId"
        ],
        "inverse": "account"
      },
      "invitations": {
        "model": "Invitation",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "accountId"
        ],
        "inverse": "account"
      },
      "careTeamMembers": {
        "model": "CareTeamMember",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "accountId"
        ],
        "inverse": "account"
      },
      "savedFilters": {
        "model": "SavedFilter",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "accountId"
        ],
        "inverse": "account"
      },
      "passkeys": {
        "model": "Passkey",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "accountId"
        ],
        "inverse": "account"
      },
      "notices": {
        "model": "Notice",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "accountId"
        ],
        "inverse": "account"
      },
      "mails": {
        "model": "MailOutbox",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "accountId"
        ],
        "inverse": "account"
      },
      "mailLinks": {
        "model": "MailLink",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "accountId"
        ],
        "inverse": "account"
      },
      "knownDevices": {
        "model": "KnownDevice",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "accountId"
        ],
        "inverse": "account"
      },
      "stepFailures": {
        "model": "SecondStepFailure",
        "list": false,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "accountId"
        ],
        "inverse": "account"
      },
      "emailChanges": {
        "model": "EmailChange",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "accountId"
        ],
        "inverse": "account"
      },
      "recoveries": {
        "model": "StaffRecovery",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "accountId"
        ],
        "inverse": "account"
      },
      "recoveriesAsked": {
        "model": "StaffRecovery",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "askedBy"
        ],
        "inverse": "asker"
      },
      "recoveriesAgreed": {
        "model": "StaffRecovery",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "agreedBy"
        ],
        "inverse": "agreer"
      },
      "activations": {
        "model": "Activation",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "accountId"
        ],
        "inverse": "account"
      },
      "activationsMade": {
        "model": "Activation",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "issuedBy"
        ],
        "inverse": "issuer"
      },
      "emergencyAdministrator": {
        "model": "EmergencyAdministrator",
        "list": false,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "accountId"
        ],
        "inverse": "account"
      },
      "federatedIdentity": {
        "model": "FederatedIdentity",
        "list": false,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "accountId"
        ],
        "inverse": "account"
      },
      "federatedTickets": {
        "model": "FederatedTicket",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "accountId"
        ],
        "inverse": "account"
      },
      "scimTokens": {
        "model": "ScimToken",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "madeBy"
        ],
        "inverse": "maker"
      },
      "scimUser": {
        "model": "ScimUser",
        "list": false,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "accountId"
        ],
        "inverse": "account"
      },
      "scimMembers": {
        "model": "ScimMember",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "accountId"
        ],
        "inverse": "account"
      },
      "roleClaims": {
        "model": "RoleClaim",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "madeBy"
        ],
        "inverse": "maker"
      },
      "roleClaimRemovals": {
        "model": "RoleClaimRemoval",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "removedBy"
        ],
        "inverse": "remover"
      }
    },
    "uniques": {
      "emailToken": [
        "emailToken"
      ],
      "emailTokenEven": [
        "emailTokenEven"
      ]
    }
  },
  "Session": {
    "delegate": "session",
    "schema": "app",
    "table": "session",
    "owner": null,
    "id": "id",
    "encrypted": {},
    "plain": {
      "id": "String",
      "tokenHash": "Bytes",
      "accountId": "String",
      "role": "String",
      "method": "String",
      "openedAt": "DateTime",
      "secondFactorAt": "DateTime",
      "lastActiveAt": "DateTime",
      "expiresAt": "DateTime",
      "endedAt": "DateTime",
      "endReason": "String",
      "clientIp": "String",
      "userAgent": "String",
      "formerTokenHash": "Bytes",
      "rotatedAt": "DateTime",
      "passwordShownAt": "DateTime",
      "passkeyShownAt": "DateTime",
      "lockedAt": "DateTime",
      "unlockFailures": "Int"
    },
    "relations": {
      "account": {
        "model": "Account",
        "list": false,
        "holdsKey": true,
        "fields": [
          "accountId"
        ],
        "references": [
          "id"
        ],
        "inverse": "sessions"
      },
      "mails": {
        "model": "MailOutbox",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "sessionId"
        ],
        "inverse": "session"
      },
      "federated": {
        "model": "FederatedSession",
        "list": false,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "sessionId"
        ],
        "inverse": "session"
      },
      "emailChanges": {
        "model": "EmailChange",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "askedIn"
        ],
        "inverse": "session"
      }
    },
    "uniques": {
      "tokenHash": [
        "tokenHash"
      ],
      "formerTokenHash": [
        "formerTokenHash"
      ]
    }
  },
  "RecoveryCode": {
    "delegate": "recoveryCode",
    "schema": "app",
    "table": "recovery_code",
    "owner": null,
    "id": "id",
    "encrypted": {},
    "plain": {
      "id": "String",
      "accountId": "String",
      "codeHash": "String",
      "createdAt": "DateTime",
      "usedAt": "DateTime"
    },
    "relations": {
      "account": {
        "model": "Account",
        "list": false,
        "holdsKey": true,
        "fields": [
          "accountId"
        ],
        "references": [
          "id"
        ],
        "inverse": "recoveryCodes"
      }
    },
    "uniques": {}
  },
  "Invitation": {
    "delegate": "invitation",
    "schema": "app",
    "table": "invitation",
    "owner": null,
    "id": "id",
    "encrypted": {},
    "plain": {
      "id": "String",
      "accountId": "String",
      "tokenHash": "Bytes",
      "createdAt": "DateTime",
      "expiresAt": "DateTime",
      "usedAt": "DateTime"
    },
    "relations": {
      "account": {
        "model": "Account",
        "list": false,
        "holdsKey": true,
        "fields": [
          "accountId"
        ],
        "references": [
          "id"
        ],
        "inverse": "invitations"
      }
    },
    "uniques": {
      "tokenHash": [
        "tokenHash"
      ]
    }
  },
  "Activation": {
    "delegate": "activation",
    "schema": "app",
    "table": "activation",
    "owner": null,
    "id": "id",
    "encrypted": {},
    "plain": {
      "id": "String",
      "accountId": "String",
      "codeHash": "Bytes",
      "birthCheck": "Bytes",
      "issuedBy": "String",
      "requestId": "String",
      "isFirst": "Boolean",
      "documents": "String[]",
      "createdAt": "DateTime",
      "expiresAt": "DateTime",
      "tries": "Int",
      "usedAt": "DateTime",
      "voidedAt": "DateTime"
    },
    "relations": {
      "account": {
        "model": "Account",
        "list": false,
        "holdsKey": true,
        "fields": [
          "accountId"
        ],
        "references": [
          "id"
        ],
        "inverse": "activations"
      },
      "issuer": {
        "model": "Account",
        "list": false,
        "holdsKey": true,
        "fields": [
          "issuedBy"
        ],
        "references": [
          "id"
        ],
        "inverse": "activationsMade"
      }
    },
    "uniques": {
      "codeHash": [
        "codeHash"
      ],
      "requestId": [
        "requestId"
      ]
    }
  },
  "SignInThrottle": {
    "delegate": "signInThrottle",
    "schema": "app",
    "table": "sign_in_throttle",
    "owner": null,
    "id": null,
    "encrypted": {},
    "plain": {
      "key": "Bytes",
      "kind": "String",
      "failures": "Int",
      "lastFailureAt": "DateTime",
      "blockedUntil": "DateTime"
    },
    "relations": {},
    "uniques": {}
  },
  "DeviceThrottle": {
    "delegate": "deviceThrottle",
    "schema": "app",
    "table": "device_throttle",
    "owner": null,
    "id": null,
    "encrypted": {},
    "plain": {
      "accountId": "String",
      "deviceHash": "Bytes",
      "failures": "Int",
      "lastFailureAt": "DateTime",
      "blockedUntil": "DateTime"
    },
    "relations": {},
    "uniques": {
      "accountId_deviceHash": [
        "accountId",
        "deviceHash"
      ]
    }
  },
  "RateLimit": {
    "delegate": "rateLimit",
    "schema": "app",
    "table": "rate_limit",
    "owner": null,
    "id": null,
    "encrypted": {},
    "plain": {
      "key": "String",
      "points": "Int",
      "expire": "BigInt"
    },
    "relations": {},
    "uniques": {}
  },
  "CareTeam": {
    "delegate": "careTeam",
    "schema": "app",
    "table": "care_team",
    "owner": null,
    "id": "id",
    "encrypted": {},
    "plain": {
      "id": "String",
      "name": "String",
      "createdAt": "DateTime"
    },
    "relations": {
      "members": {
        "model": "CareTeamMember",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "careTeamId"
        ],
        "inverse": "careTeam"
      }
    },
    "uniques": {
      "name": [
        "name"
      ]
    }
  },
  "CareTeamMember": {
    "delegate": "careTeamMember",
    "schema": "app",
    "table": "care_team_member",
    "owner": null,
    "id": null,
    "encrypted": {},
    "plain": {
      "careTeamId": "String",
      "accountId": "String",
      "startsAt": "DateTime",
      "endsAt": "DateTime"
    },
    "relations": {
      "careTeam": {
        "model": "CareTeam",
        "list": false,
        "holdsKey": true,
        "fields": [
          "careTeamId"
        ],
        "references": [
          "id"
        ],
        "inverse": "members"
      },
      "account": {
        "model": "Account",
        "list": false,
        "holdsKey": true,
        "fields": [
          "accountId"
        ],
        "references": [
          "id"
        ],
        "inverse": "careTeamMembers"
      }
    },
    "uniques": {
      "careTeamId_accountId": [
        "careTeamId",
        "accountId"
      ]
    }
  },
  "Practitioner": {
    "delegate": "practitioner",
    "schema": "app",
    "table": "practitioner",
    "owner": null,
    "id": "id",
    "encrypted": {},
    "plain": {
      "id": "String",
      "displayName": "String",
      "specialty": "String",
      "sourceDigest": "Bytes"
    },
    "relations": {
      "accounts": {
        "model": "Account",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "practitionerId"
        ],
        "inverse": "practitioner"
      },
      "encounters": {
        "model": "Encounter",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "practitionerId"
        ],
        "inverse": "practitioner"
      },
      "medicationRequests": {
        "model": "MedicationRequest",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "practitionerId"
        ],
        "inverse": "practitioner"
      },
      "immunizations": {
        "model": "Immunization",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "practitionerId"
        ],
        "inverse": "practitioner"
      },
      "diagnosticReports": {
        "model": "DiagnosticReport",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "practitionerId"
        ],
        "inverse": "practitioner"
      },
      "observations": {
        "model": "Observation",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "practitionerId"
        ],
        "inverse": "practitioner"
      }
    },
    "uniques": {}
  },
  "Organization": {
    "delegate": "organization",
    "schema": "app",
    "table": "organization",
    "owner": null,
    "id": "id",
    "encrypted": {},
    "plain": {
      "id": "String",
      "name": "String",
      "sourceDigest": "Bytes"
    },
    "relations": {
      "encounters": {
        "model": "Encounter",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "organizationId"
        ],
        "inverse": "organization"
      }
    },
    "uniques": {}
  },
  "Passkey": {
    "delegate": "passkey",
    "schema": "app",
    "table": "passkey",
    "owner": null,
    "id": "id",
    "encrypted": {},
    "plain": {
      "id": "String",
      "accountId": "String",
      "credentialId": "Bytes",
      "publicKey": "Bytes",
      "signCount": "BigInt",
      "transports": "String[]",
      "isBackedUp": "Boolean",
      "nameTextId": "String",
      "createdAt": "DateTime",
      "lastUsedAt": "DateTime"
    },
    "relations": {
      "account": {
        "model": "Account",
        "list": false,
        "holdsKey": true,
        "fields": [
          "accountId"
        ],
        "references": [
          "id"
        ],
        "inverse": "passkeys"
      },
      "nameText": {
        "model": "SealedText",
        "list": false,
        "holdsKey": true,
        "fields": [
          "nameTextId"
        ],
        "references": [
          "id"
        ],
        "inverse": "passkeys"
      }
    },
    "uniques": {
      "credentialId": [
        "credentialId"
      ]
    }
  },
  "PasskeyAnswer": {
    "delegate": "passkeyAnswer",
    "schema": "app",
    "table": "passkey_answer",
    "owner": null,
    "id": null,
    "encrypted": {},
    "plain": {
      "challengeHash": "Bytes",
      "answeredAt": "DateTime"
    },
    "relations": {},
    "uniques": {}
  },
  "RolePolicy": {
    "delegate": "rolePolicy",
    "schema": "app",
    "table": "role_policy",
    "owner": null,
    "id": null,
    "encrypted": {},
    "plain": {
      "role": "String",
      "idleMinutes": "Int",
      "maxSessions": "Int",
      "passkeyOnly": "Boolean",
      "changedAt": "DateTime"
    },
    "relations": {},
    "uniques": {}
  },
  "RoleClaim": {
    "delegate": "roleClaim",
    "schema": "app",
    "table": "role_claim",
    "owner": null,
    "id": "id",
    "encrypted": {},
    "plain": {
      "id": "String",
      "claimValue": "String",
      "role": "String",
      "position": "Int",
      "createdAt": "DateTime",
      "madeBy": "String"
    },
    "relations": {
      "maker": {
        "model": "Account",
        "list": false,
        "holdsKey": true,
        "fields": [
          "madeBy"
        ],
        "references": [
          "id"
        ],
        "inverse": "roleClaims"
      },
      "members": {
        "model": "ScimMember",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "claimId"
        ],
        "inverse": "claim"
      }
    },
    "uniques": {
      "claimValue": [
        "claimValue"
      ]
    }
  },
  "RoleClaimRemoval": {
    "delegate": "roleClaimRemoval",
    "schema": "app",
    "table": "role_claim_removal",
    "owner": null,
    "id": "id",
    "encrypted": {},
    "plain": {
      "id": "String",
      "role": "String",
      "removedBy": "String",
      "removedAt": "DateTime"
    },
    "relations": {
      "remover": {
        "model": "Account",
        "list": false,
        "holdsKey": true,
        "fields": [
          "removedBy"
        ],
        "references": [
          "id"
        ],
        "inverse": "roleClaimRemovals"
      }
    },
    "uniques": {}
  },
  "RoleFederation": {
    "delegate": "roleFederation",
    "schema": "app",
    "table": "role_federation",
    "owner": null,
    "id": null,
    "encrypted": {},
    "plain": {
      "role": "String",
      "providerOnly": "Boolean",
      "changedAt": "DateTime"
    },
    "relations": {},
    "uniques": {}
  },
  "EmergencyAdministrator": {
    "delegate": "emergencyAdministrator",
    "schema": "app",
    "table": "emergency_administrator",
    "owner": null,
    "id": null,
    "encrypted": {},
    "plain": {
      "accountId": "String",
      "since": "DateTime"
    },
    "relations": {
      "account": {
        "model": "Account",
        "list": false,
        "holdsKey": true,
        "fields": [
          "accountId"
        ],
        "references": [
          "id"
        ],
        "inverse": "emergencyAdministrator"
      }
    },
    "uniques": {}
  },
  "FederatedIdentity": {
    "delegate": "federatedIdentity",
    "schema": "app",
    "table": "federated_identity",
    "owner": null,
    "id": "id",
    "encrypted": {},
    "plain": {
      "id": "String",
      "accountId": "String",
      "issuer": "String",
      "subjectHash": "Bytes",
      "linkedAt": "DateTime",
      "lastUsedAt": "DateTime"
    },
    "relations": {
      "account": {
        "model": "Account",
        "list": false,
        "holdsKey": true,
        "fields": [
          "accountId"
        ],
        "references": [
          "id"
        ],
        "inverse": "federatedIdentity"
      },
      "tickets": {
        "model": "FederatedTicket",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "identityId"
        ],
        "inverse": "identity"
      },
      "sessions": {
        "model": "FederatedSession",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "identityId"
        ],
        "inverse": "identity"
      }
    },
    "uniques": {
      "accountId": [
        "accountId"
      ],
      "issuer_subjectHash": [
        "issuer",
        "subjectHash"
      ]
    }
  },
  "FederatedTicket": {
    "delegate": "federatedTicket",
    "schema": "app",
    "table": "federated_ticket",
    "owner": null,
    "id": null,
    "encrypted": {},
    "plain": {
      "ticketHash": "Bytes",
      "identityId": "String",
      "accountId": "String",
      "sidHash": "Bytes",
      "isMultiFactor": "Boolean",
      "authenticatedAt": "DateTime",
      "madeAt": "DateTime",
      "usedAt": "DateTime"
    },
    "relations": {
      "identity": {
        "model": "FederatedIdentity",
        "list": false,
        "holdsKey": true,
        "fields": [
          "identityId"
        ],
        "references": [
          "id"
        ],
        "inverse": "tickets"
      },
      "account": {
        "model": "Account",
        "list": false,
        "holdsKey": true,
        "fields": [
          "accountId"
        ],
        "references": [
          "id"
        ],
        "inverse": "federatedTickets"
      }
    },
    "uniques": {}
  },
  "FederatedSession": {
    "delegate": "federatedSession",
    "schema": "app",
    "table": "federated_session",
    "owner": null,
    "id": null,
    "encrypted": {},
    "plain": {
      "sessionId": "String",
      "identityId": "String",
      "sidHash": "Bytes",
      "authenticatedAt": "DateTime"
    },
    "relations": {
      "session": {
        "model": "Session",
        "list": false,
        "holdsKey": true,
        "fields": [
          "sessionId"
        ],
        "references": [
          "id"
        ],
        "inverse": "federated"
      },
      "identity": {
        "model": "FederatedIdentity",
        "list": false,
        "holdsKey": true,
        "fields": [
          "identityId"
        ],
        "references": [
          "id"
        ],
        "inverse": "sessions"
      }
    },
    "uniques": {}
  },
  "LogoutToken": {
    "delegate": "logoutToken",
    "schema": "app",
    "table": "logout_token",
    "owner": null,
    "id": null,
    "encrypted": {},
    "plain": {
      "jtiHash": "Bytes",
      "takenAt": "DateTime"
    },
    "relations": {},
    "uniques": {}
  },
  "ScimToken": {
    "delegate": "scimToken",
    "schema": "app",
    "table": "scim_token",
    "owner": null,
    "id": "id",
    "encrypted": {},
    "plain": {
      "id": "String",
      "tokenHash": "Bytes",
      "madeAt": "DateTime",
      "madeBy": "String",
      "expiresAt": "DateTime",
      "lastUsedAt": "DateTime",
      "endedAt": "DateTime"
    },
    "relations": {
      "maker": {
        "model": "Account",
        "list": false,
        "holdsKey": true,
        "fields": [
          "madeBy"
        ],
        "references": [
          "id"
        ],
        "inverse": "scimTokens"
      }
    },
    "uniques": {
      "tokenHash": [
        "tokenHash"
      ]
    }
  },
  "ScimUser": {
    "delegate": "scimUser",
    "schema": "app",
    "table": "scim_user",
    "owner": null,
    "id": null,
    "encrypted": {},
    "plain": {
      "accountId": "String",
      "externalId": "String",
      "isActive": "Boolean",
      "isRoleByGroup": "Boolean",
      "closedAt": "DateTime",
      "changedAt": "DateTime"
    },
    "relations": {
      "account": {
        "model": "Account",
        "list": false,
        "holdsKey": true,
        "fields": [
          "accountId"
        ],
        "references": [
          "id"
        ],
        "inverse": "scimUser"
      }
    },
    "uniques": {
      "externalId": [
        "externalId"
      ]
    }
  },
  "ScimMember": {
    "delegate": "scimMember",
    "schema": "app",
    "table": "scim_member",
    "owner": null,
    "id": null,
    "encrypted": {},
    "plain": {
      "accountId": "String",
      "claimId": "String"
    },
    "relations": {
      "account": {
        "model": "Account",
        "list": false,
        "holdsKey": true,
        "fields": [
          "accountId"
        ],
        "references": [
          "id"
        ],
        "inverse": "scimMembers"
      },
      "claim": {
        "model": "RoleClaim",
        "list": false,
        "holdsKey": true,
        "fields": [
          "claimId"
        ],
        "references": [
          "id"
        ],
        "inverse": "members"
      }
    },
    "uniques": {
      "accountId_claimId": [
        "accountId",
        "claimId"
      ]
    }
  },
  "MailOutbox": {
    "delegate": "mailOutbox",
    "schema": "app",
    "table": "mail_outbox",
    "owner": null,
    "id": "id",
    "encrypted": {},
    "plain": {
      "id": "String",
      "accountId": "String",
      "kind": "String",
      "detailSealed": "String",
      "createdAt": "DateTime",
      "nextTryAt": "DateTime",
      "tries": "Int",
      "sentAt": "DateTime",
      "givenUpAt": "DateTime",
      "sessionId": "String",
      "recipientTextId": "String",
      "reference": "String",
      "keptAt": "DateTime",
      "refusal": "String"
    },
    "relations": {
      "account": {
        "model": "Account",
        "list": false,
        "holdsKey": true,
        "fields": [
          "accountId"
        ],
        "references": [
          "id"
        ],
        "inverse": "mails"
      },
      "session": {
        "model": "Session",
        "list": false,
        "holdsKey": true,
        "fields": [
          "sessionId"
        ],
        "references": [
          "id"
        ],
        "inverse": "mails"
      },
      "recipientText": {
        "model": "SealedText",
        "list": false,
        "holdsKey": true,
        "fields": [
          "recipientTextId"
        ],
        "references": [
          "id"
        ],
        "inverse": "letters"
      },
      "links": {
        "model": "MailLink",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "mailId"
        ],
        "inverse": "mail"
      }
    },
    "uniques": {}
  },
  "MailLink": {
    "delegate": "mailLink",
    "schema": "app",
    "table": "mail_link",
    "owner": null,
    "id": null,
    "encrypted": {},
    "plain": {
      "tokenHash": "Bytes",
      "accountId": "String",
      "mailId": "String",
      "purpose": "String",
      "madeAt": "DateTime",
      "expiresAt": "DateTime",
      "usedAt": "DateTime",
      "tries": "Int",
      "provenAt": "DateTime"
    },
    "relations": {
      "account": {
        "model": "Account",
        "list": false,
        "holdsKey": true,
        "fields": [
          "accountId"
        ],
        "references": [
          "id"
        ],
        "inverse": "mailLinks"
      },
      "mail": {
        "model": "MailOutbox",
        "list": false,
        "holdsKey": true,
        "fields": [
          "mailId"
        ],
        "references": [
          "id"
        ],
        "inverse": "links"
      }
    },
    "uniques": {}
  },
  "KnownDevice": {
    "delegate": "knownDevice",
    "schema": "app",
    "table": "known_device",
    "owner": null,
    "id": null,
    "encrypted": {},
    "plain": {
      "tokenHash": "Bytes",
      "accountId": "String",
      "firstAt": "DateTime",
      "lastAt": "DateTime"
    },
    "relations": {
      "account": {
        "model": "Account",
        "list": false,
        "holdsKey": true,
        "fields": [
          "accountId"
        ],
        "references": [
          "id"
        ],
        "inverse": "knownDevices"
      }
    },
    "uniques": {
      "tokenHash_accountId": [
        "tokenHash",
        "accountId"
      ]
    }
  },
  "RecoveryRequest": {
    "delegate": "recoveryRequest",
    "schema": "app",
    "table": "recovery_request",
    "owner": null,
    "id": "id",
    "encrypted": {},
    "plain": {
      "id": "String",
      "accountId": "String",
      "askedAt": "DateTime"
    },
    "relations": {},
    "uniques": {}
  },
  "EmailChange": {
    "delegate": "emailChange",
    "schema": "app",
    "table": "email_change",
    "owner": null,
    "id": "id",
    "encrypted": {},
    "plain": {
      "id": "String",
      "accountId": "String",
      "newTextId": "String",
      "formerTextId": "String",
      "askedAt": "DateTime",
      "doneAt": "DateTime",
      "voidAt": "DateTime",
      "askedIn": "String"
    },
    "relations": {
      "account": {
        "model": "Account",
        "list": false,
        "holdsKey": true,
        "fields": [
          "accountId"
        ],
        "references": [
          "id"
        ],
        "inverse": "emailChanges"
      },
      "newText": {
        "model": "SealedText",
        "list": false,
        "holdsKey": true,
        "fields": [
          "newTextId"
        ],
        "references": [
          "id"
        ],
        "inverse": "newAddresses"
      },
      "formerText": {
        "model": "SealedText",
        "list": false,
        "holdsKey": true,
        "fields": [
          "formerTextId"
        ],
        "references": [
          "id"
        ],
        "inverse": "formerAddresses"
      },
      "session": {
        "model": "Session",
        "list": false,
        "holdsKey": true,
        "fields": [
          "askedIn"
        ],
        "references": [
          "id"
        ],
        "inverse": "emailChanges"
      }
    },
    "uniques": {}
  },
  "StaffRecovery": {
    "delegate": "staffRecovery",
    "schema": "app",
    "table": "staff_recovery",
    "owner": null,
    "id": "id",
    "encrypted": {},
    "plain": {
      "id": "String",
      "accountId": "String",
      "reason": "String",
      "askedBy": "String",
      "askedAt": "DateTime",
      "expiresAt": "DateTime",
      "halfTextId": "String",
      "agreedBy": "String",
      "agreedAt": "DateTime",
      "closedAt": "DateTime"
    },
    "relations": {
      "account": {
        "model": "Account",
        "list": false,
        "holdsKey": true,
        "fields": [
          "accountId"
        ],
        "references": [
          "id"
        ],
        "inverse": "recoveries"
      },
      "asker": {
        "model": "Account",
        "list": false,
        "holdsKey": true,
        "fields": [
          "askedBy"
        ],
        "references": [
          "id"
        ],
        "inverse": "recoveriesAsked"
      },
      "agreer": {
        "model": "Account",
        "list": false,
        "holdsKey": true,
        "fields": [
          "agreedBy"
        ],
        "references": [
          "id"
        ],
        "inverse": "recoveriesAgreed"
      },
      "halfText": {
        "model": "SealedText",
        "list": false,
        "holdsKey": true,
        "fields": [
          "halfTextId"
        ],
        "references": [
          "id"
        ],
        "inverse": "halfCodes"
      }
    },
    "uniques": {}
  },
  "SecondStepFailure": {
    "delegate": "secondStepFailure",
    "schema": "app",
    "table": "second_step_failure",
    "owner": null,
    "id": null,
    "encrypted": {},
    "plain": {
      "accountId": "String",
      "failures": "Int",
      "toldAt": "DateTime"
    },
    "relations": {
      "account": {
        "model": "Account",
        "list": false,
        "holdsKey": true,
        "fields": [
          "accountId"
        ],
        "references": [
          "id"
        ],
        "inverse": "stepFailures"
      }
    },
    "uniques": {}
  },
  "SealedText": {
    "delegate": "sealedText",
    "schema": "app",
    "table": "sealed_text",
    "owner": null,
    "id": "id",
    "encrypted": {},
    "plain": {
      "id": "String",
      "kind": "String",
      "contentSealed": "String",
      "createdAt": "DateTime"
    },
    "relations": {
      "passkeys": {
        "model": "Passkey",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "nameTextId"
        ],
        "inverse": "nameText"
      },
      "letters": {
        "model": "MailOutbox",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "recipientTextId"
        ],
        "inverse": "recipientText"
      },
      "newAddresses": {
        "model": "EmailChange",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "newTextId"
        ],
        "inverse": "newText"
      },
      "formerAddresses": {
        "model": "EmailChange",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "formerTextId"
        ],
        "inverse": "formerText"
      },
      "halfCodes": {
        "model": "StaffRecovery",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "halfTextId"
        ],
        "inverse": "halfText"
      }
    },
    "uniques": {}
  },
  "SavedFilter": {
    "delegate": "savedFilter",
    "schema": "app",
    "table": "saved_filter",
    "owner": null,
    "id": "id",
    "encrypted": {},
    "plain": {
      "id": "String",
      "accountId": "String",
      "kind": "String",
      "contentSealed": "String",
      "createdAt": "DateTime",
      "isShared": "Boolean",
      "lastUsedAt": "DateTime"
    },
    "relations": {
      "account": {
        "model": "Account",
        "list": false,
        "holdsKey": true,
        "fields": [
          "accountId"
        ],
        "references": [
          "id"
        ],
        "inverse": "savedFilters"
      }
    },
    "uniques": {}
  },
  "JobRun": {
    "delegate": "jobRun",
    "schema": "app",
    "table": "job_run",
    "owner": null,
    "id": null,
    "encrypted": {},
    "plain": {
      "name": "String",
      "startedAt": "DateTime",
      "finishedAt": "DateTime",
      "errorName": "String"
    },
    "relations": {},
    "uniques": {}
  },
  "Notice": {
    "delegate": "notice",
    "schema": "app",
    "table": "notice",
    "owner": null,
    "id": "id",
    "encrypted": {},
    "plain": {
      "id": "String",
      "accountId": "String",
      "kind": "String",
      "reference": "String",
      "createdAt": "DateTime",
      "readAt": "DateTime"
    },
    "relations": {
      "account": {
        "model": "Account",
        "list": false,
        "holdsKey": true,
        "fields": [
          "accountId"
        ],
        "references": [
          "id"
        ],
        "inverse": "notices"
      }
    },
    "uniques": {
      "accountId_kind_reference": [
        "accountId",
        "kind",
        "reference"
      ]
    }
  },
  "DemoClock": {
    "delegate": "demoClock",
    "schema": "app",
    "table": "demo_clock",
    "owner": null,
    "id": null,
    "encrypted": {},
    "plain": {
      "id": "Int",
      "advancedBySeconds": "Int",
      "advancedAt": "DateTime"
    },
    "relations": {},
    "uniques": {}
  },
  "KeyPolicy": {
    "delegate": "keyPolicy",
    "schema": "app",
    "table": "key_policy",
    "owner": null,
    "id": null,
    "encrypted": {},
    "plain": {
      "kind": "String",
      "daysLimit": "Int",
      "daysMax": "Int",
      "reminderDays": "Int",
      "changedAt": "DateTime"
    },
    "relations": {
      "reminders": {
        "model": "KeyReminder",
        "list": true,
        "holdsKey": false,
        "fields": [
          "kind"
        ],
        "references": [
          "kind"
        ],
        "inverse": "policy"
      }
    },
    "uniques": {}
  },
  "KeyReminder": {
    "delegate": "keyReminder",
    "schema": "app",
    "table": "key_reminder",
    "owner": null,
    "id": null,
    "encrypted": {},
    "plain": {
      "kind": "String",
      "reportedOn": "DateTime",
      "state": "String"
    },
    "relations": {
      "policy": {
        "model": "KeyPolicy",
        "list": false,
        "holdsKey": true,
        "fields": [
          "kind"
        ],
        "references": [
          "kind"
        ],
        "inverse": "reminders"
      }
    },
    "uniques": {
      "kind_reportedOn_state": [
        "kind",
        "reportedOn",
        "state"
      ]
    }
  },
  "Credential": {
    "delegate": "credential",
    "schema": "app",
    "table": "credential",
    "owner": null,
    "id": null,
    "encrypted": {},
    "plain": {
      "name": "String",
      "changedAt": "DateTime"
    },
    "relations": {},
    "uniques": {}
  },
  "ServiceJob": {
    "delegate": "serviceJob",
    "schema": "app",
    "table": "service_job",
    "owner": null,
    "id": null,
    "encrypted": {},
    "plain": {
      "job": "String",
      "displayName": "String",
      "jobTitle": "String"
    },
    "relations": {},
    "uniques": {}
  },
  "SchemaMigration": {
    "delegate": "schemaMigration",
    "schema": "app",
    "table": "schema_migration",
    "owner": null,
    "id": null,
    "encrypted": {},
    "plain": {
      "name": "String",
      "checksum": "String",
      "appliedAt": "DateTime"
    },
    "relations": {},
    "uniques": {}
  },
  "Patient": {
    "delegate": "patient",
    "schema": "phi",
    "table": "patient",
    "owner": "id",
    "id": "id",
    "encrypted": {
      "mrn": {
        "id": "patient.mrn",
        "type": "string",
        "pad": 0,
        "column": "mrn",
        "required": false,
        "tokens": [
          "mrnToken",
          "mrnTokenEven"
        ]
      },
      "familyName": {
        "id": "patient.family-name",
        "type": "string",
        "pad": 0,
        "column": "family_name",
        "required": true,
        "tokens": []
      },
      "givenName": {
        "id": "patient.given-name",
        "type": "string",
        "pad": 0,
        "column": "given_name",
        "required": false,
        "tokens": []
      },
      "preferredName": {
        "id": "patient.preferred-name",
        "type": "string",
        "pad": 0,
        "column": "preferred_name",
        "required": false,
        "tokens": []
      },
      "namePrefix": {
        "id": "patient.name-prefix",
        "type": "string",
        "pad": 0,
        "column": "name_prefix",
        "required": false,
        "tokens": []
      },
      "nameSuffix": {
        "id": "patient.name-suffix",
        "type": "string",
        "pad": 0,
        "column": "name_suffix",
        "required": false,
        "tokens": []
      },
      "birthDate": {
        "id": "patient.birth-date",
        "type": "date",
        "pad": 16,
        "column": "birth_date",
        "required": false,
        "tokens": []
      },
      "sex": {
        "id": "patient.sex",
        "type": "string",
        "pad": 16,
        "column": "sex",
        "required": false,
        "tokens": []
      },
      "genderIdentity": {
        "id": "patient.gender-identity",
        "type": "string",
        "pad": 32,
        "column": "gender_identity",
        "required": false,
        "tokens": []
      },
      "pronouns": {
        "id": "patient.pronouns",
        "type": "string",
        "pad": 16,
        "column": "pronouns",
        "required": false,
        "tokens": []
      },
      "ssn": {
        "id": "patient.ssn",
        "type": "string",
        "pad": 16,
        "column": "ssn",
        "required": false,
        "tokens": []
      },
      "ssnLastFour": {
        "id": "patient.ssn-last-four",
        "type": "string",
        "pad": 16,
        "column": "ssn_last_four",
        "required": false,
        "tokens": []
      },
      "maritalStatus": {
        "id": "patient.marital-status",
        "type": "string",
        "pad": 32,
        "column": "marital_status",
        "required": false,
        "tokens": []
      },
      "language": {
        "id": "patient.language",
        "type": "string",
        "pad": 32,
        "column": "language",
        "required": false,
        "tokens": []
      },
      "race": {
        "id": "patient.race",
        "type": "string",
        "pad": 64,
        "column": "race",
        "required": false,
        "tokens": []
      },
      "ethnicity": {
        "id": "patient.ethnicity",
        "type": "string",
        "pad": 64,
        "column": "ethnicity",
        "required": false,
        "tokens": []
      },
      "deceasedAt": {
        "id": "patient.deceased-at",
        "type": "string",
        "pad": 32,
        "column": "deceased_at",
        "required": false,
        "tokens": []
      }
    },
    "plain": {
      "id": "String",
      "active": "Boolean",
      "attentionAt": "DateTime",
      "mrnToken": "Bytes",
      "mrnTokenEven": "Bytes",
      "sourceDigest": "Bytes",
      "version": "Int",
      "createdAt": "DateTime",
      "createdBy": "String",
      "updatedAt": "DateTime",
      "updatedBy": "String"
    },
    "relations": {
      "patientIdentifiers": {
        "model": "PatientIdentifier",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "patientId"
        ],
        "inverse": "patient"
      },
      "patientContacts": {
        "model": "PatientContact",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "patientId"
        ],
        "inverse": "patient"
      },
      "coverages": {
        "model": "Coverage",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "patientId"
        ],
        "inverse": "patient"
      },
      "careRelationships": {
        "model": "CareRelationship",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "patientId"
        ],
        "inverse": "patient"
      },
      "recordGrants": {
        "model": "RecordGrant",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "patientId"
        ],
        "inverse": "patient"
      },
      "encounters": {
        "model": "Encounter",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "patientId"
        ],
        "inverse": "patient"
      },
      "conditions": {
        "model": "Condition",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "patientId"
        ],
        "inverse": "patient"
      },
      "allergyIntolerances": {
        "model": "AllergyIntolerance",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "patientId"
        ],
        "inverse": "patient"
      },
      "medicationRequests": {
        "model": "MedicationRequest",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "patientId"
        ],
        "inverse": "patient"
      },
      "immunizations": {
        "model": "Immunization",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "patientId"
        ],
        "inverse": "patient"
      },
      "diagnosticReports": {
        "model": "DiagnosticReport",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "patientId"
        ],
        "inverse": "patient"
      },
      "observations": {
        "model": "Observation",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "patientId"
        ],
        "inverse": "patient"
      },
      "procedures": {
        "model": "Procedure",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "patientId"
        ],
        "inverse": "patient"
      },
      "notes": {
        "model": "Note",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "patientId"
        ],
        "inverse": "patient"
      },
      "noteVersions": {
        "model": "NoteVersion",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "patientId"
        ],
        "inverse": "patient"
      },
      "documentReferences": {
        "model": "DocumentReference",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "patientId"
        ],
        "inverse": "patient"
      },
      "claims": {
        "model": "Claim",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "patientId"
        ],
        "inverse": "patient"
      },
      "claimLines": {
        "model": "ClaimLine",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "patientId"
        ],
        "inverse": "patient"
      },
      "explanationsOfBenefit": {
        "model": "ExplanationOfBenefit",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "patientId"
        ],
        "inverse": "patient"
      },
      "payments": {
        "model": "Payment",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "patientId"
        ],
        "inverse": "patient"
      },
      "concerns": {
        "model": "Concern",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "patientId"
        ],
        "inverse": "patient"
      },
      "concernNotes": {
        "model": "ConcernNote",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "patientId"
        ],
        "inverse": "patient"
      },
      "disclosures": {
        "model": "Disclosure",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "patientId"
        ],
        "inverse": "patient"
      },
      "disclosureSuspensions": {
        "model": "DisclosureSuspension",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "patientId"
        ],
        "inverse": "patient"
      },
      "accountingRequests": {
        "model": "AccountingRequest",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "patientId"
        ],
        "inverse": "patient"
      },
      "searchTokens": {
        "model": "SearchToken",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "patientId"
        ],
        "inverse": "patient"
      },
      "rowHistories": {
        "model": "RowHistory",
        "list": true,
        "holdsKey": false,
        "fields": [
          "id"
        ],
        "references": [
          "patientId"
        ],
        "inverse": "patient"
      }
    },
    "uniques": {
      "mrnToken": [
        "mrnToken"
      ],
      "mrnTokenEven": [
        "mrnTokenEven"
      ]
    }
  },
  "PatientIdentifier": {
    "delegate": "patientIdentifier",
    "schema": "phi",
    "table": "patient_identifier",
    "owner": "patientId",
    "id": "id",
    "encrypted": {
      "kind": {
        "id": "patient-identifier.kind",
        "type": "string",
        "pad": 16,
        "column": "kind",
        "required": true,
        "tokens": []
      },
      "system": {
        "id": "patient-identifier.system",
        "type": "string",
        "pad": 0,
        "column": "system",
        "required": false,
        "tokens": []
      },
      "value": {
        "id": "patient-identifier.value",
        "type": "string",
        "pad": 0,
        "column": "value",
        "required": true,
        "tokens": []
      }
    },
    "plain": {
      "id": "String",
      "patientId": "String",
      "sourceDigest": "Bytes",
      "version": "Int",
      "createdAt": "DateTime",
      "createdBy": "String",
      "updatedAt": "DateTime",
      "updatedBy": "String"
    },
    "relations": {
      "patient": {
        "model": "Patient",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId"
        ],
        "references": [
          "id"
        ],
        "inverse": "patientIdentifiers"
      }
    },
    "uniques": {
      "patientId_id": [
        "patientId",
        "id"
      ]
    }
  },
  "PatientContact": {
    "delegate": "patientContact",
    "schema": "phi",
    "table": "patient_contact",
    "owner": "patientId",
    "id": "id",
    "encrypted": {
      "kind": {
        "id": "patient-contact.kind",
        "type": "string",
        "pad": 16,
        "column": "kind",
        "required": true,
        "tokens": []
      },
      "use": {
        "id": "patient-contact.use",
        "type": "string",
        "pad": 16,
        "column": "use",
        "required": false,
        "tokens": []
      },
      "rank": {
        "id": "patient-contact.rank",
        "type": "number",
        "pad": 0,
        "column": "rank",
        "required": false,
        "tokens": []
      },
      "value": {
        "id": "patient-contact.value",
        "type": "string",
        "pad": 0,
        "column": "value",
        "required": false,
        "tokens": []
      },
      "address": {
        "id": "patient-contact.address",
        "type": "json",
        "pad": 0,
        "column": "address",
        "required": false,
        "tokens": []
      },
      "personName": {
        "id": "patient-contact.person-name",
        "type": "string",
        "pad": 0,
        "column": "person_name",
        "required": false,
        "tokens": []
      },
      "relationship": {
        "id": "patient-contact.relationship",
        "type": "string",
        "pad": 32,
        "column": "relationship",
        "required": false,
        "tokens": []
      }
    },
    "plain": {
      "id": "String",
      "patientId": "String",
      "sourceDigest": "Bytes",
      "version": "Int",
      "createdAt": "DateTime",
      "createdBy": "String",
      "updatedAt": "DateTime",
      "updatedBy": "String"
    },
    "relations": {
      "patient": {
        "model": "Patient",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId"
        ],
        "references": [
          "id"
        ],
        "inverse": "patientContacts"
      }
    },
    "uniques": {
      "patientId_id": [
        "patientId",
        "id"
      ]
    }
  },
  "Coverage": {
    "delegate": "coverage",
    "schema": "phi",
    "table": "coverage",
    "owner": "patientId",
    "id": "id",
    "encrypted": {
      "payerName": {
        "id": "coverage.payer-name",
        "type": "string",
        "pad": 0,
        "column": "payer_name",
        "required": false,
        "tokens": []
      },
      "planName": {
        "id": "coverage.plan-name",
        "type": "string",
        "pad": 0,
        "column": "plan_name",
        "required": false,
        "tokens": []
      },
      "memberId": {
        "id": "coverage.member-id",
        "type": "string",
        "pad": 0,
        "column": "member_id",
        "required": false,
        "tokens": []
      },
      "groupNumber": {
        "id": "coverage.group-number",
        "type": "string",
        "pad": 0,
        "column": "group_number",
        "required": false,
        "tokens": []
      },
      "kind": {
        "id": "coverage.kind",
        "type": "string",
        "pad": 32,
        "column": "kind",
        "required": false,
        "tokens": []
      },
      "relationship": {
        "id": "coverage.relationship",
        "type": "string",
        "pad": 32,
        "column": "relationship",
        "required": false,
        "tokens": []
      },
      "subscriberName": {
        "id": "coverage.subscriber-name",
        "type": "string",
        "pad": 0,
        "column": "subscriber_name",
        "required": false,
        "tokens": []
      }
    },
    "plain": {
      "id": "String",
      "patientId": "String",
      "status": "String",
      "startsOn": "DateTime",
      "endsOn": "DateTime",
      "sourceDigest": "Bytes",
      "version": "Int",
      "createdAt": "DateTime",
      "createdBy": "String",
      "updatedAt": "DateTime",
      "updatedBy": "String"
    },
    "relations": {
      "patient": {
        "model": "Patient",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId"
        ],
        "references": [
          "id"
        ],
        "inverse": "coverages"
      }
    },
    "uniques": {
      "patientId_id": [
        "patientId",
        "id"
      ]
    }
  },
  "CareRelationship": {
    "delegate": "careRelationship",
    "schema": "phi",
    "table": "care_relationship",
    "owner": "patientId",
    "id": "id",
    "encrypted": {
      "reason": {
        "id": "care-relationship.reason",
        "type": "string",
        "pad": 0,
        "column": "reason",
        "required": false,
        "tokens": []
      }
    },
    "plain": {
      "id": "String",
      "patientId": "String",
      "accountId": "String",
      "careTeamId": "String",
      "startsAt": "DateTime",
      "endsAt": "DateTime",
      "version": "Int",
      "createdAt": "DateTime",
      "createdBy": "String",
      "updatedAt": "DateTime",
      "updatedBy": "String"
    },
    "relations": {
      "patient": {
        "model": "Patient",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId"
        ],
        "references": [
          "id"
        ],
        "inverse": "careRelationships"
      }
    },
    "uniques": {
      "patientId_id": [
        "patientId",
        "id"
      ]
    }
  },
  "RecordGrant": {
    "delegate": "recordGrant",
    "schema": "phi",
    "table": "record_grant",
    "owner": "patientId",
    "id": "id",
    "encrypted": {
      "relationship": {
        "id": "record-grant.relationship",
        "type": "string",
        "pad": 32,
        "column": "relationship",
        "required": false,
        "tokens": []
      }
    },
    "plain": {
      "id": "String",
      "patientId": "String",
      "accountId": "String",
      "kind": "String",
      "parts": "String[]",
      "startsAt": "DateTime",
      "endsAt": "DateTime",
      "version": "Int",
      "createdAt": "DateTime",
      "createdBy": "String",
      "updatedAt": "DateTime",
      "updatedBy": "String"
    },
    "relations": {
      "patient": {
        "model": "Patient",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId"
        ],
        "references": [
          "id"
        ],
        "inverse": "recordGrants"
      }
    },
    "uniques": {
      "patientId_id": [
        "patientId",
        "id"
      ]
    }
  },
  "Encounter": {
    "delegate": "encounter",
    "schema": "phi",
    "table": "encounter",
    "owner": "patientId",
    "id": "id",
    "encrypted": {
      "kind": {
        "id": "encounter.kind",
        "type": "string",
        "pad": 32,
        "column": "kind",
        "required": false,
        "tokens": []
      },
      "code": {
        "id": "encounter.code",
        "type": "string",
        "pad": 32,
        "column": "code",
        "required": false,
        "tokens": []
      },
      "display": {
        "id": "encounter.display",
        "type": "string",
        "pad": 0,
        "column": "display",
        "required": false,
        "tokens": []
      },
      "reason": {
        "id": "encounter.reason",
        "type": "string",
        "pad": 0,
        "column": "reason",
        "required": false,
        "tokens": []
      },
      "location": {
        "id": "encounter.location",
        "type": "string",
        "pad": 0,
        "column": "location",
        "required": false,
        "tokens": []
      }
    },
    "plain": {
      "id": "String",
      "patientId": "String",
      "status": "String",
      "startedAt": "DateTime",
      "endedAt": "DateTime",
      "practitionerId": "String",
      "organizationId": "String",
      "sourceDigest": "Bytes",
      "version": "Int",
      "createdAt": "DateTime",
      "createdBy": "String",
      "updatedAt": "DateTime",
      "updatedBy": "String"
    },
    "relations": {
      "patient": {
        "model": "Patient",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId"
        ],
        "references": [
          "id"
        ],
        "inverse": "encounters"
      },
      "practitioner": {
        "model": "Practitioner",
        "list": false,
        "holdsKey": true,
        "fields": [
          "practitionerId"
        ],
        "references": [
          "id"
        ],
        "inverse": "encounters"
      },
      "organization": {
        "model": "Organization",
        "list": false,
        "holdsKey": true,
        "fields": [
          "organizationId"
        ],
        "references": [
          "id"
        ],
        "inverse": "encounters"
      },
      "conditions": {
        "model": "Condition",
        "list": true,
        "holdsKey": false,
        "fields": [
          "patientId",
          "id"
        ],
        "references": [
          "patientId",
          "encounterId"
        ],
        "inverse": "encounter"
      },
      "medicationRequests": {
        "model": "MedicationRequest",
        "list": true,
        "holdsKey": false,
        "fields": [
          "patientId",
          "id"
        ],
        "references": [
          "patientId",
          "encounterId"
        ],
        "inverse": "encounter"
      },
      "immunizations": {
        "model": "Immunization",
        "list": true,
        "holdsKey": false,
        "fields": [
          "patientId",
          "id"
        ],
        "references": [
          "patientId",
          "encounterId"
        ],
        "inverse": "encounter"
      },
      "diagnosticReports": {
        "model": "DiagnosticReport",
        "list": true,
        "holdsKey": false,
        "fields": [
          "patientId",
          "id"
        ],
        "references": [
          "patientId",
          "encounterId"
        ],
        "inverse": "encounter"
      },
      "observations": {
        "model": "Observation",
        "list": true,
        "holdsKey": false,
        "fields": [
          "patientId",
          "id"
        ],
        "references": [
          "patientId",
          "encounterId"
        ],
        "inverse": "encounter"
      },
      "procedures": {
        "model": "Procedure",
        "list": true,
        "holdsKey": false,
        "fields": [
          "patientId",
          "id"
        ],
        "references": [
          "patientId",
          "encounterId"
        ],
        "inverse": "encounter"
      },
      "notes": {
        "model": "Note",
        "list": true,
        "holdsKey": false,
        "fields": [
          "patientId",
          "id"
        ],
        "references": [
          "patientId",
          "encounterId"
        ],
        "inverse": "encounter"
      },
      "documentReferences": {
        "model": "DocumentReference",
        "list": true,
        "holdsKey": false,
        "fields": [
          "patientId",
          "id"
        ],
        "references": [
          "patientId",
          "encounterId"
        ],
        "inverse": "encounter"
      },
      "claims": {
        "model": "Claim",
        "list": true,
        "holdsKey": false,
        "fields": [
          "patientId",
          "id"
        ],
        "references": [
          "patientId",
          "encounterId"
        ],
        "inverse": "encounter"
      }
    },
    "uniques": {
      "patientId_id": [
        "patientId",
        "id"
      ]
    }
  },
  "Condition": {
    "delegate": "condition",
    "schema": "phi",
    "table": "condition",
    "owner": "patientId",
    "id": "id",
    "encrypted": {
      "category": {
        "id": "condition.category",
        "type": "string",
        "pad": 32,
        "column": "category",
        "required": false,
        "tokens": []
      },
      "severity": {
        "id": "condition.severity",
        "type": "string",
        "pad": 32,
        "column": "severity",
        "required": false,
        "tokens": []
      },
      "codeSystem": {
        "id": "condition.code-system",
        "type": "string",
        "pad": 0,
        "column": "code_system",
        "required": false,
        "tokens": []
      },
      "code": {
        "id": "condition.code",
        "type": "string",
        "pad": 32,
        "column": "code",
        "required": false,
        "tokens": []
      },
      "display": {
        "id": "condition.display",
        "type": "string",
        "pad": 0,
        "column": "display",
        "required": true,
        "tokens": []
      },
      "onsetText": {
        "id": "condition.onset-text",
        "type": "string",
        "pad": 0,
        "column": "onset_text",
        "required": false,
        "tokens": []
      },
      "note": {
        "id": "condition.note",
        "type": "string",
        "pad": 0,
        "column": "note",
        "required": false,
        "tokens": []
      }
    },
    "plain": {
      "id": "String",
      "patientId": "String",
      "encounterId": "String",
      "clinicalStatus": "String",
      "verificationStatus": "String",
      "onsetAt": "DateTime",
      "abatedAt": "DateTime",
      "recordedAt": "DateTime",
      "sourceDigest": "Bytes",
      "version": "Int",
      "createdAt": "DateTime",
      "createdBy": "String",
      "updatedAt": "DateTime",
      "updatedBy": "String"
    },
    "relations": {
      "patient": {
        "model": "Patient",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId"
        ],
        "references": [
          "id"
        ],
        "inverse": "conditions"
      },
      "encounter": {
        "model": "Encounter",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId",
          "encounterId"
        ],
        "references": [
          "patientId",
          "id"
        ],
        "inverse": "conditions"
      }
    },
    "uniques": {
      "patientId_id": [
        "patientId",
        "id"
      ]
    }
  },
  "AllergyIntolerance": {
    "delegate": "allergyIntolerance",
    "schema": "phi",
    "table": "allergy_intolerance",
    "owner": "patientId",
    "id": "id",
    "encrypted": {
      "kind": {
        "id": "allergy-intolerance.kind",
        "type": "string",
        "pad": 16,
        "column": "kind",
        "required": false,
        "tokens": []
      },
      "category": {
        "id": "allergy-intolerance.category",
        "type": "string",
        "pad": 32,
        "column": "category",
        "required": false,
        "tokens": []
      },
      "criticality": {
        "id": "allergy-intolerance.criticality",
        "type": "string",
        "pad": 32,
        "column": "criticality",
        "required": false,
        "tokens": []
      },
      "codeSystem": {
        "id": "allergy-intolerance.code-system",
        "type": "string",
        "pad": 0,
        "column": "code_system",
        "required": false,
        "tokens": []
      },
      "code": {
        "id": "allergy-intolerance.code",
        "type": "string",
        "pad": 32,
        "column": "code",
        "required": false,
        "tokens": []
      },
      "display": {
        "id": "allergy-intolerance.display",
        "type": "string",
        "pad": 0,
        "column": "display",
        "required": true,
        "tokens": []
      },
      "reactions": {
        "id": "allergy-intolerance.reactions",
        "type": "json",
        "pad": 0,
        "column": "reactions",
        "required": false,
        "tokens": []
      },
      "note": {
        "id": "allergy-intolerance.note",
        "type": "string",
        "pad": 0,
        "column": "note",
        "required": false,
        "tokens": []
      }
    },
    "plain": {
      "id": "String",
      "patientId": "String",
      "clinicalStatus": "String",
      "verificationStatus": "String",
      "recordedAt": "DateTime",
      "sourceDigest": "Bytes",
      "version": "Int",
      "createdAt": "DateTime",
      "createdBy": "String",
      "updatedAt": "DateTime",
      "updatedBy": "String"
    },
    "relations": {
      "patient": {
        "model": "Patient",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId"
        ],
        "references": [
          "id"
        ],
        "inverse": "allergyIntolerances"
      }
    },
    "uniques": {
      "patientId_id": [
        "patientId",
        "id"
      ]
    }
  },
  "MedicationRequest": {
    "delegate": "medicationRequest",
    "schema": "phi",
    "table": "medication_request",
    "owner": "patientId",
    "id": "id",
    "encrypted": {
      "intent": {
        "id": "medication-request.intent",
        "type": "string",
        "pad": 32,
        "column": "intent",
        "required": false,
        "tokens": []
      },
      "codeSystem": {
        "id": "medication-request.code-system",
        "type": "string",
        "pad": 0,
        "column": "code_system",
        "required": false,
        "tokens": []
      },
      "code": {
        "id": "medication-request.code",
        "type": "string",
        "pad": 32,
        "column": "code",
        "required": false,
        "tokens": []
      },
      "display": {
        "id": "medication-request.display",
        "type": "string",
        "pad": 0,
        "column": "display",
        "required": true,
        "tokens": []
      },
      "dosage": {
        "id": "medication-request.dosage",
        "type": "string",
        "pad": 0,
        "column": "dosage",
        "required": false,
        "tokens": []
      },
      "reason": {
        "id": "medication-request.reason",
        "type": "string",
        "pad": 0,
        "column": "reason",
        "required": false,
        "tokens": []
      },
      "refillsRemaining": {
        "id": "medication-request.refills-remaining",
        "type": "number",
        "pad": 0,
        "column": "refills_remaining",
        "required": false,
        "tokens": []
      },
      "quantity": {
        "id": "medication-request.quantity",
        "type": "string",
        "pad": 0,
        "column": "quantity",
        "required": false,
        "tokens": []
      }
    },
    "plain": {
      "id": "String",
      "patientId": "String",
      "encounterId": "String",
      "practitionerId": "String",
      "status": "String",
      "authoredAt": "DateTime",
      "endsAt": "DateTime",
      "sourceDigest": "Bytes",
      "version": "Int",
      "createdAt": "DateTime",
      "createdBy": "String",
      "updatedAt": "DateTime",
      "updatedBy": "String"
    },
    "relations": {
      "patient": {
        "model": "Patient",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId"
        ],
        "references": [
          "id"
        ],
        "inverse": "medicationRequests"
      },
      "encounter": {
        "model": "Encounter",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId",
          "encounterId"
        ],
        "references": [
          "patientId",
          "id"
        ],
        "inverse": "medicationRequests"
      },
      "practitioner": {
        "model": "Practitioner",
        "list": false,
        "holdsKey": true,
        "fields": [
          "practitionerId"
        ],
        "references": [
          "id"
        ],
        "inverse": "medicationRequests"
      }
    },
    "uniques": {
      "patientId_id": [
        "patientId",
        "id"
      ]
    }
  },
  "Immunization": {
    "delegate": "immunization",
    "schema": "phi",
    "table": "immunization",
    "owner": "patientId",
    "id": "id",
    "encrypted": {
      "codeSystem": {
        "id": "immunization.code-system",
        "type": "string",
        "pad": 0,
        "column": "code_system",
        "required": false,
        "tokens": []
      },
      "code": {
        "id": "immunization.code",
        "type": "string",
        "pad": 32,
        "column": "code",
        "required": false,
        "tokens": []
      },
      "display": {
        "id": "immunization.display",
        "type": "string",
        "pad": 0,
        "column": "display",
        "required": true,
        "tokens": []
      },
      "lotNumber": {
        "id": "immunization.lot-number",
        "type": "string",
        "pad": 0,
        "column": "lot_number",
        "required": false,
        "tokens": []
      },
      "site": {
        "id": "immunization.site",
        "type": "string",
        "pad": 0,
        "column": "site",
        "required": false,
        "tokens": []
      },
      "doseNumber": {
        "id": "immunization.dose-number",
        "type": "string",
        "pad": 16,
        "column": "dose_number",
        "required": false,
        "tokens": []
      },
      "note": {
        "id": "immunization.note",
        "type": "string",
        "pad": 0,
        "column": "note",
        "required": false,
        "tokens": []
      }
    },
    "plain": {
      "id": "String",
      "patientId": "String",
      "encounterId": "String",
      "practitionerId": "String",
      "status": "String",
      "occurredAt": "DateTime",
      "sourceDigest": "Bytes",
      "version": "Int",
      "createdAt": "DateTime",
      "createdBy": "String",
      "updatedAt": "DateTime",
      "updatedBy": "String"
    },
    "relations": {
      "patient": {
        "model": "Patient",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId"
        ],
        "references": [
          "id"
        ],
        "inverse": "immunizations"
      },
      "encounter": {
        "model": "Encounter",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId",
          "encounterId"
        ],
        "references": [
          "patientId",
          "id"
        ],
        "inverse": "immunizations"
      },
      "practitioner": {
        "model": "Practitioner",
        "list": false,
        "holdsKey": true,
        "fields": [
          "practitionerId"
        ],
        "references": [
          "id"
        ],
        "inverse": "immunizations"
      }
    },
    "uniques": {
      "patientId_id": [
        "patientId",
        "id"
      ]
    }
  },
  "DiagnosticReport": {
    "delegate": "diagnosticReport",
    "schema": "phi",
    "table": "diagnostic_report",
    "owner": "patientId",
    "id": "id",
    "encrypted": {
      "category": {
        "id": "diagnostic-report.category",
        "type": "string",
        "pad": 32,
        "column": "category",
        "required": false,
        "tokens": []
      },
      "codeSystem": {
        "id": "diagnostic-report.code-system",
        "type": "string",
        "pad": 0,
        "column": "code_system",
        "required": false,
        "tokens": []
      },
      "code": {
        "id": "diagnostic-report.code",
        "type": "string",
        "pad": 32,
        "column": "code",
        "required": false,
        "tokens": []
      },
      "display": {
        "id": "diagnostic-report.display",
        "type": "string",
        "pad": 0,
        "column": "display",
        "required": true,
        "tokens": []
      },
      "conclusion": {
        "id": "diagnostic-report.conclusion",
        "type": "string",
        "pad": 0,
        "column": "conclusion",
        "required": false,
        "tokens": []
      },
      "performer": {
        "id": "diagnostic-report.performer",
        "type": "string",
        "pad": 0,
        "column": "performer",
        "required": false,
        "tokens": []
      }
    },
    "plain": {
      "id": "String",
      "patientId": "String",
      "encounterId": "String",
      "practitionerId": "String",
      "status": "String",
      "effectiveAt": "DateTime",
      "issuedAt": "DateTime",
      "sourceDigest": "Bytes",
      "version": "Int",
      "createdAt": "DateTime",
      "createdBy": "String",
      "updatedAt": "DateTime",
      "updatedBy": "String"
    },
    "relations": {
      "patient": {
        "model": "Patient",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId"
        ],
        "references": [
          "id"
        ],
        "inverse": "diagnosticReports"
      },
      "encounter": {
        "model": "Encounter",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId",
          "encounterId"
        ],
        "references": [
          "patientId",
          "id"
        ],
        "inverse": "diagnosticReports"
      },
      "practitioner": {
        "model": "Practitioner",
        "list": false,
        "holdsKey": true,
        "fields": [
          "practitionerId"
        ],
        "references": [
          "id"
        ],
        "inverse": "diagnosticReports"
      },
      "observations": {
        "model": "Observation",
        "list": true,
        "holdsKey": false,
        "fields": [
          "patientId",
          "id"
        ],
        "references": [
          "patientId",
          "diagnosticReportId"
        ],
        "inverse": "diagnosticReport"
      }
    },
    "uniques": {
      "patientId_id": [
        "patientId",
        "id"
      ]
    }
  },
  "Observation": {
    "delegate": "observation",
    "schema": "phi",
    "table": "observation",
    "owner": "patientId",
    "id": "id",
    "encrypted": {
      "codeSystem": {
        "id": "observation.code-system",
        "type": "string",
        "pad": 0,
        "column": "code_system",
        "required": false,
        "tokens": []
      },
      "code": {
        "id": "observation.code",
        "type": "string",
        "pad": 32,
        "column": "code",
        "required": false,
        "tokens": [
          "codeToken"
        ]
      },
      "display": {
        "id": "observation.display",
        "type": "string",
        "pad": 0,
        "column": "display",
        "required": true,
        "tokens": []
      },
      "value": {
        "id": "observation.value",
        "type": "string",
        "pad": 0,
        "column": "value",
        "required": false,
        "tokens": []
      },
      "valueNumber": {
        "id": "observation.value-number",
        "type": "number",
        "pad": 0,
        "column": "value_number",
        "required": false,
        "tokens": []
      },
      "unit": {
        "id": "observation.unit",
        "type": "string",
        "pad": 32,
        "column": "unit",
        "required": false,
        "tokens": []
      },
      "interpretation": {
        "id": "observation.interpretation",
        "type": "string",
        "pad": 16,
        "column": "interpretation",
        "required": false,
        "tokens": []
      },
      "referenceLow": {
        "id": "observation.reference-low",
        "type": "number",
        "pad": 0,
        "column": "reference_low",
        "required": false,
        "tokens": []
      },
      "referenceHigh": {
        "id": "observation.reference-high",
        "type": "number",
        "pad": 0,
        "column": "reference_high",
        "required": false,
        "tokens": []
      },
      "referenceText": {
        "id": "observation.reference-text",
        "type": "string",
        "pad": 0,
        "column": "reference_text",
        "required": false,
        "tokens": []
      },
      "components": {
        "id": "observation.components",
        "type": "json",
        "pad": 0,
        "column": "components",
        "required": false,
        "tokens": []
      },
      "previousValue": {
        "id": "observation.previous-value",
        "type": "string",
        "pad": 0,
        "column": "previous_value",
        "required": false,
        "tokens": []
      },
      "method": {
        "id": "observation.method",
        "type": "string",
        "pad": 0,
        "column": "method",
        "required": false,
        "tokens": []
      },
      "performer": {
        "id": "observation.performer",
        "type": "string",
        "pad": 0,
        "column": "performer",
        "required": false,
        "tokens": []
      },
      "note": {
        "id": "observation.note",
        "type": "string",
        "pad": 0,
        "column": "note",
        "required": false,
        "tokens": []
      }
    },
    "plain": {
      "id": "String",
      "patientId": "String",
      "encounterId": "String",
      "diagnosticReportId": "String",
      "practitionerId": "String",
      "kind": "String",
      "status": "String",
      "effectiveAt": "DateTime",
      "issuedAt": "DateTime",
      "correctedAt": "DateTime",
      "reviewedAt": "DateTime",
      "reviewedBy": "String",
      "codeToken": "Bytes",
      "sourceDigest": "Bytes",
      "version": "Int",
      "createdAt": "DateTime",
      "createdBy": "String",
      "updatedAt": "DateTime",
      "updatedBy": "String"
    },
    "relations": {
      "patient": {
        "model": "Patient",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId"
        ],
        "references": [
          "id"
        ],
        "inverse": "observations"
      },
      "encounter": {
        "model": "Encounter",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId",
          "encounterId"
        ],
        "references": [
          "patientId",
          "id"
        ],
        "inverse": "observations"
      },
      "diagnosticReport": {
        "model": "DiagnosticReport",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId",
          "diagnosticReportId"
        ],
        "references": [
          "patientId",
          "id"
        ],
        "inverse": "observations"
      },
      "practitioner": {
        "model": "Practitioner",
        "list": false,
        "holdsKey": true,
        "fields": [
          "practitionerId"
        ],
        "references": [
          "id"
        ],
        "inverse": "observations"
      }
    },
    "uniques": {
      "patientId_id": [
        "patientId",
        "id"
      ]
    }
  },
  "Procedure": {
    "delegate": "procedure",
    "schema": "phi",
    "table": "procedure",
    "owner": "patientId",
    "id": "id",
    "encrypted": {
      "codeSystem": {
        "id": "procedure.code-system",
        "type": "string",
        "pad": 0,
        "column": "code_system",
        "required": false,
        "tokens": []
      },
      "code": {
        "id": "procedure.code",
        "type": "string",
        "pad": 32,
        "column": "code",
        "required": false,
        "tokens": []
      },
      "display": {
        "id": "procedure.display",
        "type": "string",
        "pad": 0,
        "column": "display",
        "required": true,
        "tokens": []
      },
      "reason": {
        "id": "procedure.reason",
        "type": "string",
        "pad": 0,
        "column": "reason",
        "required": false,
        "tokens": []
      },
      "note": {
        "id": "procedure.note",
        "type": "string",
        "pad": 0,
        "column": "note",
        "required": false,
        "tokens": []
      }
    },
    "plain": {
      "id": "String",
      "patientId": "String",
      "encounterId": "String",
      "status": "String",
      "performedAt": "DateTime",
      "performedUntil": "DateTime",
      "sourceDigest": "Bytes",
      "version": "Int",
      "createdAt": "DateTime",
      "createdBy": "String",
      "updatedAt": "DateTime",
      "updatedBy": "String"
    },
    "relations": {
      "patient": {
        "model": "Patient",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId"
        ],
        "references": [
          "id"
        ],
        "inverse": "procedures"
      },
      "encounter": {
        "model": "Encounter",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId",
          "encounterId"
        ],
        "references": [
          "patientId",
          "id"
        ],
        "inverse": "procedures"
      }
    },
    "uniques": {
      "patientId_id": [
        "patientId",
        "id"
      ]
    }
  },
  "Note": {
    "delegate": "note",
    "schema": "phi",
    "table": "note",
    "owner": "patientId",
    "id": "id",
    "encrypted": {},
    "plain": {
      "id": "String",
      "patientId": "String",
      "encounterId": "String",
      "class": "String",
      "status": "String",
      "authorId": "String",
      "authoredAt": "DateTime",
      "signedAt": "DateTime",
      "currentVersion": "Int",
      "sourceDigest": "Bytes",
      "version": "Int",
      "createdAt": "DateTime",
      "createdBy": "String",
      "updatedAt": "DateTime",
      "updatedBy": "String"
    },
    "relations": {
      "patient": {
        "model": "Patient",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId"
        ],
        "references": [
          "id"
        ],
        "inverse": "notes"
      },
      "encounter": {
        "model": "Encounter",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId",
          "encounterId"
        ],
        "references": [
          "patientId",
          "id"
        ],
        "inverse": "notes"
      },
      "noteVersions": {
        "model": "NoteVersion",
        "list": true,
        "holdsKey": false,
        "fields": [
          "patientId",
          "id",
          "class"
        ],
        "references": [
          "patientId",
          "noteId",
          "class"
        ],
        "inverse": "parentNote"
      }
    },
    "uniques": {
      "patientId_id": [
        "patientId",
        "id"
      ],
      "patientId_id_class": [
        "patientId",
        "id",
        "class"
      ]
    }
  },
  "NoteVersion": {
    "delegate": "noteVersion",
    "schema": "phi",
    "table": "note_version",
    "owner": "patientId",
    "id": "id",
    "encrypted": {
      "authorName": {
        "id": "note-version.author-name",
        "type": "string",
        "pad": 0,
        "column": "author_name",
        "required": false,
        "tokens": []
      },
      "title": {
        "id": "note-version.title",
        "type": "string",
        "pad": 0,
        "column": "title",
        "required": true,
        "tokens": []
      },
      "body": {
        "id": "note-version.body",
        "type": "string",
        "pad": 0,
        "column": "body",
        "required": true,
        "tokens": []
      },
      "reason": {
        "id": "note-version.reason",
        "type": "string",
        "pad": 0,
        "column": "reason",
        "required": false,
        "tokens": []
      }
    },
    "plain": {
      "id": "String",
      "patientId": "String",
      "noteId": "String",
      "class": "String",
      "number": "Int",
      "status": "String",
      "authorId": "String",
      "writtenAt": "DateTime",
      "signedAt": "DateTime",
      "sourceDigest": "Bytes",
      "version": "Int",
      "createdAt": "DateTime",
      "createdBy": "String",
      "updatedAt": "DateTime",
      "updatedBy": "String"
    },
    "relations": {
      "patient": {
        "model": "Patient",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId"
        ],
        "references": [
          "id"
        ],
        "inverse": "noteVersions"
      },
      "parentNote": {
        "model": "Note",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId",
          "noteId",
          "class"
        ],
        "references": [
          "patientId",
          "id",
          "class"
        ],
        "inverse": "noteVersions"
      }
    },
    "uniques": {
      "patientId_id": [
        "patientId",
        "id"
      ],
      "noteId_number": [
        "noteId",
        "number"
      ]
    }
  },
  "DocumentReference": {
    "delegate": "documentReference",
    "schema": "phi",
    "table": "document_reference",
    "owner": "patientId",
    "id": "id",
    "encrypted": {
      "kind": {
        "id": "document-reference.kind",
        "type": "string",
        "pad": 0,
        "column": "kind",
        "required": false,
        "tokens": []
      },
      "title": {
        "id": "document-reference.title",
        "type": "string",
        "pad": 0,
        "column": "title",
        "required": false,
        "tokens": []
      },
      "contentType": {
        "id": "document-reference.content-type",
        "type": "string",
        "pad": 32,
        "column": "content_type",
        "required": false,
        "tokens": []
      },
      "content": {
        "id": "document-reference.content",
        "type": "bytes",
        "pad": 0,
        "column": "content",
        "required": false,
        "tokens": []
      },
      "location": {
        "id": "document-reference.location",
        "type": "string",
        "pad": 0,
        "column": "location",
        "required": false,
        "tokens": []
      },
      "author": {
        "id": "document-reference.author",
        "type": "string",
        "pad": 0,
        "column": "author",
        "required": false,
        "tokens": []
      }
    },
    "plain": {
      "id": "String",
      "patientId": "String",
      "encounterId": "String",
      "status": "String",
      "writtenAt": "DateTime",
      "sourceDigest": "Bytes",
      "version": "Int",
      "createdAt": "DateTime",
      "createdBy": "String",
      "updatedAt": "DateTime",
      "updatedBy": "String"
    },
    "relations": {
      "patient": {
        "model": "Patient",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId"
        ],
        "references": [
          "id"
        ],
        "inverse": "documentReferences"
      },
      "encounter": {
        "model": "Encounter",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId",
          "encounterId"
        ],
        "references": [
          "patientId",
          "id"
        ],
        "inverse": "documentReferences"
      }
    },
    "uniques": {
      "patientId_id": [
        "patientId",
        "id"
      ]
    }
  },
  "Claim": {
    "delegate": "claim",
    "schema": "phi",
    "table": "claim",
    "owner": "patientId",
    "id": "id",
    "encrypted": {
      "claimNumber": {
        "id": "claim.claim-number",
        "type": "string",
        "pad": 0,
        "column": "claim_number",
        "required": false,
        "tokens": []
      },
      "kind": {
        "id": "claim.kind",
        "type": "string",
        "pad": 32,
        "column": "kind",
        "required": false,
        "tokens": []
      },
      "payerName": {
        "id": "claim.payer-name",
        "type": "string",
        "pad": 0,
        "column": "payer_name",
        "required": false,
        "tokens": []
      },
      "total": {
        "id": "claim.total",
        "type": "number",
        "pad": 0,
        "column": "total",
        "required": false,
        "tokens": []
      },
      "currency": {
        "id": "claim.currency",
        "type": "string",
        "pad": 16,
        "column": "currency",
        "required": false,
        "tokens": []
      },
      "diagnosisCodes": {
        "id": "claim.diagnosis-codes",
        "type": "json",
        "pad": 0,
        "column": "diagnosis_codes",
        "required": false,
        "tokens": []
      }
    },
    "plain": {
      "id": "String",
      "patientId": "String",
      "encounterId": "String",
      "status": "String",
      "billableFrom": "DateTime",
      "billableTo": "DateTime",
      "submittedAt": "DateTime",
      "sourceDigest": "Bytes",
      "version": "Int",
      "createdAt": "DateTime",
      "createdBy": "String",
      "updatedAt": "DateTime",
      "updatedBy": "String"
    },
    "relations": {
      "patient": {
        "model": "Patient",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId"
        ],
        "references": [
          "id"
        ],
        "inverse": "claims"
      },
      "encounter": {
        "model": "Encounter",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId",
          "encounterId"
        ],
        "references": [
          "patientId",
          "id"
        ],
        "inverse": "claims"
      },
      "claimLines": {
        "model": "ClaimLine",
        "list": true,
        "holdsKey": false,
        "fields": [
          "patientId",
          "id"
        ],
        "references": [
          "patientId",
          "claimId"
        ],
        "inverse": "claim"
      },
      "explanationsOfBenefit": {
        "model": "ExplanationOfBenefit",
        "list": true,
        "holdsKey": false,
        "fields": [
          "patientId",
          "id"
        ],
        "references": [
          "patientId",
          "claimId"
        ],
        "inverse": "claim"
      },
      "payments": {
        "model": "Payment",
        "list": true,
        "holdsKey": false,
        "fields": [
          "patientId",
          "id"
        ],
        "references": [
          "patientId",
          "claimId"
        ],
        "inverse": "claim"
      }
    },
    "uniques": {
      "patientId_id": [
        "patientId",
        "id"
      ]
    }
  },
  "ClaimLine": {
    "delegate": "claimLine",
    "schema": "phi",
    "table": "claim_line",
    "owner": "patientId",
    "id": "id",
    "encrypted": {
      "serviceCategory": {
        "id": "claim-line.service-category",
        "type": "string",
        "pad": 32,
        "column": "service_category",
        "required": true,
        "tokens": []
      },
      "billingCode": {
        "id": "claim-line.billing-code",
        "type": "string",
        "pad": 32,
        "column": "billing_code",
        "required": false,
        "tokens": []
      },
      "quantity": {
        "id": "claim-line.quantity",
        "type": "number",
        "pad": 0,
        "column": "quantity",
        "required": false,
        "tokens": []
      },
      "unitPrice": {
        "id": "claim-line.unit-price",
        "type": "number",
        "pad": 0,
        "column": "unit_price",
        "required": false,
        "tokens": []
      },
      "net": {
        "id": "claim-line.net",
        "type": "number",
        "pad": 0,
        "column": "net",
        "required": false,
        "tokens": []
      },
      "serviceCode": {
        "id": "claim-line.service-code",
        "type": "string",
        "pad": 32,
        "column": "service_code",
        "required": false,
        "tokens": []
      },
      "serviceDisplay": {
        "id": "claim-line.service-display",
        "type": "string",
        "pad": 0,
        "column": "service_display",
        "required": false,
        "tokens": []
      }
    },
    "plain": {
      "id": "String",
      "patientId": "String",
      "claimId": "String",
      "lineNumber": "Int",
      "servicedAt": "DateTime",
      "sourceDigest": "Bytes",
      "version": "Int",
      "createdAt": "DateTime",
      "createdBy": "String",
      "updatedAt": "DateTime",
      "updatedBy": "String"
    },
    "relations": {
      "patient": {
        "model": "Patient",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId"
        ],
        "references": [
          "id"
        ],
        "inverse": "claimLines"
      },
      "claim": {
        "model": "Claim",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId",
          "claimId"
        ],
        "references": [
          "patientId",
          "id"
        ],
        "inverse": "claimLines"
      }
    },
    "uniques": {
      "patientId_id": [
        "patientId",
        "id"
      ]
    }
  },
  "ExplanationOfBenefit": {
    "delegate": "explanationOfBenefit",
    "schema": "phi",
    "table": "explanation_of_benefit",
    "owner": "patientId",
    "id": "id",
    "encrypted": {
      "payerName": {
        "id": "explanation-of-benefit.payer-name",
        "type": "string",
        "pad": 0,
        "column": "payer_name",
        "required": false,
        "tokens": []
      },
      "outcome": {
        "id": "explanation-of-benefit.outcome",
        "type": "string",
        "pad": 32,
        "column": "outcome",
        "required": false,
        "tokens": []
      },
      "submitted": {
        "id": "explanation-of-benefit.submitted",
        "type": "number",
        "pad": 0,
        "column": "submitted",
        "required": false,
        "tokens": []
      },
      "allowed": {
        "id": "explanation-of-benefit.allowed",
        "type": "number",
        "pad": 0,
        "column": "allowed",
        "required": false,
        "tokens": []
      },
      "insurerPaid": {
        "id": "explanation-of-benefit.insurer-paid",
        "type": "number",
        "pad": 0,
        "column": "insurer_paid",
        "required": false,
        "tokens": []
      },
      "patientResponsibility": {
        "id": "explanation-of-benefit.patient-responsibility",
        "type": "number",
        "pad": 0,
        "column": "patient_responsibility",
        "required": false,
        "tokens": []
      },
      "currency": {
        "id": "explanation-of-benefit.currency",
        "type": "string",
        "pad": 16,
        "column": "currency",
        "required": false,
        "tokens": []
      }
    },
    "plain": {
      "id": "String",
      "patientId": "String",
      "claimId": "String",
      "status": "String",
      "createdOn": "DateTime",
      "sourceDigest": "Bytes",
      "version": "Int",
      "createdAt": "DateTime",
      "createdBy": "String",
      "updatedAt": "DateTime",
      "updatedBy": "String"
    },
    "relations": {
      "patient": {
        "model": "Patient",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId"
        ],
        "references": [
          "id"
        ],
        "inverse": "explanationsOfBenefit"
      },
      "claim": {
        "model": "Claim",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId",
          "claimId"
        ],
        "references": [
          "patientId",
          "id"
        ],
        "inverse": "explanationsOfBenefit"
      }
    },
    "uniques": {
      "patientId_id": [
        "patientId",
        "id"
      ]
    }
  },
  "Payment": {
    "delegate": "payment",
    "schema": "phi",
    "table": "payment",
    "owner": "patientId",
    "id": "id",
    "encrypted": {
      "payer": {
        "id": "payment.payer",
        "type": "string",
        "pad": 16,
        "column": "payer",
        "required": false,
        "tokens": []
      },
      "method": {
        "id": "payment.method",
        "type": "string",
        "pad": 32,
        "column": "method",
        "required": false,
        "tokens": []
      },
      "amount": {
        "id": "payment.amount",
        "type": "number",
        "pad": 0,
        "column": "amount",
        "required": true,
        "tokens": []
      },
      "currency": {
        "id": "payment.currency",
        "type": "string",
        "pad": 16,
        "column": "currency",
        "required": false,
        "tokens": []
      },
      "reference": {
        "id": "payment.reference",
        "type": "string",
        "pad": 0,
        "column": "reference",
        "required": false,
        "tokens": []
      }
    },
    "plain": {
      "id": "String",
      "patientId": "String",
      "claimId": "String",
      "status": "String",
      "paidAt": "DateTime",
      "sourceDigest": "Bytes",
      "version": "Int",
      "createdAt": "DateTime",
      "createdBy": "String",
      "updatedAt": "DateTime",
      "updatedBy": "String"
    },
    "relations": {
      "patient": {
        "model": "Patient",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId"
        ],
        "references": [
          "id"
        ],
        "inverse": "payments"
      },
      "claim": {
        "model": "Claim",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId",
          "claimId"
        ],
        "references": [
          "patientId",
          "id"
        ],
        "inverse": "payments"
      }
    },
    "uniques": {
      "patientId_id": [
        "patientId",
        "id"
      ]
    }
  },
  "Concern": {
    "delegate": "concern",
    "schema": "phi",
    "table": "concern",
    "owner": "patientId",
    "id": "id",
    "encrypted": {
      "entry": {
        "id": "concern.entry",
        "type": "json",
        "pad": 0,
        "column": "entry",
        "required": true,
        "tokens": []
      },
      "body": {
        "id": "concern.body",
        "type": "string",
        "pad": 64,
        "column": "body",
        "required": true,
        "tokens": []
      },
      "contact": {
        "id": "concern.contact",
        "type": "string",
        "pad": 64,
        "column": "contact",
        "required": false,
        "tokens": []
      },
      "answer": {
        "id": "concern.answer",
        "type": "string",
        "pad": 64,
        "column": "answer",
        "required": false,
        "tokens": []
      }
    },
    "plain": {
      "id": "String",
      "patientId": "String",
      "logId": "String",
      "aboutAccountId": "String",
      "reportedBy": "String",
      "status": "String",
      "reportedAt": "DateTime",
      "dueAt": "DateTime",
      "acknowledgedAt": "DateTime",
      "acknowledgedBy": "String",
      "answeredAt": "DateTime",
      "answeredBy": "String",
      "version": "Int",
      "createdAt": "DateTime",
      "createdBy": "String",
      "updatedAt": "DateTime",
      "updatedBy": "String"
    },
    "relations": {
      "patient": {
        "model": "Patient",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId"
        ],
        "references": [
          "id"
        ],
        "inverse": "concerns"
      },
      "notes": {
        "model": "ConcernNote",
        "list": true,
        "holdsKey": false,
        "fields": [
          "patientId",
          "id"
        ],
        "references": [
          "patientId",
          "concernId"
        ],
        "inverse": "concern"
      }
    },
    "uniques": {
      "patientId_id": [
        "patientId",
        "id"
      ],
      "logId_reportedBy": [
        "logId",
        "reportedBy"
      ]
    }
  },
  "ConcernNote": {
    "delegate": "concernNote",
    "schema": "phi",
    "table": "concern_note",
    "owner": "patientId",
    "id": "id",
    "encrypted": {
      "body": {
        "id": "concern-note.body",
        "type": "string",
        "pad": 64,
        "column": "body",
        "required": true,
        "tokens": []
      }
    },
    "plain": {
      "id": "String",
      "patientId": "String",
      "concernId": "String",
      "aboutAccountId": "String",
      "authorId": "String",
      "version": "Int",
      "createdAt": "DateTime",
      "createdBy": "String",
      "updatedAt": "DateTime",
      "updatedBy": "String"
    },
    "relations": {
      "patient": {
        "model": "Patient",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId"
        ],
        "references": [
          "id"
        ],
        "inverse": "concernNotes"
      },
      "concern": {
        "model": "Concern",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId",
          "concernId"
        ],
        "references": [
          "patientId",
          "id"
        ],
        "inverse": "notes"
      }
    },
    "uniques": {
      "patientId_id": [
        "patientId",
        "id"
      ]
    }
  },
  "Disclosure": {
    "delegate": "disclosure",
    "schema": "phi",
    "table": "disclosure",
    "owner": "patientId",
    "id": "id",
    "encrypted": {
      "basis": {
        "id": "disclosure.basis",
        "type": "string",
        "pad": 32,
        "column": "basis",
        "required": true,
        "tokens": []
      },
      "recipientName": {
        "id": "disclosure.recipient-name",
        "type": "string",
        "pad": 32,
        "column": "recipient_name",
        "required": true,
        "tokens": []
      },
      "recipientAddress": {
        "id": "disclosure.recipient-address",
        "type": "string",
        "pad": 64,
        "column": "recipient_address",
        "required": false,
        "tokens": []
      },
      "what": {
        "id": "disclosure.what",
        "type": "string",
        "pad": 64,
        "column": "what",
        "required": true,
        "tokens": []
      },
      "purpose": {
        "id": "disclosure.purpose",
        "type": "string",
        "pad": 64,
        "column": "purpose",
        "required": true,
        "tokens": []
      },
      "correctionReason": {
        "id": "disclosure.correction-reason",
        "type": "string",
        "pad": 64,
        "column": "correction_reason",
        "required": false,
        "tokens": []
      }
    },
    "plain": {
      "id": "String",
      "patientId": "String",
      "disclosedAt": "DateTime",
      "recordedAt": "DateTime",
      "lastDisclosedAt": "DateTime",
      "times": "Int",
      "correctsId": "String",
      "withdrawn": "Boolean",
      "version": "Int",
      "createdAt": "DateTime",
      "createdBy": "String",
      "updatedAt": "DateTime",
      "updatedBy": "String"
    },
    "relations": {
      "patient": {
        "model": "Patient",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId"
        ],
        "references": [
          "id"
        ],
        "inverse": "disclosures"
      },
      "corrects": {
        "model": "Disclosure",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId",
          "correctsId"
        ],
        "references": [
          "patientId",
          "id"
        ],
        "inverse": "corrections"
      },
      "corrections": {
        "model": "Disclosure",
        "list": true,
        "holdsKey": false,
        "fields": [
          "patientId",
          "id"
        ],
        "references": [
          "patientId",
          "correctsId"
        ],
        "inverse": "corrects"
      },
      "suspensions": {
        "model": "DisclosureSuspension",
        "list": true,
        "holdsKey": false,
        "fields": [
          "patientId",
          "id"
        ],
        "references": [
          "patientId",
          "disclosureId"
        ],
        "inverse": "disclosure"
      }
    },
    "uniques": {
      "correctsId": [
        "correctsId"
      ],
      "patientId_id": [
        "patientId",
        "id"
      ]
    }
  },
  "DisclosureSuspension": {
    "delegate": "disclosureSuspension",
    "schema": "phi",
    "table": "disclosure_suspension",
    "owner": "patientId",
    "id": "id",
    "encrypted": {
      "authority": {
        "id": "disclosure-suspension.authority",
        "type": "string",
        "pad": 32,
        "column": "authority",
        "required": true,
        "tokens": []
      },
      "statement": {
        "id": "disclosure-suspension.statement",
        "type": "string",
        "pad": 64,
        "column": "statement",
        "required": true,
        "tokens": []
      }
    },
    "plain": {
      "id": "String",
      "patientId": "String",
      "disclosureId": "String",
      "isOral": "Boolean",
      "startsAt": "DateTime",
      "endsAt": "DateTime",
      "version": "Int",
      "createdAt": "DateTime",
      "createdBy": "String",
      "updatedAt": "DateTime",
      "updatedBy": "String"
    },
    "relations": {
      "patient": {
        "model": "Patient",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId"
        ],
        "references": [
          "id"
        ],
        "inverse": "disclosureSuspensions"
      },
      "disclosure": {
        "model": "Disclosure",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId",
          "disclosureId"
        ],
        "references": [
          "patientId",
          "id"
        ],
        "inverse": "suspensions"
      }
    },
    "uniques": {
      "patientId_id": [
        "patientId",
        "id"
      ]
    }
  },
  "AccountingRequest": {
    "delegate": "accountingRequest",
    "schema": "phi",
    "table": "accounting_request",
    "owner": "patientId",
    "id": "id",
    "encrypted": {
      "extensionReason": {
        "id": "accounting-request.extension-reason",
        "type": "string",
        "pad": 64,
        "column": "extension_reason",
        "required": false,
        "tokens": []
      }
    },
    "plain": {
      "id": "String",
      "patientId": "String",
      "requestedBy": "String",
      "periodFrom": "DateTime",
      "periodTo": "DateTime",
      "status": "String",
      "requestedAt": "DateTime",
      "dueAt": "DateTime",
      "extendedAt": "DateTime",
      "extendedBy": "String",
      "providedAt": "DateTime",
      "providedBy": "String",
      "version": "Int",
      "createdAt": "DateTime",
      "createdBy": "String",
      "updatedAt": "DateTime",
      "updatedBy": "String"
    },
    "relations": {
      "patient": {
        "model": "Patient",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId"
        ],
        "references": [
          "id"
        ],
        "inverse": "accountingRequests"
      }
    },
    "uniques": {
      "patientId_id": [
        "patientId",
        "id"
      ]
    }
  },
  "SearchToken": {
    "delegate": "searchToken",
    "schema": "phi",
    "table": "search_token",
    "owner": "patientId",
    "id": null,
    "encrypted": {},
    "plain": {
      "patientId": "String",
      "columnId": "String",
      "keyVersion": "Int",
      "token": "Bytes",
      "rowId": "String"
    },
    "relations": {
      "patient": {
        "model": "Patient",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId"
        ],
        "references": [
          "id"
        ],
        "inverse": "searchTokens"
      }
    },
    "uniques": {
      "columnId_keyVersion_token_rowId": [
        "columnId",
        "keyVersion",
        "token",
        "rowId"
      ]
    }
  },
  "RowHistory": {
    "delegate": "rowHistory",
    "schema": "phi",
    "table": "row_history",
    "owner": "patientId",
    "id": null,
    "encrypted": {},
    "plain": {
      "id": "BigInt",
      "patientId": "String",
      "tableName": "String",
      "rowId": "String",
      "version": "Int",
      "row": "Json",
      "replacedAt": "DateTime",
      "replacedBy": "String"
    },
    "relations": {
      "patient": {
        "model": "Patient",
        "list": false,
        "holdsKey": true,
        "fields": [
          "patientId"
        ],
        "references": [
          "id"
        ],
        "inverse": "rowHistories"
      }
    },
    "uniques": {}
  }
} as const
