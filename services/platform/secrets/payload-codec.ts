import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { MurmurError } from '#platform/errors/murmur-error.ts'

/** A key for payloads. */
export interface PayloadKey {
  /** Stands beside what it has encrypted. */
  readonly id: string
  /** For whom; `*`: for every tenant, each with a key of its own that is derived from this one. */
  readonly tenant: string
  /** 32 bytes; none where it is lost. */
  readonly key: Uint8Array
  /** It was given up: what it has encrypted is broken for good, and nobody waits for it. */
  readonly isLost?: boolean
}

/** Encrypts what tenants give and get, before it is stored, and opens it where it is worked with. */
export interface PayloadCodec {
  /**
   * `<key>.<base64url>`, never the same twice.
   * @param place where it is stored: elsewhere it can't be opened
   * @throws MurmurError PAYLOAD_KEY_MISSING where the tenant has no key
   */
  seal(tenant: string, place: string, text: string | Uint8Array): string
  /** @throws MurmurError PAYLOAD_KEY_MISSING; PAYLOAD_UNREADABLE when it was changed, or is another place's or tenant's */
  open(tenant: string, place: string, sealed: string): Buffer
  /** The same for bytes that are stored as bytes; what comes has `SEALED_OVERHEAD` bytes more. */
  sealBytes(tenant: string, place: string, bytes: Uint8Array): { keyId: string; sealed: Buffer }
  openBytes(tenant: string, place: string, keyId: string, sealed: Uint8Array): Buffer
  /** A keyed digest of a text: whoever has no key can't try texts against it. base64url. @throws MurmurError PAYLOAD_KEY_MISSING */
  digest(tenant: string, text: string | Uint8Array): string
}

const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
const SALT_BYTES = 16
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** What sealed bytes have more than those that are in them. */
export const SEALED_OVERHEAD = SALT_BYTES + NONCE_BYTES + TAG_BYTES
const LINE = /^([A-Za-z0-9_-]{1,64})\s+(\*|[A-Za-z0-9_-]{1,64})\s+([A-Za-z0-9+/_-]{43}=?|lost)$/
const NO_KEY = new Uint8Array()
const RETRY_AFTER_MS = 5000

/**
 * Keys a line: id, tenant or `*`, 32 bytes as base64. Of those that fit a tenant the first one encrypts, all of them open. `lost` in place of
 * the bytes gives a key up.
 * @throws MurmurError CONFIG_INVALID
 */
export function parsePayloadKeys(text: string, where: string): PayloadKey[] {
  const lines = text.split('\n').map((line) => line.trim())
  const keys = lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line): PayloadKey | undefined => {
      const [, id, tenant, encoded] = LINE.exec(line) ?? []
      if (id && tenant && encoded === 'lost') return { id, tenant, key: NO_KEY, isLost: true }
      const key = Buffer.from(encoded ?? '', 'base64')
      return id && tenant && key.length === KEY_BYTES ? { id, tenant, key: new Uint8Array(key) } : undefined
    })
  const names = new Set(keys.map((key) => `${key?.tenant} ${key?.id}`))
  if (keys.length === 0 || keys.includes(undefined) || names.size < keys.length)
    throw new MurmurError(
      'CONFIG_INVALID',
      `${where} must have a key a line: an id, a tenant or *, and 32 bytes as base64; of one tenant each id once`,
    )
  const all = keys as PayloadKey[]
  // Their tenants have to be able to go on: the ends of broken tasks are stored, too.
  const stranded = all.find(
    (one) =>
      one.isLost && !all.some(({ isLost, tenant }) => !isLost && (tenant === one.tenant || tenant === '*')),
  )
  if (stranded)
    throw new MurmurError(
      'CONFIG_INVALID',
      `${where} gives up key "${stranded.id}" of tenant "${stranded.tenant}": it must have another key for that tenant`,
    )
  return all
}

/**
 * AES-256-GCM. Each value has a key of its own, made by HMAC-SHA-256 from the tenant's key and a random salt: so random nonces do not
 * run out, however much one tenant stores.
 */
