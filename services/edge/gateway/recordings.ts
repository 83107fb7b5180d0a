import { z } from 'zod'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { type FoundClip, readClip } from '#platform/nats/read-clip.ts'
import {
  bestClipAt,
  type FindClipsRequest,
  type FindClipsResponse,
  type GetTimelineRequest,
  type ListRecordingsResponse,
  type Timeline,
} from '#schemas/recording.ts'

const PASSED_ON = { isTrusted: true } as const
/** Nodes ask each other, and go through a day of recordings. */
const TIMEOUT_MS = 15_000

/** Which of the clips of a span is wanted. */
export const clipIndexSchema = z.int().min(0).max(10_000).default(0)
/** How much around an alert is wanted. Milliseconds. */
export const aroundSchema = z.object({
  beforeMs: z.int().min(0).max(600_000).optional(),
  afterMs: z.int().min(0).max(600_000).optional(),
})

/** Recordings of a tenant's cameras: whatever transport a client came through, it is answered from here. */
export class RecordingGateway {
  readonly #bus: Bus

  constructor(bus: Bus) {
    this.#bus = bus
  }

  list(tenant: string, camera?: string): Promise<ListRecordingsResponse> {
    return this.#bus.call(
      'listRecordings',
      { ...(camera !== undefined && { camera }) },
      this.#options(tenant),
    )
  }

  /** @throws MurmurError INVALID_REQUEST */
  timeline(tenant: string, request: GetTimelineRequest): Promise<Timeline> {
    return this.#bus.call('getTimeline', request, this.#options(tenant))
  }

  clips(tenant: string, request: FindClipsRequest): Promise<FindClipsResponse> {
    return this.#bus.call('findClips', request, this.#options(tenant))
  }

  /**
   * One of the clips of a span.
   * @param which its place among them; the one that shows a moment best, unless given
   * @throws MurmurError RECORDING_NOT_FOUND
   */
  async findClip(
    tenant: string,
    request: FindClipsRequest,
    which: number | { atMs: number },
  ): Promise<FoundClip> {
    const { clips, missing } = await this.clips(tenant, request)
    const clip = typeof which === 'number' ? clips[which] : bestClipAt(clips, which.atMs)
    if (clip) return { request, clip }
    const of = `camera ${request.camera} from ${timeText(request.fromMs)} to ${timeText(request.toMs)}`
    const away = missing.length > 0 ? `; ${missing.length} nodes with recordings do not answer` : ''
    const nth = clips.length > 0 ? `no clip ${String(which)}, only ${clips.length}` : 'no recording'
    throw new MurmurError('RECORDING_NOT_FOUND', `there is ${nth} of ${of}${away}`)
  }

  /** A part of a clip, piece by piece, none of it held. @throws MurmurError RECORDING_NOT_FOUND, UNAVAILABLE */
  read(tenant: string, found: FoundClip, range: { from: number; to: number }): AsyncGenerator<Uint8Array> {
    return readClip(this.#bus, tenant, found, range)
  }

  #options(tenant: string) {
    return { ...PASSED_ON, tenant, timeoutMs: TIMEOUT_MS }
  }
}

function timeText(ms: number): string {
  return new Date(ms).toISOString()
}
