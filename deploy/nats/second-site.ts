import { parseArgs } from 'node:util'
import { loadNatsSecurity } from '#platform/config/connections.ts'
import { Bus } from '#platform/nats/bus.ts'
import type { MirrorState } from '#platform/nats/stream-mirrors.ts'
import { PLATFORM_ACCOUNT } from '#subjects/accounts.ts'
import { mirroredStreams } from '#subjects/backup-streams.ts'
import { api } from '#subjects/jetstream-api.ts'
import { STREAMS } from '#subjects/streams.ts'

/**
 * A second site that follows the first one and can take its place (docs/operations.md):
 *
 *   node deploy/nats/second-site.ts config --first east --second west
 *   node deploy/nats/second-site.ts start --first east --second west --from URL --at URL
 *   node deploy/nats/second-site.ts status --at URL
 *   node deploy/nats/second-site.ts promote --at URL
 */

/** Heard within this time, the first site is there. Milliseconds: mirrors give a sign of life every second. */
const HEARD_MS = 10_000
const NAME = /^[A-Za-z0-9_-]{1,32}$/

/** What subjects begin with on which messages come to a site. */
export const deliverPrefix = (site: string) => `mirror.${site}`

/**
 * What NATS of both sites needs beside the rest of its configuration: the user of the link, which may do nothing but have the streams
 * sent to it, in the account of the platform of the first site; the link itself at the second. Pure.
 */
export function siteConfig({ first, second }: { first: string; second: string }): {
  user: string
  first: string
  second: string
} {
  const create = mirroredStreams().map(
    (stream) => `"${api(`CONSUMER.CREATE.${stream}`).replace('$JS', `$JS.${first}`)}"`,
  )
  return {
    user: `{ user: "second-site", password: $NATS_PASSWORD_SECOND_SITE, permissions: {
  publish: { allow: [${create.join(', ')}, "$JS.FC.>"] }
  subscribe: { allow: ["${deliverPrefix(second)}.>", "$JSC.R.*"] }
} }`,
    first: `# in the block jetstream { … }: domain: ${first}
leafnodes { listen: "0.0.0.0:7422" }`,
    second: `# in the block jetstream { … }: domain: ${second}
leafnodes { remotes: [{ url: "nats-leaf://second-site:PASSWORD@FIRST:7422", account: ${PLATFORM_ACCOUNT} }] }`,
  }
}

/**
 * Makes mirrors of all that the first site has.
 * @param about.replicas copies of each; undefined: as many as it has there
 * @throws MurmurError STREAM_MISMATCH, UNAVAILABLE
 */
export async function startMirrors(
  from: Pick<Bus, 'mirrors'>,
  at: Pick<Bus, 'mirrors'>,
  about: { first: string; second: string; replicas?: number | undefined },
): Promise<string[]> {
  const described = await Promise.all(mirroredStreams().map((stream) => from.mirrors.describe(stream)))
  const there = described.filter((stream) => stream !== undefined)
  const { first: domain, second, replicas } = about
  const deliver = deliverPrefix(second)
  await Promise.all(there.map((stream) => at.mirrors.follow(stream, { domain, deliver, replicas })))
  return there.map(({ name }) => name)
}

/** How far each is; those that are not there are left out. @throws MurmurError UNAVAILABLE */
export async function mirrorStates(at: Pick<Bus, 'mirrors'>): Promise<MirrorState[]> {
  const states = await Promise.all(mirroredStreams().map((stream) => at.mirrors.state(stream)))
  return states.filter((state) => state !== undefined)
}

/**
 * Makes the mirrors streams of their own. @throws Error while the first site is heard, unless it is meant; MurmurError UNAVAILABLE
 * @param isPlanned the first site has been stopped in order, and its NATS still runs
 */
export async function promoteMirrors(
  at: Pick<Bus, 'mirrors'>,
  { isPlanned }: { isPlanned: boolean },
): Promise<MirrorState[]> {
  const before = await mirrorStates(at)
  const heard = before.filter(({ heardMs }) => heardMs !== undefined && heardMs < HEARD_MS)
  const behind = before.filter(({ lag = 0 }) => lag > 0)
  if (!isPlanned && heard.length > 0)
    throw new Error(
      `the first site is there (${heard.map(({ stream }) => stream).join(', ')}): two sites that both take tasks can't be brought together again. Stop its orchestrators and edges, and add --planned; or wait ${HEARD_MS / 1000} s after it was lost`,
    )
  if (isPlanned && behind.length > 0)
    throw new Error(
      `not all has come: ${behind.map(({ stream, lag }) => `${stream} lacks ${lag}`).join(', ')}; stop what writes at the first site, and wait`,
    )
  // The log last: what it points at, and what says how to go on, is there when orchestrators find it.
  const [log, others] = [
    before.filter(({ stream }) => stream === STREAMS.log.name),
    before.filter(({ stream }) => stream !== STREAMS.log.name),
  ]
  await Promise.all(others.map(({ stream }) => at.mirrors.promote(stream)))
  await Promise.all(log.map(({ stream }) => at.mirrors.promote(stream)))
  return before
}

async function main(argv: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      first: { type: 'string' },
      second: { type: 'string' },
      from: { type: 'string' },
      at: { type: 'string' },
      replicas: { type: 'string' },
      planned: { type: 'boolean', default: false },
    },
  })
  const [command] = positionals
  const { first, second, from, at } = values
  if (command === 'config') {
    const { user, ...sites } = siteConfig({ first: site(first, 'first'), second: site(second, 'second') })
    print(
      `# The first site: a user of the account ${PLATFORM_ACCOUNT}, and beside the rest\n${user}\n${sites.first}\n`,
    )
    print(`# The second site\n${sites.second}`)
    return
  }
  const there = await connect(at, 'at')
  try {
    if (command === 'start') {
      const about = { first: site(first, 'first'), second: site(second, 'second') }
      const source = await connect(from, 'from')
      const replicas = values.replicas === undefined ? undefined : copies(values.replicas)
      const names = await startMirrors(source, there, { ...about, replicas }).finally(() => source.close())
      print(`follows: ${names.join(', ')}`)
    } else if (command === 'status') printStates(await mirrorStates(there))
    else if (command === 'promote') {
      printStates(await promoteMirrors(there, { isPlanned: values.planned }))
      print(
        'These are streams of their own now: start orchestrators with an empty Redis, then agents and edges.',
      )
    } else throw new TypeError('one of: config, start, status, promote')
  } finally {
    await there.close()
  }
}

function connect(url: string | undefined, option: string): Promise<Bus> {
  if (url === undefined) throw new TypeError(`--${option} URL is needed`)
  return Bus.connect({ url, name: 'murmur second site', security: loadNatsSecurity() })
}

function copies(text: string): number {
  if (!/^[1-5]$/.test(text)) throw new TypeError('--replicas is a number from 1 to 5')
  return Number(text)
}

function site(name: string | undefined, option: string): string {
  if (name === undefined || !NAME.test(name))
    throw new TypeError(`--${option} is the name of a JetStream domain: letters, digits, _ and -`)
  return name
}

function printStates(states: readonly MirrorState[]): void {
  for (const { stream, isMirror, messages, lag, heardMs } of states)
    print(
      `${stream.padEnd(18)} ${String(messages).padStart(10)} messages  ${isMirror ? `lacks ${lag ?? '?'}, heard ${heardMs === undefined ? 'never' : `${heardMs} ms ago`}` : 'no mirror'}`,
    )
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

if (import.meta.main) await main(process.argv.slice(2))
