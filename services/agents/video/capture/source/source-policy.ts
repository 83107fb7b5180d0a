import { isIP, type Socket } from 'node:net'
import type { buildConnector } from 'undici'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { type AddressGuard, createAddressGuard, plainName } from '#platform/http/address-guard.ts'
import { createGuardedConnector, type ResolveAll } from '#platform/http/guarded-connector.ts'
import { DEFAULT_TENANT } from '#schemas/identifiers.ts'
import { CAPTURE_LIMITS } from '../limits.ts'
import type { VideoConfig } from '../video-config.ts'
import { nameLookup } from './name-lookup.ts'
import { forbiddenPort, forbiddenSource } from './source-fault.ts'

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  'rtsp:': 554,
  'rtsps:': 322,
  'http:': 80,
  'https:': 443,
}
/** Where cameras and servers of video listen, unless an operator allows others. */
const USUAL_PORTS: ReadonlySet<number> = new Set([80, 443, 322, 554, 8080, 8443, 8554])

/** Where video of one tenant may come from. Asked at each connection, never before alone. */
export interface SourcePolicy {
  guard: AddressGuard
  /** @throws MurmurError ADDRESS_FORBIDDEN for what its text rules out: scheme, port, an address itself */
  assertUrl(url: URL): void
  /**
   * Connects, with TLS for `rtsps:`. The name is resolved here, and what is connected is what was checked.
   * @throws MurmurError ADDRESS_FORBIDDEN; Error when there is no connection
   */
  connect(url: URL): Promise<Socket>
  /** Opens what `connect` gives, for clients of HTTP. */
  connector: buildConnector.connector
}

/** What the operator allows a tenant. Pure. */
export function sourcePolicy(
  { networks, ports }: Pick<VideoConfig, 'networks' | 'ports'>,
  tenant: string = DEFAULT_TENANT,
  resolve: ResolveAll = nameLookup,
): SourcePolicy {
  const own = <Entry extends { tenant: string; entry: string }>(entries: readonly Entry[]) =>
    entries.filter((each) => each.tenant === '*' || each.tenant === tenant).map(({ entry }) => entry)
  const guard = createAddressGuard({ allow: own(networks), ports: 'any' })
  const further = new Set(own(ports))
  const [plain, secure] = [CAPTURE_LIMITS.connectMs, CAPTURE_LIMITS.connectTlsMs].map((connectTimeoutMs) =>
    createGuardedConnector(guard, { connectTimeoutMs, resolve }),
  )
  const connector: buildConnector.connector = (target, callback) =>
    (target.protocol === 'https:' ? secure! : plain!)(target, callback)

  function assertUrl(url: URL): void {
    const port = portOf(url)
    if (port === undefined)
      throw new MurmurError(
        'ADDRESS_FORBIDDEN',
        'video comes from rtsp, rtsps, http and https addresses only',
      )
    if (!USUAL_PORTS.has(port) && !further.has('*') && !further.has(String(port))) throw forbiddenPort(port)
    const host = hostOf(url)
    if (isIP(host) && !guard.allows(host, host)) throw forbiddenSource(host, host)
  }

  async function connect(url: URL): Promise<Socket> {
    assertUrl(url)
    const host = hostOf(url)
    return new Promise((resolve, reject) => {
      const target = {
        hostname: host,
        protocol: url.protocol === 'rtsps:' ? 'https:' : 'http:',
        port: String(portOf(url)),
        ...(isIP(host) === 0 && { servername: host }),
      }
      connector(target, (...[error, socket]) => (error ? reject(error) : resolve(socket)))
    })
  }

  return { guard, assertUrl, connect, connector }
}

/** `[::1]` without its brackets; a number that stands for an address is a name here, which no resolver knows. */
export function hostOf(url: URL): string {
  return plainName(decodeURIComponent(url.hostname))
}

/** Undefined for schemes that are not read. Pure. */
export function portOf({ protocol, port }: URL): number | undefined {
  const usual = DEFAULT_PORTS[protocol]
  return usual === undefined || port === '' ? usual : Number(port)
}
