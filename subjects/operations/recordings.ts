import { z } from 'zod'
import {
  clipExample,
  findClipsRequestSchema,
  findClipsResponseSchema,
  getTimelineRequestSchema,
  getTimelineResponseSchema,
  listRecordingsRequestSchema,
  listRecordingsResponseSchema,
  readClipRequestSchema,
  readDetectionsRequestSchema,
  readDetectionsResponseSchema,
} from '#schemas/recording.ts'
import { RECORDINGS } from './micro-services.ts'
import { message, type Operation, onNats } from './operation.ts'
import {
  fields,
  header,
  id,
  list,
  MOMENT,
  named,
  query,
  type RestParameter,
  ref,
  TOKEN,
} from './rest-route.ts'

const FROM_MS = clipExample.fromMs
const SPAN = { camera: 'yard', fromMs: FROM_MS, toMs: FROM_MS + 30_000 }
const CAMERA = named('camera', 'The camera.')
const MILLISECONDS = { type: 'integer', minimum: 0, maximum: 600_000 }

function moment(name: 'from' | 'to', about: string): RestParameter {
  return { ...query(name, `${about}: RFC 3339 or Unix milliseconds.`, MOMENT), isRequired: true }
}

const SPAN_PARAMETERS = [CAMERA, moment('from', 'Its beginning'), moment('to', 'Its end')]
const VIDEO_HEADERS = [
  header('Range', 'bytes=FROM-TO: a part of it (RFC 9110), answered with 206.'),
  header('If-Range', 'The part only if the ETag is still this one; all of it otherwise.'),
]
const VIDEO = { type: 'video/mp4', schema: { type: 'string', format: 'binary' } }
const VIDEO_ANSWERS = [
  { status: 200, about: "Fragmented MP4: the camera's own stream.", ...VIDEO },
  { status: 206, about: 'The part that was asked for.', ...VIDEO },
]
const AROUND = [
  query('before', 'So long before the alert; 10000 unless given. Milliseconds.', MILLISECONDS),
  query('after', 'So long after it; 20000 unless given. Milliseconds.', MILLISECONDS),
]

