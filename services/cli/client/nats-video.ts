import type { Bus } from '#platform/nats/bus.ts'
import {
  type Alert,
  alertChangeCloudEventSchema,
  alertCloudEventSchema,
  type ChangeAlertRequest,
  type ListAlertsResponse,
} from '#schemas/alert.ts'
import { cameraStateSchema, tracksSchema } from '#schemas/camera.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import type {
  AlertListener,
  AlertQuery,
  CameraListener,
  CameraListening,
  VideoClient,
} from './murmur-client.ts'
import { listen } from './nats-listen.ts'

const REQUEST_TIMEOUT_MS = 5_000

/** Cameras, monitors and alerts over NATS. */
export class NatsVideo implements VideoClient {
  readonly #bus: Bus
  readonly #tenant: string

  constructor(bus: Bus, tenant: string) {
    this.#bus = bus
    this.#tenant = tenant
  }

  async listen(camera: string, { onTracks, onState, onAlert }: CameraListener): Promise<CameraListening> {
    const ends = [
      listen(this.#bus, SUBJECTS.tracks(camera), tracksSchema, onTracks),
      listen(this.#bus, SUBJECTS.cameraState(camera), cameraStateSchema, onState),
      listen(
        this.#bus,
        SUBJECTS.alertsOfCamera(camera),
        alertCloudEventSchema,
        onAlert &&
          (({ data }) => {
            if (data.tenant === this.#tenant) onAlert(data)
          }),
      ),
    ]
    await this.#bus.flush()
    return {
      begin: () => undefined,
      end: () => {
        for (const end of ends) end()
      },
    }
  }

  async onAlerts({ onRaised, onChanged }: AlertListener): Promise<() => void> {
    const ends = [
      listen(this.#bus, SUBJECTS.alertsAll, alertCloudEventSchema, ({ data }) => {
        if (data.tenant === this.#tenant) onRaised(data)
      }),
      listen(this.#bus, SUBJECTS.alertChangesAll, alertChangeCloudEventSchema, ({ data, change }) => {
        if (change !== 'snapshot' && data.tenant === this.#tenant) onChanged(data)
      }),
    ]
    await this.#bus.flush()
    return () => {
      for (const end of ends) end()
    }
  }

  async stop(taskId: string): Promise<void> {
    await this.#bus.request(SUBJECTS.monitorStop(taskId), {}, { timeoutMs: REQUEST_TIMEOUT_MS })
  }

  async alert(id: string): Promise<Alert> {
    return (await this.#bus.call('getAlert', { id }, { tenant: this.#tenant })).alert
  }

  alerts(request: AlertQuery): Promise<ListAlertsResponse> {
    return this.#bus.call('listAlerts', request, { tenant: this.#tenant })
  }

  async changeAlert(request: ChangeAlertRequest): Promise<Alert> {
    return (await this.#bus.call('changeAlert', request, { tenant: this.#tenant })).alert
  }
}
