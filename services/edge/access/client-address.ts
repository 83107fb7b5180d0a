import { BlockList, isIP } from 'node:net'

/** More hops than that stand in no header of an honest chain of proxies. */
const MAX_HOPS = 16

/** An address or a range, as `10.0.0.0/8`; no names: a proxy is trusted by where its connection comes from. */
export function isNetwork(entry: string): boolean {
  const [address = '', prefix, ...more] = entry.split('/')
  const bits = isIP(address) === 4 ? 32 : isIP(address) === 6 ? 128 : 0
  if (bits === 0 || more.length > 0 || address.includes('%')) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits)
}

/** `::ffff:10.0.0.1`, `[::1]:443`, `10.0.0.1:5000` as the address alone; undefined for what is none. Pure. */
export function plainAddress(text: string): string | undefined {
  const trimmed = text.trim()
  const bracketed = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(trimmed)?.[1]
  const withPort = /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/.exec(trimmed)?.[1]
  const bare = (bracketed ?? withPort ?? trimmed).toLowerCase()
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/.exec(bare)?.[1]
  const address = mapped ?? bare
  return isIP(address) === 0 || address.includes('%') ? undefined : address
}

/**
 * The proxies in front of an edge whose word is taken on where a request comes from: by the address of their connection, and by
 * nothing that they send.
 */
export class TrustedProxies {
  /** One list a family: a BlockList takes IPv4 for IPv6 where a range of it covers `::ffff:0:0/96`. */
  readonly #lists = { 4: new BlockList(), 6: new BlockList() }
  readonly #isEmpty: boolean

  /** @param networks addresses and ranges, see `isNetwork` */
  constructor(networks: readonly string[] = []) {
    this.#isEmpty = networks.length === 0
    for (const network of networks) {
      const [address = '', prefix] = network.split('/')
      const family = isIP(address) === 6 ? 6 : 4
      this.#lists[family].addSubnet(
        address,
        prefix === undefined ? (family === 6 ? 128 : 32) : Number(prefix),
        family === 6 ? 'ipv6' : 'ipv4',
      )
    }
  }

  /** @param address as `plainAddress` gives it */
  trusts(address: string): boolean {
    if (this.#isEmpty) return false
    const family = isIP(address)
    if (family === 0) return false
    return family === 6 ? this.#lists[6].check(address, 'ipv6') : this.#lists[4].check(address, 'ipv4')
  }

  /**
   * Where a request comes from: the address of its connection, or, where that is a trusted proxy's, the right-most address of
   * `X-Forwarded-For` that is none of a trusted proxy. What stands left of it was said by whoever has that address, and is not
   * believed; what is no address ends the walk.
   * @param peer of the connection, with or without its port
   * @returns `unknown` for a connection that is gone already
   */
  clientOf(peer: string | undefined, forwardedFor: string | readonly string[] | undefined): string {
    let client = plainAddress(peer ?? '') ?? 'unknown'
    if (!this.trusts(client) || forwardedFor === undefined) return client
    const hops = [forwardedFor].flat().join(',').split(',').slice(-MAX_HOPS)
    for (const hop of hops.toReversed()) {
      const address = plainAddress(hop)
      if (address === undefined) return client
      client = address
      if (!this.trusts(client)) return client
    }
    return client
  }
}
