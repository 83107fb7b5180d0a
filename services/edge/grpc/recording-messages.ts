import type { CameraRecording, Clip, Timeline } from '#schemas/recording.ts'
import type {
  GetTimelineResponse,
  CameraRecording as ProtoRecording,
  RecordedClip,
} from './generated/v1/recording_service.ts'
import { whole, wholeOrNone } from './whole.ts'

// What is recorded, as messages. Names are the same on both sides; times become whole milliseconds.

export function recordingMessage(recording: CameraRecording): ProtoRecording {
  const { fromMs, toMs, detectionsFromMs, ...same } = recording
  return {
    ...same,
    fromMs: wholeOrNone(fromMs),
    toMs: wholeOrNone(toMs),
    detectionsFromMs: wholeOrNone(detectionsFromMs),
  }
}

export function timelineMessage(timeline: Timeline): GetTimelineResponse {
  return {
    ...timeline,
    spans: timeline.spans.map((span) => ({ ...span })),
    events: timeline.events.map((event) => ({ ...event, atMs: whole(event.atMs) })),
    activity: timeline.activity.map((part) => ({ ...part, atMs: whole(part.atMs) })),
  }
}

export function clipMessage(clip: Clip): RecordedClip {
  return { ...clip, gaps: clip.gaps.map((gap) => ({ ...gap })) }
}
