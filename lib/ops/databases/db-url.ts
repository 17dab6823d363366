import 'server-only'
import { NotConfigured } from '#lib/errors.ts'
import { type CommandModule, WrongUsage } from '#lib/ops/cli/command.ts'
import { type LoginName, embeddedUrl, isLoginName, logins } from '#lib/ops/postgres/embedded-servers.ts'
import { embeddedServers } from './database-urls.ts'
import { requireHome } from './with-databases.ts'

/** `vigil db url ROLE`: an address that psql, node-postgres and Prisma accept. It holds the login's password. */
export const run: CommandModule['run'] = ({ words, env }) => {
  const [name, ...more] = words
  if (name === undefined || more.length > 0 || !isLoginName(name))
    throw new WrongUsage(`Name one of: ${Object.keys(logins).join(', ')}.`)
  const role: LoginName = name
  if (!embeddedServers(env).includes(logins[role].server))
    throw new NotConfigured('Vigil knows addresses of its embedded databases only: this one is your own.')
  requireHome(env)
  const url = embeddedUrl(env.home, role)
  return Promise.resolve({ ok: true, text: url, json: { role, url } })
}
