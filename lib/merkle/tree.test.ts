import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { CompactRange } from './compact-range.ts'
import { consistencyProof, isConsistent } from './consistency-proof.ts'
import { inclusionProof, rootOfInclusion } from './inclusion-proof.ts'
import { emptyRoot, leafHash, nodeHash, splitPoint, type Hash } from './tree-hash.ts'

/** The tree as RFC 6962 §2.1 defines it, recursively: what the code that remembers less is held against. */
function definedRoot(leaves: readonly Hash[]): Hash {
  if (leaves.length === 0) return emptyRoot
  if (leaves.length === 1 && leaves[0]) return leaves[0]
  const half = splitPoint(leaves.length)
  return nodeHash(definedRoot(leaves.slice(0, half)), definedRoot(leaves.slice(half)))
}

const readNodeOf =
  (leaves: readonly Hash[]) =>
  (level: number, index: number): Promise<Hash> =>
    Promise.resolve(definedRoot(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)))

const leavesOf = (count: number) => Array.from({ length: count }, (_, at) => leafHash(`leaf ${at}`))

// The leaves and roots of Certificate Transparency's reference tests (transparency-dev/merkle, testonly).
const referenceLeaves = [
  '', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f',
] // prettier-ignore
const referenceRoots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

test('the roots are those of the reference tests of Certificate Transparency', () => {
  const range = new CompactRange()
  const roots = [range.root().toString('hex')]
  for (const leaf of referenceLeaves) {
    range.append(leafHash(Buffer.from(leaf, 'hex')))
    roots.push(range.root().toString('hex'))
  }
  expect(roots).toEqual(referenceRoots)
})

test('a compact range agrees with the definition at every size, and can be put down and taken up', () => {
  const leaves = leavesOf(200)
  let range = new CompactRange()
  for (const [at, leaf] of leaves.entries()) {
    range.append(leaf)
    range = new CompactRange(range.size, range.roots)
    expect(range.root().equals(definedRoot(leaves.slice(0, at + 1)))).toBe(true)
  }
  expect(() => new CompactRange(3, [emptyRoot])).toThrow('one root per binary digit')
})

test('every completed subtree is told once, with its root', () => {
  const leaves = leavesOf(64)
  const told = new Map<string, string>()
  const range = new CompactRange()
  for (const leaf of leaves)
    range.append(leaf, (level, index, hash) => {
      expect(told.has(`${level}/${index}`)).toBe(false)
      told.set(`${level}/${index}`, hash.toString('hex'))
    })
  for (let level = 1; level <= 6; level += 1)
    for (let index = 0; index < 64 / 2 ** level; index += 1)
      expect(told.get(`${level}/${index}`)).toBe(
        definedRoot(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)).toString('hex'),
      )
  expect(told.size).toBe(63)
})

describe('proofs', () => {
  const all = leavesOf(70)
  const readNode = readNodeOf(all)

  test('each leaf of each tree up to 70 is shown to be in it, and no other is', async () => {
    for (let size = 1; size <= all.length; size += 1) {
      const root = definedRoot(all.slice(0, size))
      for (let index = 0; index < size; index += 1) {
        const leaf = all[index] ?? emptyRoot
        const proof = await inclusionProof(readNode, index, size)
        expect(rootOfInclusion(leaf, index, size, proof)?.equals(root)).toBe(true)
        expect(rootOfInclusion(leafHash('other'), index, size, proof)?.equals(root)).toBe(false)
        if (size > 1) {
          expect(rootOfInclusion(leaf, (index + 1) % size, size, proof)?.equals(root) ?? false).toBe(false)
          expect(rootOfInclusion(leaf, index, size, proof.slice(1))?.equals(root) ?? false).toBe(false)
          expect(rootOfInclusion(leaf, index, size, [...proof, emptyRoot])?.equals(root) ?? false).toBe(false)
        }
      }
    }
    await expect(inclusionProof(readNode, 5, 5)).rejects.toThrow(RangeError)
    expect(rootOfInclusion(emptyRoot, -1, 5, [])).toBeUndefined()
  })

  test('each tree up to 70 is shown to go on from each smaller one, and from no other', async () => {
    for (let size = 1; size <= all.length; size += 1) {
      const present = { size, root: definedRoot(all.slice(0, size)) }
      for (let former = 1; former <= size; former += 1) {
        const before = { size: former, root: definedRoot(all.slice(0, former)) }
        const proof = await consistencyProof(readNode, former, size)
        expect(isConsistent(before, present, proof)).toBe(true)
        const rewritten = definedRoot([leafHash('rewritten'), ...all.slice(1, former)])
        expect(isConsistent({ size: former, root: rewritten }, present, proof)).toBe(false)
        if (former < size) {
          expect(isConsistent(before, { size, root: rewritten }, proof)).toBe(false)
          expect(isConsistent(before, present, proof.slice(1))).toBe(false)
          expect(isConsistent(before, present, [...proof, emptyRoot])).toBe(false)
        }
      }
    }
    await expect(consistencyProof(readNode, 0, 5)).rejects.toThrow(RangeError)
    expect(isConsistent({ size: 6, root: emptyRoot }, { size: 5, root: emptyRoot }, [])).toBe(false)
  })

  test('a proof with any bit turned shows nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 70 }), fc.nat(), fc.nat(), async (size, which, bit) => {
        const index = which % size
        const root = definedRoot(all.slice(0, size))
        const proof = (await inclusionProof(readNode, index, size)).map((hash) => Buffer.from(hash))
        const bent = proof[bit % proof.length]
        if (!bent) return
        bent[bit % 32] = (bent[bit % 32] ?? 0) ^ (1 << (bit % 8))
        expect(rootOfInclusion(all[index] ?? emptyRoot, index, size, proof)?.equals(root)).toBe(false)
      }),
    )
  })
})
