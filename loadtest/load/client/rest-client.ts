import type { IncomingMessage } from 'node:http'
import { createParser } from 'eventsource-parser'
import { isTerminal, type TaskStatus } from '../../../schemas/task.ts'
import type { Ask, Gains, Op, SeenTask } from '../users/action.ts'
import type { FileName, UploadFile } from '../users/files.ts'
import { type HttpAnswer, HttpExchanger } from './http-exchange.ts'
import { CallError, type LoadClient } from './load-client.ts'

interface WireTask {
  status: TaskStatus
  error?: { code?: string }
}
type Calls = { [Kind in Op]: (ask: Extract<Ask, { op: Kind }>, timeoutMs: number) => Promise<Gains[Kind]> }

/** REST as an outside client speaks it. */
export function restClient(
  url: string,
  { key, files }: { key?: string | undefined; files: ReadonlyMap<FileName, UploadFile> },
): LoadClient {
  const http = new HttpExchanger(url, key)
  const json = async <Body>(
    method: 'GET' | 'POST',
    path: string,
    timeoutMs: number,
    body?: unknown,
  ): Promise<Body> => {
    const answer = await http.exchange({ method, path, timeoutMs, ...(body !== undefined && { json: body }) })
    return JSON.parse(okBody(answer).toString()) as Body
  }
  const get = <Body>(path: string, timeoutMs: number) => json<Body>('GET', path, timeoutMs)
  const post = <Body>(path: string, timeoutMs: number, body: unknown = {}) =>
    json<Body>('POST', path, timeoutMs, body)

  const calls: Calls = {
    async upload({ file }, timeoutMs) {
      const body = files.get(file)!
      const path = `/v1/objects?name=${encodeURIComponent(file)}`
      const answer = await http.exchange({ method: 'POST', path, body, timeoutMs })
      return (JSON.parse(okBody(answer).toString()) as { object: Gains['upload'] }).object
    },
    submit: ({ submission }, timeoutMs) => post('/v1/tasks', timeoutMs, submission),
    async getTask({ taskId }, timeoutMs) {
      return seenTask((await get<{ task: WireTask }>(`/v1/tasks/${taskId}`, timeoutMs)).task)
    },
    watchTask({ taskId }, timeoutMs) {
      const path = `/v1/tasks/${taskId}/events?chunks=false`
      return http.stream({ method: 'GET', path, timeoutMs }, endOfStream)
    },
    async getResult({ taskId }, timeoutMs) {
      const answer = await http.exchange({ method: 'GET', path: `/v1/tasks/${taskId}/result`, timeoutMs })
      return { bytes: okBody(answer).length }
    },
    async listArtifacts({ taskId }, timeoutMs) {
      const path = `/v1/tasks/${taskId}/artifacts`
      const { artifacts } = await get<{ artifacts: { blob: string }[] }>(path, timeoutMs)
      return { blobs: artifacts.map(({ blob }) => blob) }
    },
    async download({ blob }, timeoutMs) {
      return {
        bytes: okBody(await http.exchange({ method: 'GET', path: `/v1/objects/${blob}`, timeoutMs })).length,
      }
    },
    async listTasks(_ask, timeoutMs) {
      return { tasks: (await get<{ tasks: unknown[] }>('/v1/tasks?limit=20', timeoutMs)).tasks.length }
    },
    async cancelTask({ taskId }, timeoutMs) {
      await post(`/v1/tasks/${taskId}/cancel`, timeoutMs)
      return null
    },
    startMonitor: ({ request }, timeoutMs) => post('/v1/monitors', timeoutMs, request),
    async stopMonitor({ taskId }, timeoutMs) {
      await post(`/v1/monitors/${taskId}/stop`, timeoutMs)
      return null
    },
    listAlerts({ monitor }, timeoutMs) {
      const of = monitor === '' ? '' : `&monitor=${monitor}`
      return get(`/v1/alerts?limit=20${of}`, timeoutMs)
    },
    async getAlert({ id }, timeoutMs) {
      return (await get<{ alert: Gains['getAlert'] }>(`/v1/alerts/${id}`, timeoutMs)).alert
    },
    async acknowledgeAlert({ id }, timeoutMs) {
      const path = `/v1/alerts/${id}/acknowledge`
      return (await post<{ alert: Gains['getAlert'] }>(path, timeoutMs, { by: 'load', note: 'seen' })).alert
    },
    async getStatus(_ask, timeoutMs) {
      await get('/v1/status', timeoutMs)
      return null
    },
    async listAgents(_ask, timeoutMs) {
      const { agents } = await get<{ agents: { type: string }[] }>('/v1/agents', timeoutMs)
      return { types: [...new Set(agents.map(({ type }) => type))] }
    },
    vanish({ submission, afterMs }) {
      const call = http.open({ method: 'POST', path: '/v1/tasks', json: submission, timeoutMs: 0 })
      return vanished(call, afterMs)
    },
    vanishUpload({ file }) {
      const { bytes, contentType } = files.get(file)!
      const half = bytes.subarray(0, bytes.length / 2)
      const headers = { 'content-length': String(bytes.length) }
      const body = { bytes: half, contentType }
      const call = http.open({ method: 'POST', path: '/v1/objects?name=half', body, headers, timeoutMs: 0 })
      return vanished(call, 20)
    },
  }
  return {
    transport: 'rest',
    ask: (ask, timeoutMs) =>
      (calls[ask.op] as (ask: Ask, timeoutMs: number) => Promise<never>)(ask, timeoutMs),
    close: () => http.close(),
  }
}

