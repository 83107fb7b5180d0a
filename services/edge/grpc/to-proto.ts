import type { AgentView } from '#schemas/agent.ts'
import type {
  DrainedInstance as DrainedInstanceView,
  InstanceDrain as InstanceDrainView,
} from '#schemas/agent-drain.ts'
import type { Alert } from '#schemas/alert.ts'
import type { HandOn } from '#schemas/approval.ts'
import type { BlobRef } from '#schemas/blob.ts'
import type { CameraView } from '#schemas/camera-view.ts'
import type { DetectorView } from '#schemas/detection.ts'
import type { Plan } from '#schemas/plan.ts'
import type { SiteView } from '#schemas/site.ts'
import type { WatchedChunks } from '#schemas/step-chunks.ts'
import type { CheckPlanResponse } from '#schemas/submission.ts'
import type { StepState, TaskState, TaskSummary } from '#schemas/task.ts'
import type { ChangedTask, OpenApprovalView } from '#schemas/task-controls.ts'
import type { TaskEvent } from '#schemas/task-event.ts'
import type { Alert as ProtoAlert } from './generated/v1/alert_service.ts'
import type { Camera } from './generated/v1/camera_service.ts'
import type { ObjectRef } from './generated/v1/object_service.ts'
import type { Agent, Detector, DrainedInstance, InstanceDrain, Site } from './generated/v1/system_service.ts'
import {
  type Plan as ProtoPlan,
  type StepState as ProtoStepState,
  type TaskEvent as ProtoTaskEvent,
  type TaskSummary as ProtoTaskSummary,
  StepStatus,
  type Task,
  TaskStatus,
} from './generated/v1/task.ts'
import type {
  OpenApproval,
  ChangedTask as ProtoChangedTask,
  CheckPlanResponse as ProtoCheckPlanResponse,
  StepChunks,
} from './generated/v1/task_service.ts'
import { whole, wholeOrNone } from './whole.ts'

// What the services say, as messages. Names are the same on both sides; times become whole milliseconds.

const taskStatus = (status: TaskState['status']) =>
  TaskStatus[`TASK_STATUS_${status.toUpperCase() as Uppercase<typeof status>}`]
const stepStatus = (status: StepState['status']) => {
  const name = status.toUpperCase().replace('-', '_') as StepStatusName
  return StepStatus[`STEP_STATUS_${name}`]
}

type StepStatusName = keyof typeof StepStatus extends `STEP_STATUS_${infer Name}` ? Name : never

export function taskMessage(task: TaskState): Task {
  const { status, createdAtMs, startAtMs, deadlineAtMs, finishedAtMs, pausedAtMs, ...rest } = task
  const { plan, steps, signals, endsAs, ...same } = rest
  return {
    ...same,
    status: taskStatus(status),
    createdAtMs: whole(createdAtMs),
    startAtMs: whole(startAtMs),
    deadlineAtMs: whole(deadlineAtMs),
    finishedAtMs: wholeOrNone(finishedAtMs),
    pausedAtMs: wholeOrNone(pausedAtMs),
    signals: signals?.map((signal) => ({ ...signal, atMs: whole(signal.atMs) })) ?? [],
    endsAs: endsAs && { ...endsAs, status: taskStatus(endsAs.status) },
    plan: planMessage(plan),
    steps: Object.fromEntries(Object.entries(steps).map(([id, step]) => [id, stepMessage(step)])),
  }
}

function stepMessage({ runs, ...step }: StepState): ProtoStepState {
  return {
    ...step,
    ...(runs && {
      runs: Object.fromEntries(Object.entries(runs).map(([part, run]) => [part, stepMessage(run)])),
    }),
    wakeAtMs: wholeOrNone(step.wakeAtMs),
    waitingSinceMs: wholeOrNone(step.waitingSinceMs),
    handedOn: handOnMessages(step.handedOn),
    placement: step.placement && {
      ...step.placement,
      atMs: wholeOrNone(step.placement.atMs),
    },
    status: stepStatus(step.status),
    dispatchedAtMs: wholeOrNone(step.dispatchedAtMs),
    timeoutAtMs: wholeOrNone(step.timeoutAtMs),
    retryAtMs: wholeOrNone(step.retryAtMs),
    startedAtMs: wholeOrNone(step.startedAtMs),
    finishedAtMs: wholeOrNone(step.finishedAtMs),
    expiresAtMs: wholeOrNone(step.expiresAtMs),
    run: step.run && {
      ...step.run,
      bornAtMs: whole(step.run.bornAtMs),
      sinceMs: whole(step.run.sinceMs),
    },
  }
}