/** What cameras have recorded: docs/recordings.md. Answered by the nodes that have it. */
export const RECORDING_OPERATIONS = {
  listRecordings: onNats({
    summary: 'What is recorded of each camera, and since when.',
    subject: 'murmur.recordings.list',
    service: RECORDINGS,
    per: 'tenant',
    request: message('ListRecordings', listRecordingsRequestSchema, { camera: 'yard' }),
    response: message('Recordings', listRecordingsResponseSchema, {
      recordings: [
        {
          ...{ camera: 'yard', store: clipExample.store, fromMs: FROM_MS, toMs: FROM_MS + 86_400_000 },
          ...{ bytes: 21_474_836_480, alertBytes: 104_857_600, segments: 1440, detectionsFromMs: FROM_MS },
          isRecording: true,
        },
      ],
      missing: [],
    }),
    scope: 'recordings:read',
    grpc: ['RecordingService.ListRecordings'],
    rest: [
      {
        method: 'GET',
        path: '/v1/recordings',
        tag: 'Recordings',
        parameters: [query('camera', 'Only of this one.', TOKEN)],
        answers: [
          {
            status: 200,
            about: 'What there is, by camera.',
            schema: fields({ recordings: list(ref('CameraRecording')), missing: list({ type: 'string' }) }),
          },
        ],
      },
    ],
  }),
  getTimeline: onNats({
    summary: 'What happened at a camera: what is recorded, events of rules, and what was going on.',
    subject: 'murmur.recordings.timeline',
    service: RECORDINGS,
    per: 'tenant',
    request: message('GetTimeline', getTimelineRequestSchema, { ...SPAN, stepMs: 10_000 }),
    response: message('Timeline', getTimelineResponseSchema, {
      ...SPAN,
      stepMs: 10_000,
      spans: [
        {
          ...{ fromMs: SPAN.fromMs, toMs: SPAN.toMs, store: clipExample.store, monitor: 'kq3v9x' },
          ...{ codec: 'avc1', width: 1920, height: 1080 },
        },
      ],
      events: [],
      activity: [{ atMs: FROM_MS, frames: 100, persons: 1, vehicles: 0 }],
      isCut: false,
      missing: [],
    }),
    scope: 'recordings:read',
    grpc: ['RecordingService.GetTimeline'],
    rest: [
      {
        method: 'GET',
        path: '/v1/recordings/{camera}/timeline',
        tag: 'Recordings',
        parameters: [
          ...SPAN_PARAMETERS,
          query('step', 'Length of the parts that activity is told by. Milliseconds.', {
            type: 'integer',
            minimum: 5000,
            maximum: 86_400_000,
          }),
        ],
        answers: [{ status: 200, about: 'In the order of time.', schema: ref('Timeline') }],
      },
    ],
  }),
  findClips: onNats({
    summary: 'The files that a span of a camera can be had as: one, unless its format has changed.',
    subject: 'murmur.recordings.clips',
    service: RECORDINGS,
    per: 'tenant',
    request: message('FindClips', findClipsRequestSchema, SPAN),
    response: message('Clips', findClipsResponseSchema, { clips: [clipExample], missing: [] }),
    scope: 'recordings:read',
    grpc: ['RecordingService.FindClips'],
    rest: [
      {
        method: 'GET',
        path: '/v1/recordings/{camera}/clips',
        tag: 'Recordings',
        parameters: [...SPAN_PARAMETERS, query('monitor', 'Only of this task.', TOKEN)],
        answers: [
          {
            status: 200,
            about: 'In the order of time.',
            schema: fields({ clips: list(ref('RecordedClip')), missing: list({ type: 'string' }) }),
          },
        ],
      },
    ],
  }),
  exportRecording: {
    summary: 'A span of a camera as a file',
    scope: 'recordings:read',
    errors: ['RECORDING_NOT_FOUND'],
    grpc: ['RecordingService.ExportRecording'],
    rest: [
      {
        method: 'GET',
        path: '/v1/recordings/{camera}/video',
        tag: 'Recordings',
        parameters: [
          ...SPAN_PARAMETERS,
          query('monitor', 'Only of this task.', TOKEN),
          query('clip', 'Which of its files, from 0 on, where there are several.', {
            type: 'integer',
            minimum: 0,
          }),
          ...VIDEO_HEADERS,
        ],
        answers: VIDEO_ANSWERS,
      },
    ],
  },
  getAlertClip: {
    summary: 'The clip of an alert',
    scope: 'recordings:read',
    errors: ['ALERT_NOT_FOUND', 'RECORDING_NOT_FOUND'],
    grpc: ['RecordingService.GetAlertClip'],
    rest: [
      {
        method: 'GET',
        path: '/v1/alerts/{id}/clip',
        tag: 'Recordings',
        parameters: [id('alert'), ...AROUND, ...VIDEO_HEADERS],
        answers: VIDEO_ANSWERS,
      },
    ],
  },
  linkAlertClip: {
    summary: 'A link to the clip of an alert that holds for a while, for whoever has it',
    scope: 'alerts:write',
    isChange: true,
    errors: ['ALERT_NOT_FOUND'],
    rest: [
      {
        method: 'POST',
        path: '/v1/alerts/{id}/clip/link',
        tag: 'Recordings',
        parameters: [id('alert')],
        body: { schema: ref('LinkClip'), isOptional: true, example: { expiresInSec: 86_400 } },
        answers: [
          {
            status: 200,
            about: 'Where it is, without the name of the edge unless that is configured, and until when.',
            schema: fields({ url: { type: 'string' }, expiresAtMs: { type: 'number' } }),
          },
        ],
      },
    ],
  },
  readClip: onNats({
    summary: 'A part of a clip, as bytes.',
    subject: 'murmur.recordings.read',
    service: RECORDINGS,
    per: 'tenant',
    request: message('ReadClip', readClipRequestSchema, {
      ...SPAN,
      ...{ store: clipExample.store, part: 0, etag: clipExample.etag, offset: 0, bytes: 262_144 },
    }),
    response: message('ClipBytes', z.unknown(), 'bytes of a file, not JSON'),
    errors: ['RECORDING_NOT_FOUND'],
  }),
  readDetections: onNats({
    summary: 'What was seen at a camera, frame by frame: for running rules over it.',
    subject: 'murmur.recordings.detections',
    service: RECORDINGS,
    request: message('ReadDetections', readDetectionsRequestSchema, { tenant: 'default', ...SPAN }),
    response: message('RecordedDetections', readDetectionsResponseSchema, { blocks: [], missing: [] }),
  }),
} as const satisfies Record<string, Operation>
