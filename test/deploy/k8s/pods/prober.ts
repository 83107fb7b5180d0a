import { connect } from 'node:net'
import { credentials, loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { protoPath } from 'grpc-health-check'

/** What a kubelet asks a pod from outside, or a client of it: a process in the network of pods, told by its parent. */
export type Asked = { host: string; port: number; timeoutMs: number } & (
  | { kind: 'http'; path: string; method?: string; headers?: Record<string, string>; body?: string }
  | { kind: 'tcp' }
  | { kind: 'grpc'; service: string }
)

export interface ProbeAnswer {
  ok: boolean
  /** Status of HTTP or of health, or the fault. */
  detail: string
  body?: string
}

const { grpc } = loadPackageDefinition(loadSync(protoPath)) as never as {
  grpc: { health: { v1: { Health: ServiceClientConstructor } } }
}

process.on('message', ({ id, asked }: { id: number; asked: Asked }) => {
  void answerTo(asked)
    .catch((error: Error): ProbeAnswer => ({ ok: false, detail: String(error.cause ?? error.message) }))
    .then((answer) => process.send?.({ id, answer }))
})
process.on('disconnect', () => process.exit())

function answerTo(asked: Asked): Promise<ProbeAnswer> {
  if (asked.kind === 'http') return askHttp(asked)
  return asked.kind === 'grpc' ? askGrpc(asked) : askTcp(asked)
}

async function askHttp({
  host,
  port,
  path,
  timeoutMs,
  method = 'GET',
  headers = {},
  body,
}: Extract<Asked, { kind: 'http' }>): Promise<ProbeAnswer> {
  const answer = await fetch(`http://${host}:${port}${path}`, {
    method,
    headers,
    signal: AbortSignal.timeout(timeoutMs),
    redirect: 'manual',
    ...(body !== undefined && { body }),
  })
  // As kubelets have it.
  const ok = answer.status >= 200 && answer.status < 400
  return { ok, detail: String(answer.status), body: await answer.text() }
}

function askTcp({ host, port, timeoutMs }: Asked): Promise<ProbeAnswer> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs })
    const end = (ok: boolean, detail: string) => {
      socket.destroy()
      resolve({ ok, detail })
    }
    socket.once('connect', () => end(true, 'connected'))
    socket.once('timeout', () => end(false, 'timeout'))
    socket.once('error', (error) => end(false, error.message))
  })
}

function askGrpc({ host, port, timeoutMs, service }: Extract<Asked, { kind: 'grpc' }>): Promise<ProbeAnswer> {
  const client = new grpc.health.v1.Health(`${host}:${port}`, credentials.createInsecure())
  return new Promise((resolve) => {
    client.check!(
      { service },
      { deadline: Date.now() + timeoutMs },
      (error: Error | null, answer?: { status: string | number }) => {
        client.close()
        const status = String(answer?.status ?? error?.message)
        resolve({ ok: status === 'SERVING' || status === '1', detail: status })
      },
    )
  })
}
