import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { buildConnector } from 'undici'
import { type AddressGuard, ForbiddenAddressError, plainName } from './address-guard.ts'

/** Gives all addresses of a name. */
export type ResolveAll = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

export interface ConnectorOptions {
  connectTimeoutMs: number
  /** The system's resolver by default. */
  resolve?: ResolveAll
}

/**
 * Opens connections to allowed addresses only. Names are resolved here and what is connected is what was checked, so
 * a name that changes its address in between (DNS rebinding) gains nothing. Literals never reach a lookup: they are
 * checked by themselves. The socket's own idea of where it is has the last word.
 */
export function createGuardedConnector(
  guard: AddressGuard,
  options: ConnectorOptions,
): buildConnector.connector {
  const connect = buildConnector({
    timeout: options.connectTimeoutMs,
    lookup: guardedLookup(guard, options.resolve ?? systemLookup),
    allowH2: false,
  })
  return (target, callback) => {
    const host = plainName(target.hostname)
    if (isIP(host) && !guard.allows(host, host)) return callback(new ForbiddenAddressError(host, host), null)
    connect(target, (...result) => {
      const [error, socket] = result
      if (error) return callback(error, null)
      const address = socket.remoteAddress ?? 'a socket without an address'
      if (guard.allows(address, target.hostname)) return callback(null, socket)
      socket.destroy()
      callback(new ForbiddenAddressError(address, target.hostname), null)
    })
  }
}

/** A lookup that leaves out what may not be connected to. */
function guardedLookup(guard: AddressGuard, resolve: ResolveAll): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, [])
      const allowed = addresses.filter(({ address }) => guard.allows(address, hostname))
      const [first] = allowed
      if (!first)
        return callback(new ForbiddenAddressError(addresses[0]?.address ?? 'no address', hostname), [])
      if (options.all) callback(null, allowed)
      else callback(null, first.address, first.family)
    })
  }
}
