import type { UntypedServiceImplementation } from '@grpc/grpc-js'
import type { JsonObject } from '#schemas/json.ts'
import type { Schedule } from '#schemas/schedule.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { type CallDeps, unary } from './call.ts'
import { present, submissionJson } from './from-proto.ts'
import {
  type Schedule as ProtoSchedule,
  type PutScheduleRequest,
  ScheduleServiceService,
} from './generated/v1/schedule_service.ts'
import { planMessage } from './to-proto.ts'

/** ScheduleService over the gateway. */
export function scheduleService(deps: CallDeps & { gateway: Gateway }): UntypedServiceImplementation {
  const is = ScheduleServiceService
  const { schedules } = deps.gateway
  return {
    putSchedule: unary(deps, 'putSchedule', is.putSchedule, async (request, { caller, isAbout }) => {
      isAbout(request.name)
      const stored = await schedules.ask(caller.tenant, 'putSchedule', putJson(request))
      return { ...stored, schedule: scheduleMessage(stored.schedule) }
    }),
    getSchedule: unary(deps, 'getSchedule', is.getSchedule, async (request, { caller }) =>
      answerOf(await schedules.ask(caller.tenant, 'getSchedule', present(request))),
    ),
    listSchedules: unary(deps, 'listSchedules', is.listSchedules, (request, { caller }) =>
      schedules.ask(caller.tenant, 'listSchedules', present(request)),
    ),
    deleteSchedule: unary(deps, 'deleteSchedule', is.deleteSchedule, (request, { caller, isAbout }) => {
      isAbout(request.name)
      return schedules.ask(caller.tenant, 'deleteSchedule', present(request))
    }),
    pauseSchedule: unary(deps, 'pauseSchedule', is.pauseSchedule, async (request, { caller, isAbout }) => {
      isAbout(request.name)
      return answerOf(await schedules.ask(caller.tenant, 'pauseSchedule', present(request)))
    }),
    resumeSchedule: unary(deps, 'resumeSchedule', is.resumeSchedule, async (request, { caller, isAbout }) => {
      isAbout(request.name)
      return answerOf(await schedules.ask(caller.tenant, 'resumeSchedule', present(request)))
    }),
    triggerSchedule: unary(deps, 'triggerSchedule', is.triggerSchedule, (request, { caller, isAbout }) => {
      isAbout(request.name)
      return schedules.ask(caller.tenant, 'triggerSchedule', present(request))
    }),
    previewSchedule: unary(deps, 'previewSchedule', is.previewSchedule, (request, { caller }) =>
      schedules.ask(caller.tenant, 'previewSchedule', present(request)),
    ),
  }
}

function putJson({ submission, catchUp, ...rest }: PutScheduleRequest): JsonObject {
  return present({
    ...rest,
    ...(submission && { submission: submissionJson(submission) }),
    ...(catchUp && { catchUp: present(catchUp) }),
  })
}

function answerOf({ schedule }: { schedule: Schedule }): { schedule: ProtoSchedule } {
  return { schedule: scheduleMessage(schedule) }
}

function scheduleMessage({ submission, ...same }: Schedule): ProtoSchedule {
  const { plan, ...rest } = submission
  return { ...same, submission: { ...rest, ...(plan && { plan: planMessage(plan) }) } }
}
