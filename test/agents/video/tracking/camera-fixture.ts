import type { Test } from 'tap'
import { type Clock, systemClock } from '#platform/clock/clock.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { type Tracks, tracksSchema } from '#schemas/camera.ts'
import { type CameraEvent, cameraEventSchema } from '#schemas/camera-event.ts'
import type { Detections } from '#schemas/detection.ts'
import { type TrackingSummary, trackingInputSchema, trackingSummarySchema } from '#schemas/monitor-steps.ts'
import type { Outcome } from '#sdk/index.ts'
import { createTestContext } from '#sdk/testing.ts'
import { STREAMS } from '#subjects/streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { createTrackingAgent } from '../../../../services/agents/video/tracking/agent.ts'
import type { StateKeeping } from '../../../../services/agents/video/tracking/monitor/checkpoint-store.ts'
import type { TrackingDeps } from '../../../../services/agents/video/tracking/monitor/track-camera.ts'
import { until } from '../../../support/until.ts'
import { rule, START_MS, ZONE } from './tracking-fixtures.ts'

const RULES = [rule('intrusion', { zone: 'yard' }), rule('loitering', { zone: 'yard', dwellMs: 2000 })]

/** What the step gets in these tests. */
export function trackingInput(camera: string) {
  return trackingInputSchema.parse({ camera, zones: [ZONE], rules: RULES })
}

export interface RunningTracker {
  outcome: Promise<Outcome<TrackingSummary>>
  logged: { level: string; message: string }[]
  progressed: { note: string | undefined }[]
  stop(why?: string): void
}

/** A step of the agent that has said that it is ready. The camera and the task have the same name. */
export async function runTracker(
  t: Pick<Test, 'teardown'>,
  bus: Bus,
  camera: string,
  deps: { bus?: TrackingDeps['bus']; redis?: StateKeeping; clock?: Clock },
): Promise<RunningTracker> {
  const stopping = new AbortController()
  t.teardown(() => stopping.abort(new Error('the test is over')))
  const ctx = createTestContext({ taskId: camera, signal: stopping.signal, tenant: 'acme' })
  const agent = createTrackingAgent({ bus, clock: systemClock, ...deps })
  const outcome = Promise.resolve(agent.handle(trackingInput(camera), ctx))
  await until('the tracker is ready', async () =>
    bus.request(SUBJECTS.monitorReady(camera), {}, { timeoutMs: 200 }).then(
      () => true,
      () => false,
    ),
  )
  return {
    outcome,
    logged: ctx.logged,
    progressed: ctx.progressed,
    stop: (why = 'the instance stops') => stopping.abort(new Error(why)),
  }
}

/** The summary of a step that is done. @throws Error when it ended otherwise */
export async function summaryOf(running: RunningTracker): Promise<TrackingSummary> {
  const outcome = await running.outcome
  if (outcome.kind !== 'done') throw new Error(`it ended with ${JSON.stringify(outcome)}`)
  return trackingSummarySchema.parse(outcome.output)
}

export type SimulatedCamera = ReturnType<typeof simulateCamera>

/** Sends detections as a detector does, and hears what comes of them. */
export function simulateCamera(t: Pick<Test, 'teardown'>, bus: Bus, name: string) {
  const heard: Tracks[] = []
  t.teardown(
    bus.subscribe(SUBJECTS.tracks('acme', name), ({ data }) =>
      heard.push(tracksSchema.parse(JSON.parse(Buffer.from(data).toString()))),
    ),
  )
  let sent = 0
  function send(seq: number, detections: Detections['detections'], more: Partial<Detections> = {}): void {
    const atMs = START_MS + seq * 100
    const seen: Detections = {
      ...{ v: 1, camera: name, monitor: name, epoch: 1, seq, atMs, mediaMs: seq * 100, pace: 'live' },
      ...{ capturedAtMs: START_MS, detections, model: 'test', detector: 'd1', skipped: 0, inferMs: 1 },
      ...more,
    }
    sent++
    bus.publishCore(SUBJECTS.detections('acme', name), JSON.stringify(seen))
  }
  return {
    heard,
    send,
    /** Frames from one number to another, all showing the same. */
    show(from: number, to: number, detections: Detections['detections'], more: Partial<Detections> = {}) {
      for (let seq = from; seq <= to; seq++) send(seq, detections, more)
    },
    arrived: (frames = sent) => until(`${frames} frames have come back`, () => heard.length >= frames),
    /** Says as a capture does that the source has ended. */
    end(counts = { decoded: sent, droppedAtCapture: 0 }, epoch = 1) {
      const state = { v: 1, camera: name, monitor: name, status: 'ended', reconnects: 0, fps: 0 }
      const json = JSON.stringify({ ...state, epoch, frames: counts, atMs: START_MS })
      bus.publishCore(SUBJECTS.cameraState('acme', name), json)
    },
  }
}

/** Events of a camera in the stream, oldest first. */
export async function storedEvents(bus: Bus, camera: string): Promise<CameraEvent[]> {
  const subject = SUBJECTS.cameraEvents('acme', camera)
  const last = await bus.streams.lastSeq(STREAMS.cameraEvents.name, subject)
  const events: CameraEvent[] = []
  for (let seq = 1; seq <= last; seq++) {
    const message = await bus.streams.messageAt(STREAMS.cameraEvents.name, seq)
    if (message?.subject === subject)
      events.push(cameraEventSchema.parse(JSON.parse(Buffer.from(message.data).toString())))
  }
  return events
}
