import type { AlertChangeCloudEvent, AlertCloudEvent } from '../../schemas/alert.ts'
import type { Tracks } from '../../schemas/camera.ts'
import type { Bus } from '../../services/platform/nats/bus.ts'
import { STREAMS } from '../../subjects/streams.ts'
import { SUBJECTS } from '../../subjects/subjects.ts'
import type { RaisedAlert, ToldIncident } from './judge.ts'

const decoder = new TextDecoder()
/** Longer than this without a frame is a gap. */
const GAP_MS = 1500

/** What the product says of its cameras while it runs. */
export class ProductWatch {
  readonly #messages: (AlertCloudEvent | AlertChangeCloudEvent)[] = []
  /** When a frame was captured that was followed last, by camera. Unix milliseconds. */
  readonly #followed = new Map<string, number>()
  readonly #gaps: { camera: string; fromMs: number; toMs: number }[] = []
  readonly #ends: (() => void)[] = []

  constructor(bus: Bus, cameras: readonly string[]) {
    for (const camera of cameras)
      this.#ends.push(
        bus.subscribe(SUBJECTS.tracks('default', camera), ({ data }) => {
          const { capturedAtMs } = JSON.parse(decoder.decode(data)) as Tracks
          const lastMs = this.#followed.get(camera) ?? capturedAtMs
          if (capturedAtMs - lastMs > GAP_MS) this.#gaps.push({ camera, fromMs: lastMs, toMs: capturedAtMs })
          this.#followed.set(camera, Math.max(capturedAtMs, lastMs))
        }),
      )
    // What is kept: whoever only listens may hear one twice whose storing was not confirmed, under the same id.
    for (const filterSubject of [SUBJECTS.alertsAll, SUBJECTS.alertChangesAll]) {
      const log = bus.consumers.readLog({
        stream: STREAMS.alerts.name,
        filterSubject,
        fromSeq: 1,
        onMessage: ({ data }) => this.#messages.push(JSON.parse(decoder.decode(data))),
      })
      this.#ends.push(() => log.stop())
    }
  }

  /** The newest frame of a camera that was followed; 0 while there is none. Unix milliseconds. */
  followedAtMs(camera: string): number {
    return this.#followed.get(camera) ?? 0
  }

  /** Without a frame that was followed: a fault, or a machine that has too much to do. */
  get gaps(): readonly { camera: string; fromMs: number; toMs: number }[] {
    return this.#gaps
  }

  /** What happened, without what begins and ends. */
  alerts(): RaisedAlert[] {
    return this.#raised()
      .filter(({ incident }) => incident === undefined)
      .map(({ id, camera, rule, atMs, subject }) => ({ id, camera, rule: rule.id, atMs, subject }))
  }

  incidents(): ToldIncident[] {
    const changes = this.#messages.filter((one): one is AlertChangeCloudEvent => 'change' in one)
    return this.#raised()
      .filter(({ incident }) => incident !== undefined)
      .map(({ id, camera, atMs, incident, rule }) => ({
        ...{ id, camera, kind: rule.kind, sinceMs: incident?.sinceMs ?? atMs },
        changes: changes.filter(({ data }) => data.id === id).map(({ change }) => change),
      }))
  }

  stop(): void {
    for (const end of this.#ends) end()
  }

  #raised() {
    return this.#messages.filter((one) => !('change' in one)).map(({ data }) => data)
  }
}
