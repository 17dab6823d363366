import 'server-only'

/** An address for a server behind a unix socket, in the form that psql, node-postgres and Prisma's adapter all accept. */
export const socketUrl = (way: {
  socketDirectory: string
  port: number
  login: string
  /** left out where the password stands in a file */
  password?: string
  database: string
}): string =>
  `postgresql://${encodeURIComponent(way.login)}${way.password === undefined ? '' : `:${encodeURIComponent(way.password)}`}@localhost/${encodeURIComponent(way.database)}?host=${encodeURIComponent(way.socketDirectory)}&port=${way.port}`
