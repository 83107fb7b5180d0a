import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto'
import { MurmurError } from '#platform/errors/murmur-error.ts'

/** A key that the platform's own processes share. 32 bytes. */
export interface SealKey {
  /** Stands in what it has sealed. */
  id: string
  key: Uint8Array
}

/** Seals texts that must not be stored or told as they are, and opens them. */
export interface TextSealer {
  /** `<key>.<base64url>`. The same text for the same purpose gives the same, so that a repeated request stays the same request. */
  seal(text: string, purpose: string): string
  /** @throws MurmurError SECRET_NOT_GRANTED when it was sealed with another key, for another purpose, or was changed */
  open(sealed: string, purpose: string): string
}

const NONCE_BYTES = 12
const TAG_BYTES = 16
const KEY_BYTES = 32
const CIPHER = 'aes-256-gcm'

/**
 * AES-256-GCM. The nonce is a keyed hash of purpose and text: it repeats only when both do, and then so may the result.
 * @param keys the first seals, all of them open: put a new one in front, and take the old one away when nothing of it is left
 */
export function createTextSealer(keys: readonly SealKey[]): TextSealer {
  const [first, ...rest] = keys.map(({ id, key }) => ({ id, ...deriveKeys(key) }))
  if (!first) throw new TypeError('a sealer needs a key')
  const all = new Map([...rest, first].map((each) => [each.id, each]))

  return {
    seal(text, purpose) {
      const bound = associated(first.id, purpose)
      const nonce = createHmac('sha256', first.nonces)
        .update(bound)
        .update(text)
        .digest()
        .subarray(0, NONCE_BYTES)
      const cipher = createCipheriv(CIPHER, first.texts, nonce, { authTagLength: TAG_BYTES }).setAAD(bound)
      const parts = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]
      return `${first.id}.${Buffer.concat(parts).toString('base64url')}`
    },
    open(sealed, purpose) {
      const dot = sealed.indexOf('.')
      const key = all.get(sealed.slice(0, dot))
      const bytes = Buffer.from(sealed.slice(dot + 1), 'base64url')
      if (!key || bytes.length < NONCE_BYTES + TAG_BYTES) throw unreadable()
      try {
        const cipher = createDecipheriv(CIPHER, key.texts, bytes.subarray(0, NONCE_BYTES), {
          authTagLength: TAG_BYTES,
        })
        cipher.setAAD(associated(key.id, purpose)).setAuthTag(bytes.subarray(-TAG_BYTES))
        return (
          cipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + cipher.final('utf8')
        )
      } catch (cause) {
        throw unreadable(cause)
      }
    },
  }
}

/** `id:base64` entries separated by commas; undefined when one is no key of 32 bytes. Pure. */
export function parseSealKeys(text: string): SealKey[] | undefined {
  const keys = text.split(',').map((entry) => {
    const [, id = '', encoded = ''] =
      /^\s*([A-Za-z0-9_-]{1,64}):([A-Za-z0-9+/_-]{43}=?)\s*$/.exec(entry) ?? []
    return { id, key: new Uint8Array(Buffer.from(encoded, 'base64')) }
  })
  const isUsable =
    keys.every(({ key }) => key.length === KEY_BYTES) &&
    new Set(keys.map(({ id }) => id)).size === keys.length
  return isUsable ? keys : undefined
}

function deriveKeys(key: Uint8Array): { texts: Buffer; nonces: Buffer } {
  const derive = (use: string) => Buffer.from(hkdfSync('sha256', key, '', `murmuration ${use}`, KEY_BYTES))
  return { texts: derive('sealed text'), nonces: derive('sealed nonce') }
}

function associated(id: string, purpose: string): Buffer {
  return Buffer.from(`${id}\0${purpose}\0`)
}

function unreadable(cause?: unknown): MurmurError {
  const message =
    'what is sealed here was made for another tenant or address, with a key that is gone, or was changed'
  return new MurmurError('SECRET_NOT_GRANTED', message, { cause })
}
