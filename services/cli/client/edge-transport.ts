import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { BlobReading } from '#platform/nats/blob-store.ts'
import type { KeptUpload } from '#platform/nats/counted-upload.ts'
import type { FoundClip } from '#platform/nats/read-clip.ts'
import { ChunkOrder } from '#platform/tasks/chunk-order.ts'
import type { WatchItem } from '#platform/tasks/watch-task.ts'
import { ALERT_CHANGES, type Alert, alertSchema } from '#schemas/alert.ts'
import { type BlobRef, blobRefSchema } from '#schemas/blob.ts'
import { cameraStateSchema, type FrameMarks, tracksSchema } from '#schemas/camera.ts'
import { LIMITS } from '#schemas/limits.ts'
import { watchedChunksSchema } from '#schemas/step-chunks.ts'
import { taskEventSchema } from '#schemas/task-event.ts'
import { getTaskResponseSchema } from '#schemas/task-requests.ts'
import { natsOperation, type ResponseOf } from '#subjects/operations.ts'
import { dataOf, resumedEvents } from './edge-events.ts'
import { EdgeHttp } from './edge-http.ts'
import type { EdgeTarget } from './edge-target.ts'
import { restRequest } from './rest-request.ts'
import type {
  AlertListener,
  CallOperation,
  CameraListener,
  CameraListening,
  ClientOperationName,
  Transport,
  UploadInfo,
} from './transport.ts'

const ETAG = /^"([0-9a-f]{64})"$/
const FILE_NAME = /;\s*filename\*=UTF-8''([^;]+)/i
const uploadSchema = z.object({ object: blobRefSchema, expiresAtMs: z.number() })
const linkSchema = z.object({ url: z.string(), expiresAtMs: z.number() })
const acceptedSchema = z.object({ accepted: z.literal(true) })
const raisedSchema = z.object({ alert: alertSchema })
const changedSchema = z.object({ change: z.enum(ALERT_CHANGES), alert: alertSchema })

/** The edge's REST. The tenant is that of the credential. */
export class EdgeTransport implements Transport {
  readonly address: string
  /** Who comes by the edge has a key, and makes none. */
  readonly operatorCall = undefined
  readonly call: CallOperation<ClientOperationName>
  readonly #http: EdgeHttp
  readonly #clock: Clock

  constructor(target: EdgeTarget, clock: Clock) {
    this.address = target.url
    this.#clock = clock
    const http = new EdgeHttp(target)
    this.#http = http
    this.call = async <Name extends ClientOperationName>(operation: Name, body: unknown) => {
      const answer = await http.call(restRequest(operation, body), natsOperation(operation).response.schema)
      return answer as ResponseOf<Name>
    }
  }

