import { z } from 'zod'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { readRequest } from '#platform/requests/check-request.ts'
import { tenantSchema } from '#schemas/identifiers.ts'
import {
  cameraRecordingSchema,
  clipSchema,
  findClipsRequestSchema,
  getTimelineRequestSchema,
  getTimelineResponseSchema,
  listRecordingsRequestSchema,
  type ReadClipRequest,
  type ReadDetectionsRequest,
  type ReadDetectionsResponse,
  readClipRequestSchema,
  readDetectionsRequestSchema,
  type Timeline,
} from '#schemas/recording.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import type { RecordingStore } from '../store/recording-store.ts'
import { type CaptureStates, RecordingAnswers, stepOf, type TimelinePart } from './answer-recordings.ts'
import { PEER_VERBS, type PeerVerb, RecordingPeers } from './recording-peers.ts'

export interface RecordingServiceDeps {
  bus: Bus
  store: RecordingStore
  clock: Clock
  /** What is captured in this process. */
  states: CaptureStates
}

const forTenant = <Request extends z.ZodType>(request: Request) => z.object({ tenant: tenantSchema, request })
const detectionsAnswerSchema = z.object({ blocks: z.array(z.string()), next: z.number().optional() })
const cursorSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}:\d{1,9}$/)
  .transform((text) => ({ store: text.split(':')[0]!, start: Number(text.split(':')[1]) }))
const ALWAYS = { always: true }
/** All spans, or events, of all nodes in one answer. */
const MAX_IN_ANSWER = 1000

/**
 * Answers questions about recordings. Each node has what it recorded, and knows it from its own folder; whoever is asked asks the
 * other nodes too, and puts the answers together.
 */
export class RecordingService implements Component {
  readonly name = 'recordings service'
  readonly #deps: RecordingServiceDeps
  readonly #answers: RecordingAnswers
  readonly #peers: RecordingPeers
  #ends: (() => void)[] = []

  constructor(deps: RecordingServiceDeps) {
    const { store, clock, bus, states } = deps
    this.#deps = deps
    this.#answers = new RecordingAnswers(store, states, () => clock.monotonicMs())
    this.#peers = new RecordingPeers(bus, clock, () => store.id)
  }

