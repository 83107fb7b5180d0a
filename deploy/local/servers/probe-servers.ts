import { createConnection } from 'node:net'

const REQUEST_TIMEOUT_MS = 2_000

export interface Address {
  host: string
  port: number
}

/** Host and port of a server's URL; the port of the protocol when it names none. */
export function addressOf(url: string, defaultPort: number): Address {
  const { hostname, port } = new URL(url)
  return { host: hostname, port: Number(port) || defaultPort }
}

export interface Credentials {
  user: string
  password: string
}

/** User and password of a URL; undefined where it has none. */
export function credentialsIn(url: string): Credentials | undefined {
  const { username, password } = new URL(url)
  if (username === '' && password === '') return undefined
  return { user: decodeURIComponent(username) || 'default', password: decodeURIComponent(password) }
}

/** What NATS says of itself to everyone who connects; nothing when no NATS answers. */
export async function probeNats(address: Address): Promise<{ name: string; version: string } | undefined> {
  const line = await exchange(address, '', (text) => text.includes('\r\n'))
  const info = /^INFO (\{.*\})\s*\r\n/.exec(line)?.[1]
  if (info === undefined) return undefined
  const { server_name: name, version } = JSON.parse(info) as { server_name?: string; version?: string }
  return name !== undefined && version !== undefined ? { name, version } : undefined
}

/** What Redis says of itself; nothing when none answers, or while it loads its data. */
export async function probeRedis(
  address: Address,
  credentials?: Credentials,
): Promise<{ pid: number; version: string } | undefined> {
  const info = await redisInfo(address, 'server', credentials)
  const version = info?.get('valkey_version') ?? info?.get('redis_version')
  return version === undefined ? undefined : { pid: Number(info?.get('process_id')), version }
}

/** One section of what INFO tells; nothing when nobody answers, while the data is loaded, or when asking is not allowed. */
export async function redisInfo(
  address: Address,
  section: 'server' | 'stats' | 'memory' | 'persistence' | 'keyspace',
  credentials?: Credentials,
): Promise<Map<string, string> | undefined> {
  const login = credentials ? `AUTH ${credentials.user} ${credentials.password}\r\n` : ''
  // An error ends the talk. INFO alone also answers while the data is loaded: what is loaded is asked for by PING.
  const isWhole = (text: string) => /(^|\n)-/.test(text) || isWholeBulk(text)
  const reply = await exchange(address, `${login}PING\r\nINFO ${section}\r\n`, isWhole)
  if (!/^(\+OK\r\n)?\+PONG/.test(reply) || !isWholeBulk(reply)) return undefined
  return new Map([...reply.matchAll(/^(\w+):(.*?)\r?$/gm)].map(([, name, value]) => [name!, value!] as const))
}

function isWholeBulk(text: string): boolean {
  const head = /(?:^|\n)\$(\d+)\r\n/.exec(text)
  return head !== null && text.length >= head.index + head[0].length + Number(head[1]) + 2
}

/** Sends a question and reads until the answer is whole; nothing when nobody listens. */
async function exchange(
  address: Address,
  question: string,
  isWhole: (text: string) => boolean,
): Promise<string> {
  const socket = createConnection(address)
  socket.setEncoding('utf8')
  socket.setTimeout(REQUEST_TIMEOUT_MS, () => socket.destroy())
  let text = ''
  socket.on('data', (chunk: string) => {
    text += chunk
    if (isWhole(text)) socket.destroy()
  })
  // Refused and reset are ordinary answers of a server that isn't up: "not there (yet)".
  socket.on('error', () => socket.destroy())
  socket.on('connect', () => socket.write(question))
  await new Promise<void>((resolve) => socket.once('close', () => resolve()))
  return text
}