  /** Where the connection is cut off it goes on where it was. */
  async *watchTask(taskId: string, signal: AbortSignal): AsyncGenerator<WatchItem> {
    const request = restRequest('watchTask', { taskId })
    // After an interruption an edge tells them from the start.
    const order = new ChunkOrder()
    for await (const message of resumedEvents(this.#http, request, { clock: this.#clock, signal })) {
      if (message === 'comment') yield { kind: 'idle' }
      else if (message.event === 'end') return
      else if (message.event === 'snapshot')
        yield { kind: 'snapshot', task: dataOf(message, getTaskResponseSchema).task }
      else if (message.event === 'event') yield { kind: 'event', event: dataOf(message, taskEventSchema) }
      else if (message.event === 'chunks') {
        const chunks = order.accept(dataOf(message, watchedChunksSchema))
        if (chunks) yield { kind: 'chunks', chunks }
      }
    }
  }

  async watchCamera(camera: string, listener: CameraListener): Promise<CameraListening> {
    const alerts = { onRaised: (alert: Alert) => listener.onAlert?.(alert), onChanged: () => undefined }
    const over = new AbortController()
    // What is not heard live does not end what is shown beside it: the summary has all of it.
    const endAlerts = await this.#followAlerts({ camera }, alerts, () => undefined)
    return {
      begin: (monitor) => void this.#watchMonitor(monitor, listener, over.signal).catch(() => undefined),
      end: () => {
        over.abort()
        endAlerts()
      },
    }
  }

  watchAlerts(listener: AlertListener, onFault: (error: unknown) => void): Promise<() => void> {
    return this.#followAlerts({}, listener, onFault)
  }

  async stopMonitor(taskId: string): Promise<void> {
    await this.#http.call(restRequest('stopMonitor', { taskId }), acceptedSchema)
  }

  async monitorFrame(taskId: string, { grid, zones }: FrameMarks): Promise<Uint8Array> {
    return this.#http.bytes(restRequest('getMonitorFrame', { taskId, grid, zones }))
  }

  async upload(bytes: AsyncIterable<Uint8Array>, about: UploadInfo): Promise<KeptUpload> {
    const { contentType, name, size, signal } = about
    // Else the edge hangs up in the middle, and why could not be read.
    if (size > LIMITS.blobBytes)
      throw new MurmurError(
        'PAYLOAD_TOO_LARGE',
        `${name ?? 'the object'} has ${size} bytes, at most ${LIMITS.blobBytes} are kept`,
      )
    const { method, path } = restRequest('putObject')
    const request = { method, path, ...(name !== undefined && { query: { name } }) }
    const faults: unknown[] = []
    const options = {
      headers: { 'content-type': contentType, 'content-length': String(size) },
      body: ReadableStream.from(notingFault(bytes, faults)),
      // As long as it takes: an edge hangs up on who stands still.
      isUnlimited: true,
      signal,
    }
    try {
      return await this.#http.call(request, uploadSchema, options)
    } catch (error) {
      // To whoever sends, a body that fails looks like an edge that is gone.
      throw faults[0] ?? error
    }
  }

  async download(ref: BlobRef, options: { maxBytes?: number } = {}): Promise<Uint8Array> {
    return readChecked(await this.read(ref.blob), ref, options.maxBytes ?? LIMITS.bufferedBlobBytes)
  }

  /** @throws MurmurError BLOB_NOT_FOUND, UNAVAILABLE, INTERNAL */
  async read(key: string): Promise<BlobReading> {
    const { headers, body } = await this.#http.open(restRequest('getObject', { key }))
    const sha256 = ETAG.exec(headers.get('etag') ?? '')?.[1]
    const size = Number(headers.get('content-length') ?? Number.NaN)
    if (sha256 === undefined || !Number.isSafeInteger(size) || !body) {
      await body?.cancel()
      throw new MurmurError(
        'INTERNAL',
        `${this.address} gave no object with a size and a checksum for "${key}"`,
      )
    }
    const name = FILE_NAME.exec(headers.get('content-disposition') ?? '')?.[1]
    return {
      size,
      sha256,
      contentType: headers.get('content-type') ?? 'application/octet-stream',
      name: name === undefined ? undefined : decodeURIComponent(name),
      bytes: body,
    }
  }

  async *readClip({ request }: FoundClip, index: number): AsyncGenerator<Uint8Array> {
    const { camera, fromMs, toMs, monitor } = request
    const { body } = await this.#http.open({
      method: 'GET',
      path: `/v1/recordings/${encodeURIComponent(camera)}/video`,
      query: {
        ...{ from: String(fromMs), to: String(toMs), clip: String(index) },
        ...(monitor !== undefined && { monitor }),
      },
    })
    for await (const piece of body ?? []) yield piece
  }

  linkClip(alert: string, expiresInSec: number): Promise<{ url: string; expiresAtMs: number }> {
    const path = `/v1/alerts/${encodeURIComponent(alert)}/clip/link`
    return this.#http.call({ method: 'POST', path, json: { expiresInSec } }, linkSchema)
  }

  async close(): Promise<void> {}

  async #watchMonitor(
    monitor: string,
    { onTracks, onState }: CameraListener,
    signal: AbortSignal,
  ): Promise<void> {
    const request = restRequest('watchMonitor', { id: monitor })
    for await (const message of resumedEvents(this.#http, request, { clock: this.#clock, signal })) {
      if (message === 'comment') continue
      if (message.event === 'end') return
      if (message.event === 'tracks') onTracks?.(dataOf(message, tracksSchema))
      else if (message.event === 'state') onState?.(dataOf(message, cameraStateSchema))
    }
  }

  /** Resolves when the stream is open. @throws MurmurError when it can't be opened */
  #followAlerts(
    filter: { camera?: string },
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
      const options = { clock: this.#clock, signal: over.signal, onOpen }
      for await (const message of resumedEvents(this.#http, restRequest('watchAlerts', filter), options)) {
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

async function* notingFault(bytes: AsyncIterable<Uint8Array>, faults: unknown[]): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes
  } catch (error) {
    faults.push(error)
    throw error
  }
}

/** The bytes of an object that is being read, if they are those that a reference means. @throws MurmurError LIMIT_EXCEEDED, BLOB_CORRUPT */
export async function readChecked(reading: BlobReading, ref: BlobRef, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of reading.bytes) {
    bytes += chunk.length
    if (bytes > maxBytes)
      throw new MurmurError(
        'LIMIT_EXCEEDED',
        `object "${ref.blob}" has more than the ${maxBytes} bytes that are read`,
      )
    hash.update(chunk)
    chunks.push(chunk)
  }
  if (hash.digest('hex') !== ref.sha256)
    throw new MurmurError('BLOB_CORRUPT', `object "${ref.blob}" does not match its checksum`)
  return Buffer.concat(chunks)
}
