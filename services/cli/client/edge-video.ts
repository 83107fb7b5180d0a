import { z } from 'zod'
import type { Clock } from '#platform/clock/clock.ts'
import {
  ALERT_CHANGES,
  type Alert,
  alertSchema,
  type ChangeAlertRequest,
  changeAlertResponseSchema,
  getAlertResponseSchema,
  type ListAlertsResponse,
  listAlertsResponseSchema,
} from '#schemas/alert.ts'
import { cameraStateSchema, tracksSchema } from '#schemas/camera.ts'
import type { EdgeHttp } from './edge-http.ts'
import { dataOf, resumedEvents } from './edge-watch.ts'
import type {
  AlertListener,
  AlertQuery,
  CameraListener,
  CameraListening,
  VideoClient,
} from './murmur-client.ts'

const STREAM = '/v1/alerts/events'
const raisedSchema = z.object({ alert: alertSchema })
const changedSchema = z.object({ change: z.enum(ALERT_CHANGES), alert: alertSchema })
const acceptedSchema = z.object({ accepted: z.literal(true) })
const VERBS = { acknowledged: 'acknowledge', resolved: 'resolve' } as const

/** Cameras, monitors and alerts over the edge. */
export class EdgeVideo implements VideoClient {
  readonly #http: EdgeHttp
  readonly #clock: Clock

  constructor(http: EdgeHttp, clock: Clock) {
    this.#http = http
    this.#clock = clock
  }

  async listen(camera: string, listener: CameraListener): Promise<CameraListening> {
    const alerts = { onRaised: (alert: Alert) => listener.onAlert?.(alert), onChanged: () => undefined }
    const over = new AbortController()
    // What is not heard live does not end what is shown beside it: the summary has all of it.
    const endAlerts = await this.#follow({ camera }, alerts, () => undefined)
    return {
      begin: (monitor) => void this.#watchMonitor(monitor, listener, over.signal).catch(() => undefined),
      end: () => {
        over.abort()
        endAlerts()
      },
    }
  }

  onAlerts(listener: AlertListener, onFault: (error: unknown) => void): Promise<() => void> {
    return this.#follow({}, listener, onFault)
  }

  async stop(taskId: string): Promise<void> {
    const path = `/v1/monitors/${encodeURIComponent(taskId)}/stop`
    await this.#http.call(path, acceptedSchema, { method: 'POST', json: {} })
  }

  async alert(id: string): Promise<Alert> {
    return (await this.#http.call(`/v1/alerts/${encodeURIComponent(id)}`, getAlertResponseSchema)).alert
  }

  alerts({ sinceMs, ...same }: AlertQuery): Promise<ListAlertsResponse> {
    return this.#http.call('/v1/alerts', listAlertsResponseSchema, { query: { ...same, since: sinceMs } })
  }

  async changeAlert({ id, status, ...about }: ChangeAlertRequest): Promise<Alert> {
    const path = `/v1/alerts/${encodeURIComponent(id)}/${VERBS[status]}`
    return (await this.#http.call(path, changeAlertResponseSchema, { method: 'POST', json: about })).alert
  }

  async #watchMonitor(
    monitor: string,
    { onTracks, onState }: CameraListener,
    signal: AbortSignal,
  ): Promise<void> {
    const path = `/v1/monitors/${encodeURIComponent(monitor)}/events`
    for await (const message of resumedEvents(this.#http, path, { clock: this.#clock, signal })) {
      if (message === 'comment') continue
      if (message.event === 'end') return
      if (message.event === 'tracks') onTracks?.(dataOf(message, tracksSchema))
      else if (message.event === 'state') onState?.(dataOf(message, cameraStateSchema))
    }
  }

  /** Resolves when the stream is open. @throws MurmurError when it can't be opened */
  #follow(
    query: Record<string, string>,
    listener: AlertListener,
    onFault: (error: unknown) => void,
  ): Promise<() => void> {
    const over = new AbortController()
    const { promise, resolve, reject } = Promise.withResolvers<() => void>()
    let isOpen = false
    const onOpen = () => {
      isOpen = true
      resolve(() => over.abort())
    }
    const read = async () => {
      const options = { clock: this.#clock, signal: over.signal, query, onOpen }
      for await (const message of resumedEvents(this.#http, STREAM, options)) {
        if (message === 'comment') continue
        if (message.event === 'alert') listener.onRaised(dataOf(message, raisedSchema).alert)
        else if (message.event === 'change') {
          const { change, alert } = dataOf(message, changedSchema)
          if (change !== 'snapshot') listener.onChanged(alert)
        }
      }
    }
    read().catch((error: unknown) => {
      if (isOpen) onFault(error)
      else reject(error)
    })
    return promise
  }
}
