import { MurmurError } from '#platform/errors/murmur-error.ts'
import { neededCodec, type PayloadCodec } from '#platform/secrets/payload-codec.ts'

/** A version of its own: whoever does not know it leaves the task to those who do. */
const SEALED = /^\{"v":3,"tenant":"([\w-]{1,64})","sealed":"([\w-]{1,64}\.[\w-]+)"\}$/
const SEALED_START = '{"v":3,"tenant":'

/** A text as it stands in Redis. @param place what it is, and of which task @throws MurmurError PAYLOAD_KEY_MISSING */
export function sealText(
  codec: PayloadCodec | undefined,
  tenant: string,
  place: string,
  text: string,
): string {
  // A state of which not even the tenant is known holds nothing of anybody.
  if (!codec || text === '' || tenant === '') return text
  return `{"v":3,"tenant":"${tenant}","sealed":"${codec.seal(tenant, place, text)}"}`
}

/** Whose an encrypted text says that it is; undefined for one that is not. */
export function sealedTenant(stored: string): string | undefined {
  return SEALED.exec(stored)?.[1]
}

/** The text that was stored. @throws MurmurError PAYLOAD_KEY_MISSING, PAYLOAD_UNREADABLE */
export function openText(codec: PayloadCodec | undefined, place: string, stored: string): string {
  if (!stored.startsWith(SEALED_START)) return stored
  const [, tenant, sealed] = SEALED.exec(stored) ?? []
  if (tenant === undefined || sealed === undefined)
    throw new MurmurError('PAYLOAD_UNREADABLE', 'what is stored is half of something encrypted')
  return neededCodec(codec, tenant).open(tenant, place, sealed).toString()
}
