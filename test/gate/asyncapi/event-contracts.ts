import { z } from 'zod'
import { agentHeartbeatSchema } from '#schemas/agent.ts'
import { cordonOrderExample, cordonOrderSchema } from '#schemas/agent-drain.ts'
import { breakerChangeExample, breakerChangeSchema } from '#schemas/agent-policy.ts'
import { alertChangeCloudEventSchema, alertCloudEventSchema } from '#schemas/alert.ts'
import { cameraStateSchema, tracksSchema } from '#schemas/camera.ts'
import { cameraEventExample, cameraEventSchema } from '#schemas/camera-event.ts'
import {
  type DetectorHeartbeat,
  detectionsSchema,
  detectorHeartbeatSchema,
  detectorViewExample,
} from '#schemas/detection.ts'
import { stepChunksExample, stepChunksSchema } from '#schemas/step-chunks.ts'
import {
  stepMessageExample,
  stepMessageSchema,
  stepResultBatchSchema,
  stepResultExample,
  stepResultSchema,
} from '#schemas/step-message.ts'
import { storageChangeExample, storageChangeSchema } from '#schemas/storage.ts'
import {
  submissionExample,
  submissionRejectedExample,
  submissionRejectedSchema,
  submissionSchema,
} from '#schemas/submission.ts'
import { taskEventExample, taskEventSchema } from '#schemas/task-event.ts'
import { HEARTBEAT } from '#subjects/operations/examples.ts'
import { STREAMS } from '#subjects/streams.ts'
import type { EventContract } from './event-contract.ts'
import { CHANGED, DETECTIONS, RAISED, TRACKS } from './examples.ts'

const MESSAGE_ID = 'Names the message: the same again is dropped by the server for two minutes.'

/** What is published, and by whom. */
const { state: _state, lastSeenMs: _seen, ...DETECTOR } = detectorViewExample
const DETECTOR_HEARTBEAT: DetectorHeartbeat = { ...DETECTOR, status: 'ready' }

