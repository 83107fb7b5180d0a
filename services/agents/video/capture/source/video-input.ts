import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { type AddressGuard, createAddressGuard, plainName } from '#platform/http/address-guard.ts'
import type { VideoSource } from '#schemas/monitor-request.ts'
import type { AgentBlobs } from '#sdk/index.ts'
import { CAPTURE_LIMITS } from '../limits.ts'
import { createPrivateFolder } from '../program/private-folder.ts'
import { openHttpGateway } from './http-gateway.ts'
import { type InputSpec, inputArguments } from './input-arguments.ts'
import { forbiddenSource, pinAddress } from './pin-address.ts'
import { probeInput } from './probe-input.ts'
import { type SceneRenderer, startScene } from './scene-feed.ts'
import type { SourceFacts } from './source-facts.ts'
import { assertWithinLimits } from './source-fault.ts'

/** A source that was looked at and can be read now, once. */
export interface Opening {
  spec: InputSpec
  facts: SourceFacts
  /** What ffmpeg is fed with, where it does not read by itself. */
  feed?: (stdin: NodeJS.WritableStream) => void
  /** To be called when it has been read. */
  close(): Promise<void>
}

/** A source as capture uses it, opened again and again. */
export interface VideoInput {
  /** Whether it may come to life later: only then is a failure a reason to try again. */
  mayComeBack: boolean
  /** @throws MurmurError SOURCE_UNAVAILABLE, UNSUPPORTED_FORMAT, BROKEN_FILE, LIMIT_EXCEEDED, ADDRESS_FORBIDDEN */
  open(signal: AbortSignal): Promise<Opening>
  /** A better reason for the last failure than what ffmpeg knows. */
  takeFault(): MurmurError | undefined
  close(): Promise<void>
}

export interface InputDeps {
  ffmpeg: string
  version: number
  blobs: Pick<AgentBlobs, 'get'>
  networks: readonly string[]
  scenes?: SceneRenderer | undefined
}

/** @throws MurmurError as `open` does, when a look is not even needed; BLOB_NOT_FOUND, UNAVAILABLE for clips */
export async function prepareInput(source: VideoSource, deps: InputDeps): Promise<VideoInput> {
  switch (source.kind) {
    case 'file':
      return fileInput(await deps.blobs.get(source.blob, { maxBytes: CAPTURE_LIMITS.fileBytes }), deps)
    case 'url': {
      const guard = createAddressGuard({ allow: deps.networks, ports: 'any' })
      return /^rtsps?:/i.test(source.url)
        ? rtspInput(source.url, guard, deps)
        : httpInput(source.url, guard, deps)
    }
    case 'device':
      return probed({ kind: 'device', path: source.path }, deps)
    case 'scene':
      return sceneInput(source, deps)
  }
}

async function fileInput(bytes: Uint8Array, deps: InputDeps): Promise<VideoInput> {
  if (bytes.length === 0) throw new MurmurError('BROKEN_FILE', 'the file is empty')
  const folder = await createPrivateFolder()
  try {
    const path = join(folder.path, 'source')
    await writeFile(path, bytes, { mode: 0o600 })
    return { ...probed({ kind: 'file', path }, deps), mayComeBack: false, close: folder.remove }
  } catch (error) {
    await folder.remove()
    throw error
  }
}

/** The name is resolved again each time: cameras move. */
function rtspInput(url: string, guard: AddressGuard, deps: InputDeps): VideoInput {
  return probed(async () => ({ kind: 'rtsp', url: await pinAddress(url, guard) }), deps)
}

async function httpInput(url: string, guard: AddressGuard, deps: InputDeps): Promise<VideoInput> {
  const host = plainName(URL.parse(url)?.hostname ?? '')
  // Literals are refused at once, names when they are resolved.
  if (/^[\d.]+$|:/.test(host) && !guard.allows(host, host)) throw forbiddenSource(host, host)
  const gateway = await openHttpGateway(guard)
  const input = probed({ kind: 'http', url: gateway.wrap(url), proxy: gateway.proxy }, deps)
  return {
    ...input,
    async open(signal) {
      gateway.takeFault()
      return input.open(signal).catch((error: unknown) => {
        throw gateway.takeFault() ?? error
      })
    },
    takeFault: gateway.takeFault,
    close: gateway.close,
  }
}

function probed(spec: InputSpec | (() => Promise<InputSpec>), deps: InputDeps): VideoInput {
  return {
    mayComeBack: true,
    async open(signal) {
      const opened = typeof spec === 'function' ? await spec() : spec
      const args = inputArguments(opened, {
        isCamera: opened.kind !== 'file',
        paced: false,
        version: deps.version,
      })
      const facts = await probeInput(deps.ffmpeg, { kind: opened.kind, args }, signal)
      return { spec: opened, facts, close: async () => undefined }
    },
    takeFault: () => undefined,
    close: async () => undefined,
  }
}

function sceneInput(scene: { scenario: string; seed: number }, deps: InputDeps): VideoInput {
  const renderer = deps.scenes
  if (!renderer) throw new MurmurError('SOURCE_UNAVAILABLE', 'this instance renders no scenes')
  return {
    mayComeBack: false,
    async open(signal) {
      const { facts, feed, stop } = await startScene(renderer, scene, signal)
      assertWithinLimits(facts)
      return { spec: { kind: 'scene' }, facts, feed, close: stop }
    },
    takeFault: () => undefined,
    close: async () => undefined,
  }
}
