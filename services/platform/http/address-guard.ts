import { BlockList, isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { MurmurError } from '#platform/errors/murmur-error.ts'

export interface AddressPolicy {
  /** Addresses, CIDR ranges and host names that may be called although they are not public. */
  allow: readonly string[]
  ports: readonly number[] | 'any'
}

/** Says where a request may go. Asked about the URL before, and about the address again when it is connected. */
export interface AddressGuard {
  /**
   * A URL that may be called, as far as its text tells: a name still has to resolve to an allowed address.
   * @throws MurmurError ADDRESS_FORBIDDEN
   */
  parseUrl(text: string, base?: URL): URL
  /** Whether `address`, which `hostname` stands for, may be connected to. */
  allows(address: string, hostname: string): boolean
}

/** IPv4 that is not for everybody: IANA's special-purpose registry and one address that clouds answer on. */
const FORBIDDEN_V4: readonly [network: string, prefix: number, why: string][] = [
  ['0.0.0.0', 8, 'this network'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'shared by carriers (CGNAT)'],
  ['127.0.0.0', 8, 'loopback'],
  ['168.63.129.16', 32, 'Azure platform services'],
  ['169.254.0.0', 16, 'link-local, cloud metadata'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'protocol assignments'],
  ['192.0.2.0', 24, 'documentation'],
  ['192.88.99.0', 24, '6to4 relays'],
  ['192.168.0.0', 16, 'private'],
  ['198.18.0.0', 15, 'benchmarks'],
  ['198.51.100.0', 24, 'documentation'],
  ['203.0.113.0', 24, 'documentation'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved, broadcast'],
]

/** IPv6 outside 2000::/3 is not public: loopback, IPv4-compatible, NAT64, ULA, link-local and multicast are all there. */
const FORBIDDEN_V6: readonly [network: string, prefix: number, why: string][] = [
  ['::', 3, 'below the global range'],
  ['4000::', 2, 'above the global range'],
  ['8000::', 1, 'above the global range'],
  ['2001::', 23, 'protocol assignments, Teredo among them: an IPv4 address in disguise'],
  ['2001:db8::', 32, 'documentation'],
  ['2002::', 16, '6to4: an IPv4 address in disguise'],
  ['3fff::', 20, 'documentation'],
]

const PROTOCOLS: Record<string, number> = { 'http:': 80, 'https:': 443 }
const LOOPBACK = ['127.0.0.1', '::1']
/** One list a family: a BlockList takes IPv4 for IPv6 where a range of it covers `::ffff:0:0/96`, as `::/3` does. */
type AddressLists = Record<'ipv4' | 'ipv6', BlockList>
const forbidden = buildForbidden()

/** Only public addresses, and those of the policy. */
export function createAddressGuard(policy: AddressPolicy): AddressGuard {
  const { ranges, names } = buildAllowed(policy.allow)

  function allows(address: string, hostname: string): boolean {
    if (names.has(plainName(hostname))) return true
    const plain = plainAddress(address)
    if (!plain) return false
    return contains(ranges, plain) || !contains(forbidden, plain)
  }

  function parseUrl(text: string, base?: URL): URL {
    const url = URL.parse(text, base?.href)
    if (!url) throw new MurmurError('ADDRESS_FORBIDDEN', 'this is no URL that can be called')
    const defaultPort = PROTOCOLS[url.protocol]
    if (defaultPort === undefined) {
      throw new MurmurError('ADDRESS_FORBIDDEN', `only http and https can be called, not ${url.protocol}`)
    }
    if (url.username || url.password) {
      throw new MurmurError('ADDRESS_FORBIDDEN', 'a URL with a user or a password in it is refused')
    }
    const port = url.port ? Number(url.port) : defaultPort
    if (policy.ports !== 'any' && !policy.ports.includes(port)) {
      throw new MurmurError('ADDRESS_FORBIDDEN', `port ${port} of ${url.hostname} may not be called`)
    }
    // The URL parser has brought 2130706433, 0x7f.1, 0177.0.0.1 and 127.1 to one spelling by now.
    const host = plainName(url.hostname)
    const addresses = isIP(host) ? [host] : isLocalName(host) ? LOOPBACK : []
    if (addresses.length > 0 && !addresses.some((address) => allows(address, host))) {
      throw new ForbiddenAddressError(host, host)
    }
    return url
  }

  return { parseUrl, allows }
}

/** ADDRESS_FORBIDDEN, for an address that is not public; the message names it and the name that led there. */
export class ForbiddenAddressError extends MurmurError {
  readonly address: string

  constructor(address: string, hostname: string) {
    const via = plainName(hostname) === address ? '' : ` (${hostname})`
    super('ADDRESS_FORBIDDEN', `${address}${via} is not a public address`)
    this.address = address
  }
}

/** `[::1]` → `::1`, `Example.COM.` → `example.com`. */
export function plainName(hostname: string): string {
  return hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase()
}

interface PlainAddress {
  text: string
  family: 'ipv4' | 'ipv6'
}

/** IPv4 inside IPv6 (`::ffff:7f00:1`) counts as IPv4. Addresses with a zone (`fe80::1%eth0`) are never public. */
function plainAddress(text: string): PlainAddress | undefined {
  if (text.includes('%') || !isIP(text)) return undefined
  const address = ipaddr.process(text)
  return { text: address.toString(), family: address.kind() }
}

/** Not every resolver knows these names, and some search for `localhost` in the network's own domain. */
function isLocalName(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost')
}

function contains(lists: AddressLists, { text, family }: PlainAddress): boolean {
  return lists[family].check(text, family)
}

function emptyLists(): AddressLists {
  return { ipv4: new BlockList(), ipv6: new BlockList() }
}

function buildForbidden(): AddressLists {
  const lists = emptyLists()
  for (const [network, prefix] of FORBIDDEN_V4) lists.ipv4.addSubnet(network, prefix, 'ipv4')
  for (const [network, prefix] of FORBIDDEN_V6) lists.ipv6.addSubnet(network, prefix, 'ipv6')
  return lists
}

function buildAllowed(entries: readonly string[]): { ranges: AddressLists; names: Set<string> } {
  const ranges = emptyLists()
  const names = new Set<string>()
  for (const entry of entries) {
    if (entry.includes('/')) {
      const [network, prefix] = ipaddr.parseCIDR(entry)
      ranges[network.kind()].addSubnet(network.toString(), prefix, network.kind())
    } else {
      const plain = plainAddress(plainName(entry))
      if (plain) ranges[plain.family].addAddress(plain.text, plain.family)
      else names.add(plainName(entry))
    }
  }
  return { ranges, names }
}