  start(): void {
    // Before the folder is ours nothing is known of it.
    void this.#deps.store.opened.then((isOpen) => {
      if (isOpen) this.#serve()
    })
  }

  stop(): void {
    this.#peers.stop()
    for (const end of this.#ends.splice(0)) end()
  }

  #serve(): void {
    const { bus, store } = this.#deps
    this.#peers.start()
    const { id } = store
    this.#ends = [
      ...PEER_VERBS.map((verb) =>
        bus.serveSubject(SUBJECTS.recordingAsk(id, verb), ({ data }) => this.#answerPeer(verb, data), {
          queue: `recordings-${id}`,
          always: true,
        }),
      ),
      // Nothing but NATS and the disk is needed for them, whatever else of this process is away.
      bus.serve('listRecordings', ({ camera }, { tenant }) => this.#list(tenant, camera), ALWAYS),
      bus.serve('getTimeline', (request, { tenant }) => this.#timeline(tenant, request), ALWAYS),
      bus.serve('findClips', (request, { tenant }) => this.#clips(tenant, request), ALWAYS),
      bus.serve('readClip', (request, { tenant }) => this.#read(tenant, request), ALWAYS),
      bus.serve('readDetections', (request) => this.#detections(request), ALWAYS),
    ]
  }

  /** What another node asks: only about what is here. */
  #answerPeer(verb: PeerVerb, data: Uint8Array): unknown {
    switch (verb) {
      case 'list': {
        const { tenant, request } = readRequest(data, forTenant(listRecordingsRequestSchema))
        return { recordings: this.#answers.list(tenant, request.camera) }
      }
      case 'timeline': {
        const { tenant, request } = readRequest(data, forTenant(getTimelineRequestSchema))
        return this.#answers.timeline(tenant, request)
      }
      case 'clips': {
        const { tenant, request } = readRequest(data, forTenant(findClipsRequestSchema))
        return this.#answers.clips(tenant, request).then((clips) => ({ clips }))
      }
      case 'read': {
        const { tenant, request } = readRequest(data, forTenant(readClipRequestSchema))
        return this.#answers.read(tenant, request)
      }
      case 'detections': {
        const { request, start } = readRequest(
          data,
          z.object({ request: readDetectionsRequestSchema, start: z.int().min(0) }),
        )
        return this.#answers.detections(request, start)
      }
    }
  }

  async #list(tenant: string, camera: string | undefined) {
    const request = { ...(camera !== undefined && { camera }) }
    const { answers, missing } = await this.#peers.askAll('list', { tenant, request })
    const others = answers.flatMap((answer) =>
      partOf(answer, z.object({ recordings: z.array(cameraRecordingSchema) }), 'recordings'),
    )
    const recordings = [...this.#answers.list(tenant, camera), ...others]
    return { recordings: recordings.toSorted((a, b) => a.camera.localeCompare(b.camera)), missing }
  }

  async #timeline(tenant: string, request: z.infer<typeof getTimelineRequestSchema>): Promise<Timeline> {
    const own = this.#answers.timeline(tenant, request)
    const { answers, missing } = await this.#peers.askAll('timeline', { tenant, request })
    const partSchema = getTimelineResponseSchema.pick({
      spans: true,
      events: true,
      activity: true,
      isCut: true,
    })
    const parts: TimelinePart[] = [await own]
    for (const answer of answers) parts.push(partSchema.parse(answer) as TimelinePart)
    const { camera, fromMs, toMs } = request
    const all = <Item>(of: (part: TimelinePart) => Item[], at: (item: Item) => number) =>
      parts.flatMap(of).toSorted((a, b) => at(a) - at(b))
    const spans = all(
      ({ spans }) => spans,
      (span) => span.fromMs,
    )
    const events = all(
      ({ events }) => events,
      (event) => event.atMs,
    )
    const activity = all(
      ({ activity }) => activity,
      (part) => part.atMs,
    )
    return {
      ...{ camera, fromMs, toMs, stepMs: stepOf(request), missing },
      spans: spans.slice(0, MAX_IN_ANSWER),
      events: events.slice(0, MAX_IN_ANSWER),
      activity: activity.map(({ motion, ...part }) => ({ ...part, ...(motion !== undefined && { motion }) })),
      isCut:
        parts.some(({ isCut }) => isCut) || spans.length > MAX_IN_ANSWER || events.length > MAX_IN_ANSWER,
    }
  }

  async #clips(tenant: string, request: z.infer<typeof findClipsRequestSchema>) {
    const own = this.#answers.clips(tenant, request)
    const { answers, missing } = await this.#peers.askAll('clips', { tenant, request })
    const others = answers.flatMap((answer) =>
      partOf(answer, z.object({ clips: z.array(clipSchema) }), 'clips'),
    )
    const clips = [...(await own), ...others].toSorted((a, b) => a.fromMs - b.fromMs)
    return { clips, missing }
  }

  #read(tenant: string, request: ReadClipRequest): Promise<Uint8Array> {
    if (request.store === this.#deps.store.id) return this.#answers.read(tenant, request)
    return this.#peers.askBytes(request.store, 'read', { tenant, request })
  }

  /** One node after the other, each in the order in which it was written. */
  async #detections(request: ReadDetectionsRequest): Promise<ReadDetectionsResponse> {
    const { cursor, ...span } = request
    const own = this.#deps.store.id
    const stores = [...this.#peers.stores, own].toSorted()
    const at = cursor === undefined ? { store: stores[0]!, start: 0 } : readCursor(cursor)
    const answer =
      at.store === own
        ? await this.#answers.detections(span, at.start)
        : detectionsAnswerSchema.parse(
            await this.#peers.ask(at.store, 'detections', { request: span, start: at.start }),
          )
    const after = stores.find((store) => store > at.store)
    const next = answer.next !== undefined ? `${at.store}:${answer.next}` : after && `${after}:0`
    return { blocks: answer.blocks, ...(next && { nextCursor: next }), missing: [] }
  }
}

function readCursor(cursor: string): { store: string; start: number } {
  const read = cursorSchema.safeParse(cursor).data
  if (!read) throw new MurmurError('INVALID_REQUEST', 'the cursor is none that was given')
  return read
}

function partOf<Key extends string, Item>(
  answer: unknown,
  schema: z.ZodType<Record<Key, Item[]>>,
  key: Key,
): Item[] {
  return schema.parse(answer)[key]
}
