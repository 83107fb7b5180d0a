import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import { parseSourceAddress } from '#schemas/video-address.ts'
import { CliError } from '../cli-error.ts'

const THREAD = fileURLToPath(new URL('./onvif-thread.ts', import.meta.url))
/** What devices answer is some kilobytes: a thread that needs more is fed with something else. */
const MEMORY_MB = 128
/** Beyond its own time, for the thread to begin and to end. Milliseconds. */
const GRACE_MS = 15_000
/** Of a network, and of a device. */
const MAX_DEVICES = 1000
const MAX_PROFILES = 64

/** What the thread is to do. Times in milliseconds. */
export type OnvifOrder =
  | { kind: 'discover'; timeoutMs: number; device?: string | undefined }
  | {
      kind: 'describe'
      host: string
      port: number
      path: string
      isSecure: boolean
      user?: string | undefined
      password?: string | undefined
      timeoutMs: number
    }

/** A device that answered, as it says of itself. */
export interface OnvifDevice {
  name: string
  hardware: string
  location: string
  /** Where it was heard from. */
  host: string
  /** Of its service: what `profiles` is asked with. */
  address: string
}

/** One way in which a device gives its pictures. */
export interface OnvifProfile {
  name: string
  token: string
  codec: string | undefined
  width: number | undefined
  height: number | undefined
  fps: number | undefined
  /** Kilobits a second. */
  bitrate: number | undefined
  /** Without user and password. */
  url: string | undefined
  snapshotUrl: string | undefined
}

export interface OnvifDescription {
  manufacturer: string | undefined
  model: string | undefined
  firmware: string | undefined
  profiles: OnvifProfile[]
}

const word = z.coerce.string().max(500)
/** Whatever the XML was, a number or nothing. */
const figure = z.preprocess(
  (given) => (Number.isFinite(Number(given)) && given !== '' ? Number(given) : undefined),
  z.number().optional(),
)
const first = <Schema extends z.ZodType>(schema: Schema) => z.preprocess((given) => [given].flat()[0], schema)

const matchSchema = z.object({
  probeMatches: z.object({
    probeMatch: first(
      z.object({
        scopes: z.preprocess((given) => (typeof given === 'string' ? given : ''), z.string().max(10_000)),
        XAddrs: z.string().max(2000),
      }),
    ),
  }),
})
const uriSchema = z.object({ uri: z.string().max(2048).optional() }).catch({})
const profileSchema = z.object({
  $: z.object({ token: word.optional() }).optional(),
  token: word.optional(),
  name: word.optional(),
  videoEncoderConfiguration: first(
    z
      .object({
        encoding: word.optional(),
        resolution: z.object({ width: figure, height: figure }).optional(),
        rateControl: z.object({ frameRateLimit: figure, bitrateLimit: figure }).optional(),
      })
      .optional(),
  ),
})
const aboutSchema = z.object({
  manufacturer: word.optional(),
  model: word.optional(),
  firmwareVersion: word.optional(),
})

/**
 * The cameras that answer on the network of this machine, by WS-Discovery.
 * @param device the network interface that is asked on, where it is not the usual one
 * @throws CliError ONVIF_FAILED; the signal's reason
 */
export async function discoverDevices(
  about: { timeoutMs: number; device?: string | undefined },
  signal: AbortSignal,
): Promise<{ devices: OnvifDevice[]; unread: number }> {
  const devices = new Map<string, OnvifDevice>()
  let unread = 0
  await ask({ kind: 'discover', ...about }, signal, (message) => {
    const { device, from, ignored } = message as { device?: unknown; from?: string; ignored?: string }
    if (ignored !== undefined) unread++
    if (device === undefined || devices.size >= MAX_DEVICES) return
    const found = deviceOf(device, String(from))
    if (found) devices.set(found.address, found)
    else unread++
  }).catch((error: unknown) => {
    signal.throwIfAborted()
    // What was found before somebody answered what can't be read is found.
    if (devices.size === 0) throw error
    unread++
  })
  return { devices: [...devices.values()].sort((a, b) => (a.host < b.host ? -1 : 1)), unread }
}

/**
 * What a device says of itself, and how it gives its pictures.
 * @throws CliError ONVIF_FAILED; the signal's reason
 */
