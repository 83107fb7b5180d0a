/** One server, as a client reaches it. */
export interface HostPort {
  readonly host: string
  readonly port: number
}

interface Reached {
  /** TLS, also to sentinels. */
  readonly tls: boolean
  /** Of the servers that hold data; what sentinels are told is another matter. */
  readonly user?: string
  readonly password?: string
}

/** Where Redis is, and how the server is found that takes writes. */
export type RedisAddress =
  /** One server, or any node of a cluster: it says itself what it is. */
  | (Reached & { readonly kind: 'server'; readonly url: string; readonly nodes: readonly [HostPort] })
  /** Sentinels, which are asked for the master of this name. */
  | (Reached & {
      readonly kind: 'sentinel'
      readonly nodes: readonly HostPort[]
      readonly master: string
      readonly db: number
    })
  /** Some nodes of a cluster: the others are learnt from them. */
  | (Reached & { readonly kind: 'cluster'; readonly nodes: readonly HostPort[] })

const REDIS_PORT = 6379
const SENTINEL_PORT = 26_379
/** More are of no use: any one of them tells of all others. */
const MAX_NODES = 16
const FORM = /^(rediss?)\+(sentinel|cluster):\/\/(?:([^@/]*)@)?([^/?#@]+)(?:\/([^?#]*))?$/
/** As Redis takes it in its configuration. */
const MASTER = /^[A-Za-z0-9._-]{1,128}$/

export const REDIS_URL_FORMS =
  'must be redis://HOST:PORT, redis+sentinel://HOST:PORT,HOST:PORT/MASTER or redis+cluster://HOST:PORT,HOST:PORT, or the same with rediss for TLS'

/**
 * Reads where Redis is: `redis://…` for one server or a node of a cluster, `redis+sentinel://h:26379,h2:26379/master[/db]`,
 * `redis+cluster://h:6379,h2:6379`; with `rediss` for TLS. User and password stand before the first host, percent-encoded. Pure.
 * @returns undefined for anything else
 */
export function parseRedisUrl(text: string): RedisAddress | undefined {
  const form = FORM.exec(text)
  if (!form) return parseServer(text)
  const [, scheme, kind, userinfo = '', hosts = '', path = ''] = form
  const tls = scheme === 'rediss'
  const nodes = hosts
    .split(',')
    .map((host) => hostPort(host, kind === 'sentinel' ? SENTINEL_PORT : REDIS_PORT))
  const who = credentials(userinfo)
  if (!who || nodes.length > MAX_NODES || !nodes.every((node) => node !== undefined)) return undefined
  if (kind === 'cluster') return path === '' ? { kind, tls, ...who, nodes } : undefined
  const [master = '', db = '0', ...more] = path.split('/')
  if (!MASTER.test(master) || !/^\d{1,4}$/.test(db) || more.length > 0) return undefined
  return { kind: 'sentinel', tls, ...who, nodes, master, db: Number(db) }
}

function parseServer(text: string): RedisAddress | undefined {
  if (!URL.canParse(text)) return undefined
  const { protocol, hostname, port, username, password } = new URL(text)
  if (hostname === '' || (protocol !== 'redis:' && protocol !== 'rediss:')) return undefined
  const who = credentials(password === '' ? username : `${username}:${password}`)
  if (!who) return undefined
  const node = { host: withoutBrackets(hostname), port: Number(port) || REDIS_PORT }
  return { kind: 'server', tls: protocol === 'rediss:', ...who, url: text, nodes: [node] }
}

function hostPort(text: string, defaultPort: number): HostPort | undefined {
  const url = `redis://${text.trim()}`
  if (!URL.canParse(url)) return undefined
  const { hostname, port } = new URL(url)
  return hostname === '' ? undefined : { host: withoutBrackets(hostname), port: Number(port) || defaultPort }
}

/** `user:password`, `:password` or nothing; undefined when it is not percent-encoded as it should be. */
function credentials(userinfo: string): { user?: string; password?: string } | undefined {
  const at = userinfo.indexOf(':')
  const [user, password] = at < 0 ? [userinfo, ''] : [userinfo.slice(0, at), userinfo.slice(at + 1)]
  try {
    return {
      ...(user !== '' && { user: decodeURIComponent(user) }),
      ...(password !== '' && { password: decodeURIComponent(password) }),
    }
  } catch {
    return undefined
  }
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1')
}
