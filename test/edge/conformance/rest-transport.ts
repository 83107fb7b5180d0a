import type { JsonObject } from '#schemas/json.ts'
import { type Answer, type Asked, chunksItem, type Transport, type WatchedItem } from './transport.ts'

/** REST, as a client of HTTP uses it. */
export function restTransport(url: string): Transport {
  const ask = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${url}${path}`, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: body instanceof Uint8Array ? body : JSON.stringify(body),
      }),
    })
    return answerOf((await response.json()) as JsonObject, response.ok)
  }
  const onSchedule = (verb: string, { name, ...rest }: JsonObject) =>
    ask('POST', `/v1/schedules/${encodeURIComponent(String(name))}/${verb}`, rest)
  return {
    name: 'REST',
    ask(operation, request) {
      const { id, ...rest } = request
      const taskPath = `/v1/tasks/${encodeURIComponent(String(id))}`
      const routes: Record<Asked, () => Promise<Answer>> = {
        submitTask: () => ask('POST', '/v1/tasks', request),
        getTask: () => ask('GET', `/v1/tasks/${encodeURIComponent(String(id))}`),
        listTasks: () => ask('GET', `/v1/tasks?${queryOf(request)}`),
        cancelTask: () => ask('POST', `/v1/tasks/${encodeURIComponent(String(id))}/cancel`, rest),
        checkPlan: () => ask('POST', '/v1/plans', request),
        getTaskResult: async () => {
          // The output is all of the answer, so it may be anything.
          const answer = await ask('GET', `/v1/tasks/${encodeURIComponent(String(id))}/result`)
          return answer.ok ? { ok: true, body: { output: answer.body } } : answer
        },
        listArtifacts: async () => {
          const answer = await ask('GET', `/v1/tasks/${encodeURIComponent(String(id))}/artifacts`)
          if (!answer.ok) return answer
          // Where to fetch it is said by the transport of HTTP alone.
          const artifacts = (answer.body.artifacts as JsonObject[]).map(({ href, ...artifact }) => {
            if (href !== `/v1/objects/${artifact.blob}`) throw new Error(`${href} is not where it is`)
            return artifact
          })
          return { ok: true, body: { artifacts } }
        },
        startMonitor: () => ask('POST', '/v1/monitors', rest),
        listMonitors: () => ask('GET', `/v1/monitors?${queryOf(request)}`),
        listFalsePositives: () => ask('GET', `/v1/false-positives?${queryOf(request)}`),
        markFalsePositive: () => ask('POST', `/v1/alerts/${encodeURIComponent(String(id))}/not-this`, {}),
        removeFalsePositive: () => ask('DELETE', `/v1/false-positives/${encodeURIComponent(String(id))}`),
        getAlert: () => ask('GET', `/v1/alerts/${encodeURIComponent(String(id))}`),
        stopMonitor: () => ask('POST', `/v1/monitors/${encodeURIComponent(String(id))}/stop`, {}),
        listAgents: () => ask('GET', '/v1/agents'),
        listCameras: () => ask('GET', `/v1/cameras?${queryOf(request)}`),
        listAlerts: () => ask('GET', `/v1/alerts?${queryOf(request)}`),
        changeAlert: () => {
          const { status, ...about } = rest
          const verb = status === 'resolved' ? 'resolve' : 'acknowledge'
          return ask('POST', `/v1/alerts/${encodeURIComponent(String(id))}/${verb}`, about)
        },
        changeAlerts: () => {
          const { status, ...about } = rest
          return ask('POST', `/v1/alerts/${status === 'resolved' ? 'resolve' : 'acknowledge'}`, about)
        },
        listReviews: () => ask('GET', `/v1/reviews?${queryOf(request)}`),
        getReview: () => ask('GET', `/v1/reviews/${encodeURIComponent(String(id))}`),
        markReviews: () => ask('POST', '/v1/reviews/mark', rest),
        addSnooze: () => ask('POST', '/v1/snoozes', rest),
        listSnoozes: () => ask('GET', `/v1/snoozes?${queryOf(request)}`),
        endSnooze: () => ask('POST', `/v1/snoozes/${encodeURIComponent(String(id))}/end`, rest),
        addBookmark: () => ask('POST', '/v1/bookmarks', rest),
        listBookmarks: () => ask('GET', `/v1/bookmarks?${queryOf(request)}`),
        removeBookmark: () => ask('DELETE', `/v1/bookmarks/${encodeURIComponent(String(id))}`),
        getStatus: () => ask('GET', '/v1/status'),
        deleteObject: () => ask('DELETE', `/v1/objects/${String(request.key)}`),
        getUsage: () => ask('GET', '/v1/usage'),
        putSchedule: () => ask('POST', '/v1/schedules', request),
        getSchedule: () => ask('GET', `/v1/schedules/${encodeURIComponent(String(request.name))}`),
        listSchedules: () => ask('GET', `/v1/schedules?${queryOf(request)}`),
        deleteSchedule: () => onSchedule('delete', request),
        pauseSchedule: () => onSchedule('pause', request),
        resumeSchedule: () => onSchedule('resume', request),
        triggerSchedule: () => onSchedule('trigger', request),
        previewSchedule: () => ask('POST', '/v1/schedules/preview', request),
        listDeadLetters: () => ask('GET', `/v1/dead-letters?${queryOf(request)}`),
        getDeadLetter: () => ask('GET', `/v1/dead-letters/${request.seq}`),
        replayDeadLetters: () => ask('POST', '/v1/dead-letters/replay', request),
        purgeDeadLetters: () => ask('POST', '/v1/dead-letters/purge', request),
        putTemplate: () => ask('POST', '/v1/templates', request),
        getTemplate: () => {
          const { name, ...query } = request
          return ask('GET', `/v1/templates/${encodeURIComponent(String(name))}?${queryOf(query)}`)
        },
        listTemplates: () => ask('GET', `/v1/templates?${queryOf(request)}`),
        deleteTemplate: () => {
          const { name, ...body } = request
          return ask('POST', `/v1/templates/${encodeURIComponent(String(name))}/delete`, body)
        },
        setAgentPolicy: () => {
          const { agent, ...change } = request
          return ask('POST', `/v1/agent-policies/${encodeURIComponent(String(agent))}`, change)
        },
        setInstanceDrain: () => {
          const { agent, instance, ...change } = request
          const path = [agent, 'instances', instance]
            .map((part) => encodeURIComponent(String(part)))
            .join('/')
          return ask('POST', `/v1/agents/${path}/drain`, change)
        },
        setTaskTypePause: () => {
          const { name, ...change } = request
          return ask('POST', `/v1/task-types/${encodeURIComponent(String(name))}/pause`, change)
        },
        listTaskTypePauses: () => ask('GET', '/v1/task-types/paused'),
        listQueueLoads: () => ask('GET', '/v1/queues'),
        getIntegrity: () => ask('GET', '/v1/integrity'),
        getPartitions: () => ask('GET', '/v1/partitions'),
        growPartitions: () => ask('POST', '/v1/partitions/grow', request),
        getAgentPolicies: () => ask('GET', `/v1/agent-policies?${queryOf(request)}`),
        pauseTask: () => ask('POST', `${taskPath}/pause`, rest),
        resumeTask: () => ask('POST', `${taskPath}/resume`, rest),
        signalTask: () => {
          const { signalId, ...signal } = rest
          return ask('POST', `${taskPath}/signals`, { ...signal, id: signalId })
        },
        listApprovals: () => ask('GET', `/v1/approvals?${queryOf(request)}`),
        handOnApproval: () => {
          const { stepId, ...order } = rest
          return ask('POST', `${taskPath}/approvals/${encodeURIComponent(String(stepId))}/hand-on`, order)
        },
        answerApproval: () => {
          const { stepId, ...answer } = rest
          return ask('POST', `${taskPath}/approvals/${encodeURIComponent(String(stepId))}`, answer)
        },
        retryTask: () => ask('POST', `${taskPath}/retry`, rest),
        changeTasks: () => ask('POST', '/v1/tasks/change-many', request),
      }
      return routes[operation]()
    },
    async watch(taskId, afterRev, onItem) {
      const headers: Record<string, string> =
        afterRev === undefined ? {} : { 'last-event-id': String(afterRev) }
      const response = await fetch(`${url}/v1/tasks/${taskId}/events`, {
        headers,
        signal: AbortSignal.timeout(30_000),
      })
      let text = ''
      let told = 0
      for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
        text += piece
        const items = itemsOf(text.slice(0, text.lastIndexOf('\n\n') + 2))
        for (const item of items.slice(told)) onItem?.(item)
        told = items.length
      }
      return itemsOf(text)
    },
    async upload(bytes, { contentType, name }) {
      const query = name === undefined ? '' : `?name=${encodeURIComponent(name)}`
      const response = await fetch(`${url}/v1/objects${query}`, {
        method: 'POST',
        headers: { 'content-type': contentType },
        body: bytes,
      })
      return answerOf((await response.json()) as JsonObject, response.ok)
    },
    async download(key) {
      const response = await fetch(`${url}/v1/objects/${key}`)
      if (!response.ok) return answerOf((await response.json()) as JsonObject, false)
      return { bytes: await response.bytes(), contentType: response.headers.get('content-type') ?? '' }
    },
    async close() {},
  }
}

function answerOf(body: JsonObject, isOk: boolean): Answer {
  if (isOk) return { ok: true, body }
  const { code, detail, fix, issues = null, retryAfterMs } = body
  return {
    ok: false,
    code: String(code),
    message: String(detail),
    fix: String(fix),
    issues: issues as never,
    ...(typeof retryAfterMs === 'number' && { retryAfterMs }),
  }
}

function queryOf(request: JsonObject): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(request)) {
    if (name === 'labels')
      for (const [label, of] of Object.entries(value as JsonObject)) query.append('label', `${label}:${of}`)
    else query.append(name.replace(/Ms$/, ''), String(value))
  }
  return query.toString()
}

function itemsOf(text: string): WatchedItem[] {
  return text
    .split('\n\n')
    .map(
      (block) =>
        Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2))) as Record<
          string,
          string
        >,
    )
    .filter(({ event }) => event === 'snapshot' || event === 'event' || event === 'chunks')
    .map(({ event, data, id }) => {
      const body = JSON.parse(data!)
      if (event === 'chunks') return chunksItem(body)
      return {
        kind: event as WatchedItem['kind'],
        rev: id === undefined ? undefined : Number(id),
        what: event === 'snapshot' ? body.task.status : body.kind,
      }
    })
}
