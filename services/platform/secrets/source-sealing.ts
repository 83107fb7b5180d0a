import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { JsonValue } from '#schemas/json.ts'
import {
  mapCredentials,
  parseSourceAddress,
  type SourceAddress,
  type SourceUser,
  sealedIn,
  withUserToken,
} from '#schemas/video-address.ts'
import type { TextSealer } from './sealed-text.ts'

/** Takes users and passwords out of addresses of video, before anything keeps them. */
export interface SourceSealer {
  /**
   * A copy in which each address of video with a user and a password has them sealed; the value itself where there is none.
   * @throws MurmurError CREDENTIALS_INLINE where this platform has no key to seal with
   */
  sealIn<Value>(tenant: string, value: Value): Value
}

/** Addresses of these schemes are video wherever they stand; http is in a source of video only. */
const STREAM = /^rtsps?:\/\//i

export function createSourceSealer(sealer: TextSealer | undefined): SourceSealer {
  function sealed(tenant: string, text: string): string {
    const address = parseSourceAddress(text)
    // What can't be read is refused by whoever wants an address there.
    if ('fault' in address) return text
    const { user } = address
    if (!sealer) {
      if (user?.kind !== 'inline') return text
      throw new MurmurError(
        'CREDENTIALS_INLINE',
        'an address of video has a user and a password in it, and this platform has no key to seal them with',
      )
    }
    const purpose = sealPurpose(tenant, address)
    const url = mapCredentials(address.url, (value) =>
      sealedIn(value) === undefined ? `{sealed:${sealer.seal(value, valuePurpose(purpose))}}` : value,
    )
    if (user?.kind === 'inline') {
      const token = sealer.seal(JSON.stringify([user.user, user.password]), purpose)
      return withUserToken(url, `sealed:${token}`)
    }
    return url === address.url ? text : withUser(url, user)
  }

  function copy(tenant: string, value: JsonValue | undefined): JsonValue | undefined {
    if (typeof value === 'string') return STREAM.test(value) ? sealed(tenant, value) : value
    if (Array.isArray(value)) return mapItems(value, (item) => copy(tenant, item))
    if (typeof value !== 'object' || value === null) return value
    let changed: Record<string, JsonValue | undefined> | undefined
    for (const [name, item] of Object.entries(value)) {
      const isSource = name === 'url' && value.kind === 'url' && typeof item === 'string'
      const next = isSource ? sealed(tenant, item) : copy(tenant, item)
      if (next === item) continue
      changed ??= { ...value }
      Object.defineProperty(changed, name, {
        value: next,
        enumerable: true,
        configurable: true,
        writable: true,
      })
    }
    return (changed as JsonValue | undefined) ?? value
  }

  return { sealIn: (tenant, value) => copy(tenant, value as JsonValue) as typeof value }
}

function mapItems(items: JsonValue[], change: (item: JsonValue) => JsonValue | undefined): JsonValue[] {
  const changed = items.map((item) => change(item) as JsonValue)
  return changed.every((item, i) => item === items[i]) ? items : changed
}

/** What is sealed for one tenant and one camera is of no use to another: whoever reads a task can't send it to a server of his own. */
export function sealPurpose(tenant: string, { url }: Pick<SourceAddress, 'url'>): string {
  const { protocol, host } = new URL(url)
  return JSON.stringify(['source', tenant, protocol, host.toLowerCase()])
}

function valuePurpose(purpose: string): string {
  return `${purpose} value`
}

function withUser(url: string, user: Exclude<SourceUser, { kind: 'inline' }> | undefined): string {
  if (!user) return url
  return withUserToken(url, user.kind === 'secret' ? user.name : `sealed:${user.text}`)
}

/**
 * An address with what is sealed in its path and query opened; only for whoever calls there.
 * @throws MurmurError SECRET_NOT_GRANTED
 */
export function openSealedValues(
  sealer: TextSealer | undefined,
  url: string,
  { tenant }: { tenant: string },
): string {
  return mapCredentials(url, (value) => {
    const text = sealedIn(value)
    if (text === undefined) return value
    return withKey(sealer).open(text, valuePurpose(sealPurpose(tenant, { url })))
  })
}

function withKey(sealer: TextSealer | undefined): TextSealer {
  if (sealer) return sealer
  throw new MurmurError(
    'SECRET_NOT_GRANTED',
    'the user of this source is sealed, and this process has no key to open it',
  )
}

/** @throws MurmurError SECRET_NOT_GRANTED */
export function openSealedUser(
  sealer: TextSealer | undefined,
  text: string,
  about: { tenant: string; url: string },
): { user: string; password: string } {
  const opened = withKey(sealer).open(text, sealPurpose(about.tenant, about))
  const [user, password] = JSON.parse(opened) as [string, string]
  return { user, password }
}
