#!/usr/bin/env node
/*
 * Checks an evidence file of a Vigil audit trail. One file, no dependencies, nothing is sent anywhere: it needs Node 20 or later,
 * the evidence, and the clinic's verifier key, which you should have from the clinic by another way than the evidence.
 *
 *     node verify.mjs evidence.json verifier-key.txt
 *     node verify.mjs month.ndjson verifier-key.txt     (an archived month)
 *
 * What it shows: the clinic signed a tree of a certain size (its checkpoint), and each entry in the file is a leaf of exactly that
 * tree. Whoever later changes or removes one of these entries cannot make this file, or your older checkpoints, fit again.
 * What it does not show: that an entry tells the truth, or that no other entries exist.
 *
 * How: a leaf is SHA-256(0x00, text of the entry), a node is SHA-256(0x01, left, right) (RFC 6962). The hashes in `proof` lead
 * from the leaf to the root. The checkpoint is three lines, name of the log, number of leaves, root in base64, signed
 * with Ed25519 (c2sp.org/signed-note).
 */
import { createHash, createPublicKey, verify } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
const fail = (why) => {
  throw new Error(why)
}
/** A line, or a whole short file. */
const parse = (text) => {
  try {
    return JSON.parse(text) ?? {}
  } catch {
    return fail('the file is damaged, or cut short: it is not JSON')
  }
}
/** Base64 in one spelling only. */
const decode = (text, length, what) => {
  const bytes = Buffer.from(String(text), 'base64')
  if (bytes.toString('base64') !== text || (length && bytes.length !== length)) fail(`${what} is damaged`)
  return bytes
}

/** `name+id+base64(0x01, key)`: the id must be the key's own. */
export function readKey(text) {
  const [, name, id, encoded] =
    /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text.trim()) ?? fail('the verifier key is damaged')
  const bytes = decode(encoded, 33, 'the verifier key')
  if (bytes[0] !== 1) fail('the verifier key is of another kind')
  if (sha256(`${name}\n`, bytes).subarray(0, 4).toString('hex') !== id) fail('the verifier key is damaged')
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), bytes.subarray(1)])
  return { name, id, key: createPublicKey({ key: der, format: 'der', type: 'spki' }) }
}

/** The checkpoint's name, size and root, once its signature is found to be the key's. */
export function readCheckpoint(note, { name, id, key }) {
  const divide = note.lastIndexOf('\n\n')
  const text = note.slice(0, divide + 1)
  const signed = note
    .slice(divide + 2)
    .split('\n')
    .some((line) => {
      const [dash, signer, encoded] = line.split(' ')
      if (dash !== '—' || signer !== name) return false
      const bytes = decode(encoded, 0, 'a signature')
      return (
        bytes.subarray(0, 4).toString('hex') === id && verify(null, Buffer.from(text), key, bytes.subarray(4))
      )
    })
  if (divide < 0 || !signed) fail('the checkpoint is not signed by this key')
  const [origin, size, root] = text.split('\n')
  if (origin !== name || !/^[1-9][0-9]{0,14}$/.test(size)) fail('the checkpoint is about another log')
  return { origin, size: Number(size), root: decode(root, 32, 'the root') }
}

/** The root that the hashes of a proof lead to from a leaf (RFC 9162, 2.1.3.2). */
export function rootOf(data, index, size, proof) {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) fail('an entry stands outside the tree')
  let hash = sha256(Buffer.of(0), data)
  let at = index
  let last = size - 1
  for (const sibling of proof.map((text) => decode(text, 32, 'a proof'))) {
    if (last === 0) fail('a proof is too long')
    if (at % 2 === 1 || at === last) {
      hash = sha256(Buffer.of(1), sibling, hash)
      for (; at % 2 === 0 && at !== 0; at /= 2) last = Math.floor(last / 2)
    } else {
      hash = sha256(Buffer.of(1), hash, sibling)
    }
    at = Math.floor(at / 2)
    last = Math.floor(last / 2)
  }
  if (last !== 0) fail('a proof is too short')
  return hash
}

/**
 * A longer file (vigil-evidence-2) has a line for each piece of the tree, from its first leaf to its last: an entry that is shown, with
 * its proof, or the hash over leaves that are not (one leaf, or 2, 4, 8 … of them). Folded together they must give the
 * signed root, so nothing between the entries can be left out uncounted.
 */
function verifyLines(lines, keyText) {
  const bundle = parse(lines[0])
  const checkpoint = readCheckpoint(String(bundle.checkpoint), readKey(keyText))
  // Roots of complete subtrees, the largest first; each piece joins those of its own height on its left.
  const range = []
  let size = 0
  let entries = 0
  for (const line of lines.slice(1)) {
    const { index, data, proof, level, hash } = parse(line)
    if (index !== size) fail(`the piece at leaf ${size} is missing, or not in its place`)
    let piece = { level: 0, hash: undefined }
    if (typeof data === 'string' && Array.isArray(proof)) {
      if (!rootOf(data, index, checkpoint.size, proof).equals(checkpoint.root))
        fail(`the entry at place ${index} is not in the signed tree: it was changed, or never was`)
      piece.hash = sha256(Buffer.of(0), data)
      entries += 1
    } else {
      if (!Number.isSafeInteger(level) || level < 0 || level > 52 || index % 2 ** level !== 0)
        fail(`the piece at leaf ${index} is damaged`)
      piece = { level, hash: decode(hash, 32, 'a hash') }
    }
    size += 2 ** piece.level
    while (range.at(-1)?.level === piece.level)
      piece = { level: piece.level + 1, hash: sha256(Buffer.of(1), range.pop().hash, piece.hash) }
    range.push(piece)
  }
  if (size !== checkpoint.size) fail('the file ends before the tree does')
  const root = range
    .map((piece) => piece.hash)
    .reduceRight((right, left) => sha256(Buffer.of(1), left, right))
  if (!root.equals(checkpoint.root)) fail('what is not shown does not fit the signed tree')
  if (bundle.entries !== entries) fail('the file does not have as many entries as it says')
  return { ...checkpoint, root: checkpoint.root.toString('base64'), entries, hidden: size - entries }
}

