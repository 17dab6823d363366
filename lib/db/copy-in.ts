import 'server-only'

import { Query, type Client } from 'pg'

type Receiver = { sendCopyFromChunk(chunk: Buffer): void; endCopyFrom(): void }

/**
 * Writes rows with COPY: no plan, no arrays to take apart, and rows go into their pages many at a time.
 * @param into table and columns
 * @param lines rows in COPY's text format, each ended by a line feed; the caller sees to it that no value holds a tab, a line feed or
 *   a backslash of its own
 * @throws whatever the database says; then none of the rows was written
 */
export async function copyIn(client: Client, into: string, lines: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const query = new Query(`COPY ${into} FROM STDIN`, (error: Error | undefined) =>
      error ? reject(error) : resolve(),
    )
    client.query(
      Object.assign(query, {
        handleCopyInResponse: (connection: Receiver) => {
          connection.sendCopyFromChunk(Buffer.from(lines))
          connection.endCopyFrom()
        },
      }),
    )
  })
}