/** The body of an answer that is no problem. @throws CallError with the code of the problem */
function okBody({ status, body }: HttpAnswer): Buffer {
  if (status >= 200 && status < 300) return body
  throw problemError(status, body.toString())
}

/** What a problem says; of an answer that is none, its status. Pure. */
export function problemError(status: number, text: string): CallError {
  let problem: { code?: unknown; detail?: unknown; retryAfterMs?: unknown } = {}
  try {
    problem = JSON.parse(text) as typeof problem
  } catch {
    // Something before the edge answered: its status is all there is.
  }
  const code = typeof problem.code === 'string' ? problem.code : `HTTP_${status}`
  const retryAfterMs = typeof problem.retryAfterMs === 'number' ? problem.retryAfterMs : undefined
  return new CallError(code, String(problem.detail ?? status), { retryAfterMs, isRefusal: status === 429 })
}

function seenTask({ status, error }: WireTask): SeenTask {
  return { status, code: error?.code }
}

/** Reads server-sent events until the task is over: the last snapshot says how. */
async function endOfStream(response: IncomingMessage): Promise<SeenTask> {
  if (response.statusCode !== 200) {
    let text = ''
    for await (const chunk of response) text += chunk
    throw problemError(response.statusCode ?? 0, text)
  }
  let seen: SeenTask | undefined
  let problem: string | undefined
  const parser = createParser({
    onEvent({ event, data }) {
      if (event === 'problem') problem = data
      if (event !== 'snapshot') return
      const { task } = JSON.parse(data) as { task: WireTask }
      if (isTerminal(task.status)) seen = seenTask(task)
    },
  })
  response.setEncoding('utf8')
  for await (const chunk of response) parser.feed(chunk as string)
  if (seen) return seen
  if (problem !== undefined) {
    const { problem: inner } = JSON.parse(problem) as { problem: { status?: number } }
    throw problemError(inner.status ?? 500, JSON.stringify(inner))
  }
  throw new CallError('CONNECTION', 'the watch ended before its task')
}

function vanished(call: ReturnType<HttpExchanger['open']>, afterMs: number): Promise<null> {
  // Cut off is what it is to be; what had come by then is nobody's any more.
  call.on('error', () => undefined)
  call.on('response', (response) => response.on('error', () => undefined).resume())
  return new Promise((resolve) => {
    setTimeout(() => {
      call.destroy()
      resolve(null)
    }, afterMs)
  })
}
