import 'server-only'
import { hash } from 'node:crypto'

const blockBytes = 64

/** An HMAC-SHA-256 key as its two pads (RFC 2104, 2): a MAC is then two hashes, and whoever has the pads can make one. */
export class HmacKey {
  readonly #inner = Buffer.alloc(blockBytes, 0x36)
  readonly #outer = Buffer.alloc(blockBytes, 0x5c)

  /** @param key at most 64 bytes */
  constructor(key: Uint8Array) {
    for (let at = 0; at < key.length; at += 1) {
      const byte = key[at] ?? 0
      this.#inner[at] = byte ^ 0x36
      this.#outer[at] = byte ^ 0x5c
    }
  }

  /** 32 bytes. */
  mac(text: string): Buffer {
    const inner = hash('sha256', Buffer.concat([this.#inner, Buffer.from(text)]), 'buffer')
    return hash('sha256', Buffer.concat([this.#outer, inner]), 'buffer')
  }

  /** Inner and outer pad in base64, as audit.attest_access takes them. */
  pads(): string {
    return `${this.#inner.toString('base64')}|${this.#outer.toString('base64')}`
  }
}