export async function describeDevice(
  about: Omit<Extract<OnvifOrder, { kind: 'describe' }>, 'kind'>,
  signal: AbortSignal,
): Promise<OnvifDescription> {
  const description: OnvifDescription = {
    manufacturer: undefined,
    model: undefined,
    firmware: undefined,
    profiles: [],
  }
  await ask({ kind: 'describe', ...about }, signal, (message) => {
    const given = message as { about?: unknown; profile?: unknown; stream?: unknown; snapshot?: unknown }
    const known = given.about === undefined ? undefined : aboutSchema.safeParse(given.about).data
    if (known) {
      description.manufacturer = known.manufacturer
      description.model = known.model
      description.firmware = known.firmwareVersion
    }
    if (given.profile === undefined || description.profiles.length >= MAX_PROFILES) return
    const profile = profileOf(given.profile, given.stream, given.snapshot)
    if (profile) description.profiles.push(profile)
  })
  return description
}

/** From what the library makes of an answer; undefined for one that is none. Pure. */
export function deviceOf(answer: unknown, from: string): OnvifDevice | undefined {
  const match = matchSchema.safeParse(answer).data?.probeMatches.probeMatch
  if (!match) return undefined
  const urls = match.XAddrs.split(/\s+/).flatMap((text) => URL.parse(text) ?? [])
  const reachable = urls.filter(({ protocol }) => protocol === 'http:' || protocol === 'https:')
  const address = reachable.find(({ hostname }) => hostname === from) ?? reachable[0]
  if (!address) return undefined
  const scope = (name: string) =>
    match.scopes
      .split(/\s+/)
      .filter((each) => each.startsWith(`onvif://www.onvif.org/${name}/`))
      .map((each) => decoded(each.slice(`onvif://www.onvif.org/${name}/`.length)))
      .join(', ')
      .slice(0, 200)
  return {
    name: scope('name'),
    hardware: scope('hardware'),
    location: scope('location'),
    host: from,
    address: address.href,
  }
}

function profileOf(answer: unknown, stream: unknown, snapshot: unknown): OnvifProfile | undefined {
  const profile = profileSchema.safeParse(answer).data
  if (!profile) return undefined
  const { encoding, resolution, rateControl } = profile.videoEncoderConfiguration ?? {}
  return {
    name: profile.name ?? '',
    token: profile.$?.token ?? profile.token ?? '',
    codec: encoding,
    width: resolution?.width,
    height: resolution?.height,
    fps: rateControl?.frameRateLimit,
    bitrate: rateControl?.bitrateLimit,
    url: withoutUser(uriSchema.parse(stream ?? {}).uri),
    snapshotUrl: withoutUser(uriSchema.parse(snapshot ?? {}).uri),
  }
}

/** Some devices put the user and the password that they were asked with into what they answer. */
function withoutUser(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const parsed = parseSourceAddress(text.trim())
  return 'url' in parsed ? parsed.url : undefined
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function ask(order: OnvifOrder, signal: AbortSignal, onMessage: (message: unknown) => void): Promise<void> {
  signal.throwIfAborted()
  const worker = new Worker(THREAD, {
    workerData: order,
    name: 'onvif',
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
  })
  return new Promise<void>((resolve, reject) => {
    const fail = (why: string) => reject(onvifFault(order, why))
    const timer = setTimeout(() => fail('it did not answer in time'), order.timeoutMs + GRACE_MS)
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    worker.on('message', (message: { end?: true; fault?: string }) => {
      if (message.fault !== undefined) fail(message.fault)
      else if (message.end) resolve()
      else onMessage(message)
    })
    worker.once('error', (error) => fail((error as Error).message))
    worker.once('exit', () => fail('its answer could not be read'))
    const over = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
    worker.once('exit', over)
  }).finally(() => worker.terminate())
}

function onvifFault(order: OnvifOrder, why: string): CliError {
  const plain = why.replaceAll(/\s+/g, ' ').slice(0, 300)
  if (order.kind === 'discover')
    return new CliError('ONVIF_FAILED', `cameras could not be looked for: ${plain}`, {
      fix: 'Name the network interface with --interface, or ask a camera itself: npx murmur onvif profiles ADDRESS.',
    })
  return new CliError('ONVIF_FAILED', `${order.host} could not be asked over ONVIF: ${plain}`, {
    fix: 'Check the address and the port, give the user of its ONVIF (--user), and switch ONVIF on in its settings.',
  })
}
