import type { Page } from '@playwright/test'
import { rows, vigil } from './support/database.ts'
import { accountIdOf, become, codeOf, expect, forgetCodesOf, test, watch } from './support/people.ts'
import { productUrl } from './support/product.ts'
import { recordIds } from './support/records.ts'

// A doctor at three in the morning: somebody else's patient, an hour, in the open, and what becomes of it. The clock goes forward for
// everybody: this file runs among the last, hence its name.

test.describe.configure({ mode: 'serial' })

const words = 'She was brought in unconscious, and her team is away until the morning.'
const bar = (page: Page) => page.getByRole('region', { name: 'Emergency access' })

async function findMaria(page: Page): Promise<void> {
  await page.goto('/care/emergency')
  await page.getByLabel('or family name').fill('Reyes')
  await page.getByLabel('with given name').fill('Maria')
  for (const [part, value] of [['Month', '4'], ['Day', '2'], ['Year', '1979']] as const)
    await page.getByLabel(part, { exact: true }).fill(value) // prettier-ignore
  await page.getByRole('button', { name: 'Find' }).click()
  await page.waitForURL(/find=/)
}

test('the glass is broken for one patient; every page of the record says so; nobody becomes a carer by it', async ({
  as,
}) => {
  const { patient, stranger } = await recordIds()
  const page = await as('tomasz')
  expect((await page.goto(`/care/patients/${patient}`))?.status()).toBe(404)
  await page.goto('/care/emergency')
  await page.getByRole('button', { name: 'Find' }).click()
  await expect(page.getByRole('alert', { name: 'There is a problem' })).toBeVisible()
  await findMaria(page)
  // what was typed stands there, and nothing of the record
  await expect(
    page.getByRole('heading', { name: 'Open the record of Maria Reyes, born 1979-04-02' }),
  ).toBeVisible()
  expect(page.url()).not.toMatch(/reyes|1979/i)
  await page.getByRole('button', { name: 'Open this record' }).click()
  await expect(page.getByText('Enter a one-time code from your app').first()).toBeVisible()
  await page.getByRole('radio', { name: 'Emergency treatment' }).check()
  await page.getByLabel('In your own words').fill('too short')
  await page.getByLabel('One-time code').fill('000000')
  await page.getByRole('button', { name: 'Open this record' }).click()
  await expect(page.getByText('Say why in at least 15 characters').first()).toBeVisible()
  await page.getByRole('radio', { name: 'Emergency treatment' }).check()
  await page.getByLabel('In your own words').fill(words)
  await forgetCodesOf('tomasz')
  await page.getByLabel('One-time code').fill(await codeOf('tomasz'))
  await page.getByRole('button', { name: 'Open this record' }).click()
  await page.waitForURL(`**/care/patients/${patient}`)
  for (const part of ['', '/results', '/vitals', '/notes', '/team']) {
    await page.goto(`/care/patients/${patient}${part}`)
    await expect(bar(page), part).toContainText(/ends at .* (60|59) minutes left/)
  }
  await page.goto(`/care/patients/${patient}`)
  expect((await page.goto(`/care/patients/${stranger}`))?.status()).toBe(404)
  const [row] = await rows<{ purpose: string; relation: string; leases: string }>(
    `SELECT purpose, relation, count(DISTINCT break_glass_id) AS leases FROM audit.patient_phi_audit_log
      WHERE actor_user_id = $1 AND outcome = 'ALLOWED' AND view LIKE 'chart%' GROUP BY 1, 2`,
    [await accountIdOf('tomasz')],
  )
  expect(row).toEqual({ purpose: 'ETREAT', relation: 'emergency', leases: '1' })
})

test('the patient, the team’s lead and compliance are told, and the patient reads who it was and why', async ({
  as,
}) => {
  const maria = await as('maria')
  await maria.goto('/home')
  await maria.getByRole('link', { name: 'Read what is new' }).click()
  await maria.getByRole('link', { name: /opened in an emergency/ }).click()
  await maria.waitForURL('**/who-looked*')
  await expect(maria.getByText('Tomasz Krol').first()).toBeVisible()
  await expect(maria.getByText(/emergency/i).first()).toBeVisible()
  const told = await rows<{ kind: string }>(
    `SELECT DISTINCT n.kind FROM app.notice n JOIN audit.break_glass b ON b.id = n.reference WHERE b.actor_id = $1 ORDER BY 1`,
    [await accountIdOf('tomasz')],
  )
  expect(told.map(({ kind }) => kind)).toEqual([
    'break-glass-in-your-care',
    'break-glass-opened',
    'record-opened-in-emergency',
  ])
  const carla = await as('carla')
  await carla.goto('/notices')
  const notice = carla.getByRole('listitem').filter({ hasText: 'A record was opened in an emergency' }).last()
  await notice.getByRole('button', { name: /^Mark as read/ }).click()
  await expect(notice.getByText('New', { exact: true })).toHaveCount(0)
})

