import { describe, expect, it } from 'vitest'
import { landingPath, paths, withQuery } from './paths.ts'

const id = '7a3c1f3e-7a9e-4a0b-9f0e-1b2c3d4e5f60'

describe('paths', () => {
  it('names every page by an absolute path without a trailing slash', () => {
    for (const path of Object.values(paths)) {
      const built = typeof path === 'string' ? path : path(id, id)
      if (built !== '/') expect(built).toMatch(/^\/[a-z0-9/.-]+[a-z0-9]$/)
    }
  })

  it('gives no two pages the same address', () => {
    const built = Object.values(paths).map((path) => (typeof path === 'string' ? path : path(id, id)))
    expect(new Set(built).size).toBe(built.length)
  })

  it('keeps an id in its own segment, so that a crafted id cannot reach another page', () => {
    expect(paths.result('../care')).toBe('/results/..%2Fcare')
    expect(paths.chartNote('a/b', 'c?d#e')).toBe('/care/patients/a%2Fb/notes/c%3Fd%23e')
  })
})

describe('landingPath', () => {
  it.each([
    ['patient', '/home'],
    ['proxy', '/home'],
    ['nurse', '/care'],
    ['clinician', '/care'],
    ['billing', '/billing'],
    ['admin', '/admin'],
    ['compliance', '/compliance'],
    ['service', '/sign-in'],
    ['', '/sign-in'],
  ])('%s starts at %s', (role, path) => expect(landingPath(role)).toBe(path))
})

describe('withQuery', () => {
  it('leaves out what is empty', () => {
    expect(withQuery(paths.results, { after: null, sort: undefined, filter: '' })).toBe('/results')
  })
  it('escapes what it adds', () => {
    expect(withQuery(paths.results, { after: 'a&b=c', page: 2 })).toBe('/results?after=a%26b%3Dc&page=2')
  })
})
