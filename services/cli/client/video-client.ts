import type { z } from 'zod'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Bus } from '#platform/nats/bus.ts'
import {
  type Alert,
  type AlertChangeCloudEvent,
  type AlertCloudEvent,
  alertChangeCloudEventSchema,
  alertCloudEventSchema,
  type ChangeAlertRequest,
  changeAlertResponseSchema,
  type ListAlertsRequest,
  listAlertsResponseSchema,
} from '#schemas/alert.ts'
import { type CameraState, cameraStateSchema } from '#schemas/camera.ts'
import { type Tracks, tracksSchema } from '#schemas/tracks.ts'
import { SERVICES, SUBJECTS } from '#subjects/subjects.ts'

const ANSWER_WITHIN_MS = 5_000
const decoder = new TextDecoder()

/** What happens at a camera, as it happens. */
export interface CameraListener {
  onTracks?(tracks: Tracks): void
  onState?(state: CameraState): void
  onAlert?(event: AlertCloudEvent): void
}

/** Cameras, monitors and alerts as a command uses them: typed calls, every answer checked. */
export class VideoClient {
  readonly #bus: Bus

  constructor(bus: Bus) {
    this.#bus = bus
  }

  /** From now on; what is none of ours is passed over. @returns a function that ends it */
  listen(camera: string, listener: CameraListener): () => void {
    const ends = [
      this.#on(SUBJECTS.tracks(camera), tracksSchema, listener.onTracks),
      this.#on(SUBJECTS.cameraState(camera), cameraStateSchema, listener.onState),
      this.#on(SUBJECTS.alertsOfCamera(camera), alertCloudEventSchema, listener.onAlert),
    ]
    return () => {
      for (const end of ends) end()
    }
  }

  /** Alerts of all cameras, from now on. */
  onAlerts(onAlert: (event: AlertCloudEvent) => void): () => void {
    return this.#on(SUBJECTS.alertsAll, alertCloudEventSchema, onAlert)
  }

  /** What becomes of alerts of all cameras, from now on. */
  onAlertChanges(onChange: (event: AlertChangeCloudEvent) => void): () => void {
    return this.#on(SUBJECTS.alertChangesAll, alertChangeCloudEventSchema, onChange)
  }

  /** Asks the capture of a monitor to end in order. @throws MurmurError UNAVAILABLE when it is not captured now */
  async stop(taskId: string): Promise<void> {
    await this.#bus.request(SUBJECTS.monitorStop(taskId), {}, { timeoutMs: ANSWER_WITHIN_MS })
  }

  async alerts(request: ListAlertsRequest): Promise<Alert[]> {
    return (await this.#ask(SERVICES.listAlerts, request, listAlertsResponseSchema)).alerts
  }

  async changeAlert(request: ChangeAlertRequest): Promise<Alert> {
    return (await this.#ask(SERVICES.changeAlert, request, changeAlertResponseSchema)).alert
  }

  #on<Schema extends z.ZodType>(
    subject: string,
    schema: Schema,
    onMessage: ((value: z.infer<Schema>) => void) | undefined,
  ): () => void {
    if (!onMessage) return () => undefined
    return this.#bus.subscribe(subject, ({ data }) => {
      const parsed = schema.safeParse(parseOrUndefined(data))
      if (parsed.success) onMessage(parsed.data)
    })
  }

  async #ask<Schema extends z.ZodType>(
    subject: string,
    body: unknown,
    schema: Schema,
  ): Promise<z.infer<Schema>> {
    const answer = await this.#bus.request(subject, body, { timeoutMs: ANSWER_WITHIN_MS })
    const parsed = schema.safeParse(answer)
    if (parsed.success) return parsed.data
    throw new MurmurError('INTERNAL', `${subject} gave an answer of another form: ${parsed.error.message}`)
  }
}

function parseOrUndefined(data: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(data))
  } catch {
    // Anybody may publish there.
    return undefined
  }
}