export const EVENT_CONTRACTS: readonly EventContract[] = [
  {
    key: 'submissions',
    address: 'tasks.submit.{type}',
    summary: 'Submissions for the durable queue: the PubAck is the receipt of the message, not of the task.',
    action: 'receive',
    stream: STREAMS.intake.name,
    message: {
      name: 'Submission',
      schema: submissionSchema,
      example: submissionExample,
      headers: {
        'Nats-Msg-Id': `${MESSAGE_ID} It is the idempotency key too, unless the body has one.`,
        traceparent: 'W3C trace context: the trace that the task belongs to.',
      },
    },
  },
  {
    key: 'rejections',
    address: 'tasks.rejected.{type}',
    summary: 'What the intake refused, and why.',
    action: 'send',
    message: {
      name: 'SubmissionRejected',
      schema: submissionRejectedSchema,
      example: submissionRejectedExample,
    },
  },
  {
    key: 'taskEvents',
    address: 'tasks.events.{type}.{taskId}.{kind}',
    summary: 'What happens to tasks, for whoever watches.',
    action: 'send',
    message: { name: 'TaskEvent', schema: taskEventSchema, example: taskEventExample },
  },
  {
    key: 'chunks',
    address: 'chunks.{tenant}.{agent}.{taskId}.{stepId}',
    summary:
      'What a step emits while it runs, as its agent tells it: a watch puts it in order and says what is missing.',
    action: 'send',
    message: { name: 'StepChunks', schema: stepChunksSchema, example: stepChunksExample },
  },
  {
    key: 'steps',
    address: 'steps.{agent}.any.{priority}',
    summary: 'Work for agents.',
    action: 'send',
    stream: STREAMS.steps.name,
    message: {
      name: 'Step',
      schema: stepMessageSchema,
      example: stepMessageExample,
      headers: { 'Nats-Msg-Id': MESSAGE_ID },
    },
  },
  {
    key: 'stepsOfInstance',
    address: 'steps.{agent}.at.{queue}',
    summary:
      'Work for one instance of an agent: the number of its queue is in the answer to its registration.',
    action: 'send',
    stream: STREAMS.steps.name,
    message: {
      name: 'StepForInstance',
      schema: stepMessageSchema,
      example: stepMessageExample,
      headers: { 'Nats-Msg-Id': MESSAGE_ID },
    },
  },
  {
    key: 'stepResults',
    address: 'log.{partition}.result.{agent}',
    summary: 'What came of a step, published on the subject that the step names as `reply`.',
    action: 'receive',
    stream: STREAMS.log.name,
    message: {
      name: 'StepResult',
      schema: stepResultSchema,
      example: stepResultExample,
      headers: { 'Nats-Msg-Id': MESSAGE_ID },
    },
  },
  {
    key: 'stepResultBatches',
    address: 'log.{partition}.result.{agent}',
    summary:
      'Results of several tasks as one message, of steps that have `resultBatches`. Each stands on a line of its own: docs/agent-protocol.md.',
    action: 'receive',
    stream: STREAMS.log.name,
    message: {
      name: 'StepResultBatch',
      schema: stepResultBatchSchema,
      example: { v: 2, results: [stepResultExample, { ...stepResultExample, taskId: 'm27c0d' }] },
      headers: { 'Nats-Msg-Id': MESSAGE_ID },
    },
  },
  {
    key: 'heartbeats',
    address: 'agents.heartbeat.{type}.{instance}',
    summary: 'Every second, from each instance of an agent.',
    action: 'receive',
    message: { name: 'Heartbeat', schema: agentHeartbeatSchema, example: HEARTBEAT },
  },
  {
    key: 'cordons',
    address: 'agents.cordon.{type}.{instance}',
    summary: 'An orchestrator tells an instance whether it may take new steps, as an operator has it.',
    action: 'send',
    message: { name: 'CordonOrder', schema: cordonOrderSchema, example: cordonOrderExample },
  },
  {
    key: 'detectorHeartbeats',
    address: 'detectors.heartbeat.{instance}',
    summary: 'Every second, from each detector: what it runs, how fast, and whether its network comes back.',
    action: 'send',
    message: { name: 'DetectorHeartbeat', schema: detectorHeartbeatSchema, example: DETECTOR_HEARTBEAT },
  },
  {
    key: 'breakers',
    address: 'agents.breakers.{agent}',
    summary: 'A circuit breaker of an agent type, or of one of its instances, has changed.',
    action: 'send',
    message: { name: 'BreakerChange', schema: breakerChangeSchema, example: breakerChangeExample },
  },
  {
    key: 'storage',
    address: 'system.storage.{resource}',
    summary: 'A mark of a store was crossed, up or down. For operators.',
    action: 'send',
    message: { name: 'StorageChange', schema: storageChangeSchema, example: storageChangeExample },
  },
  {
    key: 'deadLetters',
    address: 'dead.{agent}',
    summary: 'Steps that took down the processes that ran them.',
    action: 'send',
    stream: STREAMS.dead.name,
    message: { name: 'DeadStep', schema: stepMessageSchema, example: stepMessageExample },
  },
  {
    key: 'frames',
    address: 'frames.{tenant}.{camera}.{model}',
    summary: 'The latest pictures of a camera; docs/capture.md has their layout.',
    action: 'send',
    stream: 'FRAMES',
    message: {
      name: 'Frame',
      schema: z.string(),
      example: '(bytes)',
      contentType: 'application/octet-stream',
    },
  },
  {
    key: 'detections',
    address: 'detections.{tenant}.{camera}',
    summary: 'What was seen in one frame.',
    action: 'send',
    message: { name: 'Detections', schema: detectionsSchema, example: DETECTIONS },
  },
  {
    key: 'tracks',
    address: 'tracks.{tenant}.{camera}',
    summary: 'The state of a camera after each frame.',
    action: 'send',
    message: { name: 'Tracks', schema: tracksSchema, example: TRACKS },
  },
  {
    key: 'cameraStates',
    address: 'cameras.state.{tenant}.{camera}',
    summary: 'Every second, and whenever it changes.',
    action: 'send',
    message: {
      name: 'CameraState',
      schema: cameraStateSchema,
      example: {
        v: 1,
        camera: 'yard',
        monitor: 'kq3v9x',
        epoch: 1_790_000_000_000,
        status: 'live',
        reconnects: 0,
        fps: 15,
        source: { width: 1280, height: 720, fps: 25 },
        frames: { decoded: 100, droppedAtCapture: 0 },
        atMs: 1_790_000_001_700,
      },
    },
  },
  {
    key: 'cameraEvents',
    address: 'cameras.events.{tenant}.{camera}',
    summary: 'A rule came true.',
    action: 'send',
    stream: STREAMS.cameraEvents.name,
    message: { name: 'CameraEvent', schema: cameraEventSchema, example: cameraEventExample },
  },
  {
    key: 'alerts',
    address: 'alerts.{severity}.{tenant}.{camera}',
    summary: 'Alerts as they are raised, CloudEvents 1.0.',
    action: 'send',
    stream: STREAMS.alerts.name,
    message: { name: 'AlertRaised', schema: alertCloudEventSchema, example: RAISED },
  },
  {
    key: 'alertChanges',
    address: 'alert-changes.{tenant}.{camera}',
    summary: 'What becomes of alerts, CloudEvents 1.0.',
    action: 'send',
    stream: STREAMS.alerts.name,
    message: { name: 'AlertChanged', schema: alertChangeCloudEventSchema, example: CHANGED },
  },
]

/** What the parts of subjects mean. */
export const PARAMETERS: Readonly<Record<string, string>> = {
  type: 'A type of task or agent.',
  taskId: 'The task.',
  stepId: 'The step.',
  kind: 'What happened: `accepted`, `step-completed`, `step-retrying`, `step-failed`, `progress`, `completed`, `failed`, `cancelled`.',
  agent: 'A type of agent.',
  priority: '0 high, 1 normal, 2 low.',
  partition: 'The partition of the log that the task belongs to.',
  instance: 'An instance of an agent.',
  camera: 'The name of a camera.',
  model: 'The name of a model, with ~ in place of dots.',
  severity: '`critical`, `high`, `medium` or `low`.',
  tenant: 'The tenant that it is for.',
}