/** A child task’s plan was checked with the plan that it stands in. */
export function planMessage({ steps, ...rest }: Plan): ProtoPlan {
  return {
    ...rest,
    steps: steps.map(({ task, ...step }) => ({
      ...step,
      ...(task && {
        task: { ...task, plan: task.plan && planMessage(task.plan as unknown as Plan) },
      }),
    })),
  }
}

export function approvalMessage(view: OpenApprovalView): OpenApproval {
  const { sinceMs, untilMs, handedOn, ...approval } = view
  return {
    ...approval,
    sinceMs: whole(sinceMs),
    untilMs: wholeOrNone(untilMs),
    handedOn: handOnMessages(handedOn),
  }
}

function handOnMessages(handedOn: readonly HandOn[] = []) {
  return handedOn.map((one) => ({ ...one, atMs: whole(one.atMs) }))
}

export function changedMessage({ status, problem, ...changed }: ChangedTask): ProtoChangedTask {
  return {
    ...changed,
    ...(status !== undefined && { status: taskStatus(status) }),
    ...(problem && { problem: { ...problem } }),
  }
}

export function summaryMessage(summary: TaskSummary): ProtoTaskSummary {
  return {
    ...summary,
    status: taskStatus(summary.status),
    createdAtMs: whole(summary.createdAtMs),
    finishedAtMs: wholeOrNone(summary.finishedAtMs),
  }
}

export function eventMessage(event: TaskEvent): ProtoTaskEvent {
  return { ...event, atMs: whole(event.atMs), durationMs: wholeOrNone(event.durationMs) }
}

export function chunksMessage(chunks: WatchedChunks): StepChunks {
  return { ...chunks, chunks: [...chunks.chunks], atMs: whole(chunks.atMs) }
}

export function checkMessage({ plan, stages, ...same }: CheckPlanResponse): ProtoCheckPlanResponse {
  return { ...same, plan: planMessage(plan), stages: stages.map((steps) => ({ steps })) }
}

export function agentMessage({ drain, ...agent }: AgentView): Agent {
  return {
    ...agent,
    startedAtMs: whole(agent.startedAtMs),
    lastSeenMs: whole(agent.lastSeenMs),
    ...(drain && { drain: { ...drain, sinceMs: whole(drain.sinceMs) } }),
  }
}

export function drainedInstanceMessage(drained: DrainedInstanceView): DrainedInstance {
  return { ...drained, sinceMs: whole(drained.sinceMs) }
}

export function instanceDrainMessage(drain: InstanceDrainView): InstanceDrain {
  return { ...drain, sinceMs: wholeOrNone(drain.sinceMs) }
}

export function siteMessage(site: SiteView): Site {
  return { ...site, sinceMs: whole(site.sinceMs), lastSeenMs: whole(site.lastSeenMs) }
}

export function detectorMessage(detector: DetectorView): Detector {
  return {
    ...detector,
    answeredAtMs: wholeOrNone(detector.answeredAtMs),
    startedAtMs: whole(detector.startedAtMs),
    lastSeenMs: whole(detector.lastSeenMs),
  }
}

export function cameraMessage(view: CameraView): Camera {
  return {
    ...view,
    sinceMs: whole(view.sinceMs),
    heardAtMs: wholeOrNone(view.heardAtMs),
    analysedAtMs: wholeOrNone(view.analysedAtMs),
  }
}

export function objectMessage(ref: BlobRef): ObjectRef {
  return { ...ref }
}

export function alertMessage(alert: Alert): ProtoAlert {
  const { atMs, mediaMs, raisedAtMs, lastSeenAtMs, changedAtMs, frame, incident, snoozed, ...same } = alert
  return {
    ...same,
    objects: alert.objects.map((object) => ({ ...object, box: [...object.box] })),
    atMs: whole(atMs),
    mediaMs: whole(mediaMs),
    raisedAtMs: whole(raisedAtMs),
    lastSeenAtMs: whole(lastSeenAtMs),
    changedAtMs: wholeOrNone(changedAtMs),
    frame: frame && { ...frame, epoch: whole(frame.epoch), capturedAtMs: whole(frame.capturedAtMs) },
    incident: incident && {
      ...incident,
      sinceMs: whole(incident.sinceMs),
      totalMs: whole(incident.totalMs),
      endedAtMs: wholeOrNone(incident.endedAtMs),
      closesAtMs: wholeOrNone(incident.closesAtMs),
    },
    snoozed: snoozed && { ...snoozed, untilMs: whole(snoozed.untilMs) },
  }
}
