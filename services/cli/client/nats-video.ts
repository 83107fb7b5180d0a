import type { Bus } from '#platform/nats/bus.ts'
import {
  type Alert,
  alertChangeCloudEventSchema,
  alertCloudEventSchema,
  type ChangeAlertRequest,
  changeAlertResponseSchema,
  getAlertResponseSchema,
  type ListAlertsResponse,
  listAlertsResponseSchema,
} from '#schemas/alert.ts'
import { cameraStateSchema } from '#schemas/camera.ts'
import { tracksSchema } from '#schemas/tracks.ts'
import { SERVICES, SUBJECTS, TENANT_SERVICES } from '#subjects/subjects.ts'
import type {
  AlertListener,
  AlertQuery,
  CameraListener,
  CameraListening,
  VideoClient,
} from './murmur-client.ts'
import { ask, listen } from './nats-calls.ts'

const ANSWER_WITHIN_MS = 5_000

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
    await this.#bus.request(SUBJECTS.monitorStop(taskId), {}, { timeoutMs: ANSWER_WITHIN_MS })
  }

  async alert(id: string): Promise<Alert> {
    return (await ask(this.#bus, this.#of(SERVICES.getAlert), { id }, getAlertResponseSchema)).alert
  }

  alerts(request: AlertQuery): Promise<ListAlertsResponse> {
    return ask(this.#bus, this.#of(SERVICES.listAlerts), request, listAlertsResponseSchema)
  }

  async changeAlert(request: ChangeAlertRequest): Promise<Alert> {
    return (await ask(this.#bus, this.#of(SERVICES.changeAlert), request, changeAlertResponseSchema)).alert
  }

  #of(service: string): string {
    return TENANT_SERVICES.of(this.#tenant, service)
  }
}
