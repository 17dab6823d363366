import { describe, expect, test } from 'vitest'
import { KeyCache } from './key-cache.ts'
import { defaultKeyLimits } from './key-settings.ts'

const limits = {
  ...defaultKeyLimits,
  freshSeconds: 300,
  leaseSeconds: 10,
  staleSeconds: 3600,
  cutOffSeconds: 60,
}

function make({ hearsUntil = Infinity } = {}) {
  const time = { now: 1000, hearsUntil: 1000 + hearsUntil }
  const cache = new KeyCache<string>(limits, {
    seconds: () => time.now,
    heard: () => Math.min(time.now, time.hearsUntil),
  })
  cache.keep('patient-1', 'key', cache.beginLoading())
  const at = (seconds: number) => {
    time.now = 1000 + seconds
    return {
      fresh: cache.loadedSince('patient-1', cache.freshSince()) !== undefined,
      read: cache.loadedSince('patient-1', cache.staleSince('reading')) !== undefined,
      write: cache.loadedSince('patient-1', cache.staleSince('writing')) !== undefined,
    }
  }
  return { cache, time, at }
}

describe('how long a cached key is good', () => {
  test('while changes are heard of: fresh for minutes, and through an outage of the provider for an hour', () => {
    const { at } = make()
    expect(at(299)).toEqual({ fresh: true, read: true, write: true })
    expect(at(301)).toEqual({ fresh: false, read: true, write: true })
    expect(at(3599)).toEqual({ fresh: false, read: true, write: true })
    expect(at(3601)).toEqual({ fresh: false, read: false, write: false })
  })

  test('once nothing is heard any more: the lease, then only reading, and that not for long', () => {
    const { at } = make({ hearsUntil: 30 })
    expect(at(39)).toEqual({ fresh: true, read: true, write: true })
    expect(at(41)).toEqual({ fresh: false, read: true, write: false })
    expect(at(59)).toEqual({ fresh: false, read: true, write: false })
    expect(at(61)).toEqual({ fresh: false, read: false, write: false })
  })

  test('what is loaded while nothing is heard is good for the lease, counted from when it was asked for', () => {
    const { cache, time } = make({ hearsUntil: -100 })
    const loading = cache.beginLoading()
    time.now += 3
    cache.keep('patient-2', 'key', loading)
    time.now += 6.9
    expect(cache.loadedSince('patient-2', cache.freshSince())).toBe('key')
    time.now += 0.2
    expect(cache.loadedSince('patient-2', cache.freshSince())).toBeUndefined()
  })

  test('a load that began before a drop is not kept; one that began after it is', () => {
    const { cache } = make()
    const before = cache.beginLoading()
    cache.drop('patient-1')
    cache.keep('patient-1', 'former', before)
    expect(cache.size).toBe(0)
    cache.keep('patient-1', 'new', cache.beginLoading())
    expect(cache.loadedSince('patient-1', cache.freshSince())).toBe('new')
  })
})
