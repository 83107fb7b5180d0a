import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { DetectorInfo, ModelAnswer, OfferedModel } from '#schemas/detection.ts'
import { MODEL_FOR } from '#subjects/model-token.ts'
import { DETECTION } from '#subjects/operations.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { missingModelText } from '../models/missing-model.ts'
import type { ModelSource, ModelSources } from '../models/model-source.ts'
import type { Detector } from './detector.ts'
import type { DetectorHealth } from './detector-health.ts'

/** A model at work: it takes frames until it is stopped. */
export interface RunningModel {
  readonly info: DetectorInfo
  quiesce(): Promise<void>
  stop(): Promise<void>
}

export interface ModelServerDeps {
  sources: ModelSources
  instance: string
  /** Whether a model that is not here may be fetched. */
  mayPull: boolean
  /** Makes a model ready. @throws MurmurError MODEL_UNUSABLE */
  open: (file: string, source: ModelSource) => Promise<Detector>
  /** Lets it take frames: those of its model, and those that name none when `takesUnnamed`. */
  run: (
    detector: Detector,
    source: ModelSource,
    options: { takesUnnamed: boolean },
  ) => Promise<Omit<RunningModel, 'info'>>
  bus: Pick<Bus, 'serve' | 'serveSubject'>
  clock: Pick<Clock, 'monotonicMs'>
  log: Pick<Log, 'info' | 'warn'>
  /** Says that this detector is there, while it serves. */
  health?: Pick<DetectorHealth, 'start' | 'stop' | 'busyMs'> | undefined
}

/** How far a model is on this detector. */
interface Entry {
  readonly source: ModelSource
  state: 'idle' | 'preparing' | 'ready' | 'missing'
  note?: string | undefined
  code?: string | undefined
  /** When it last failed, on the monotonic clock. Milliseconds. */
  failedAtMs: number
  running?: RunningModel
  work: Promise<void>
}

/** Whoever asks again within this time is told why it failed; afterwards it is tried again. Milliseconds. */
const AGAIN_AFTER_MS = 5000

/**
 * The models of one detector. Each is made ready when a monitor first needs it: found, or fetched, then opened; from then on it
 * takes the frames that name it. Detectors with different models live side by side: who asks for a model by its name is answered
 * only by those that know it.
 */
export class ModelServer implements Component {
  readonly name = 'models'
  readonly #deps: ModelServerDeps
  readonly #entries: ReadonlyMap<string, Entry>
  readonly #stopping = new AbortController()
  #ends: (() => void)[] = []

