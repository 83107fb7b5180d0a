import type { CameraEvent } from '#schemas/camera-event.ts'
import { cameraEventExample } from '#schemas/camera-event.ts'
import { initFacts } from '../../../../../services/agents/video/recordings/media/fragment.ts'
import { CameraFiles } from '../../../../../services/agents/video/recordings/store/camera-files.ts'
import {
  fileName,
  type Segment,
  VIDEO_SUFFIX,
} from '../../../../../services/agents/video/recordings/store/segment.ts'
import type { SegmentStart } from '../../../../../services/agents/video/recordings/store/segment-writer.ts'
import { smallInit } from '../media/small-fragments.ts'

/** Noon, so that a few hours are one day. */
export const NOON_MS = Date.parse('2026-11-30T12:00:00Z')
export const AROUND = { beforeMs: 2000, afterMs: 3000 }

export function cameraFiles(root: string, camera = 'yard'): CameraFiles {
  return new CameraFiles({ tenant: 'acme', camera, root }, AROUND)
}

/** Ten seconds of video that are closed, `atMs` after noon. */
export function segmentAt(atMs: number, about: Partial<Segment> = {}): Segment {
  const times = { lineMs: NOON_MS + atMs, startMs: NOON_MS + atMs }
  return {
    ...{ name: fileName(times, VIDEO_SUFFIX), ...times, endMs: times.startMs + 10_000 },
    ...{ streamStartMs: atMs, streamEndMs: atMs + 10_000, bytes: 1000, monitor: 'm1', session: 's1' },
    ...{ init: 'i1', codec: 'avc1', width: 320, height: 180 },
    ...{ isActive: false, isOpen: false, isHeld: false, isLocal: true },
    ...about,
  }
}

export function eventAt(atMs: number, about: Partial<CameraEvent> = {}): CameraEvent {
  return { ...cameraEventExample, id: `e${atMs}`, monitor: 'm1', atMs: NOON_MS + atMs, ...about }
}

export function segmentStart(about: Partial<SegmentStart> = {}): SegmentStart {
  const init = smallInit()
  return {
    ...{ init, facts: initFacts(init), lineMs: NOON_MS, startMs: NOON_MS, streamStartMs: 0 },
    ...{ monitor: 'm1', session: 's1' },
    ...about,
  }
}
