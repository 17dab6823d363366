import { describe, expect, test } from 'vitest'
import { checkResource, type ResourceType } from './check-resource.ts'
import { SourceFault } from './source-fault.ts'

const faultOf = (type: ResourceType, resource: object) => {
  try {
    checkResource(type, { resourceType: type, ...resource }, '')
  } catch (error) {
    if (error instanceof SourceFault) return `${error.where}: ${error.why}`
    throw error
  }
  return null
}
const observation = { status: 'final', code: { text: 'x' }, subject: { reference: 'Patient/p' } }

describe('holding a resource against FHIR R4', () => {
  test.each<[ResourceType, object, RegExp]>([
    ['Observation', { ...observation, status: 'Santos' }, /^\.status: is not one of registered, /],
    ['Condition', { code: { text: 'x' } }, /^\.subject: is missing/],
    [
      'Observation',
      { ...observation, valueQuantity: { value: '5.6' } },
      /^\.valueQuantity\.value: has the wrong type \(number is expected\)/,
    ],
    [
      'Observation',
      { ...observation, effectiveDateTime: '2023-02-29' },
      /^\.effectiveDateTime: is not a FHIR date/,
    ],
    ['Observation', { ...observation, component: [{}] }, /^\.component\[0\]\.code: is missing/],
    [
      'Observation',
      { ...observation, note: [{ text: 'a\u0000b' }] },
      /^\.note\[0\]\.text: holds a character/,
    ],
    ['Observation', { ...observation, note: [{ text: '\ud800' }] }, /^\.note\[0\]\.text: holds a character/],
    ['Patient', { birthDate: '02/04/1979' }, /^\.birthDate: is not a FHIR date/],
    ['Patient', { name: 'Santos' }, /^\.name: has the wrong type \(array is expected\)/],
    ['Patient', { id: 'not an id' }, /^\.id: is not a FHIR id/],
    [
      'MedicationRequest',
      { status: 'active', subject: {} },
      /^\.medicationCodeableConcept: is missing, and so is medicationReference/,
    ],
    [
      'DocumentReference',
      { status: 'current', subject: {}, content: [{ attachment: { data: '***' } }] },
      /attachment\.data: is not base64/,
    ],
  ])('%s %j', (type, resource, expected) => {
    const fault = faultOf(type, resource)
    expect(fault).toMatch(expected)
    expect(fault).not.toContain('Santos')
  })

  test('does not mind what it does not read, nor null in a list of words, which FHIR has beside extensions', () => {
    expect(faultOf('Patient', { photo: 3, name: [{ given: ['Ana', null], _given: [null, {}] }] })).toBeNull()
  })
})