  constructor(deps: ModelServerDeps) {
    this.#deps = deps
    this.#entries = new Map(
      [...deps.sources.byName].map(([name, source]) => [
        name,
        { source, state: 'idle', failedAtMs: Number.NEGATIVE_INFINITY, work: Promise.resolve() },
      ]),
    )
  }

  /** A model that somebody has chosen is opened at once: what is wrong with it shows at the start. @throws MurmurError MODEL_UNUSABLE */
  async start(): Promise<void> {
    const { bus, sources } = this.#deps
    const chosen = sources.chosen === undefined ? undefined : this.#entries.get(sources.chosen)
    if (chosen) {
      await this.#prepare(chosen)
      // What could not be fetched now may be later; a file that is no model never will be.
      if (chosen.code === 'MODEL_UNUSABLE') throw new MurmurError('MODEL_UNUSABLE', chosen.note ?? '')
    }
    const { queue } = DETECTION
    const answer = (name: string, find: () => Promise<string>) =>
      bus.serveSubject(SUBJECTS.detectionModel(name), async () => this.#want(await find()), { queue })
    this.#ends = [
      bus.serve('detectionInfo', () => this.#info()),
      bus.serve('detectionModels', async () => ({
        instance: this.#deps.instance,
        models: await this.offers(),
      })),
      answer(MODEL_FOR.real, sources.real),
      answer(MODEL_FOR.scene, sources.scene),
      ...[...this.#entries.keys()].map((name) => answer(name, async () => name)),
    ]
    this.#deps.health?.start()
  }

  async quiesce(): Promise<void> {
    this.#stopping.abort()
    for (const end of this.#ends) end()
    this.#deps.health?.stop()
    const entries = [...this.#entries.values()]
    await Promise.all(entries.map(({ work }) => work))
    await Promise.all(entries.map(({ running }) => running?.quiesce()))
  }

  async stop(): Promise<void> {
    await this.quiesce()
    await Promise.all([...this.#entries.values()].map(({ running }) => running?.stop()))
  }

  /** What there is, and what could be had. */
  async offers(): Promise<OfferedModel[]> {
    const { sources } = this.#deps
    const [real, scene] = await Promise.all([sources.real(), sources.scene()])
    return Promise.all(
      [...this.#entries].map(async ([name, entry]): Promise<OfferedModel> => {
        const { domain } = entry.source.manifest.card ?? {}
        return {
          name,
          state: await this.#stateOf(entry),
          takenFor: [
            ...(name === real ? (['real'] as const) : []),
            ...(name === scene ? (['scene'] as const) : []),
          ],
          ...(domain && { domain }),
          ...(entry.note !== undefined && { note: entry.note.slice(0, 1000) }),
        }
      }),
    )
  }

  /** For logs and those who discover services: `yolox-nano, starter`. */
  get readyNames(): string[] {
    return [...this.#entries].filter(([, { state }]) => state === 'ready').map(([name]) => name)
  }

  /** What runs the networks; `none` before the first. */
  get provider(): string {
    const [running] = [...this.#entries.values()].flatMap((entry) => entry.running ?? [])
    return running?.info.provider ?? 'none'
  }

  async #stateOf({ state, source }: Entry): Promise<OfferedModel['state']> {
    if (state !== 'idle') return state
    if (await source.locate().catch(() => undefined)) return 'here'
    return source.fetch && this.#deps.mayPull ? 'fetchable' : 'missing'
  }

  /** For captures of a release before, which know one model only. @throws MurmurError MODEL_MISSING when it is not ready */
  async #info(): Promise<DetectorInfo> {
    const { info, note } = this.#want(await this.#deps.sources.real())
    if (info) return info
    throw new MurmurError('MODEL_MISSING', note ?? 'no model is ready yet')
  }

  #want(name: string): ModelAnswer {
    const entry = this.#entries.get(name)!
    const sinceMs = this.#deps.clock.monotonicMs() - entry.failedAtMs
    if (entry.state === 'idle' || (entry.state === 'missing' && sinceMs > AGAIN_AFTER_MS))
      void this.#prepare(entry)
    const { state, note, code, running, source } = entry
    const { domain } = source.manifest.card ?? {}
    return {
      model: name,
      state: state === 'idle' ? 'preparing' : state,
      ...(note !== undefined && { note: note.slice(0, 1000) }),
      ...(code !== undefined && { code }),
      ...(running && { info: this.#told(running.info) }),
      ...(domain && { domain }),
    }
  }

  /** Who asks because nothing comes back is told whether the network does. */
  #told(info: DetectorInfo): DetectorInfo {
    const { instance, health } = this.#deps
    return { ...info, instance, ...(health && { busyMs: health.busyMs() }) }
  }

  #prepare(entry: Entry): Promise<void> {
    const { name } = entry.source.manifest
    entry.state = 'preparing'
    entry.note = `opening ${name}`
    entry.code = undefined
    entry.work = this.#open(entry).then(
      (running) => {
        entry.running = running
        entry.state = 'ready'
        entry.note = undefined
        this.#deps.log.info({ model: name, inputs: running.info.inputs }, 'a model looks at frames')
      },
      (error: unknown) => {
        const isUnusable = error instanceof MurmurError && error.code === 'MODEL_UNUSABLE'
        entry.state = 'missing'
        entry.code = isUnusable ? 'MODEL_UNUSABLE' : 'MODEL_MISSING'
        entry.note = isUnusable ? messageOf(error) : missingModelText(entry.source, messageOf(error))
        entry.failedAtMs = this.#deps.clock.monotonicMs()
        this.#deps.log.warn({ model: name, reason: messageOf(error) }, 'a model can not be had')
      },
    )
    return entry.work
  }

  async #open(entry: Entry): Promise<RunningModel> {
    const { source } = entry
    const { open, run, sources } = this.#deps
    const file = (await source.locate()) ?? (await this.#fetch(entry))
    entry.note = `opening ${source.manifest.name}`
    const detector = await open(file, source)
    const takesUnnamed = source.manifest.name === (await sources.real())
    const running = await run(detector, source, { takesUnnamed })
    return { info: detector.info, quiesce: () => running.quiesce(), stop: () => running.stop() }
  }

  async #fetch(entry: Entry): Promise<string> {
    const { source } = entry
    const { name } = source.manifest
    if (!source.fetch || !source.release) throw new MurmurError('UNAVAILABLE', 'it has no release to fetch')
    if (!this.#deps.mayPull)
      throw new MurmurError('UNAVAILABLE', 'MURMUR_MODEL_PULL=no forbids detectors to fetch it')
    const { url } = source.release
    entry.note = `fetching ${name} from ${new URL(url).host}`
    this.#deps.log.info({ model: name, url }, 'a model is fetched at its first use')
    const fetched = source.fetch({
      signal: this.#stopping.signal,
      onProgress: (bytes, of) => {
        entry.note = `fetching ${name}: ${Math.floor((bytes / of) * 100)} % of ${(of / 1024 ** 2).toFixed(1)} MiB`
      },
    })
    return fetched.catch((cause: unknown) => {
      // The page of a firewall, or half a file: the model itself is not to blame, and there are other ways to get it.
      throw new MurmurError('UNAVAILABLE', messageOf(cause), { cause })
    })
  }
}
