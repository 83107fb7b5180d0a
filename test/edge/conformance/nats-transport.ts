import { connect } from '@nats-io/transport-node'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { JsonObject } from '#schemas/json.ts'
import { SERVICES } from '#subjects/operations.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { type Answer, type Asked, chunksItem, type Transport, type WatchedItem } from './transport.ts'

const TIMEOUT_MS = 10_000
const decoder = new TextDecoder()

const SUBJECT_OF: Record<Exclude<Asked, 'stopMonitor'>, string> = {
  submitTask: SERVICES.submitTask,
  getTask: SERVICES.getTask,
  listTasks: SERVICES.listTasks,
  cancelTask: SERVICES.cancelTask,
  checkPlan: SERVICES.checkPlan,
  putSchedule: SERVICES.putSchedule,
  getSchedule: SERVICES.getSchedule,
  listSchedules: SERVICES.listSchedules,
  deleteSchedule: SERVICES.deleteSchedule,
  deleteObject: SERVICES.deleteObject,
  getUsage: SERVICES.getUsage,
  pauseSchedule: SERVICES.pauseSchedule,
  resumeSchedule: SERVICES.resumeSchedule,
  triggerSchedule: SERVICES.triggerSchedule,
  previewSchedule: SERVICES.previewSchedule,
  listAgents: SERVICES.listAgents,
  listCameras: SERVICES.listCameras,
  listAlerts: SERVICES.listAlerts,
  listFalsePositives: SERVICES.listFalsePositives,
  markFalsePositive: SERVICES.markFalsePositive,
  removeFalsePositive: SERVICES.removeFalsePositive,
  getAlert: SERVICES.getAlert,
  changeAlert: SERVICES.changeAlert,
  changeAlerts: SERVICES.changeAlerts,
  listReviews: SERVICES.listReviews,
  getReview: SERVICES.getReview,
  markReviews: SERVICES.markReviews,
  addSnooze: SERVICES.addSnooze,
  listSnoozes: SERVICES.listSnoozes,
  endSnooze: SERVICES.endSnooze,
  addBookmark: SERVICES.addBookmark,
  listBookmarks: SERVICES.listBookmarks,
  removeBookmark: SERVICES.removeBookmark,
  getTaskResult: SERVICES.getTaskResult,
  listArtifacts: SERVICES.listArtifacts,
  startMonitor: SERVICES.submitTask,
  listMonitors: SERVICES.listTasks,
  getStatus: SERVICES.getStatus,
  listDeadLetters: SERVICES.listDeadLetters,
  getDeadLetter: SERVICES.getDeadLetter,
  replayDeadLetters: SERVICES.replayDeadLetters,
  purgeDeadLetters: SERVICES.purgeDeadLetters,
  putTemplate: SERVICES.putTemplate,
  getTemplate: SERVICES.getTemplate,
  listTemplates: SERVICES.listTemplates,
  deleteTemplate: SERVICES.deleteTemplate,
  setAgentPolicy: SERVICES.setAgentPolicy,
  getAgentPolicies: SERVICES.getAgentPolicies,
  setInstanceDrain: SERVICES.setInstanceDrain,
  setTaskTypePause: SERVICES.setTaskTypePause,
  listTaskTypePauses: SERVICES.listTaskTypePauses,
  listQueueLoads: SERVICES.listQueueLoads,
  getIntegrity: SERVICES.getIntegrity,
  getPartitions: SERVICES.getPartitions,
  growPartitions: SERVICES.growPartitions,
  pauseTask: SERVICES.pauseTask,
  resumeTask: SERVICES.resumeTask,
  signalTask: SERVICES.signalTask,
  listApprovals: SERVICES.listApprovals,
  answerApproval: SERVICES.answerApproval,
  handOnApproval: SERVICES.handOnApproval,
  retryTask: SERVICES.retryTask,
  changeTasks: SERVICES.changeTasks,
}

/** Of which an id is not that of a task. */
const NAMED_BY_ID: ReadonlySet<string> = new Set([
  'changeAlert',
  'getAlert',
  'getReview',
  'endSnooze',
  'removeBookmark',
  'markFalsePositive',
  'removeFalsePositive',
])

/** The services on NATS, as a client without any library of ours uses them. */
export async function natsTransport(bus: Bus, url: string): Promise<Transport> {
  const client = await connect({ servers: url })
  const ask = async (subject: string, request: unknown): Promise<Answer> => {
    try {
      return {
        ok: true,
        body: (await bus.request(subject, request, { timeoutMs: TIMEOUT_MS })) as JsonObject,
      }
    } catch (error) {
      if (!(error instanceof MurmurError)) throw error
      const { code, message, fix, issues = null, retryAfterMs } = error.toProblem()
      return {
        ok: false,
        code,
        message,
        fix,
        issues: issues as never,
        ...(retryAfterMs !== undefined && { retryAfterMs }),
      }
    }
  }
  return {
    name: 'NATS',
    ask(operation, { id, ...rest }) {
      if (operation === 'stopMonitor') return ask(SUBJECTS.monitorStop(String(id)), {})
      if (operation === 'startMonitor') return ask(SERVICES.submitTask, { type: 'monitor', input: rest })
      if (operation === 'listMonitors') return ask(SERVICES.listTasks, { ...rest, type: 'monitor' })
      const named = NAMED_BY_ID.has(operation) ? { id } : { taskId: id }
      // What names a signal has the name of what names a task in this suite.
      if (operation === 'signalTask') {
        const { signalId, ...signal } = rest
        return ask(SERVICES.signalTask, { ...signal, id: signalId, taskId: id })
      }
      return ask(SUBJECT_OF[operation], { ...rest, ...(id !== undefined && named) })
    },
    watch(taskId, afterRev, onItem) {
      return new Promise((resolve, reject) => {
        const items: WatchedItem[] = []
        const add = (item: WatchedItem) => {
          items.push(item)
          onItem?.(item)
        }
        const reply = `_INBOX.conformance.${taskId}`
        const timer = setTimeout(() => reject(new Error('the watch did not end')), 30_000)
        const subscription = client.subscribe(reply, {
          callback: (_error, { data }) => {
            const item = JSON.parse(decoder.decode(data))
            if (item.kind === 'snapshot')
              add({ kind: 'snapshot', rev: item.task.rev, what: item.task.status })
            else if (item.kind === 'event') add({ kind: 'event', rev: item.event.rev, what: item.event.kind })
            else if (item.kind === 'chunks') add(chunksItem(item.chunks))
            else if (item.kind === 'end' || item.problem) {
              clearTimeout(timer)
              subscription.unsubscribe()
              if (item.problem) reject(MurmurError.fromProblem(item.problem))
              else resolve(items)
            }
          },
        })
        client.publish(
          SERVICES.watchTask,
          JSON.stringify({ taskId, ...(afterRev !== undefined && { afterRev }) }),
          { reply },
        )
      })
    },
    async upload(bytes, about) {
      const blobs = await bus.objects.open({ waitMs: TIMEOUT_MS })
      return {
        ok: true,
        body: { object: (await blobs.put('uploads', bytes, about)) as unknown as JsonObject },
      }
    },
    async download(key) {
      const blobs = await bus.objects.open({ waitMs: TIMEOUT_MS })
      const { bytes, contentType } = await blobs.read(key)
      return { bytes: new Uint8Array(await new Response(bytes).arrayBuffer()), contentType }
    },
    close: () => client.close(),
  }
}