/** Checks a whole file; throws with a reason at the first thing that does not fit. */
export function verifyEvidence(text, keyText) {
  const lines = text.trimEnd().split('\n')
  if (lines[0].includes('"vigil-evidence-2"')) return verifyLines(lines, keyText)
  const bundle = parse(text)
  if (bundle.format !== 'vigil-evidence-1' || !Array.isArray(bundle.entries))
    fail('this is not an evidence file')
  const checkpoint = readCheckpoint(String(bundle.checkpoint), readKey(keyText))
  for (const { data, index, proof } of bundle.entries) {
    if (typeof data !== 'string' || !Array.isArray(proof)) fail('an entry is damaged')
    if (!rootOf(data, index, checkpoint.size, proof).equals(checkpoint.root))
      fail(`the entry at place ${index} is not in the signed tree: it was changed, or never was`)
  }
  return { ...checkpoint, root: checkpoint.root.toString('base64'), entries: bundle.entries.length }
}

/** Levels of the complete subtrees that make up the leaves `from` to `to`, from left to right. */
function levelsOf(from, to) {
  const levels = []
  for (let at = from; at < to; at += 2 ** levels.at(-1)) {
    let level = 0
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= to) level += 1
    levels.push(level)
  }
  return levels
}

/**
 * Checks an archived month line by line: its leaves, between the roots of what lies before and behind them, must lead to the signed
 * root. So every entry is as it was sealed, and between the first and the last no leaf is missing.
 */
export async function verifyArchive(lines, keyText, onLine = () => {}) {
  const tree = []
  const push = (level, hash) => {
    for (; tree.at(-1)?.level === level; level += 1) hash = sha256(Buffer.of(1), tree.pop().hash, hash)
    tree.push({ level, hash })
  }
  const pushAll = (hashes, levels) => {
    if (!Array.isArray(hashes) || hashes.length !== levels.length) fail('the frame of the archive is damaged')
    levels.forEach((level, at) => push(level, decode(hashes[at], 32, 'the frame of the archive')))
  }
  let head, checkpoint
  let [at, entries] = [0, 0]
  for await (const text of lines) {
    const line = parse(text)
    if (!head) {
      if (line.format !== 'vigil-archive-1') fail('this is not an archive')
      checkpoint = readCheckpoint(String(line.checkpoint), readKey(keyText))
      const { from, to } = line
      if (![from, to].every(Number.isSafeInteger) || from < 0 || to < from || to > checkpoint.size)
        fail('the archive lies outside the tree')
      head = line
      at = from
      pushAll(line.left, levelsOf(0, from))
      continue
    }
    const hash =
      typeof line.data === 'string' ? sha256(Buffer.of(0), line.data) : decode(line.hash, 32, 'a line')
    if (typeof line.data === 'string') entries += 1
    onLine({ index: at, data: line.data, hash })
    push(0, hash)
    at += 1
  }
  if (!head || at !== head.to) fail('the archive is cut short or too long')
  pushAll(head.right, levelsOf(head.to, checkpoint.size))
  const root = tree.reduceRight((right, { hash }) => (right ? sha256(Buffer.of(1), hash, right) : hash), null)
  if (!root?.equals(checkpoint.root)) fail('an entry of the archive is not as it was sealed')
  return { ...checkpoint, root: root.toString('base64'), entries, month: head.month }
}

/** What was found, in words. */
export function inWords({ origin, size, root, entries, hidden }) {
  const other = entries === 0 ? 'The' : 'The other'
  let rest = ''
  if (hidden === 0) rest = 'No leaf of it is left out.\n'
  else if (hidden === 1) rest = `${other} leaf is in the file as a hash.\n`
  else if (hidden > 1) rest = `${other} ${hidden} leaves are in the file as hashes.\n`
  const shown = entries === 1 ? '1 entry is' : `${entries} entries are`
  const tree = size === 1 ? '1 leaf' : `${size} leaves`
  return `OK: ${shown} in the tree of ${tree} that ${origin} signed.\n${rest}Root ${root}\n`
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    const [evidence, key] = process.argv.slice(2)
    if (!evidence || !key) fail('name two files: node verify.mjs evidence.json verifier-key.txt')
    const keyText = readFileSync(key, 'utf8')
    // An archived month has one entry per line, and may be larger than memory.
    const found = evidence.endsWith('.ndjson')
      ? await verifyArchive(createInterface({ input: createReadStream(evidence) }), keyText)
      : verifyEvidence(readFileSync(evidence, 'utf8'), keyText)
    process.stdout.write(inWords(found))
  } catch (error) {
    process.stderr.write(`NOT PROVEN: ${error.message}\n`)
    process.exitCode = 1
  }
}
