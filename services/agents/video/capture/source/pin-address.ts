import { lookup as systemLookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { type AddressGuard, plainName } from '#platform/http/address-guard.ts'

/** Gives all addresses of a name. */
export type Lookup = (hostname: string, options: { all: true }) => Promise<{ address: string }[]>

/**
 * The URL with the address that its name stands for instead of the name, so that ffmpeg connects to what was checked, even if
 * the name means something else a moment later.
 * @throws MurmurError ADDRESS_FORBIDDEN; SOURCE_UNAVAILABLE when the name is not known
 */
export async function pinAddress(
  url: string,
  guard: AddressGuard,
  lookup: Lookup = systemLookup,
): Promise<string> {
  const parsed = URL.parse(url)
  if (!parsed?.hostname) throw new MurmurError('ADDRESS_FORBIDDEN', 'the address of the source names no host')
  const host = plainName(decodeURIComponent(parsed.hostname))
  const addresses = await lookup(host, { all: true }).catch((cause: unknown) => {
    throw new MurmurError('SOURCE_UNAVAILABLE', `the name ${host} is not known: ${messageOf(cause)}`, {
      cause,
    })
  })
  const allowed = addresses.find(({ address }) => guard.allows(address, host))
  if (!allowed) throw forbiddenSource(addresses[0]?.address ?? host, host)
  parsed.hostname = isIP(allowed.address) === 6 ? `[${allowed.address}]` : allowed.address
  return parsed.href
}

/** Says also what would mend it: cameras are often where nothing else may be called. */
export function forbiddenSource(address: string, host: string): MurmurError {
  const via = address === host ? '' : ` (${host})`
  const message = `video from ${address}${via} is not allowed here; MURMUR_VIDEO_NETWORKS names the networks that are`
  return new MurmurError('ADDRESS_FORBIDDEN', message)
}
