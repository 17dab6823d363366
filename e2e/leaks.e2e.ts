import { expect, test } from '@playwright/test'
import { ask, askOn, canaries, transports } from './support/ask.ts'
import { database, rows } from './support/database.ts'
import { sessionOf } from './support/people.ts'
import { recordIds } from './support/records.ts'

// What a page gives away beside what it shows: in its HTML, in the payload that React reads, and in what stands there when
// it fails. A cell that does not open is the worst case, because the error has all of it in hand.

test.describe.configure({ mode: 'serial' })

/** What no answer holds, whoever asks: ciphertext, a stack, an error's own words, SQL. */
const innards =
  /phi1\.[0-9a-f]{8}|NOT_AUTHENTIC|CellUnreadable|\bat \w+ \(|\/lib\/phi\/|SELECT |"phi"\.|vigil_app|keyring/

test('attack 52: a page and its payload hold nothing of the layers below', async () => {
  const ids = await recordIds()
  const token = await sessionOf('nadia')
  for (const transport of transports.filter(({ name }) => name === 'page' || name === 'rsc')) {
    const reply = await askOn(transport.path(`/care/patients/${ids.patient}`), {
      token,
      headers: transport.headers,
    })
    expect(reply.status, transport.name).toBe(200)
    // The control: this is the chart.
    expect(canaries.test(reply.body), transport.name).toBe(true)
    expect(reply.body.match(innards), transport.name).toBeNull()
  }
})

test('attack 52: a cell that does not open ends in a page with a reference, and with no value, ciphertext or stack', async () => {
  const ids = await recordIds()
  const token = await sessionOf('nadia')
  const path = `/care/patients/${ids.patient}`
  const [before] = await rows<{ family_name: string }>('SELECT family_name FROM phi.patient WHERE id = $1', [
    ids.patient,
  ])
  const cell = before?.family_name ?? ''
  const bent = cell.slice(0, 20) + (cell[20] === 'A' ? 'B' : 'A') + cell.slice(21)
  const client = await database().connect()
  const put = async (text: string): Promise<void> => {
    await client.query('SET session_replication_role = replica')
    await client.query('UPDATE phi.patient SET family_name = $1 WHERE id = $2', [text, ids.patient])
    await client.query('RESET session_replication_role')
  }
  await put(bent)
  try {
    for (const transport of transports) {
      const reply = await askOn(transport.path(path), { token, headers: transport.headers })
      expect(canaries.test(reply.body), `${transport.name} shows something of the record`).toBe(false)
      expect(reply.body.match(innards), transport.name).toBeNull()
      expect(reply.body, transport.name).not.toContain(bent.slice(14, 40))
    }
    const page = await ask(path, { token })
    expect(page.status).toBeGreaterThanOrEqual(500)
    // What is left to tell it by: a number that the log and the security event have as well.
    expect(page.body).toMatch(/"digest\\?":\\?"|Reference/)
  } finally {
    await put(cell)
    client.release()
  }
  const events = await rows(
    `SELECT 1 FROM audit.security_event_log WHERE event_type = 'DECRYPTION_FAILED' AND detail ->> 'row_id' = $1`,
    [ids.patient],
  )
  expect(events.length).toBeGreaterThan(0)
  expect(
    canaries.test((await ask(path, { token })).body),
    'and with the cell back it is the chart again',
  ).toBe(true)
})
