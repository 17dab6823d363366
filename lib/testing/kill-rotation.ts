import { changePasswords } from '#lib/ops/credentials/change-passwords.ts'
import { listCredentials } from '#lib/ops/credentials/list-credentials.ts'
import { newSecret } from '#lib/ops/home/secrets.ts'
import { parseEnv } from '#lib/parse-env.ts'

/*
 * Changes all passwords of the home and ends itself with SIGKILL right after one of the steps, such as "changed:app".
 */
const env = parseEnv(process.env)
const at = process.argv[2] ?? ''
await changePasswords(
  listCredentials(env).logins,
  () => newSecret(env.environment),
  (step, name) => {
    if (`${step}:${name}` === at) process.kill(process.pid, 'SIGKILL')
  },
)
