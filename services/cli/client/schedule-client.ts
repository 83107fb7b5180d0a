import type { JsonObject } from '#schemas/json.ts'
import type {
  ListSchedulesRequest,
  ListSchedulesResponse,
  Occurrence,
  Schedule,
  TriggerScheduleRequest,
} from '#schemas/schedule.ts'
import type { SubmissionReceipt } from '#schemas/submission.ts'
import type { RequestInput } from '#subjects/operations.ts'
import type { Transport } from './transport.ts'

/** Schedules as a command uses them. */
export interface ScheduleClient {
  /** @throws MurmurError INVALID_SCHEDULE, and what its submission would be refused for */
  put(request: JsonObject): Promise<{ schedule: Schedule; created: boolean }>
  /** @throws MurmurError SCHEDULE_NOT_FOUND, here and below */
  get(name: string): Promise<Schedule>
  list(request: Partial<ListSchedulesRequest>): Promise<ListSchedulesResponse>
  delete(name: string): Promise<{ name: string; deleted: true }>
  pause(name: string, reason?: string): Promise<Schedule>
  resume(name: string): Promise<Schedule>
  trigger(request: TriggerScheduleRequest): Promise<SubmissionReceipt>
  /** When it would run; nothing is stored. @throws MurmurError INVALID_SCHEDULE */
  preview(request: RequestInput<'previewSchedule'>): Promise<Occurrence[]>
}

/** Over any transport. */
export function schedulesOver({ call }: Transport): ScheduleClient {
  return {
    // As it was written: the orchestrator checks it.
    put: (request) => call('putSchedule', request as RequestInput<'putSchedule'>),
    get: async (name) => (await call('getSchedule', { name })).schedule,
    list: (request) => call('listSchedules', request),
    delete: (name) => call('deleteSchedule', { name }),
    pause: async (name, reason) =>
      (await call('pauseSchedule', { name, ...(reason && { reason }) })).schedule,
    resume: async (name) => (await call('resumeSchedule', { name })).schedule,
    trigger: (request) => call('triggerSchedule', request),
    preview: async (request) => (await call('previewSchedule', request)).nextRuns,
  }
}