export function createPayloadCodec(keys: readonly PayloadKey[]): PayloadCodec {
  /** By tenant, in their order. */
  const known = new Map<string, ReadonlyMap<string, Uint8Array>>()

  function keysOf(tenant: string): ReadonlyMap<string, Uint8Array> {
    const before = known.get(tenant)
    if (before) return before
    const found = payloadKeysOf(keys, tenant)
    // A name that nobody has a key for is not remembered: anybody may bring names.
    if (found.size > 0) known.set(tenant, found)
    return found
  }

  function newest(tenant: string): [id: string, key: Uint8Array] {
    for (const entry of keysOf(tenant)) if (entry[1].length > 0) return entry
    throw keyMissing(`there is no key for payloads of tenant "${tenant}" here`)
  }

  function sealBytes(tenant: string, place: string, bytes: Uint8Array): { keyId: string; sealed: Buffer } {
    const [keyId, key] = newest(tenant)
    const head = randomBytes(SALT_BYTES + NONCE_BYTES)
    const nonce = head.subarray(SALT_BYTES)
    const cipher = createCipheriv(CIPHER, valueKey(key, head), nonce, { authTagLength: TAG_BYTES })
    cipher.setAAD(associated(keyId, tenant, place))
    const sealed = Buffer.concat([head, cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
    return { keyId, sealed }
  }

  function openBytes(tenant: string, place: string, keyId: string, sealed: Uint8Array): Buffer {
    const key = keysOf(tenant).get(keyId)
    if (!key) throw keyMissing(`key "${keyId}" for payloads of tenant "${tenant}" is not here`)
    if (key.length === 0) throw unreadable(place, `its key "${keyId}" was given up as lost`)
    if (sealed.length < SEALED_OVERHEAD) throw unreadable(place)
    const nonce = sealed.subarray(SALT_BYTES, SALT_BYTES + NONCE_BYTES)
    const cipher = createDecipheriv(CIPHER, valueKey(key, sealed), nonce, { authTagLength: TAG_BYTES })
    cipher.setAAD(associated(keyId, tenant, place)).setAuthTag(sealed.subarray(-TAG_BYTES))
    try {
      const text = cipher.update(sealed.subarray(SALT_BYTES + NONCE_BYTES, -TAG_BYTES))
      return Buffer.concat([text, cipher.final()])
    } catch (cause) {
      throw unreadable(place, undefined, cause)
    }
  }

  return {
    sealBytes,
    openBytes,
    seal(tenant, place, text) {
      const { keyId, sealed } = sealBytes(tenant, place, typeof text === 'string' ? Buffer.from(text) : text)
      return `${keyId}.${sealed.toString('base64url')}`
    },
    open(tenant, place, sealed) {
      const dot = sealed.indexOf('.')
      return openBytes(tenant, place, sealed.slice(0, dot), Buffer.from(sealed.slice(dot + 1), 'base64url'))
    },
    digest(tenant, text) {
      const [, key] = newest(tenant)
      return createHmac('sha256', createHmac('sha256', key).update('murmuration digest').digest())
        .update(text)
        .digest('base64url')
    },
  }
}

/** By their ids, in their order: the keys of a tenant, and what it gets of those for all. One that is lost has no bytes. */
export function payloadKeysOf(keys: readonly PayloadKey[], tenant: string): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>()
  for (const { id, tenant: owner, key, isLost } of keys) {
    if (owner === tenant) found.set(id, key)
    else if (owner === '*' && !found.has(id)) found.set(id, isLost ? key : tenantKey(key, tenant))
  }
  return found
}

/** The key of one tenant, where one key is for all: whoever has it can open what is that tenant's, and nothing else. 32 bytes. */
export function tenantKey(key: Uint8Array, tenant: string): Uint8Array {
  return createHmac('sha256', key).update(`murmuration payload of tenant\0${tenant}`).digest()
}

function valueKey(key: Uint8Array, head: Uint8Array): Buffer {
  return createHmac('sha256', key)
    .update('murmuration payload\0')
    .update(head.subarray(0, SALT_BYTES))
    .digest()
}

function associated(keyId: string, tenant: string, place: string): Buffer {
  return Buffer.from(`${keyId}\0${tenant}\0${place}`)
}

/** @param what is encrypted @throws MurmurError PAYLOAD_KEY_MISSING where no keys are set */
export function neededCodec(
  codec: PayloadCodec | undefined,
  tenant: string,
  what = 'a payload',
): PayloadCodec {
  if (codec) return codec
  throw keyMissing(`${what} of tenant "${tenant}" is encrypted, and no keys are set here`)
}

/** In place of what is there and can't be opened here: it may be some seconds later. */
export function keyMissing(why: string): MurmurError {
  return new MurmurError('PAYLOAD_KEY_MISSING', why, { retryAfterMs: RETRY_AFTER_MS })
}

function unreadable(
  place: string,
  why = 'it was changed, or was made for another place or tenant',
  cause?: unknown,
): MurmurError {
  const [what] = place.split('\n', 1)
  return new MurmurError('PAYLOAD_UNREADABLE', `an encrypted payload (${what}) can't be read: ${why}`, {
    cause,
  })
}