test('a nurse opens confidential notes of her own patient for an hour', async ({ as }) => {
  const { patient } = await recordIds()
  const page = await as('nadia')
  await page.goto(`/care/patients/${patient}/notes`)
  await page.getByRole('link', { name: 'Confidential notes' }).click()
  await page.waitForURL('**/notes/emergency')
  await page.getByRole('radio', { name: 'Emergency treatment' }).check()
  await page.getByLabel('In your own words').fill('She took something and cannot say what it was.')
  await forgetCodesOf('nadia')
  await page.getByLabel('One-time code').fill(await codeOf('nadia'))
  await page.getByRole('button', { name: 'Open these notes' }).click()
  await page.waitForURL(`**/care/patients/${patient}/notes`)
  await expect(bar(page)).toContainText('Access to the confidential notes ends at')
  await page.getByRole('button', { name: 'End now' }).click()
  await expect(page.getByText('Emergency access has ended.')).toBeVisible()
  await page.goto(`/care/patients/${patient}/notes`)
  await expect(bar(page)).toHaveCount(0)
})

test('after sixty minutes the very next access is refused, though nothing has run', async ({
  browser,
  problems,
}) => {
  const { patient } = await recordIds()
  vigil('demo', 'clock', 'advance', '61m')
  const context = await browser.newContext({ baseURL: productUrl })
  await become(context, 'tomasz')
  const page = await context.newPage()
  watch(page, problems)
  for (const part of ['', '/results', '/vitals', '/notes', '/team'])
    expect((await page.goto(`/care/patients/${patient}${part}`))?.status(), part).toBe(404)
  await page.goto('/care/emergency')
  await expect(page.getByText('Waits for review').first()).toBeVisible()
  await context.close()
})

test('compliance asks, the doctor answers, and compliance closes it; an incident is assessed', async ({
  as,
}) => {
  const carla = await as('carla')
  await carla.goto('/compliance')
  await expect(carla.getByRole('link', { name: /emergency access(es)? to review/ })).toBeVisible()
  await carla.getByRole('link', { name: /emergency access(es)? to review/ }).click()
  await carla
    .getByRole('row', { name: /Tomasz Krol/ })
    .getByRole('link')
    .first()
    .click()
  await expect(carla.getByText(words)).toBeVisible()
  await carla.getByRole('radio', { name: 'I need to know more' }).check()
  await carla.getByRole('textbox', { name: 'Note' }).fill('Who asked you to come, and which ward was she on?')
  await carla.getByRole('button', { name: 'Sign', exact: true }).click()
  await expect(carla.getByText('Your question was sent.')).toBeVisible()

  const tomasz = await as('tomasz')
  await tomasz.goto('/notices')
  await tomasz.getByRole('link', { name: 'Compliance asks about your emergency access' }).click()
  await tomasz
    .getByRole('textbox', { name: 'Answer' })
    .fill('The ambulance brought her to the emergency room at three.')
  await tomasz.getByRole('button', { name: 'Send answer' }).click()
  await expect(tomasz.getByText('Your answer was sent to compliance.')).toBeVisible()

  await carla.goto('/compliance/break-glass')
  await carla
    .getByRole('row', { name: /Tomasz Krol/ })
    .getByRole('link')
    .first()
    .click()
  await expect(carla.getByText('The ambulance brought her')).toBeVisible()
  await carla.getByRole('radio', { name: 'Justified', exact: true }).check()
  await carla.getByRole('textbox', { name: 'Note' }).fill('The ambulance report of that night says the same.')
  await carla.getByRole('button', { name: 'Sign', exact: true }).click()
  await expect(carla.getByText('closed as justified')).toBeVisible()

  await carla.goto('/compliance/incidents')
  await carla
    .getByRole('textbox', { name: 'What happened' })
    .fill('A letter with a list of results went to the wrong address.')
  await carla.getByRole('button', { name: 'Open an incident' }).click()
  await carla.waitForURL(/incidents\/[0-9a-f-]{36}/)
  const form = carla.getByRole('form', { name: 'Reasons' })
  for (const group of ['What was exposed', 'Who saw it', 'Was it really seen?', 'What risk is left?'])
    await form.getByRole('group', { name: group }).getByRole('radio', { name: 'Low risk' }).check()
  await form.getByRole('radio', { name: /A low probability/ }).check()
  await form
    .getByRole('textbox', { name: 'Reasons' })
    .fill('The letter came back unopened, and the envelope was whole.')
  await form.getByRole('button', { name: 'Sign the assessment' }).click()
  await expect(carla.getByText('The assessment is saved.')).toBeVisible()
  await carla
    .getByRole('form', { name: 'What was done' })
    .getByRole('textbox')
    .fill('Addresses are read back from now on.')
  await carla.getByRole('button', { name: 'Close the incident' }).click()
  await expect(carla.getByText('The incident is closed.')).toBeVisible()
  await carla.goto('/compliance/incidents')
})
