import { testDatabase } from './test-database.ts'

/**
 * Set-up of every file of the vitest project `db`: copies the databases and points the settings at them, before
 * anything imports lib/env.ts, which reads them once.
 */
const { urls, home } = await testDatabase()

Object.assign(process.env, {
  VIGIL_ENV: 'demo',
  VIGIL_HOME: home,
  DATABASE_URL: urls.app,
  DATABASE_WORKER_URL: urls.worker,
  DATABASE_SEALER_URL: urls.sealer,
  DATABASE_AUDIT_URL: urls.audit_reader,
  DATABASE_OWNER_URL: urls.owner,
  KEYSTORE_URL: urls.keystore,
  KEYSTORE_OPERATOR_URL: urls.keystore_operator,
  KEYSTORE_OWNER_URL: urls.keystore_owner,
  SESSION_SECRET: 'demo-secret-of-the-database-tests-and-of-nothing-else',
})
